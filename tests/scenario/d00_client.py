# SPDX-License-Identifier: Apache-2.0
"""The client with the demonstration's regions: every command as it looks, in two widths, with and without colours."""
import csv
import io
import json
import os
import re
import shutil
import unittest

from broker import ROOT, Broker, Scenario, free_port, region, until
from client import DEMO, Terminal, on_terminal, run

TRANSCRIPTS = os.path.join(ROOT, "tests", "data", "client")
WRITE = os.environ.get("GPUBROKER_WRITE_TRANSCRIPTS")

COMMANDS = {
    "flavor-list": ["flavor", "list"],
    "flavor-list-long": ["flavor", "list", "--long", "--region", "lindenfurt"],
    "flavor-list-filtered": ["flavor", "list", "--gpu", "V100:2", "--gpu", "H100", "--min-available", "1"],
    "flavor-list-sorted": ["flavor", "list", "--sort-column", "available", "--sort-descending", "-c", "name",
                           "-c", "available"],
    "flavor-list-csv": ["flavor", "list", "--region", "auenbrueck", "-f", "csv"],
    "flavor-list-value": ["flavor", "list", "--region", "auenbrueck", "-f", "value", "-c", "id", "-c", "available"],
    "flavor-list-yaml": ["flavor", "list", "--gpu", "V100:2", "-f", "yaml"],
    "flavor-list-none": ["flavor", "list", "--name", "nothing"],
    "flavor-show": ["flavor", "show", "gpu.groß"],
    "flavor-show-not-there": ["flavor", "show", "gpu.gros"],
    "flavor-explain": ["flavor", "explain", "g2.l40s.highmem"],
    "flavor-wait": ["flavor", "wait", "g1.t4.small"],
    "flavor-wait-too-long": ["flavor", "wait", "gpu.groß", "--timeout", "0"],
    "region-list": ["region", "list"],
    "region-show": ["region", "show", "moorhaven"],
    "gpu-list": ["gpu", "list"],
    "fit": ["fit", "g1.t4.small=3", "g3.a100.medium=2"],
    "fit-no": ["fit", "gpu.groß=2"],
    "help": ["--help"],
    "help-of-wait": ["flavor", "wait", "--help"],
    "usage": ["flavor", "lsit"],
}


def without_times(text):
    text = re.sub(r" *\b\d+ (s|min) ago", " SOME s ago", text)
    text = re.sub(r" +((\x1b\[1m)?READ)", r" \1", text)  # as wide as the ages
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "SOME-TIME", text)
    return re.sub(r"\r(\x1b\[K)?[^\n]*\r\x1b\[K|\r\x1b\[K", "", text)  # progress lines


class Client(Scenario):
    def demo(self, **keys):
        """The demonstration's regions, without the one that fails now and then."""
        folder = os.path.join(self.folder, "demo")
        shutil.copytree(DEMO, folder)
        regions = [region(name, os.path.join(folder, name), title=title, **more) for name, title, more in (
            ("auenbrueck", "Universität Auenbrück", {}),
            ("lindenfurt", "Universität Lindenfurt",
             {"options": {"alias_map": [{"alias": "a100-pcie-80", "gpu_type": "A100-80GB"}]}}),
            ("moorhaven", "Technische Universität Moorhaven", {}))]
        broker = Broker(self, {"regions": regions, "poll": {"interval_s": 30}, **keys}).start_ready()
        for name in ("auenbrueck", "lindenfurt", "moorhaven"):
            broker.until_state(name, "ok")
        return broker, "http://127.0.0.1:%d" % broker.port

    def transcript(self, name, endpoint):
        """All four looks of a command, one below the other."""
        args = COMMANDS[name]
        parts = ["$ gpubroker " + " ".join(args)]
        for columns in (80, 200):
            for color in (False, True):
                code, text = on_terminal(*args, columns=columns, endpoint=endpoint,
                                         env={} if color else {"NO_COLOR": "1"})
                parts.append("== %d columns, %s, exit %d" % (columns, "in colour" if color else "plain", code))
                parts.append(without_times(text).replace("\x1b", "\\e").rstrip("\n"))
        return "\n".join(parts) + "\n"

    def test_every_command_looks_as_written_down(self):
        _, endpoint = self.demo()
        for name in COMMANDS:
            with self.subTest(name):
                path = os.path.join(TRANSCRIPTS, name + ".txt")
                said = self.transcript(name, endpoint).replace(endpoint, "http://BROKER")
                if WRITE:
                    os.makedirs(TRANSCRIPTS, exist_ok=True)
                    with open(path, "w", encoding="utf-8") as file:
                        file.write(said)
                with open(path, encoding="utf-8") as file:
                    self.assertEqual(said, file.read())

    def test_no_line_is_wider_than_the_window(self):
        _, endpoint = self.demo()
        for name, args in COMMANDS.items():
            if name.startswith(("help", "usage", "flavor-list-csv", "flavor-list-value", "flavor-wait")):
                continue
            text = without_times(on_terminal(*args, columns=80, endpoint=endpoint, env={"NO_COLOR": "1"})[1])
            for line in text.splitlines():
                self.assertLessEqual(len(line), 80, name + ": " + line)

    def test_machine_formats_agree_with_the_api(self):
        broker, endpoint = self.demo()
        rows = broker.get("/v1/flavors").json()["flavors"]
        self.assertEqual(json.loads(run("flavor", "list", "-f", "json", endpoint=endpoint).stdout), rows)
        regions = broker.get("/v1/regions").json()["regions"]
        self.assertEqual([one["gpus"] for one in json.loads(run("region", "list", "-f", "json",
                                                                endpoint=endpoint).stdout)],
                         [one["gpus"] for one in regions])
        said = run("flavor", "list", "-f", "csv", "--endpoint", endpoint).stdout
        table = list(csv.DictReader(io.StringIO(said)))
        self.assertEqual([(one["name"], one["available"], one["total"]) for one in table],
                         [(one["name"], str(one["available"]), str(one["total"])) for one in rows])
        said = json.loads(run("flavor", "explain", "gpu.groß", "-f", "json", endpoint=endpoint).stdout)
        self.assertEqual(said["hosts"][0]["vcpus"]["need"], 96)

    def test_pipes_get_neither_colours_nor_cut_texts(self):
        _, endpoint = self.demo()
        said = run("flavor", "list", "--long", endpoint=endpoint)
        self.assertNotIn("\x1b", said.stdout + said.stderr)
        self.assertIn("2009fd7f-640e-4a1a-8c8c-dc932e6fcfda", said.stdout)
        self.assertEqual(said.stderr, "3 of 3 regions fresh\n")
        code, text = on_terminal("flavor", "list", "--no-color", endpoint=endpoint)
        self.assertEqual((code, "\x1b[3" in text), (0, False))

    def test_stale_and_unknown_are_marked(self):
        broker, endpoint = self.demo(poll={"interval_s": 1})
        shutil.rmtree(os.path.join(self.folder, "demo", "moorhaven"))
        broker.until_state("moorhaven", "stale")
        said = run("flavor", "list", endpoint=endpoint)
        self.assertEqual(said.returncode, 0)
        self.assertRegex(said.stdout, r"moorhaven +gpu.h100.1 +1 H100 +15 of 48\*")
        self.assertRegex(said.stdout, r"lindenfurt +g1.t4.small +1 T4 +16 of 24 ")
        self.assertRegex(said.stderr, r"^2 of 3 regions fresh; moorhaven stale since .* \(The cloud said")
        self.assertEqual(run("flavor", "list", "--strict", endpoint=endpoint).returncode, 0)
        for args in (["flavor", "list", "--region", "moorhaven"], ["flavor", "show", "gpu.groß"],
                     ["region", "show", "moorhaven"], ["flavor", "explain", "gpu.groß"]):
            self.assertEqual(run(*args, endpoint=endpoint).returncode, 0, args)
            self.assertEqual(run(*args, "--strict", endpoint=endpoint).returncode, 5, args)
        # Old numbers are enough for wait, unless it is strict.
        self.assertEqual(run("flavor", "wait", "gpu.h100.1", endpoint=endpoint).returncode, 0)
        self.assertEqual(run("flavor", "wait", "gpu.h100.1", "--strict", "--timeout", "0",
                             endpoint=endpoint).returncode, 4)

    def test_the_same_flavor_in_several_regions(self):
        folder = os.path.join(DEMO, "auenbrueck")
        broker = self.ready_broker(region("one", folder), region("two", folder))
        until(lambda: broker.state("one") == broker.state("two") == "ok", "both are read")
        endpoint = "http://127.0.0.1:%d" % broker.port
        said = run("flavor", "show", "GPU V100 medium", endpoint=endpoint)
        self.assertEqual(said.returncode, 2)
        self.assertIn("one, two", said.stderr)
        said = run("flavor", "show", "gpu v100 MEDIUM", "--region", "two", "-f", "json", endpoint=endpoint)
        self.assertEqual((said.returncode, json.loads(said.stdout)["region"]), (0, "two"))

    def test_a_unix_socket(self):
        path = os.path.join(self.folder, "http.sock")
        broker = Broker(self, {"regions": [region("one", os.path.join(DEMO, "auenbrueck"))]})
        broker.config["rest"] = {"listen": ["127.0.0.1:%d" % broker.port, "unix:" + path]}
        broker.start_ready()
        said = run("region", "list", "-f", "value", "-c", "name", "--endpoint", "unix:" + path)
        self.assertEqual((said.returncode, said.stdout), (0, "one\n"), said.stderr)

    def test_wait_ends_when_a_server_is_deleted(self):
        broker, endpoint = self.demo(poll={"interval_s": 1})
        folder = os.path.join(self.folder, "demo", "lindenfurt")
        terminal = Terminal("flavor", "wait", "g2.l40s+t4", endpoint=endpoint)
        terminal.wait_for(r"waiting for g2.l40s\+t4 in lindenfurt: 0 of 8")
        for name in os.listdir(folder):
            if name.startswith("servers"):
                with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                    file.write('{"servers": []}')
        self.assertEqual(terminal.end(), 0)
        self.assertRegex(terminal.text, r"g2.l40s\+t4 in lindenfurt: [1-8] of 8 can be started")
        self.assertEqual(broker.state("lindenfurt"), "ok")

    # ---- watch ----

    def test_watch_redraws_what_changed(self):
        broker, endpoint = self.demo(poll={"interval_s": 1})
        terminal = Terminal("watch", endpoint=endpoint)
        terminal.wait_for(r"\x1b\[\?1049h.*3 of 3 regions fresh.*gpu\.h100\.1")
        mark = len(terminal.text)
        shutil.rmtree(os.path.join(self.folder, "demo", "moorhaven"))
        terminal.wait_for(r"2 of 3 regions fresh.*15 of 48\*", mark)
        self.assertNotIn("g1.t4.small", terminal.text[mark:])  # that line has not changed
        self.assertEqual(terminal.text.count("\x1b[2J"), 2)  # at the start alone
        mark = len(terminal.text)
        terminal.resize(50, 10)
        terminal.wait_for(r"\x1b\[2J.*… \d+ more", mark)
        terminal.press("q")
        self.assertEqual(terminal.end(), 0)
        self.assertTrue(terminal.text.endswith("\x1b[?25h\x1b[?1049l"))
        self.assertEqual(terminal.after, terminal.before)
        self.assertEqual(broker.state("lindenfurt"), "ok")

    def test_watch_that_never_saw_a_broker(self):
        terminal = Terminal("watch", endpoint="http://127.0.0.1:%d" % free_port())
        terminal.wait_for("there is no broker")
        terminal.press("q")
        self.assertEqual(terminal.end(), 1)
        self.assertIn("gpubroker: there is no broker", terminal.text.rsplit("\x1b[?1049l", 1)[-1])

    def test_watch_without_a_terminal_writes_tables(self):
        _, endpoint = self.demo()
        said = run("watch", "--count", "1", "--region", "auenbrueck", endpoint=endpoint)
        self.assertEqual(said.returncode, 0)
        self.assertRegex(said.stdout, r"^\d\d:\d\d:\d\d  1 of 1 region fresh\n\nREGION ")
        self.assertNotIn("\x1b", said.stdout)


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""The client that reads a cloud itself: collect, with recordings and memcached, and doctor."""
import json
import os
import shutil
import stat
import unittest

import fake_region
from broker import Broker, Scenario
from client import DEMO, Terminal, on_terminal, run
from memcached_server import Memcached


def login(fake):
    """What an openrc file sets."""
    return {"OS_AUTH_URL": fake.url + "/v3", "OS_USERNAME": fake.cloud.username, "OS_PASSWORD": fake.cloud.password,
            "OS_USER_DOMAIN_NAME": "Default", "OS_PROJECT_NAME": fake.cloud.project_name,
            "OS_PROJECT_DOMAIN_NAME": "Default", "OS_REGION_NAME": fake.cloud.region}


class Collect(Scenario):
    def config(self, *regions, **more):
        broker = Broker(self, {"regions": list(regions), **more})
        broker.write_config(broker.config)
        return broker.path

    def demo_region(self, name, **keys):
        folder = os.path.join(self.folder, name)
        shutil.copytree(os.path.join(DEMO, name), folder)
        return {"name": name, "plugin": "replay", **keys, "options": {"path": folder, **keys.get("options", {})}}

    # ---- collect ----

    def test_the_same_counts_as_a_broker(self):
        one = self.demo_region("auenbrueck")
        broker = self.ready_broker(one)
        rows = broker.get("/v1/flavors").json()["flavors"]
        said = run("collect", "--config", broker.path, "-f", "json")
        self.assertEqual((said.returncode, json.loads(said.stdout)), (0, rows), said.stderr)
        said = run("collect", "--config", broker.path)
        self.assertRegex(said.stdout, r"auenbrueck +2 GPU V100 large +2 V100 +1 of 5 ")
        self.assertRegex(said.stderr, r"auenbrueck read in .*: 6 flavors, \d+ hosts; capacity model nova")

    def test_which_region(self):
        path = self.config(self.demo_region("auenbrueck"), self.demo_region("moorhaven"))
        said = run("collect", "--config", path)
        self.assertEqual(said.returncode, 2)
        self.assertIn("auenbrueck, moorhaven", said.stderr)
        said = run("collect", "--config", path, "--region", "nope")
        self.assertEqual(said.returncode, 3)
        said = run("collect", "--config", path, "--region", "moorhaven", "-f", "value", "-c", "region")
        self.assertEqual((said.returncode, set(said.stdout.split())), (0, {"moorhaven"}))
        self.assertEqual(run("collect", "--config", path, "--cloud", "x").returncode, 2)

    def test_what_is_wrong_with_a_configuration_is_said(self):
        path = self.config({"name": "a", "plugin": "replay", "options": {"paht": "/x"}})
        said = run("collect", "--config", path)
        self.assertEqual(said.returncode, 1)
        self.assertRegex(said.stderr, r"gpubroker\.conf:\d+: .*paht.*path")
        self.assertEqual(run("collect", "--config", "/nonexistent").returncode, 1)

    def test_a_cloud_from_the_environment(self):
        fake = fake_region.start(self)
        said = run("collect", "-f", "json", env=login(fake))
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertTrue(json.loads(said.stdout))
        code, text = on_terminal("collect", env=login(fake))
        self.assertEqual(code, 0)
        self.assertRegex(text, r"reading \S+: \d+ request")  # progress
        self.assertRegex(text, r"\d+ requests, \d+ KiB")
        said = run("collect", env={**login(fake), "OS_PASSWORD": "wrong-Secret-1"})
        self.assertEqual(said.returncode, 1)
        self.assertIn("(auth)", said.stderr)
        self.assertNotIn("wrong-Secret-1", said.stderr + said.stdout)

    def test_nothing_names_a_cloud(self):
        if os.path.exists("/etc/gpubroker/gpubroker.conf"):
            self.skipTest("this machine has a configuration of its own")
        said = run("collect")
        self.assertEqual(said.returncode, 1)
        self.assertIn("--config FILE --region REGION", said.stderr)

    # ---- recordings ----

    def test_a_recording_replays_to_the_same_counts(self):
        fake = fake_region.start(self)
        folder = os.path.join(self.folder, "recording")
        said = run("collect", "-f", "json", "--record", folder, env=login(fake))
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertIn("recorded in " + folder, said.stderr)
        for name in os.listdir(folder):
            mode = stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode)
            self.assertEqual(mode & 0o133, 0, "%s: %o" % (name, mode))
        again = run("collect", "-f", "json", "--config", os.path.join(folder, "region.conf"))
        self.assertEqual(again.returncode, 0, again.stderr)
        keys = ("name", "total", "available", "limited_by")
        self.assertEqual([[row.get(key) for key in keys] for row in json.loads(again.stdout)],
                         [[row.get(key) for key in keys] for row in json.loads(said.stdout)])
        said = run("collect", "--record", folder, env=login(fake))
        self.assertEqual(said.returncode, 1)
        self.assertIn("is not empty", said.stderr)

    # ---- memcached ----

    def test_store_and_list(self):
        memcached = Memcached(self)
        path = self.config(self.demo_region("auenbrueck"))
        said = run("flavor", "list", "--memcached", memcached.address)
        self.assertEqual(said.returncode, 3)
        self.assertIn("holds no flavors", said.stderr)
        said = run("collect", "--config", path, "-f", "json", "--store", memcached.address, "--expire", "77")
        self.assertEqual(said.returncode, 0, said.stderr)
        rows = json.loads(said.stdout)
        listed = run("flavor", "list", "--memcached", memcached.address, "-f", "json")
        self.assertEqual((listed.returncode, json.loads(listed.stdout)), (0, rows))
        self.assertIn('"flavor_openstack_id": "%s"' % rows[0]["id"], memcached.value("FlavorGPU")[1])
        self.assertIn('"region":"auenbrueck"', memcached.value("gpubroker:v1:region:auenbrueck")[1])
        for key in ("FlavorGPU", "FlavorGPU.timestamp", "gpubroker:v1:view"):
            self.assertTrue(60 < memcached.expires_in_s(key) <= 77, key)
        said = run("flavor", "list", "--memcached", memcached.address, "--gpu", "V100:2")
        self.assertRegex(said.stdout, r"2 GPU V100 large +2 V100 +1 of 5")

    def test_the_predecessors_keys_alone(self):
        memcached = Memcached(self)
        memcached.set("FlavorGPU", 2, b'[{"flavor_openstack_id": "1", "flavor_name": "x", "available": 3, "total": 4}]')
        memcached.set("FlavorGPU.timestamp", 1, b"2026-11-22 15:04:05")
        said = run("flavor", "list", "--memcached", memcached.address)
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertRegex(said.stdout, r"x +3 of 4")
        self.assertIn("2026-11-22 15:04:05", said.stderr)
        memcached.set("FlavorGPU", 2, b"\x1b[31m")
        self.assertEqual(run("flavor", "list", "--memcached", memcached.address).returncode, 1)

    def test_no_memcached(self):
        said = run("flavor", "list", "--memcached", "127.0.0.1:1")
        self.assertEqual((said.returncode, said.stdout), (1, ""))
        self.assertTrue(said.stderr.startswith("gpubroker: "))
        path = self.config(self.demo_region("auenbrueck"))
        self.assertEqual(run("collect", "--config", path, "--store", "127.0.0.1:1").returncode, 1)

    # ---- doctor ----

    def test_a_region_with_flaws(self):
        path = self.config(self.demo_region("lindenfurt"))
        said = run("doctor", "--config", path)
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertRegex(said.stdout, r"^lindenfurt \(replay\): 0 errors, \d+ warning")
        # Without alias_map nobody has what these ask for.
        self.assertRegex(said.stdout, r"warning  g3\.a100\.octo \(flavor\)\n  it asks for 'a100-pcie-80', which no")
        self.assertRegex(said.stdout, r"warning  L40S \(stranded\)\n")
        found = json.loads(run("doctor", "--config", path, "-f", "json").stdout)
        self.assertEqual({one["severity"] for one in found} - {"error", "warning", "info"}, set())
        servers = [one for one in found if one["check"] == "gpu-server"]
        self.assertEqual([one["subject"] for one in servers], ["a100-pcie-80"])  # once, however many there are
        self.assertRegex(servers[0]["text"], r"servers hold by alias 'a100-pcie-80' on hosts .* \(3 of them: ")
        about = [one["check"] for one in found if one.get("subject") == "g3.a100.octo"]
        self.assertEqual(about, ["flavor"])  # once, by the plugin, which knows the command that mends it
        self.assertNotIn("disk", [one["check"] for one in found])  # two hosts of six have as much left by accident

    def test_errors_are_exit_1(self):
        path = self.config({"name": "gone", "plugin": "replay", "options": {"path": "/nonexistent"}})
        said = run("doctor", "--config", path)
        self.assertEqual(said.returncode, 1)
        self.assertRegex(said.stdout, r"^gone \(replay\): 1 error, 0 warnings\n\nerror  unavailable\n")
        fake = fake_region.start(self)
        said = run("doctor", env={**login(fake), "OS_PASSWORD": "wrong-Secret-1"})
        self.assertEqual(said.returncode, 1)
        self.assertIn("error", said.stdout)
        self.assertNotIn("wrong-Secret-1", said.stderr + said.stdout)

    def test_doctor_on_a_narrow_terminal(self):
        path = self.config(self.demo_region("lindenfurt"))
        terminal = Terminal("doctor", "--config", path, columns=60)
        self.assertEqual(terminal.end(), 0)
        self.assertIn("\x1b[33mwarning\x1b[0m", terminal.text)
        for line in terminal.text.replace("\r", "").split("\n"):
            if line.startswith("  ") and "openstack " not in line:
                self.assertLessEqual(len(line), 60 + len("\x1b[2m\x1b[0m"), line)


if __name__ == "__main__":
    unittest.main()

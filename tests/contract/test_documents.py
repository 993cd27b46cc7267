# SPDX-License-Identifier: Apache-2.0
"""Documents: links lead somewhere, files that are named are there, and so are the flags of the migration guide."""
import os
import re
import subprocess
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "scenario"))
from broker import BUILD, PLUGINS, Broker, Scenario, free_port  # noqa: E402  pylint: disable=wrong-import-position

SKIPPED = re.compile(r"^(build.*|\.git|__pycache__|\.cache|node_modules)$")
# A path of this tree between back-quotes; patterns and names that stand for others are left out.
NAMED = re.compile(r"`((?:core|plugins|tests|contrib|etc)/[\w./-]+)`")


def documents():
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if not SKIPPED.match(name)]
        yield from (os.path.join(folder, name) for name in names if name.endswith(".md"))


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


class Documents(unittest.TestCase):
    def test_links_lead_somewhere(self):
        missing = []
        for path in documents():
            for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", read(path)):
                if not re.match(r"\w+:", link) and not os.path.exists(os.path.join(os.path.dirname(path), link)):
                    missing.append("%s: %s" % (os.path.relpath(path, ROOT), link))
        self.assertEqual(missing, [])

    def test_files_that_are_named_are_there(self):
        missing = []
        for path in documents():
            for name in NAMED.findall(read(path)):
                if "NAME" not in name and not os.path.exists(os.path.join(ROOT, name.rstrip("."))):
                    missing.append("%s: %s" % (os.path.relpath(path, ROOT), name))
        self.assertEqual(missing, [])

    def test_the_migration_guides_flags(self):
        text = read("contrib/MIGRATION.md")
        known = {name: subprocess.run([os.path.join(BUILD, name), "--help"], capture_output=True, text=True,
                                      check=True, timeout=60).stdout for name in ("gpubrokerd", "gpubroker")}
        known["compare"] = read("contrib/compare")
        for name, said in known.items():
            for line in re.findall(r"(?:^|[`/])%s( --[^`\n]*)" % name, text, re.M):
                line = re.split(r"&&| gpubroker ", line)[0]
                for flag in re.findall(r"--[\w-]+", line):
                    self.assertIn(flag, said, name)
        rows = re.findall(r"^\| `(--\w+)[^|]*\| `(--\w+)`", text, re.M)
        self.assertEqual(len(rows), 4)
        for old, new in rows:
            self.assertEqual(old, new)
            self.assertIn(new, known["gpubrokerd"])


class Demonstration(Scenario):
    """What README.md shows of the demonstration is what it answers."""

    def test_the_first_answers(self):
        port = free_port()
        config = read("contrib/demo/demo.conf.in").replace("@DEMO_DIR@", os.path.join(ROOT, "contrib", "demo"))
        broker = Broker(self, config.replace("@PLUGIN_DIR@", PLUGINS), port=port,
                        args=["--bind", "127.0.0.1:%d" % port]).start_ready()
        text = read("README.md")
        listed = "\n".join(broker.get("/gpus/flavors").body.decode().splitlines()[:8])
        self.assertIn(listed, text)
        answers = re.findall(r"^\$ curl -s '?http://127.0.0.1:8080(/v1/[^'\n]*)'?\n(.*?)(?=^\$ |^```)", text, re.M | re.S)
        self.assertTrue(answers)
        for path, shown in answers:
            shown = re.sub(r"\n *", "", shown).split(',"regions":')[0]
            self.assertTrue(broker.get(path).body.decode().startswith(shown), path)
        for words, shown in re.findall(r"^\$ (?:build/)?gpubroker ([^&\n]*)\n(.*?)(?=^\$ |^```|\n\n)", text, re.M | re.S):
            said = subprocess.run([os.path.join(BUILD, "gpubroker"), *words.split()], capture_output=True, text=True,
                                  env={"GPUBROKER_ENDPOINT": "http://127.0.0.1:%d" % broker.port,
                                       "LC_ALL": "C.UTF-8"}, timeout=60, check=True).stdout
            for line in shown.splitlines():
                if not line.endswith("fresh"):  # that stands on standard error
                    self.assertIn(blanks(line), blanks(said))


def blanks(text):
    """How long ago differs, and with it how wide columns are."""
    return re.sub(r"[ \t]+", " ", re.sub(r"\b\d+ s ago", "a while ago", text))


if __name__ == "__main__":
    unittest.main()

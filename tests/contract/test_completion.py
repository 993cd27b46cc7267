# SPDX-License-Identifier: Apache-2.0
"""contrib/completion: bash and zsh offer what the client's tables have, and what the broker that runs knows."""
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "scenario"))
from broker import BUILD, Broker, Scenario, region  # noqa: E402  pylint: disable=wrong-import-position

FOLDER = os.path.join(ROOT, "contrib", "completion")
DEMO = os.path.join(ROOT, "contrib", "demo")
CLIENT = os.path.join(BUILD, "gpubroker")
PROMPT = b"READY> "
PATIENCE_S = 60

# A line before the cursor → what is offered.
OFFER = r"""
. "$1"
COMP_LINE=$2 COMP_POINT=${#2}
_gpubroker gpubroker
printf '%s\n' "${COMPREPLY[@]}"
"""


def described():
    """{command: operands}, {command or "": its options}"""
    said = subprocess.run([CLIENT, "--describe"], capture_output=True, text=True, check=True, timeout=60).stdout
    commands = {}
    options = {"": set()}
    for line in said.splitlines():
        fields = line.split("\t")
        if fields[0] == "command":
            commands[fields[1]] = fields[2]
            options.setdefault(fields[1], set())
        else:
            options.setdefault(fields[1], set()).add(fields[2])
    return commands, options


class Completion(Scenario):
    def setUp(self):
        super().setUp()
        self.env = {"PATH": BUILD + ":" + os.environ["PATH"], "LC_ALL": "C.UTF-8", "TERM": "dumb",
                    "HOME": self.folder, "GPUBROKER_ENDPOINT": "http://127.0.0.1:9"}

    def demo(self):
        names = ("auenbrueck", "lindenfurt")
        broker = Broker(self, {"regions": [region(name, os.path.join(DEMO, name)) for name in names]}).start_ready()
        self.env["GPUBROKER_ENDPOINT"] = "http://127.0.0.1:%d" % broker.port
        return broker

    def client(self, *words):
        return subprocess.run([CLIENT, *words], env=self.env, capture_output=True, text=True, check=True,
                              timeout=PATIENCE_S).stdout.splitlines()

    def offered(self, line):
        said = subprocess.run(["bash", "--norc", "-c", OFFER, "offer", os.path.join(FOLDER, "gpubroker.bash"), line],
                              env=self.env, cwd=self.folder, capture_output=True, text=True, check=False,
                              timeout=PATIENCE_S)
        self.assertEqual((said.returncode, said.stderr), (0, ""), line)
        return [word for word in said.stdout.split("\n") if word]


class Bash(Completion):
    def test_commands_and_options_are_the_clients(self):
        commands, options = described()
        self.assertEqual(set(self.offered("gpubroker ")), {name.split()[0] for name in commands})
        self.assertEqual(set(self.offered("gpubroker -")), options[""] | {"--version"})
        for name in commands:
            with self.subTest(name):
                noun, _, verb = name.partition(" ")
                if verb:
                    self.assertIn(verb, self.offered("gpubroker %s " % noun))
                self.assertEqual(set(self.offered("gpubroker %s -" % name)), options[""] | options[name])
        self.assertEqual(self.offered("gpubroker --endpoint http://[::1]:1 flavor w"), ["wait"])

    def test_formats_are_the_clients(self):
        with open(os.path.join(ROOT, "core", "cli", "commands.c"), encoding="utf-8") as file:
            words = re.search(r"cli_format_words\[\] = \{(.*?)\}", file.read())[1]
        self.assertEqual(self.offered("gpubroker flavor list -f "), re.findall(r'"(\w+)"', words))

    def test_regions_and_flavors_of_the_broker(self):
        self.demo()
        regions = self.client("region", "list", "-f", "value", "-c", "name")
        flavors = self.client("flavor", "list", "-f", "value", "-c", "name")
        self.assertTrue(any(" " in name for name in flavors))
        self.assertEqual(self.offered("gpubroker region show "), regions)
        self.assertEqual(self.offered("gpubroker flavor list --region=lin"), ["lindenfurt"])
        self.assertEqual(sorted(name.replace("\\", "") for name in self.offered("gpubroker flavor show ")),
                         sorted(flavors))
        self.assertEqual(sorted(self.offered("gpubroker --region lindenfurt flavor explain ")),
                         sorted(self.client("flavor", "list", "--region", "lindenfurt", "-f", "value", "-c", "name")))
        self.assertEqual(self.offered("gpubroker flavor show one "), [])
        self.assertIn("V100", self.offered("gpubroker watch --gpu "))
        self.assertIn("available_exclusive", self.offered("gpubroker flavor list -c "))

    def test_names_with_blanks_are_quoted_as_the_line_is(self):
        self.demo()
        self.assertEqual(self.offered(r"gpubroker flavor show GPU\ V100\ m"), [r"GPU\ V100\ medium"])
        self.assertEqual(self.offered('gpubroker flavor show "GPU V100 m'), ["GPU V100 medium"])
        self.assertEqual(self.offered("gpubroker flavor show 'GPU V100 m"), ["GPU V100 medium"])
        self.assertEqual(self.offered(r"gpubroker fit GPU\ V100\ m"), [r"GPU\ V100\ medium="])
        self.assertEqual(self.offered(r"gpubroker fit GPU\ V100\ medium=1 2\ G"), [r"2\ GPU\ V100\ large="])

    def test_silent_without_a_broker(self):
        self.assertEqual(self.offered("gpubroker flavor show "), [])
        self.assertEqual(self.offered("gpubroker region show "), [])

    def test_a_broker_that_hangs_is_not_waited_for(self):
        broker = self.demo()
        for pid in broker.processes():
            os.kill(pid, signal.SIGSTOP)
            self.addCleanup(os.kill, pid, signal.SIGCONT)
        self.assertEqual(self.offered("gpubroker flavor show "), [])

    def test_clouds_and_files(self):
        with open(os.path.join(self.folder, "clouds.yaml"), "w", encoding="utf-8") as file:
            file.write("# mine\nclouds:\n  north:\n    auth:\n      auth_url: https://n.example\n  'south':\n"
                       "    profile: x\nother:\n  no: 1\n")
        self.assertEqual(self.offered("gpubroker doctor --cloud "), ["north", "south"])
        self.assertEqual(self.offered("gpubroker doctor --config clo"), ["clouds.yaml"])


class Terminal(Completion):
    """Typed into a shell: what the shell makes of it is what is run."""

    def shell(self, *command):
        pid, self.fd = pty.fork()
        if pid == 0:
            os.chdir(self.folder)
            os.execvpe(command[0], list(command), self.env)
        self.addCleanup(os.waitpid, pid, 0)
        self.addCleanup(os.close, self.fd)
        self.addCleanup(os.kill, pid, signal.SIGKILL)

    def type(self, text):
        """→ what the terminal shows until the next prompt"""
        os.write(self.fd, text.encode())
        said = b""
        deadline = time.monotonic() + PATIENCE_S
        while PROMPT not in said:
            ready, _, _ = select.select([self.fd], [], [], max(0, deadline - time.monotonic()))
            self.assertTrue(ready, "no prompt after %r: %r" % (text, said))
            said += os.read(self.fd, 65536)
        return said.decode("utf-8", "replace").replace("\r", "").split("\n")

    def try_lines(self):
        self.assertIn("5", self.type("gpubroker flavor show 2\t -f value -c total\r"))
        self.assertIn("GPU V100 medium", self.type('gpubroker fl\tsh\t"GPU V100 m\t -f value -c name\r'))
        self.assertIn("auenbrueck", self.type("gpubroker region show --form\tval\t -c name auen\t\r"))
        self.assertIn("auenbrueck,true", "\n".join(self.type(
            "gpubroker fit --region auenbrueck 2\t1 -f csv -c region -c fits\r")).lower())
        self.assertIn("g2.l40s+t4", self.type("gpubroker flavor list --region=li\t -f value -c name\r"))

    def test_bash(self):
        self.demo()
        self.shell("bash", "--norc", "--noprofile", "-i")
        self.type("PS1='READY''> '; bind 'set enable-bracketed-paste off'; . %s/gpubroker.bash\r" % FOLDER)
        self.try_lines()

    def test_zsh(self):
        if not shutil.which("zsh"):
            self.skipTest("no zsh")
        self.demo()
        self.shell("zsh", "-f", "-i")
        self.type("PS1='READY''> '; fpath=(%s $fpath); autoload -U compinit; compinit -u -D\r" % FOLDER)
        self.try_lines()
        said = self.type("gpubroker flavor \t\x15echo\r")
        self.assertTrue(any("explain" in line for line in said), said)


if __name__ == "__main__":
    unittest.main()

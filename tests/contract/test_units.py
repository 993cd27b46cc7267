# SPDX-License-Identifier: Apache-2.0
"""The units in contrib/systemd: systemd finds nothing wrong, they are confined, and they fit the daemon."""
import os
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("GPUBROKER_BUILD", os.path.join(ROOT, "build")))
UNITS = os.path.join(ROOT, "contrib", "systemd")
MOST_EXPOSURE = 20  # tenths, as systemd-analyze counts them: 2.0


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


def constant(path, name):
    """A number of an enum in a source file, in its own unit."""
    return eval(re.search(r"\b%s = ([0-9 *]+)[,\s]" % name, read(path)).group(1))  # a product of numbers


class Units(unittest.TestCase):
    def setUp(self):
        self.service = read(UNITS, "gpubroker.service")

    def key(self, name):
        return re.search(r"^%s=(.*)$" % name, self.service, re.M).group(1)

    def analyze(self, *arguments):
        if not shutil.which("systemd-analyze"):
            self.skipTest("no systemd-analyze")
        said = subprocess.run(["systemd-analyze", "--no-pager", *arguments], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=60, check=False)
        return said.returncode, said.stdout

    def test_systemd_finds_nothing_wrong(self):
        """With the program that was built in the place of the installed one; manual pages come with packages."""
        with tempfile.TemporaryDirectory(prefix="units-") as folder:
            names = ["gpubroker.service", "gpubroker.socket"]
            for name in names:
                text = read(UNITS, name).replace("/usr/sbin/gpubrokerd", os.path.join(BUILD, "gpubrokerd"))
                with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                    file.write(text)
            drop_in = os.path.join(folder, "gpubroker.service.d")
            os.mkdir(drop_in)
            shutil.copy(os.path.join(UNITS, "gpubroker-credentials.conf"), drop_in)
            code, said = self.analyze("verify", "--man=no", *(os.path.join(folder, name) for name in names))
        self.assertEqual((code, said), (0, ""))

    def test_the_exposure_stays_low(self):
        code, said = self.analyze("security", "--offline=true", "--threshold=%d" % MOST_EXPOSURE,
                                  os.path.join(UNITS, "gpubroker.service"))
        self.assertEqual(code, 0, said)

    def test_paths_are_the_daemons_defaults(self):
        self.assertEqual(self.key("ExecStart"), "/usr/sbin/gpubrokerd")
        self.assertIn('"/etc/%s/gpubroker.conf"' % self.key("ConfigurationDirectory"), read("core", "gpubrokerd.c"))
        self.assertIn('"/var/lib/%s"' % self.key("StateDirectory"), read("core", "conf", "schema.c"))

    def test_the_user_is_made(self):
        user = re.search(r"^u (\S+) ", read(UNITS, "gpubroker.sysusers"), re.M).group(1)
        self.assertEqual((self.key("User"), self.key("Group")), (user, user))

    def test_what_mends_itself_comes_before_the_watchdog(self):
        silent_ms = constant("core/proc/sinks.c", "WATCH_MS") * constant("core/proc/sinks.c", "MOST_SILENT")
        self.assertGreater(int(self.key("WatchdogSec")) * 1000, 2 * silent_ms)
        self.assertGreater(int(self.key("TimeoutStopSec")) * 1000, constant("core/proc/parent.c", "END_DEADLINE_MS"))

    def test_the_socket_listens_where_the_daemon_would(self):
        listen = re.findall(r"^ListenStream=(.*)$", read(UNITS, "gpubroker.socket"), re.M)
        shown = re.search(r"^\s*# listen = \[ (.*) \];$", read("etc", "gpubroker.conf"), re.M).group(1)
        self.assertEqual(["\"%s\"" % address for address in listen], shown.split(", "))


if __name__ == "__main__":
    unittest.main()

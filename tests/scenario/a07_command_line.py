# SPDX-License-Identifier: Apache-2.0
"""Arguments that start nothing, and exit codes."""
import subprocess
import unittest

from broker import DAEMON, PATIENCE_S, Broker, Scenario


class CommandLine(Scenario):
    def run_daemon(self, *args):
        return subprocess.run([DAEMON, *args], capture_output=True, text=True, timeout=PATIENCE_S,
                              stdin=subprocess.DEVNULL, env={"PATH": "/usr/bin"}, check=False)

    def test_version_and_help(self):
        said = self.run_daemon("--version")
        self.assertEqual(said.returncode, 0)
        self.assertRegex(said.stdout, r"gpubrokerd.* \d+\.\d+")
        said = self.run_daemon("--help")
        self.assertEqual(said.returncode, 0)
        for flag in ("--config", "--check", "--bind", "--memcachedHost", "--workers", "--timeout", "--log-level",
                     "--list-plugins", "--plugin-help", "--version"):
            self.assertIn(flag, said.stdout)

    def test_usage_errors_are_2(self):
        for args in (["--nope"], ["--bind"], ["extra"], ["--log-level", "loud"]):
            with self.subTest(args):
                said = self.run_daemon(*args)
                self.assertEqual((said.returncode, said.stdout), (2, ""))
                self.assertTrue(said.stderr)

    def test_plugins_are_listed_and_explained(self):
        broker = Broker(self, {"regions": []})
        broker.write_config(broker.config)
        said = self.run_daemon("-c", broker.path, "--list-plugins")
        self.assertEqual(said.returncode, 0, said.stderr)
        for name in ("openstack", "replay"):
            self.assertIn(name, said.stdout)
        said = self.run_daemon("-c", broker.path, "--plugin-help", "replay")
        self.assertEqual(said.returncode, 0, said.stderr)
        for option in ("path", "fail_every", "cpu_allocation_ratio", "alias_map"):
            self.assertIn(option, said.stdout)
        self.assertEqual(self.run_daemon("-c", broker.path, "--plugin-help", "nope").returncode, 1)

    def test_neither_file_nor_environment(self):
        said = self.run_daemon("--check")
        if said.returncode == 0:
            self.skipTest("this machine has a configuration of its own")
        self.assertEqual(said.returncode, 1)
        self.assertIn("OS_AUTH_URL", said.stdout + said.stderr)


if __name__ == "__main__":
    unittest.main()

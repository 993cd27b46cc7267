# SPDX-License-Identifier: Apache-2.0
"""The base of tests that run the plugin `openstack` against the fake cloud, reading by reading."""
import json
import os
import subprocess
import unittest

import fakecloud

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOOL = os.path.join(os.environ.get("GPUBROKER_BUILD", os.path.join(ROOT, "build")), "tests/tools/plugin_run")
NOT_OURS = ("OS_", "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")


class Plugin:
    """plugin_run as a child; read() is one reading."""

    def __init__(self, arguments, environment):
        clean = {k: v for k, v in os.environ.items() if not k.startswith(NOT_OURS)}
        self.child = subprocess.Popen([TOOL, "--steps", *arguments], env={**clean, **environment},
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def read(self, after_s=0):
        """One reading, as if so many seconds had passed since the one before."""
        return self.step("%d" % (after_s * 1000))

    def step(self, word):
        """One reading, as plugin_run's --steps has it: "examine" as doctor does, "record" for a recording."""
        self.child.stdin.write(word + "\n")
        self.child.stdin.flush()
        line = self.child.stdout.readline()
        if not line:
            raise AssertionError("plugin_run ended with %s" % self.child.wait())
        return json.loads(line)

    def close(self):
        self.child.stdin.close()
        self.child.stdout.close()
        return self.child.wait()


class PluginTest(unittest.TestCase):
    maxDiff = None

    def start_cloud(self, cloud=None, address="127.0.0.1", tls=None):
        manager = fakecloud.running(cloud or fakecloud.reference(), address, tls=tls)
        self.fake = manager.__enter__()
        self.addCleanup(manager.__exit__, None, None, None)
        return self.fake

    def plugin(self, *arguments, **variables):
        """The plugin, started from OS_* variables; a variable that is None is left out."""
        environment = {**self.fake.environment(), **variables}
        return self.run_tool(["--env", *arguments], {k: v for k, v in environment.items() if v is not None})

    def configured(self, *arguments):
        """The plugin with options KEY=VALUE and nothing in the environment."""
        return self.run_tool(arguments, {})

    def run_tool(self, arguments, environment):
        plugin = Plugin(arguments, environment)
        self.addCleanup(self.close, plugin)
        return plugin

    def close(self, plugin):
        self.assertIn(plugin.close(), (0, 1, 2))  # anything else is a sanitizer or a signal

    def assert_ok(self, result):
        self.assertTrue(result["ok"], result.get("text"))

    def assert_error(self, result, code, *words):
        self.assertFalse(result["ok"])
        self.assertEqual(code, result["code"], result["text"])
        for word in words:
            self.assertIn(word, result["text"])
        for secret in (self.fake.cloud.password, self.fake.cloud.credential_secret, "gAAAA"):
            self.assertNotIn(secret, result["text"] + " ".join(result["log"]))

    def assert_reference(self, result):
        self.assert_ok(result)
        self.assertEqual({"host3": [2, 1], "host4": [2, 0]},
                         {h["name"]: h["gpus"]["V100"] for h in result["hosts"]})
        self.assertEqual(["de.NBI GPU V100 medium", "de.NBI GPU V100 large", "de.NBI 2 GPU V100 large"],
                         [f["name"] for f in result["flavors"]])

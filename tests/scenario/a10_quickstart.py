# SPDX-License-Identifier: Apache-2.0
"""contrib/quickstart, as a newcomer runs it: from another folder, on a port that is free."""
import http.client
import json
import os
import signal
import subprocess
import unittest

import fake_region
from broker import BUILD, ROOT, Scenario, die_with_parent, free_port, until


class Quickstart(Scenario):
    def start(self, *args, **environment):
        if BUILD != os.path.join(ROOT, "build"):
            self.skipTest("it has a build of its own")
        self.port = free_port()
        env = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
        self.log = open(os.path.join(self.folder, "log"), "w+b")  # pylint: disable=consider-using-with
        self.addCleanup(self.log.close)
        process = subprocess.Popen(
            [os.path.join(ROOT, "contrib", "quickstart"), *args, "--bind", "127.0.0.1:%d" % self.port],
            cwd="/", stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, env={**env, **environment},
            preexec_fn=die_with_parent)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        until(lambda: process.poll() is not None or self.get("/readyz")[0] == 200, "it is ready", 120)
        self.assertIsNone(process.poll(), self.said())
        return process

    def said(self):
        self.log.seek(0)
        return self.log.read().decode("utf-8", "replace")

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def test_three_regions_with_content(self):
        process = self.start()
        regions = json.loads(self.get("/v1/regions")[1])["regions"]
        self.assertEqual(len(regions), 3)
        for region in regions:
            self.assertGreater(region["flavors"], 0)
            self.assertGreater(region["gpus"]["total"], 0)
        flavors = json.loads(self.get("/gpus/flavors")[1])["flavors"]
        self.assertTrue(any(row["available"] for row in flavors))
        for line in ("/gpus/flavors", "/v1/regions"):
            self.assertIn("curl http://127.0.0.1:%d%s" % (self.port, line), self.said())
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(30), 0, self.said())

    def test_live(self):
        if os.path.exists("/etc/gpubroker/gpubroker.conf"):
            self.skipTest("this machine has a configuration of its own")
        fake = fake_region.start(self)
        self.start("--live", **fake.environment())
        self.assertEqual(len(json.loads(self.get("/gpus/flavors")[1])["flavors"]), 3)

    def test_live_without_a_cloud(self):
        said = subprocess.run([os.path.join(ROOT, "contrib", "quickstart"), "--live"], cwd="/", text=True,
                              capture_output=True, timeout=30, env={"PATH": os.environ["PATH"]}, check=False)
        self.assertEqual(said.returncode, 1)
        self.assertIn("OS_AUTH_URL", said.stderr)


if __name__ == "__main__":
    unittest.main()

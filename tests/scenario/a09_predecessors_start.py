# SPDX-License-Identifier: Apache-2.0
"""Started as the predecessor's container is: no configuration file, OS_* in the environment, its flags."""
import unittest

import fake_region
import nova_bodies
from broker import Broker, Scenario, until
from memcached_server import Memcached


class PredecessorsStart(Scenario):
    def setUp(self):
        super().setUp()
        self.fake = fake_region.start(self)

    def started(self, *args, **environment):
        broker = Broker(self, None, env={**self.fake.environment(), **environment})
        broker.args += ["--bind", "127.0.0.1:%d" % broker.port, *args]
        return broker.start_ready()

    def test_with_its_flags(self):
        memcached = Memcached(self)
        broker = self.started("--memcachedHost", memcached.address, "--workers", "2", "--timeout", "30",
                              OS_REGION_NAME="Fake")
        self.assertEqual(broker.counts(), nova_bodies.REFERENCE_COUNTS)
        self.assertEqual(len(broker.get("/gpus/flavors").body), 564)
        self.assertEqual([region["name"] for region in broker.get("/v1/regions").json()["regions"]], ["fake"])
        until(lambda: memcached.get("FlavorGPU") and memcached.get("FlavorGPU.timestamp"), "its keys are there")
        self.assertEqual(broker.stop(), 0)

    def test_without_memcached(self):
        broker = self.started()
        self.assertEqual(broker.counts(), nova_bodies.REFERENCE_COUNTS)

    def test_the_name_of_the_region(self):
        self.fake.cloud.regions = ("My Region!",)
        self.fake.cloud.region = "My Region!"
        broker = self.started(OS_REGION_NAME="My Region!")
        self.assertEqual(broker.get("/v1/regions").json()["regions"][0]["name"], "my-region-")

    def test_without_a_name(self):
        broker = self.started(OS_REGION_NAME="")
        self.assertEqual(broker.get("/v1/regions").json()["regions"][0]["name"], "default")


if __name__ == "__main__":
    unittest.main()

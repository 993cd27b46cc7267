# SPDX-License-Identifier: Apache-2.0
"""What stands in memcached: keys, flags, expiry, compression, too big."""
import json
import time
import unittest

import nova_bodies
from broker import Scenario, until
from memcached_server import Memcached


class MemcachedKeys(Scenario):
    def cached(self, *regions, **cache):
        self.memcached = Memcached(self)
        return self.ready_broker(*regions, cache={"backend": "memcached", "servers": [self.memcached.address],
                                                  **cache})

    def until_key(self, key):
        return until(lambda: self.memcached.get(key), "memcached has " + key)

    def test_the_regions_snapshot_and_the_view(self):
        self.cached(self.replayed("bielefeld", nova_bodies.reference()),
                    self.replayed("tuebingen", nova_bodies.small()), expire_s=200)
        self.until_key("gpubroker:v1:view")
        for name in ("bielefeld", "tuebingen"):
            key = "gpubroker:v1:region:" + name
            self.until_key(key)
            flags, text = self.memcached.value(key)
            snapshot = json.loads(text)
            self.assertEqual(flags & ~8, 2)
            self.assertLess(abs(snapshot["observed_at"] - time.time() * 1000), 60000)
            self.assertTrue(snapshot["broker"])
            self.assertLessEqual(self.memcached.expires_in_s(key), 200)
            self.assertGreater(self.memcached.expires_in_s(key), 150)

        def both():
            view = json.loads(self.memcached.value("gpubroker:v1:view")[1])
            return len(view["flavors"]) == 4 and view

        view = until(both, "the view has both regions")
        self.assertEqual([region["name"] for region in view["regions"]], ["bielefeld", "tuebingen"])
        self.assertNotIn("host3", json.dumps(view))

    def test_the_predecessors_keys(self):
        region = nova_bodies.reference()
        self.cached(self.replayed("bielefeld", region))
        self.until_key("FlavorGPU.timestamp")
        ids = {flavor["name"]: flavor["id"] for flavor in region["flavors"]}
        flags, data = self.until_key("FlavorGPU")
        self.assertEqual(flags, 2)
        self.assertEqual(data.decode("ascii"), json.dumps(
            [{"flavor_openstack_id": ids[name], "flavor_name": name, "available": available, "total": total}
             for name, available, total in nova_bodies.REFERENCE_COUNTS]))
        flags, data = self.memcached.get("FlavorGPU.timestamp")
        self.assertEqual(flags, 1)
        stamp = time.mktime(time.strptime(data.decode(), "%Y-%m-%d %H:%M:%S"))
        self.assertLess(abs(time.time() - stamp), 60)
        self.assertLessEqual(self.memcached.expires_in_s("FlavorGPU"), 300)

    def test_without_them_and_with_another_prefix(self):
        self.cached(self.replayed("one", nova_bodies.small()), legacy_keys=False, prefix="other")
        self.until_key("other:v1:region:one")
        self.until_key("other:v1:view")
        self.assertIsNone(self.memcached.get("FlavorGPU"))
        self.assertIsNone(self.memcached.get("gpubroker:v1:view"))

    def test_large_values_are_compressed_and_the_legacy_key_never(self):
        broker = self.cached(self.replayed("one", nova_bodies.wide(3000)))
        flags, data = self.until_key("gpubroker:v1:region:one")
        self.assertEqual(flags, 2 + 8)
        self.assertLess(len(data), 512 * 1024)
        snapshot = json.loads(self.memcached.value("gpubroker:v1:region:one")[1])
        self.assertTrue(snapshot["observed_at"])
        broker.until_metric(r'gpubroker_cache_operations_total\{op="set",result="ok"\} [1-9]\d*')
        flags, data = self.until_key("FlavorGPU")
        self.assertEqual((flags, len(json.loads(data))), (2, 3000))

    def test_too_big_is_deleted_and_counted(self):
        broker = self.cached(self.replayed("one", nova_bodies.wide(9000)))
        broker.until_metric(r'gpubroker_cache_operations_total\{op="set",result="too-big"\} [1-9]\d*')
        self.assertIsNone(self.memcached.get("FlavorGPU"))
        self.assertEqual(len(broker.counts()), 9000)

    def test_keys_of_a_removed_region_go(self):
        one, two = self.replayed("one", nova_bodies.small()), self.replayed("two", nova_bodies.small("V100"))
        broker = self.cached(one, two)
        self.until_key("gpubroker:v1:region:two")
        broker.reload({"regions": [one], "cache": {"backend": "memcached", "servers": [self.memcached.address]}})
        until(lambda: self.memcached.get("gpubroker:v1:region:two") is None, "the key is gone")
        until(lambda: "V100" not in self.memcached.value("gpubroker:v1:view")[1], "the view is without it")
        self.assertIsNotNone(self.memcached.get("gpubroker:v1:region:one"))


if __name__ == "__main__":
    unittest.main()

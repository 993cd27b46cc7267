# SPDX-License-Identifier: Apache-2.0
"""A started daemon answers from what it finds, before the first reading."""
import json
import os
import unittest

from broker import Broker, Scenario, until
from memcached_server import Memcached


class WarmStart(Scenario):
    def config(self, mode, **more):
        return {"regions": [self.chaos("one", mode)],
                "poll": {"cold_wait_s": 300, "deadline_s": 600, "stale_after_s": 3600}, **more}

    def filled(self, filled, **more):
        """A daemon reads the region, leaves it in the store, and is gone."""
        broker = Broker(self, self.config("ok", **more)).start_ready()
        until(filled, "the store has it")
        observed = broker.region("one")["observed_at"]
        self.assertEqual(broker.stop(), 0)
        return observed

    def check_warm(self, observed, **more):
        """A second one, whose region never answers, has the first one's numbers."""
        broker = Broker(self, self.config("hang", **more)).start()
        until(lambda: broker.running() and broker.get("/gpus/flavors"), "it answers")
        self.assertEqual(broker.counts(), [("chaos V100", 6, 8)])
        self.assertEqual(broker.region("one")["observed_at"], observed)
        return broker

    def test_from_state_dir(self):
        state = os.path.join(self.folder, "state")
        os.mkdir(state)
        observed = self.filled(lambda: os.listdir(state), state_dir=state)
        broker = self.check_warm(observed, state_dir=state)
        self.assertEqual(broker.stop(), 0)
        self.assertFalse([name for name in os.listdir(state) if name.endswith((".new", ".tmp"))])

    def test_from_memcached(self):
        memcached = Memcached(self)
        cache = {"backend": "memcached", "servers": [memcached.address]}
        observed = self.filled(lambda: memcached.get("gpubroker:v1:region:one"), cache=cache)
        self.check_warm(observed, cache=cache)

    def test_what_makes_no_sense_is_ignored(self):
        memcached = Memcached(self)
        cache = {"backend": "memcached", "servers": [memcached.address]}
        key = "gpubroker:v1:region:one"
        self.filled(lambda: memcached.get(key), cache=cache)
        flags, text = memcached.value(key)
        future = json.loads(text)
        future["observed_at"] += 3600 * 1000
        other = dict(json.loads(text), region="two") if "region" in text else {}
        for what, data in (("malformed", b'{"observed_at":'), ("not JSON", b"\xff\x00\xff"), ("empty", b""),
                           ("in the future", json.dumps(future).encode()),
                           ("another document", json.dumps(other).encode()),
                           ("deep", b"[" * 100000)):
            with self.subTest(what):
                self.assertTrue(memcached.set(key, flags & ~8, data))
                broker = Broker(self, self.config("hang", cache=cache)).start()
                until(lambda: broker.running() and broker.get("/v1").status == 200, "it answers")
                self.assertEqual(broker.state("one"), "pending")
                broker.until_metric(r'gpubroker_cache_operations_total\{op="get",result="bad-value"\} 1')
                self.assertEqual(broker.stop(), 0)

    def test_a_broken_file_in_state_dir(self):
        state = os.path.join(self.folder, "state")
        os.mkdir(state)
        self.filled(lambda: os.listdir(state), state_dir=state)
        for name in os.listdir(state):
            with open(os.path.join(state, name), "r+b") as file:
                file.truncate(100)
        broker = Broker(self, self.config("ok", state_dir=state)).start_ready()
        self.assertEqual(broker.counts(), [("chaos V100", 6, 8)])

    def test_a_state_dir_that_cannot_be_used_costs_nothing(self):
        broker = Broker(self, self.config("ok", state_dir="/proc/nowhere")).start_ready()
        self.assertEqual(broker.counts(), [("chaos V100", 6, 8)])
        broker.log_wait("/proc/nowhere")


if __name__ == "__main__":
    unittest.main()

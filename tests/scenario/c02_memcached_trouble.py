# SPDX-License-Identifier: Apache-2.0
"""memcached stopped, frozen, full, restarted, under load: no request notices."""
import unittest

import nova_bodies
from broker import Scenario, region, until
from load import Load
from memcached_server import Memcached

KEYS = ("gpubroker:v1:region:one", "gpubroker:v1:view", "FlavorGPU", "FlavorGPU.timestamp")
COMPLAINT = r"(?i)(warn|error).*memcached"


class MemcachedTrouble(Scenario):
    def setUp(self):
        super().setUp()
        self.memcached = Memcached(self)
        self.regions = [self.replayed("one", nova_bodies.reference())]
        self.cache = {"backend": "memcached", "servers": [self.memcached.address]}
        self.broker_ = self.ready_broker(*self.regions, cache=self.cache)
        self.until_keys()

    def until_keys(self):
        until(lambda: all(self.memcached.get(key) for key in KEYS), "all keys are in memcached", 60)

    def readings(self, number):
        """Until the region has been read that many times more: each writes to the store."""
        for _ in range(number):
            seen = self.broker_.region("one")["observed_at"]
            until(lambda: self.broker_.region("one")["observed_at"] > seen, "another reading")

    def trouble(self, begin, end):
        mark = self.broker_.log_mark()
        with Load(self.broker_) as load:
            begin()
            self.broker_.log_wait(COMPLAINT, mark)
            self.readings(4)
            load.wait_more(50)
            self.assertEqual(len(self.broker_.log_find(COMPLAINT, mark)), 1, self.broker_.log_tail())
            end()
            self.until_keys()
            load.wait_more(50)
        load.check(self, none_repeated=True)
        print("memcached in trouble: %d requests, %d lost, slowest %.3f s" % (load.done, len(load.lost), load.slowest_s))
        self.assertEqual(self.broker_.counts(), nova_bodies.REFERENCE_COUNTS)

    def test_stopped_and_started(self):
        self.trouble(self.memcached.stop, self.memcached.start)

    def test_frozen(self):
        self.trouble(self.memcached.freeze, self.memcached.thaw)

    def test_restarted(self):
        with Load(self.broker_) as load:
            for _ in range(5):
                self.memcached.stop()
                self.memcached.start()
                self.until_keys()
        load.check(self, none_repeated=True)

    def test_emptied(self):
        self.memcached.flush()
        self.until_keys()

    def test_the_metrics_say_so(self):
        self.memcached.stop()
        self.broker_.until_metric(r'gpubroker_cache_operations_total\{op="set",result="(error|timeout)"\} [1-9]\d*')


class NoMemcached(Scenario):
    def test_not_there_at_the_start(self):
        memcached = Memcached(self)
        memcached.stop()
        broker = self.ready_broker(self.replayed("one", nova_bodies.reference()),
                                   cache={"backend": "memcached", "servers": [memcached.address]})
        self.assertEqual(broker.counts(), nova_bodies.REFERENCE_COUNTS)
        broker.log_wait(COMPLAINT)
        memcached.start()
        until(lambda: all(memcached.get(key) for key in KEYS), "all keys are in memcached", 60)

    def test_frozen_at_the_start(self):
        memcached = Memcached(self)
        memcached.freeze()
        broker = self.ready_broker(self.replayed("one", nova_bodies.reference()),
                                   cache={"backend": "memcached", "servers": [memcached.address]})
        self.assertEqual(broker.counts(), nova_bodies.REFERENCE_COUNTS)
        memcached.thaw()
        until(lambda: all(memcached.get(key) for key in KEYS), "all keys are in memcached", 60)

    def test_one_of_two_is_gone(self):
        """Said once, not at every reading; the keys that belong to the other one are there and stay fresh."""
        well, gone = Memcached(self), Memcached(self)
        gone.stop()
        names = ["r%d" % n for n in range(8)]
        folder = self.region_folder("r", nova_bodies.small())
        broker = self.ready_broker(*[region(name, folder) for name in names],
                                   cache={"backend": "memcached", "servers": [gone.address, well.address]})

        def kept():
            return {name: well.get("gpubroker:v1:region:" + name) for name in names}

        until(lambda: any(kept().values()) and well.get("FlavorGPU"), "the other one is written to", 60)
        first = kept()
        self.assertIn(None, first.values(), "both are in use")
        until(lambda: all(value != first[name] for name, value in kept().items() if first[name]), "kept fresh", 60)
        self.assertEqual(len(broker.log_find("store fails")), 1)
        self.assertEqual(broker.log_find("store works again"), [])
        gone.start()
        until(lambda: all(value or gone.get("gpubroker:v1:region:" + name) for name, value in kept().items()),
              "all keys are there")
        broker.log_wait("store works again")

    def test_full(self):
        memcached = Memcached(self, "-m", "2", "-M")
        broker = self.ready_broker(self.replayed("one", nova_bodies.wide(3000)),
                                   cache={"backend": "memcached", "servers": [memcached.address]})
        self.assertEqual(len(broker.counts()), 3000)


if __name__ == "__main__":
    unittest.main()

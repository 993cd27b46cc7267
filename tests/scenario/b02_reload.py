# SPDX-License-Identifier: Apache-2.0
"""SIGHUP starts, stops and restarts what has changed, and nothing else."""
import signal
import unittest

import nova_bodies
from broker import Scenario, free_port, until
from load import Load


class Reload(Scenario):
    def setUp(self):
        super().setUp()
        self.one = self.replayed("one", nova_bodies.small("A100"))
        self.two = self.replayed("two", nova_bodies.small("V100"))
        self.three = self.replayed("three", nova_bodies.small("H100"))

    def names(self, broker):
        return [region["name"] for region in broker.get("/v1/regions").json()["regions"]]

    def reloaded(self, broker, *regions, **config):
        before = broker.children()
        broker.reload({"regions": list(regions), **config})
        until(lambda: self.names(broker) == [region["name"] for region in regions], "the new regions are there")
        return before

    def test_added_and_removed(self):
        broker = self.ready_broker(self.one, self.two)
        before = self.reloaded(broker, self.one, self.two, self.three)
        broker.until_state("three", "ok")
        self.assertEqual({**before, **broker.children()}, {**before, "worker three": broker.child("worker three")})
        before = self.reloaded(broker, self.three, self.one)
        until(lambda: "worker two" not in broker.children(), "the worker of a removed region is gone")
        after = broker.children()
        for role in ("rest", "storer", "worker one", "worker three"):
            self.assertEqual(after[role], before[role], role)
        self.assertEqual([name for name, _, _ in broker.counts()], ["H100 one", "A100 one"])

    def test_changed_options_restart_that_worker_only(self):
        broker = self.ready_broker(self.one, self.two)
        changed = dict(self.two, options=dict(self.two["options"], cpu_allocation_ratio=0.125))
        before = self.reloaded(broker, self.one, changed)
        broker.until_new_child("worker two", before["worker two"])
        until(lambda: broker.counts("/gpus/flavors?region=two")[0][2] == 2, "the new ratio counts")
        after = broker.children()
        for role in ("rest", "storer", "worker one"):
            self.assertEqual(after[role], before[role], role)

    def test_a_new_title_restarts_nobody(self):
        broker = self.ready_broker(self.one, self.two)
        before = self.reloaded(broker, self.one, dict(self.two, title="Number Two"))
        until(lambda: broker.region("two")["title"] == "Number Two", "the title is new")
        until(lambda: broker.children() == before, "the loader is gone, the others are there")

    def test_a_broken_one_leaves_the_old(self):
        broker = self.ready_broker(self.one, self.two)
        before, mark = broker.children(), broker.log_mark()
        broker.reload("regions = ( { nam = \"x\"; } );\n")
        broker.log_wait(r"gpubroker\.conf:1: ", mark)
        self.assertEqual(self.names(broker), ["one", "two"])
        until(lambda: broker.children() == before, "the loader is gone, the others are there")
        self.reloaded(broker, self.one)

    def test_other_addresses(self):
        broker = self.ready_broker(self.one)
        old = broker.port
        broker.port = free_port()
        broker.reload({"regions": [self.one]})
        until(lambda: broker.get("/gpus/flavors").status == 200, "it answers at the new address")
        broker.port = old

        def refused():
            try:
                broker.get("/livez")
            except ConnectionRefusedError:
                return True
            return False

        until(refused, "the old address is closed")

    def test_no_request_notices(self):
        broker = self.ready_broker(self.one, self.two)
        with Load(broker) as load:
            for n in range(6):
                title = "Number %d" % n
                changed = dict(self.two, options=dict(self.two["options"], cpu_allocation_ratio=4 + n))
                broker.reload({"regions": [dict(self.one, title=title), changed]})
                until(lambda: broker.region("one")["title"] == title, "reload %d is done" % n)
                load.wait_more(50)
        load.check(self, none_repeated=True)

    def test_hups_in_a_row(self):
        broker = self.ready_broker(self.one)
        for _ in range(30):
            broker.send(signal.SIGHUP)
        self.reloaded(broker, self.one, self.two)
        broker.until_state("two", "ok")


if __name__ == "__main__":
    unittest.main()

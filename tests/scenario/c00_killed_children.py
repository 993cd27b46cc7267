# SPDX-License-Identifier: Apache-2.0
"""kill -9 of each kind of child, twenty times in a row, under load."""
import unittest

import nova_bodies
from broker import Scenario, until
from load import Load

KILLS = 20


class KilledChildren(Scenario):
    def setUp(self):
        super().setUp()
        self.broker = self.ready_broker(self.replayed("one", nova_bodies.reference()),
                                        self.replayed("two", nova_bodies.small()))
        self.before = self.broker.counts()

    def another_reading(self, region):
        seen = self.broker.region(region)["observed_at"]
        until(lambda: self.broker.region(region)["observed_at"] > seen, "%s is read again" % region)

    def kill_under_load(self, role):
        with Load(self.broker) as load:
            for _ in range(KILLS):
                old = self.broker.kill_child(role)
                self.broker.until_new_child(role, old)
                if role.startswith("worker"):
                    self.another_reading(role.split()[1])  # who dies without serving is started ever later
                load.wait_more(20)
        self.broker.until_ready()
        self.assertEqual(self.broker.counts(), self.before)
        self.broker.until_state("one", "ok")
        self.broker.until_state("two", "ok")
        print("%s killed %d times: %d requests, %d repeated, %d lost, %d refused, slowest %.3f s" % (
            role, KILLS, load.done, load.repeated, len(load.lost), load.refused, load.slowest_s))
        return load

    def test_a_worker(self):
        self.kill_under_load("worker two").check(self, none_repeated=True)

    def test_the_storer(self):
        self.kill_under_load("storer").check(self, none_repeated=True)

    def test_rest(self):
        self.kill_under_load("rest").check(self)

    def test_all_at_once(self):
        with Load(self.broker) as load:
            before = self.broker.children()
            for role in sorted(before):
                self.broker.kill_child(role)
            for role, old in before.items():
                self.broker.until_new_child(role, old)
            load.wait_more(50)
        load.check(self)
        self.broker.until_ready()
        self.assertEqual(self.broker.counts(), self.before)


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""A region whose plugin crashes, leaks, lies or babbles costs the others nothing."""
import signal
import unittest

import nova_bodies
from broker import SANITIZED, Scenario, until
from load import Load


class RegionMisbehaves(Scenario):
    def start(self, mode):
        return self.ready_broker(self.replayed("good", nova_bodies.reference()), self.chaos("bad", mode))

    def check_others(self, broker):
        """The good region is read again and again, by the same worker, while the bad one does its worst."""
        pid = broker.child("worker good")
        seen = broker.region("good")["observed_at"]
        with Load(broker) as load:
            until(lambda: broker.region("good")["observed_at"] > seen, "the good region is read again")
            load.wait_more(100)
        load.check(self, none_repeated=True)
        self.assertEqual(broker.child("worker good"), pid)
        self.assertEqual(broker.counts()[:3], nova_bodies.REFERENCE_COUNTS)

    def check_failing(self, mode, *codes):
        broker = self.start(mode)
        until(lambda: broker.region("bad").get("error", {}).get("code") in codes, "%s is said" % (codes,))
        self.check_others(broker)
        self.assertEqual(broker.state("bad"), "error")
        self.set_mode("bad", "ok")
        broker.until_state("bad", "ok", 120)
        return broker

    def test_crash_at_every_poll(self):
        broker = self.check_failing("crash", "crashed")
        broker.until_metric(r'gpubroker_worker_restarts_total\{region="bad"\} [1-9]\d*')

    def test_a_plugin_that_exits(self):
        self.check_failing("exit", "crashed")

    def test_crash_after_a_good_reading_keeps_the_numbers(self):
        broker = self.start("ok")
        before = broker.counts()
        self.set_mode("bad", "crash")
        broker.until_state("bad", "stale")
        self.check_others(broker)
        self.assertEqual(broker.counts(), before)

    def test_rubbish_on_every_descriptor(self):
        broker = self.start("garbage")
        until(lambda: broker.region("bad").get("error", {}).get("code"), "rubbish is a failure")
        self.check_others(broker)
        self.set_mode("bad", "ok")
        broker.until_state("bad", "ok", 120)

    def test_nonsense(self):
        self.check_failing("nonsense", "bad-reply", "internal", "limit")

    def test_flood(self):
        self.check_failing("flood", "limit")

    def test_leak(self):
        if SANITIZED:
            self.skipTest("a sanitizer's shadow memory needs more than a worker may have")
        broker = self.start("leak")
        broker.log_wait("out of memory after")
        self.check_others(broker)
        self.set_mode("bad", "ok")
        broker.until_state("bad", "ok", 120)

    def test_chatter(self):
        broker = self.start("chatter")
        self.check_others(broker)

    def test_hang_is_killed_at_the_deadline(self):
        broker = self.ready_broker(self.replayed("good", nova_bodies.reference()),
                                   self.chaos("bad", "ok", deadline_s=2))
        before = broker.counts()
        pid = broker.child("worker bad")
        self.set_mode("bad", "hang")
        broker.until_state("bad", "stale")
        self.assertEqual(broker.region("bad")["error"]["code"], "timeout")
        broker.until_new_child("worker bad", pid)
        self.check_others(broker)
        self.assertEqual(broker.counts(), before)
        self.set_mode("bad", "ok")
        broker.until_state("bad", "ok", 120)

    def test_a_stopped_worker_is_killed_at_the_deadline(self):
        broker = self.ready_broker(self.replayed("good", nova_bodies.reference()),
                                   self.chaos("bad", "ok", deadline_s=2))
        pid = broker.kill_child("worker bad", signal.SIGSTOP)
        broker.until_new_child("worker bad", pid)
        broker.until_state("bad", "ok", 120)


if __name__ == "__main__":
    unittest.main()

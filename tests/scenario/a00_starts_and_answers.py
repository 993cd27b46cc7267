# SPDX-License-Identifier: Apache-2.0
"""It starts, answers, and ends."""
import os
import unittest

import nova_bodies
from broker import Broker, Scenario, until


class StartsAndAnswers(Scenario):
    def test_starts_answers_and_ends(self):
        broker = self.ready_broker(self.replayed("bielefeld", nova_bodies.reference()))
        self.assertEqual(broker.counts(), nova_bodies.REFERENCE_COUNTS)
        self.assertEqual(broker.state("bielefeld"), "ok")
        self.assertEqual(broker.get("/livez").status, 200)
        self.assertEqual(broker.stop(), 0)

    def test_each_role_is_a_process(self):
        broker = self.ready_broker(self.replayed("one", nova_bodies.small()),
                                   self.replayed("two", nova_bodies.small()))
        self.assertLessEqual({"rest", "storer", "worker one", "worker two"}, set(broker.children()))
        self.assertNotIn("loader", broker.children())

    def test_no_region_at_all(self):
        broker = self.broker({"regions": []})
        until(lambda: broker.running() and broker.get("/v1/regions").json() == {"regions": []}, "it answers")
        self.assertEqual(broker.get("/v1/flavors").json(), {"flavors": [], "regions": []})
        answer = broker.get("/gpus/flavors")  # nothing is known of any region
        self.assertEqual(answer.status, 503)
        self.assertIn("Retry-After".lower(), answer.headers)

    def test_nothing_is_left_behind(self):
        broker = self.ready_broker(self.replayed("one", nova_bodies.small()))
        pids = broker.processes()
        self.assertEqual(broker.stop(), 0)
        for pid in pids:
            with self.assertRaises(ProcessLookupError):
                os.kill(pid, 0)

    def test_a_port_that_is_taken_is_said(self):
        first = self.ready_broker(self.replayed("one", nova_bodies.small()))
        second = Broker(self, first.config, port=first.port).start()
        self.assertEqual(second.process.wait(30), 1)
        second.reader.join()
        self.assertIn(":%d" % first.port, "\n".join(second.log_lines))


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""Before the first reading: the predecessor's API waits, /v1 says pending."""
import threading
import unittest

import nova_bodies
from broker import Scenario, until


class Cold(Scenario):
    def ask_beside(self, broker, path):
        """A request in a thread: a list that gets the answer."""
        answers = []
        thread = threading.Thread(target=lambda: answers.append(broker.get(path)), daemon=True)
        thread.start()
        self.addCleanup(thread.join, 60)
        return answers

    def listening(self, *regions, **config):
        broker = self.broker({"regions": list(regions), **config})
        until(lambda: broker.running() and broker.get("/livez").status == 200, "/livez says 200")
        return broker

    def test_waits_for_the_slowest_and_then_answers_with_what_is_known(self):
        broker = self.listening(self.replayed("one", nova_bodies.small()), self.chaos("slow", "hang"),
                                poll={"cold_wait_s": 2, "deadline_s": 60})
        answer = broker.get("/gpus/flavors")
        self.assertEqual(answer.status, 200)
        self.assertEqual([row["flavor_name"] for row in answer.json()["flavors"]], ["A100 one"])
        self.assertEqual(answer["X-Region-Status"].split(";")[0], "slow=pending")
        self.assertEqual(broker.get("/readyz").status, 503)

    def test_answers_as_soon_as_every_region_has_failed_once_or_been_read(self):
        broker = self.listening(self.replayed("one", nova_bodies.small()), self.chaos("slow", "hang"),
                                poll={"cold_wait_s": 300, "deadline_s": 2})
        answer = broker.get("/gpus/flavors")
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer["X-Region-Status"].split(";")[0], "slow=error")
        self.assertEqual(broker.region("slow")["error"]["code"], "timeout")

    def test_a_request_for_one_region_does_not_wait_for_others(self):
        broker = self.listening(self.replayed("one", nova_bodies.small()), self.chaos("slow", "hang"),
                                poll={"cold_wait_s": 300, "deadline_s": 600})
        self.assertEqual(broker.get("/gpus/flavors?region=one").status, 200)
        pending = self.ask_beside(broker, "/gpus/flavors")
        self.assertEqual(broker.get("/v1/regions").status, 200)
        self.assertEqual(pending, [])
        broker.kill_child("worker slow")
        until(lambda: pending, "the waiting request is answered once the region has failed")
        self.assertEqual(pending[0].status, 200)

    def test_503_only_if_nothing_is_known(self):
        broker = self.listening(self.chaos("slow", "hang"), poll={"cold_wait_s": 1, "deadline_s": 600})
        for path in ("/gpus/flavors", "/gpus/flavors/x", "/v2/flavors/"):
            with self.subTest(path):
                answer = broker.get(path)
                self.assertEqual(answer.status, 503)
                self.assertRegex(answer["Retry-After"], r"^\d+$")

    def test_v1_never_waits(self):
        broker = self.listening(self.chaos("slow", "hang"), poll={"cold_wait_s": 300, "deadline_s": 600})
        self.assertEqual(broker.state("slow"), "pending")
        self.assertEqual(broker.get("/v1/flavors").json()["flavors"], [])
        self.assertEqual(broker.get("/v1/regions/slow/flavors").status, 200)
        self.assertEqual(broker.get("/v1/gpus").status, 200)

    def test_waiting_clients_do_not_stop_the_daemon(self):
        broker = self.listening(self.chaos("slow", "hang"), poll={"cold_wait_s": 300, "deadline_s": 600})
        for _ in range(20):
            connection = broker.connection()
            self.addCleanup(connection.close)
            connection.request("GET", "/gpus/flavors")
        self.assertEqual(broker.get("/livez").status, 200)
        self.assertEqual(broker.stop(), 0)


if __name__ == "__main__":
    unittest.main()

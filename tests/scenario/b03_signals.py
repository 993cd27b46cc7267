# SPDX-License-Identifier: Apache-2.0
"""SIGUSR1 polls now; SIGTERM finishes what is in flight and says 0."""
import signal
import socket
import threading
import unittest

import nova_bodies
from broker import PATIENCE_S, Scenario, until
from load import Load


class Signals(Scenario):
    def test_usr1_polls_every_region_now(self):
        regions = {name: nova_bodies.small(name.upper(), prefix=name) for name in ("a100", "v100")}
        broker = self.ready_broker(*[self.replayed(name, bodies) for name, bodies in regions.items()],
                                   poll={"interval_s": 3600})
        for name, bodies in regions.items():
            bodies["servers"] = [nova_bodies.server("new", name + "-1", bodies["flavors"][0])]
            self.region_folder(name, bodies)
        self.assertEqual([row[1] for row in broker.counts()], [8, 8])
        broker.send(signal.SIGUSR1)
        until(lambda: [row[1] for row in broker.counts()] == [7, 7], "both have been read again")

    def test_term_answers_what_it_has_accepted(self):
        broker = self.broker({"regions": [self.replayed("one", nova_bodies.small()), self.chaos("slow", "hang")],
                              "poll": {"cold_wait_s": 300, "deadline_s": 600}})
        until(lambda: broker.running() and broker.state("one") == "ok", "one is read")
        statuses = []
        connections = [broker.connection() for _ in range(5)]

        def ask(connection):
            connection.request("GET", "/gpus/flavors")
            asked.release()
            statuses.append(connection.getresponse().status)

        asked = threading.Semaphore(0)
        threads = [threading.Thread(target=ask, args=(connection,), daemon=True) for connection in connections]
        for thread in threads:
            thread.start()
        for _ in threads:
            asked.acquire()
        # An answer to a later request says that the earlier ones have been read by then.
        self.assertEqual(broker.get("/livez").status, 200)
        self.assertEqual(broker.stop(), 0)
        for thread in threads:
            thread.join(PATIENCE_S)
        self.assertEqual(statuses, [200] * 5)

    def test_term_under_load_cuts_no_answer(self):
        broker = self.ready_broker(self.replayed("one", nova_bodies.wide(500)))
        with Load(broker, paths=("/v1/flavors",)) as load:
            load.wait_more(100)
            self.assertEqual(broker.stop(), 0)
        cut = [lost for lost in load.lost if "IncompleteRead" in lost[1]]
        self.assertEqual((load.wrong, cut), ([], []))

    def test_term_with_an_idle_connection(self):
        broker = self.ready_broker(self.replayed("one", nova_bodies.small()))
        with socket.create_connection(("127.0.0.1", broker.port)):
            self.assertEqual(broker.stop(timeout_s=PATIENCE_S), 0)

    def test_term_while_a_worker_hangs(self):
        broker = self.broker({"regions": [self.chaos("slow", "hang")], "poll": {"deadline_s": 600}})
        until(lambda: broker.running() and broker.state("slow") == "pending", "it answers")
        broker.child("worker slow")
        self.assertEqual(broker.stop(), 0)

    def test_int_is_like_term(self):
        broker = self.ready_broker(self.replayed("one", nova_bodies.small()))
        broker.send(signal.SIGINT)
        self.assertEqual(broker.process.wait(PATIENCE_S), 0)


if __name__ == "__main__":
    unittest.main()

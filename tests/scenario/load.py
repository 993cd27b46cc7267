# SPDX-License-Identifier: Apache-2.0
"""Clients that ask all the time, as a good client does: a GET that fails is repeated once on a new
connection. They count both kinds of failure."""
import http.client
import threading
import time

from broker import until


class Load:
    """with Load(broker) as load: … – then load.lost and load.wrong should be empty."""

    def __init__(self, broker, paths=("/gpus/flavors", "/v1/flavors"), clients=3):
        self.broker = broker
        self.paths = paths
        self.done = 0
        self.repeated = 0  # failed once, fine on a new connection
        self.lost = []     # failed twice: a client would have noticed
        self.wrong = []    # an answer, but not 200
        self.refused = 0   # connections refused: there must be none, ever
        self.slowest_s = 0.0
        self.lock = threading.Lock()
        self.ended = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(n,), daemon=True) for n in range(clients)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        self.wait_more(50)
        return self

    def __exit__(self, *_):
        self.ended.set()
        for thread in self.threads:
            thread.join(60)

    def wait_more(self, requests):
        """Until that many more have been answered."""
        goal = self.done + requests
        until(lambda: self.done >= goal, "%d more answers" % requests)

    def run(self, number):
        connection = self.broker.connection()
        while not self.ended.is_set():
            path = self.paths[(self.done + number) % len(self.paths)]
            began = time.monotonic()
            try:
                status = self.ask(connection, path)
            except (OSError, http.client.HTTPException) as first:
                connection.close()
                connection = self.broker.connection()
                status = self.repeat(connection, path, first)
            with self.lock:
                self.done += 1
                self.slowest_s = max(self.slowest_s, time.monotonic() - began)
                if status not in (200, None):
                    self.wrong.append((path, status))
        connection.close()

    def repeat(self, connection, path, first):
        with self.lock:
            self.repeated += 1
            self.refused += isinstance(first, ConnectionRefusedError)
        try:
            return self.ask(connection, path)
        except (OSError, http.client.HTTPException) as second:
            connection.close()
            with self.lock:
                self.lost.append((path, repr(first), repr(second)))
            return None

    @staticmethod
    def ask(connection, path):
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
        return response.status

    def check(self, case, none_repeated=False):
        """No client noticed anything."""
        case.assertEqual(self.lost, [], "requests lost although repeated")
        case.assertEqual(self.wrong, [], "answers other than 200")
        case.assertEqual(self.refused, 0, "connections refused")
        if none_repeated:
            case.assertEqual(self.repeated, 0, "requests that failed at first")

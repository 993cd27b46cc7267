# SPDX-License-Identifier: Apache-2.0
"""Limits: URL, headers, connections, requests a second, silence."""
import socket
import unittest

import nova_bodies
from broker import Broker, PATIENCE_S, Scenario, until


class Limits(Scenario):
    def limited(self, **rest):
        return self.ready_broker(self.replayed("one", nova_bodies.small()), rest=rest, poll={"interval_s": 60})

    def raw(self, broker, request):
        """Everything that comes back until the connection ends."""
        with socket.create_connection(("127.0.0.1", broker.port), PATIENCE_S) as connection:
            connection.sendall(request)
            answer = b""
            while chunk := connection.recv(65536):
                answer += chunk
            return answer

    def test_a_long_url(self):
        broker = self.limited()
        self.assertEqual(broker.get("/gpus/flavors/" + "x" * 1900).status, 404)
        self.assertIn(broker.get("/gpus/flavors/" + "x" * 3000).status, (414, 400))
        self.assertEqual(broker.get("/gpus/flavors").status, 200)

    def test_large_headers(self):
        broker = self.limited()
        with self.subTest("one large header"):
            self.assertIn(broker.get("/livez", {"X-Large": "x" * 60000}).status, (431, 400, 413))
        with self.subTest("afterwards"):
            self.assertEqual(broker.get("/livez").status, 200)

    def test_rubbish(self):
        broker = self.limited(idle_timeout_s=1)
        for rubbish in (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
                        b"\x00" * 2000 + b"\r\n\r\n"):
            with self.subTest(rubbish[:12]):
                try:
                    answer = self.raw(broker, rubbish)
                    self.assertNotIn(b" 200 ", answer[:20])
                except ConnectionError:
                    pass
                self.assertEqual(broker.get("/livez").status, 200)

    def test_a_body_is_not_wanted(self):
        broker = self.limited()
        self.assertIn(broker.get("/gpus/flavors", body=b"x" * 10).status, (200, 400, 413))
        self.assertEqual(broker.get("/v1/regions", method="POST", body=b"x" * 200000).status, 405)
        self.assertEqual(broker.get("/livez").status, 200)

    def test_connections_per_address(self):
        broker = self.limited(max_connections_per_address=3)
        held = [broker.connection() for _ in range(3)]
        for connection in held:
            self.addCleanup(connection.close)
            self.assertEqual(broker.get("/livez", connection=connection).status, 200)
        answer = broker.get("/livez")
        self.assertEqual(answer.status, 429)
        self.assertIsNotNone(answer.get("Retry-After"))
        held[0].close()
        until(lambda: broker.get("/livez").status == 200, "a place is free again")

    def test_requests_a_second(self):
        broker = self.limited(requests_per_s_per_address=5)
        until(lambda: broker.get("/gpus/flavors").status == 200, "asking for /readyz is forgotten")
        connection = broker.connection()
        self.addCleanup(connection.close)
        seen = [broker.get("/gpus/flavors", connection=connection).status for _ in range(40)]
        self.assertEqual(set(seen) - {200}, {429})
        until(lambda: broker.get("/gpus/flavors").status == 200, "the next second is another one")

    def test_silence_is_ended(self):
        broker = self.limited(idle_timeout_s=1)
        with socket.create_connection(("127.0.0.1", broker.port), PATIENCE_S) as connection:
            connection.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n")
            data = b""
            while chunk := connection.recv(4096):
                data += chunk
            self.assertNotIn(b" 200 ", data[:20])

    def test_many_connections(self):
        broker = Broker(self, {"regions": [self.replayed("one", nova_bodies.small())],
                               "rest": {"max_connections": 300}}).start_ready()
        held = []
        for _ in range(250):
            connection = broker.connection()
            self.addCleanup(connection.close)
            held.append(connection)
            self.assertEqual(broker.get("/livez", connection=connection).status, 200)
        for connection in held:
            self.assertEqual(broker.get("/gpus/flavors", connection=connection).status, 200)


if __name__ == "__main__":
    unittest.main()

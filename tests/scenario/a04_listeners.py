# SPDX-License-Identifier: Apache-2.0
"""Several addresses at once: IPv4, IPv6, a unix socket."""
import http.client
import os
import socket
import unittest

import nova_bodies
from broker import Broker, Scenario, UnixConnection, free_port, until


def has_ipv6():
    try:
        free_port("::1")
        return True
    except OSError:
        return False


class Listeners(Scenario):
    def test_several_tcp_addresses_and_a_unix_socket(self):
        path = os.path.join(self.folder, "http.sock")
        second = free_port()
        broker = Broker(self, None)
        listen = ["127.0.0.1:%d" % broker.port, "127.0.0.1:%d" % second, "unix:" + path]
        if has_ipv6():
            third = free_port("::1")
            listen.append("[::1]:%d" % third)
        broker.config = {"regions": [self.replayed("one", nova_bodies.small())], "rest": {"listen": listen}}
        broker.start_ready()
        connections = [http.client.HTTPConnection("127.0.0.1", second, timeout=10), UnixConnection(path)]
        if has_ipv6():
            connections.append(http.client.HTTPConnection("::1", third, timeout=10))
        for connection in connections:
            self.addCleanup(connection.close)
            self.assertEqual(broker.get("/gpus/flavors", connection=connection).status, 200)
        self.assertEqual(broker.stop(), 0)

    def test_a_stale_unix_socket_is_replaced_and_a_used_one_is_not(self):
        path = os.path.join(self.folder, "http.sock")
        with socket.socket(socket.AF_UNIX) as left_behind:
            left_behind.bind(path)
        config = {"regions": [], "rest": {"listen": ["unix:" + path]}}
        first = self.broker(config)
        until(lambda: first.running() and first.get("/livez", connection=UnixConnection(path)).status == 200,
              "the socket answers")
        second = Broker(self, config).start()
        self.assertEqual(second.process.wait(30), 1)
        self.assertEqual(first.get("/livez", connection=UnixConnection(path)).status, 200)

    def test_bind_replaces_the_configured_addresses(self):
        other = free_port()
        broker = Broker(self, {"regions": [], "rest": {"listen": ["127.0.0.1:1"]}},
                        args=["--bind", "127.0.0.1:%d" % other], port=other)
        broker.start()
        until(lambda: broker.running() and broker.get("/livez").status == 200, "it answers there")


if __name__ == "__main__":
    unittest.main()

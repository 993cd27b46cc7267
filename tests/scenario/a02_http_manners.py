# SPDX-License-Identifier: Apache-2.0
"""Methods, validators, compression, problems: what caches and clients rely on."""
import email.utils
import gzip
import time
import unittest

import nova_bodies
from broker import Scenario

PAGES = ("/gpus/flavors", "/gpus/flavors/" + nova_bodies.MEDIUM, "/v1/flavors", "/v1/regions", "/v1/gpus",
         "/v1/regions/bielefeld", "/v1/regions/bielefeld/flavors", "/v2/flavors/",
         "/v1/regions/bielefeld/flavors/" + nova_bodies.MEDIUM)


class HttpManners(Scenario):
    def setUp(self):
        super().setUp()
        self.broker = self.ready_broker(self.replayed("bielefeld", nova_bodies.reference()),
                                        poll={"interval_s": 60})

    def test_other_methods_are_405(self):
        for method in ("POST", "PUT", "DELETE", "PATCH", "FOO"):
            for path in ("/gpus/flavors", "/gpus/flavors/nope", "/v1/regions", "/metrics"):
                with self.subTest(method=method, path=path):
                    answer = self.broker.get(path, method=method)
                    self.assertEqual(answer.status, 405)
                    self.assertEqual(answer["Allow"], "GET, HEAD, OPTIONS")
                    self.assertEqual(answer["Content-Type"], "application/problem+json")
                    self.assertLessEqual({"type", "title", "status", "detail"}, set(answer.json()))

    def test_options(self):
        answer = self.broker.get("/gpus/flavors", method="OPTIONS")
        self.assertEqual((answer.status, answer["Allow"], answer.body), (200, "GET, HEAD, OPTIONS", b""))

    def test_head_is_get_without_the_body(self):
        for path in PAGES + ("/livez", "/nope"):
            with self.subTest(path):
                get = self.broker.get(path)
                head = self.broker.get(path, method="HEAD")
                self.assertEqual((head.status, head.body), (get.status, b""))
                for name in ("Content-Length", "Content-Type", "ETag"):
                    self.assertEqual(head.get(name), get.get(name), name)

    def test_pages_have_validators(self):
        for path in PAGES:
            with self.subTest(path):
                answer = self.broker.get(path)
                self.assertRegex(answer["ETag"], r'^"[^"]+"$')
                self.assertIn("accept-encoding", answer["Vary"].lower())
                modified = email.utils.parsedate_to_datetime(answer["Last-Modified"]).timestamp()
                self.assertLess(abs(time.time() - modified), 60)
                self.assertGreater(email.utils.parsedate_to_datetime(answer["Expires"]).timestamp(), modified - 1)

    def test_not_modified(self):
        for path in PAGES:
            for accepted in ("identity", "gzip"):
                with self.subTest(path=path, accepted=accepted):
                    first = self.broker.get(path, {"Accept-Encoding": accepted})
                    for tag in (first["ETag"], '"x", %s' % first["ETag"], "*", "W/" + first["ETag"]):
                        again = self.broker.get(path, {"Accept-Encoding": accepted, "If-None-Match": tag})
                        self.assertEqual((again.status, again.body), (304, b""), tag)
                        self.assertEqual(again["ETag"], first["ETag"])
                    other = self.broker.get(path, {"Accept-Encoding": accepted, "If-None-Match": '"x"'})
                    self.assertEqual(other.status, 200)

    def test_a_connection_survives_a_304(self):
        connection = self.broker.connection()
        self.addCleanup(connection.close)
        tag = self.broker.get("/v1/flavors", connection=connection)["ETag"]
        for _ in range(3):
            answer = self.broker.get("/v1/flavors", {"If-None-Match": tag}, connection=connection)
            self.assertEqual(answer.status, 304)
        self.assertEqual(self.broker.get("/v1/flavors", connection=connection).status, 200)

    def test_gzip(self):
        for path in ("/gpus/flavors", "/v1/flavors", "/v1/regions"):
            with self.subTest(path):
                plain = self.broker.get(path)
                packed = self.broker.get(path, {"Accept-Encoding": "deflate, gzip;q=0.8"})
                self.assertEqual(packed["Content-Encoding"], "gzip")
                self.assertEqual(gzip.decompress(packed.body), plain.body)
                self.assertNotEqual(packed["ETag"], plain["ETag"])
                for refused in ("gzip;q=0", "identity", "br"):
                    answer = self.broker.get(path, {"Accept-Encoding": refused})
                    self.assertIsNone(answer.get("Content-Encoding"), refused)

    def test_pages_made_per_request_have_no_tag(self):
        for path in ("/metrics", "/livez", "/readyz"):
            with self.subTest(path):
                self.assertIsNone(self.broker.get(path).get("ETag"))

    def test_an_unneeded_authorization_is_ignored(self):
        answer = self.broker.get("/gpus/flavors", {"Authorization": "Bearer whatever"})
        self.assertEqual(answer.status, 200)

    def test_keep_alive(self):
        connection = self.broker.connection()
        self.addCleanup(connection.close)
        for _ in range(5):
            self.assertEqual(self.broker.get("/gpus/flavors", connection=connection).status, 200)
            self.assertIsNotNone(connection.sock)

    def test_paths_are_split_before_they_are_decoded(self):
        self.assertEqual(self.broker.get("/gpus/%66lavors").status, 200)
        answer = self.broker.get("/gpus/flavors/a%2Fb")
        self.assertEqual((answer.status, answer["Content-Type"]), (404, "application/json"))


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""The client with brokers that break connections, lie, or answer what no broker should."""
import json
import unittest

from broker import Scenario, free_port
from client import ScriptedBroker, flavors, on_terminal, row, run


class BadBrokers(Scenario):
    def ask(self, answer, *args, **keys):
        """(what the client said, the requests that came)"""
        broker = ScriptedBroker(self, answer)
        return run(*args, endpoint=broker.endpoint, **keys), broker.requests

    # ---- connections ----

    def test_a_get_whose_connection_was_reset_is_repeated_once(self):
        said, requests = self.ask(lambda h, n: h.reset() if n == 1 else h.json(flavors(row())), "flavor", "list")
        self.assertEqual((said.returncode, len(requests)), (0, 2), said.stderr)
        self.assertIn("3 of 4", said.stdout)
        said, requests = self.ask(lambda h, n: h.reset(), "flavor", "list")
        self.assertEqual((said.returncode, len(requests), said.stdout), (1, 2, ""))
        self.assertTrue(said.stderr.startswith("gpubroker: http://127.0.0.1:"))

    def test_half_an_answer_is_repeated_too(self):
        body = json.dumps(flavors(row())).encode()

        def answer(handler, n):
            if n == 1:
                handler.bytes(body[:40], length=len(body))
                handler.reset()
            else:
                handler.bytes(body)

        said, requests = self.ask(answer, "flavor", "list")
        self.assertEqual((said.returncode, len(requests)), (0, 2), said.stderr)

    def test_a_post_is_never_repeated(self):
        said, requests = self.ask(lambda h, n: h.reset(), "fit", "x=1")
        self.assertEqual((said.returncode, len(requests)), (1, 1))

    def test_no_broker(self):
        said = run("flavor", "list", "--endpoint", "http://user:secret@127.0.0.1:%d" % free_port())
        self.assertEqual(said.returncode, 1)
        self.assertIn("there is no broker at http://127.0.0.1:", said.stderr)
        self.assertIn("GPUBROKER_ENDPOINT", said.stderr)
        self.assertNotIn("secret", said.stderr)
        for endpoint in ("ftp://x", "unix:relative", "file:///etc/passwd"):
            self.assertEqual(run("flavor", "list", "--endpoint", endpoint).returncode, 2, endpoint)

    # ---- answers ----

    def test_nothing_that_a_terminal_would_obey_passes(self):
        evil = "x\x1b]0;owned\x07\x1b[2J\x9b31m\u202e\r\n"
        document = flavors(row(evil, region=evil, limited_by=evil, gpus=[{"type": evil, "count": 1}]))
        document["regions"][0]["state"] = evil
        broker = ScriptedBroker(self, lambda h, n: h.json(document))
        for output in ("table", "json", "csv", "value", "yaml"):
            code, text = on_terminal("flavor", "list", "--long", "-f", output, endpoint=broker.endpoint,
                                     env={"NO_COLOR": "1"})
            self.assertEqual(code, 0)
            text = text.replace("\r\x1b[K", "")  # its own, before a line on stderr
            for bad in "\x1b\x07\x9b\u202e":
                self.assertNotIn(bad, text, output)
        said = run("flavor", "list", "-f", "json", endpoint=broker.endpoint)
        self.assertEqual(json.loads(said.stdout), document["flavors"])

    def test_a_problems_detail_is_cleaned_too(self):
        said, _ = self.ask(lambda h, n: h.json({"title": "x", "detail": "no \x1b[31mway"}, 503), "region", "list")
        self.assertEqual((said.returncode, "\x1b" in said.stderr), (1, False))
        self.assertIn("no \ufffd[31mway", said.stderr)

    def test_what_is_no_answer(self):
        deep = b"[" * 100000
        for body, status, code in ((b"<html>Bad Gateway</html>", 502, 1), (b"", 200, 1), (b"[]", 200, 1),
                                   (b"{", 200, 1), (b'{"flavors":' + deep, 200, 1), (b"null", 200, 1),
                                   (b'{"flavors": 7, "regions": "x"}', 200, 0),
                                   (b'{"flavors": [1, null, {}, {"gpus": 7, "available": "x"}], "regions": [3]}', 200,
                                    0)):
            with self.subTest(body[:40]):
                said, _ = self.ask(lambda h, n, b=body, s=status: h.bytes(b, s), "flavor", "list", "--long")
                self.assertEqual(said.returncode, code, said.stderr)
                self.assertTrue(said.stderr)
                self.ask(lambda h, n, b=body, s=status: h.bytes(b, s), "gpu", "list")
                self.ask(lambda h, n, b=body, s=status: h.bytes(b, s), "fit", "x=1")
                self.ask(lambda h, n, b=body, s=status: h.bytes(b, s), "flavor", "show", "x")

    def test_another_service_is_not_taken_for_an_empty_broker(self):
        for command in (["flavor", "list"], ["flavor", "show", "x"], ["flavor", "explain", "x"], ["flavor", "wait", "x"],
                        ["region", "list"], ["region", "show", "a"], ["gpu", "list"], ["fit", "x=1"],
                        ["watch", "-f", "json", "--count", "1"]):
            with self.subTest(command):
                said, _ = self.ask(lambda h, n: h.json({"hello": 1}), *command)
                self.assertEqual((said.returncode, said.stdout.strip()), (1, ""))
                self.assertIn("another service", said.stderr)

    def test_stale_counts_in_sentences(self):
        def answer(handler, _):
            one = row(state="stale")
            if handler.path.endswith("/flavors"):
                handler.json(flavors(one, state="stale"))
            else:
                handler.json({**one, "hosts": [
                    {"name": "h1", "state": "disabled", "total": 0, "available": 0, "limited_by": "no-host",
                     "reason": "disabled by the operator: kernel update"},
                    {"name": "h2", "state": "down", "total": 0, "available": 0, "limited_by": "no-host"}]})

        said, _ = self.ask(answer, "flavor", "wait", "x")
        self.assertEqual(said.stderr, "x in a: 3 of 4* can be started\n")
        said, _ = self.ask(answer, "flavor", "explain", "x")
        self.assertTrue(said.stdout.startswith("x in a: 3 of 4* can be started, limited by GPU\n"), said.stdout)
        self.assertRegex(said.stdout, r"h1 +0 of 0 +disabled by the operator: kernel update\n")
        self.assertRegex(said.stdout, r"h2 +0 of 0 +down\n")

    def test_an_explanations_reason_and_remarks_are_shown(self):
        one = row(total=0, available=0, limited_by="no-host")
        whole = {**one, "hosts": [], "reason": "no host of the region has V100",
                 "remarks": ["asks for huge pages \x1b[1m(hw:mem_page_size)", "needs \x07x"]}
        said, _ = self.ask(lambda h, n: h.json(flavors(one) if h.path.endswith("/flavors") else whole),
                           "flavor", "explain", "x")
        self.assertEqual(said.stdout.splitlines()[0], "x in a: 0 of 0 can be started; no host of the region has V100")
        self.assertEqual(said.stdout.splitlines()[2], "Note that it asks for huge pages "
                         "\ufffd[1m(hw:mem_page_size); it needs \ufffdx.")

    def test_unknown_numbers_are_no_zeros(self):
        document = flavors({key: value for key, value in row().items() if key not in ("available", "total")})
        said, _ = self.ask(lambda h, n: h.json(document), "flavor", "list")
        self.assertRegex(said.stdout, r"V100 +\? *")
        self.assertNotIn("0 of", said.stdout)
        said, _ = self.ask(lambda h, n: h.json(document), "flavor", "list", "-f", "value", "-c", "available")
        self.assertEqual(said.stdout, "?\n")
        said, _ = self.ask(lambda h, n: h.json(document), "flavor", "list", "-f", "json", "-c", "available")
        self.assertEqual(json.loads(said.stdout), [{}])

    def test_an_older_broker(self):
        problem = {"title": "Not Found", "status": 404, "detail": "There is nothing at this path."}
        said, _ = self.ask(lambda h, n: h.json(problem, 404), "fit", "x=1")
        self.assertEqual(said.returncode, 1)
        self.assertIn("does not know /v1/fit", said.stderr)

    # ---- fit ----

    def test_fits_exit_codes(self):
        yes = {"name": "a", "fits": True, "placements": [{"host": "host-1", "flavor": "x", "count": 2}]}
        no = {"name": "b", "fits": False, "placements": [], "reason": "too few GPUs"}
        unknown = {"name": "c", "fits": None, "placements": []}
        for regions, code, word in (([no, yes], 0, "yes"), ([no], 4, "no"), ([no, unknown], 4, "unknown"),
                                    ([], 4, "no")):
            said, requests = self.ask(lambda h, n, r=regions: h.json({"regions": r}), "fit", "a=b=2", "y",
                                      "--region", "a")
            self.assertEqual(said.returncode, code)
            self.assertTrue(said.stderr.startswith(word), said.stderr)
            self.assertEqual(json.loads(requests[0][3]), {"flavors": {"a=b": 2, "y": 1}, "region": "a"})
        said, _ = self.ask(lambda h, n: h.json({"regions": [yes, no, unknown]}), "fit", "x=2")
        self.assertRegex(said.stdout, r"a +yes +2 x on host-1\nb +no +too few GPUs\nc +unknown")
        said, _ = self.ask(lambda h, n: h.json({"regions": [unknown]}), "fit", "x=2", "-f", "json")
        self.assertEqual(json.loads(said.stdout), [unknown])
        said, _ = self.ask(lambda h, n: h.json({"detail": "There is no flavor 'x'."}, 404), "fit", "x=2")
        self.assertEqual(said.returncode, 3)
        self.assertEqual(run("fit", "x=none").returncode, 2)
        said = run("fit", "x=1", "y=1", "x=2")
        self.assertEqual(said.returncode, 2)
        self.assertIn('"x" is there twice', said.stderr)

    # ---- wait ----

    def test_wait_lets_the_broker_wait(self):
        def answer(handler, n):
            path = handler.path
            if path == "/v1/flavors":
                handler.json(flavors(row(available=0)))
            else:
                handler.json(row(available=2 if "wait_available" in path else 0))

        said, requests = self.ask(answer, "flavor", "wait", "x", "--min", "2", "--timeout", "50")
        self.assertEqual((said.returncode, said.stdout), (0, ""))
        self.assertRegex(requests[-1][1], r"^/v1/regions/a/flavors/id-x\?wait_available=2&timeout_s=(49|50)$")

    def test_wait_polls_a_broker_that_cannot(self):
        def answer(handler, n):
            if handler.path == "/v1/flavors":
                handler.json(flavors(row(available=0)))
            elif "wait_available" in handler.path:
                handler.json({"detail": "unknown parameter"}, 400)
            elif handler.headers.get("If-None-Match") == '"1"' and n < 6:
                handler.bytes(b"", 304)
            else:
                handler.json(row(available=1 if n >= 6 else 0), ETag='"1"')

        said, requests = self.ask(answer, "flavor", "wait", "x", "-f", "value", "-c", "available")
        self.assertEqual((said.returncode, said.stdout), (0, "1\n"), said.stderr)
        self.assertEqual(sum("wait_available" in path for _, path, _, _ in requests), 1)

    def test_wait_survives_an_outage(self):
        def answer(handler, n):
            if handler.path == "/v1/flavors":
                handler.json(flavors(row(available=0)))
            elif n in (3, 4, 5):
                handler.reset()
            else:
                handler.json(row(available=1 if n > 5 else 0))

        said, requests = self.ask(answer, "flavor", "wait", "x")
        self.assertEqual((said.returncode, len(requests)), (0, 6), said.stderr)

    def test_wait_for_a_flavor_that_vanishes(self):
        def answer(handler, n):
            if handler.path == "/v1/flavors":
                handler.json(flavors(row(available=0)))
            else:
                handler.json({"detail": "Region 'a' has no such flavor."}, 404)

        self.assertEqual(self.ask(answer, "flavor", "wait", "x")[0].returncode, 3)


if __name__ == "__main__":
    unittest.main()

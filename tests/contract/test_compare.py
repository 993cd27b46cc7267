# SPDX-License-Identifier: Apache-2.0
"""contrib/compare against daemons whose regions differ in known ways: what it shows, why, and its exit code."""
import copy
import http.server
import json
import os
import re
import subprocess
import sys
import threading
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "scenario"))
import nova_bodies  # noqa: E402  pylint: disable=wrong-import-position
from broker import Broker, Scenario, free_port  # noqa: E402  pylint: disable=wrong-import-position

COMPARE = os.path.join(ROOT, "contrib", "compare")
MEDIUM = "de.NBI GPU V100 medium"


class FakeOld(http.server.BaseHTTPRequestHandler):
    """A list of the predecessor's, or whatever else a case needs."""

    def do_GET(self):  # pylint: disable=invalid-name
        body = self.server.bodies.get(self.path.split("?")[0])
        self.send_response(200 if body is not None else 404)
        self.end_headers()
        self.wfile.write(body or b"{}")

    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass


class Compare(Scenario):
    def region(self, name, change=None):
        """A daemon with one region: the reference set-up, changed."""
        bodies = nova_bodies.reference()
        if change:
            change(bodies)
        case = copy.copy(self)  # its files lie in a folder of its own
        case.folder = os.path.join(self.folder, name)
        broker = Broker(case, {"regions": [case.replayed("bielefeld", bodies)]}).start_ready()
        return "http://127.0.0.1:%d" % broker.port

    def fake(self, bodies):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), FakeOld)
        server.bodies = {path: body if isinstance(body, bytes) else json.dumps(body).encode()
                         for path, body in bodies.items()}
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return "http://127.0.0.1:%d" % server.server_address[1]

    def compare(self, *args):
        said = subprocess.run([COMPARE, *args], capture_output=True, text=True, timeout=120, check=False,
                              env={"PATH": os.environ["PATH"], "HOME": self.folder, "LC_ALL": "C.UTF-8"})
        return said.returncode, said.stdout, said.stderr

    def flavors(self, said):
        """{flavor: (old, new, [lines below])}"""
        found = {}
        for line in said.splitlines()[1:]:
            if line.startswith("    "):
                found[name][2].append(line.strip())
            else:
                name, old, new = re.split(r"  +", line)
                found[name] = (old, new, [])
        return found

    def test_the_same(self):
        url = self.region("one")
        for old in (url, url + "/", url + "/gpus/flavors", url + "/v2/flavors/", url + "/v1/flavors"):
            code, out, err = self.compare(old, url)
            self.assertEqual((code, out), (0, ""), old + err)
            self.assertIn("3 flavors, no difference", err)

    def test_known_differences(self):
        def old(bodies):
            bodies["flavors"][1].update(vcpus=28)
            bodies["flavors"][3].update(disk=3696, swap=0)

        def new(bodies):
            bodies["flavors"][1].update(vcpus=29)
            bodies["flavors"][3].update(disk=3696, swap=512)

        before, after = self.region("old", old), self.region("new", new)
        for path in ("", "/gpus/flavors", "/v2/flavors/"):
            code, out, err = self.compare(before + path, after)
            self.assertEqual(code, 1, err)
            found = self.flavors(out)
            self.assertEqual(set(found), {"de.NBI GPU V100 large", MEDIUM})
            self.assertEqual(found[MEDIUM][:2], ("3 of 4", "2 of 2"))
            self.assertIn("a fraction of a GiB of swap takes one more GiB", found[MEDIUM][2][0])
            self.assertTrue(any("disk short by" in line for line in found[MEDIUM][2]), found[MEDIUM])
            self.assertEqual(found["de.NBI GPU V100 large"][:2], ("3 of 4", "0 of 0"))
            lines = found["de.NBI GPU V100 large"][2]
            self.assertIn("one server cannot be larger than its host", lines[0])
            self.assertTrue(any("needs 29 vCPUs, one server gets at most 28 here" in line for line in lines), lines)
            self.assertIn("2 of 3 flavors differ", err)

    def test_a_host_in_two_aggregates(self):
        def twice(bodies):  # what the predecessor makes of it: the host's GPUs and its server again
            bodies["aggregates"][1]["hosts"].append("host5")
            bodies["hypervisors"].append(nova_bodies.hypervisor("host5", vcpus_used=14, memory_mb_used=65535,
                                                                local_gb_used=51))
            bodies["servers"].append(nova_bodies.server("medium-2", "host5", bodies["flavors"][3]))

        code, out, err = self.compare(self.region("old", twice) + "/gpus/flavors", self.region("new"))
        self.assertEqual(code, 1, err)
        found = self.flavors(out)
        self.assertEqual(found[MEDIUM][:2], ("4 of 6", "3 of 4"))
        for flavor, (_, _, lines) in found.items():
            self.assertIn("the old service counts host-1 twice", lines[0], flavor)

    def test_available_alone(self):
        def one_more(bodies):
            bodies["servers"].append(nova_bodies.server("medium-2", "host4", bodies["flavors"][3]))

        old, new = self.region("old"), self.region("new", one_more)
        code, out, _ = self.compare(old, new)
        self.assertEqual(code, 1)
        self.assertEqual(self.flavors(out)[MEDIUM][:2], ("3 of 4", "2 of 4"))
        self.assertIn("only what is available differs", self.flavors(out)[MEDIUM][2][0])
        self.assertEqual(self.compare("--totals", old, new)[0], 0)

    def test_flavors_that_one_has(self):
        def without(bodies):
            del bodies["flavors"][3]

        whole, less = self.region("old"), self.region("new", without)
        code, out, _ = self.compare(whole, less)
        self.assertEqual((code, self.flavors(out)[MEDIUM][:2]), (1, ("3 of 4", "-")))
        self.assertIn("flavor_exclude", self.flavors(out)[MEDIUM][2][0])
        code, out, _ = self.compare(less + "/gpus/flavors", whole)
        self.assertEqual((code, self.flavors(out)[MEDIUM][:2]), (1, ("-", "3 of 4")))

    def test_regions(self):
        def region(name, bodies):
            return self.replayed(name, bodies)

        new = Broker(self, {"regions": [region("bielefeld", nova_bodies.reference()),
                                        region("jena", nova_bodies.reference())]}).start_ready()
        new = "http://127.0.0.1:%d" % new.port
        old = self.region("old")
        code, _, err = self.compare(old + "/gpus/flavors", new)
        self.assertEqual(code, 2)
        self.assertIn("say --region", err)
        self.assertEqual(self.compare("--region", "jena", old + "/gpus/flavors", new)[0], 2)  # the old has none
        fake = self.fake({"/gpus/flavors": json.loads(self.old_list(old))})
        self.assertEqual(self.compare("--region", "jena", fake, new)[0], 0)
        code, out, _ = self.compare(old, new)
        self.assertEqual((code, len(self.flavors(out))), (1, 3))  # jena's

    def old_list(self, url):
        return subprocess.run(["curl", "-s", url + "/gpus/flavors"], capture_output=True, text=True,
                              check=True).stdout

    def test_numbers_that_cannot_be(self):
        new = self.region("new")
        document = json.loads(self.old_list(new))
        document["flavors"][2].update(available=0, total=-4)
        code, out, _ = self.compare(self.fake({"/gpus/flavors": document}), new)
        self.assertEqual(code, 1)
        self.assertEqual(self.flavors(out)[MEDIUM][:2], ("0 of -4", "3 of 4"))
        self.assertIn("the old numbers cannot be", self.flavors(out)[MEDIUM][2][0])

    def test_what_the_new_one_says_of_itself(self):
        row = {"region": "jena", "id": "1", "name": "one", "total": 12, "available": 2, "gpus": [], "limited_by": "ram",
               "state": "stale"}
        hosts = [{"name": "host-%d" % n, "state": "up", "total": 1, "available": 0, "limited_by": "ram",
                  "reason": "RAM short by %d MiB" % (n % 10)} for n in range(12)]
        new = self.fake({"/v1/flavors": {"flavors": [row], "regions": []},
                         "/v1/regions/jena": {"name": "jena", "state": "stale", "observed_at": "2026-11-22T14:01:12Z",
                                              "capacity_model": "placement"},
                         "/v1/regions/jena/flavors/1/explain": {
                             **row, "hosts": hosts, "remarks": ["asks for a NUMA topology"]}})
        old = self.fake({"/v2/flavors/": [{"id": "1", "name": "one", "available": 3, "total": 13}]})
        code, out, _ = self.compare(old, new)
        self.assertEqual(code, 1)
        lines = self.flavors(out)["one"][2]
        self.assertEqual(lines[0], "the new numbers are stale, read at 2026-11-22T14:01:12Z")
        self.assertIn("Placement", lines[1])
        self.assertEqual(lines[2:6], ["limited by ram", "asks for a NUMA topology",
                                      "host-0, host-10 0 of 1: RAM short by 0 MiB",
                                      "host-1, host-11 0 of 1: RAM short by 1 MiB"])
        self.assertEqual(lines[-1], "and 2 more kinds of hosts")

    def test_trouble(self):
        new = self.region("new")
        for args, word in (((new,), "required"), (("http://127.0.0.1:%d" % free_port(), new), "refused"),
                           (("ftp://x", new), "begins with"), (("http://a:b@127.0.0.1", new), "netrc"),
                           ((self.fake({"/gpus/flavors": b"<html>"}), new), "/gpus/flavors"),
                           ((self.fake({"/gpus/flavors": {"flavors": 3}}), new), "no list"),
                           ((self.fake({"/gpus/flavors": {"flavors": [3]}}), new), "no sense"),
                           ((self.fake({}), new), "no list"), (("--region", "nowhere", new, new), "nowhere")):
            code, out, err = self.compare(*args)
            self.assertEqual((code, out), (2, ""), args)
            self.assertIn(word, err)
            self.assertNotIn("Traceback", err)


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""The predecessor's API, byte for byte (its answers for its own test set-up have 564 and 207 bytes)."""
import json
import re
import signal
import time
import unittest

import nova_bodies
from broker import Scenario, until


def printed(document):
    """As the predecessor's framework prints: sorted keys, two spaces, ASCII, a line end."""
    return (json.dumps(document, indent=2, sort_keys=True) + "\n").encode()


class LegacyBytes(Scenario):
    def setUp(self):
        super().setUp()
        self.region = nova_bodies.reference()
        self.broker = self.ready_broker(self.replayed("bielefeld", self.region), poll={"interval_s": 60})

    def rows(self):
        ids = {flavor["name"]: flavor["id"] for flavor in self.region["flavors"]}
        return [{"flavor_openstack_id": ids[name], "flavor_name": name, "available": available, "total": total}
                for name, available, total in nova_bodies.REFERENCE_COUNTS]

    def test_the_list(self):
        answer = self.broker.get("/gpus/flavors")
        stamp = answer.json()["timestamp"]
        self.assertRegex(stamp, r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")
        self.assertEqual(answer.body, printed({"flavors": self.rows(), "timestamp": stamp}))
        self.assertEqual(len(answer.body), 564)
        self.assertEqual(answer["Content-Type"], "application/json")
        self.assertNotIn("x-region-status", answer.headers)

    def test_the_timestamp_is_local_time(self):
        stamp = time.mktime(time.strptime(self.broker.get("/gpus/flavors").json()["timestamp"],
                                          "%Y-%m-%d %H:%M:%S"))
        self.assertLess(abs(time.time() - stamp), 60)

    def test_one_flavor(self):
        answer = self.broker.get("/gpus/flavors/" + nova_bodies.MEDIUM)
        self.assertEqual(answer.body, printed({"flavor": self.rows()[2], "timestamp": answer.json()["timestamp"]}))
        self.assertEqual(len(answer.body), 207)
        self.assertEqual(answer["Content-Type"], "application/json")

    def test_an_unknown_flavor(self):
        for wanted in ("nope", nova_bodies.MEDIUM.upper(), "%20", "%zz", "%FF"):
            with self.subTest(wanted):
                answer = self.broker.get("/gpus/flavors/" + wanted)
                self.assertEqual((answer.status, answer.body), (404, b'{\n  "message": "Unkown flavor id!"\n}\n'))
                self.assertEqual(answer["Content-Type"], "application/json")

    def test_an_unknown_region(self):
        for path in ("/gpus/flavors?region=nowhere", "/gpus/flavors/%s?region=nowhere" % nova_bodies.MEDIUM):
            with self.subTest(path):
                answer = self.broker.get(path)
                self.assertEqual((answer.status, answer.body), (404, b'{\n  "message": "Unknown region!"\n}\n'))

    def test_other_parameters_are_ignored(self):
        self.assertEqual(self.broker.get("/gpus/flavors?x=1&region=bielefeld").json()["flavors"],
                         self.broker.get("/gpus/flavors").json()["flavors"])

    def test_an_unknown_path_is_a_problem(self):
        for path in ("/gpus/flavor", "/gpus", "/gpus/flavors/", "/gpus/flavors/a/b", "/nope"):
            with self.subTest(path):
                answer = self.broker.get(path)
                self.assertEqual(answer.status, 404)
                self.assertEqual(answer["Content-Type"], "application/problem+json")
                self.assertEqual(answer.json()["status"], 404)

    def test_names_beyond_ascii_are_escaped(self):
        self.region["flavors"][3]["name"] = "GPU groß \U0001f680 <&>"
        self.region_folder("bielefeld", self.region)
        self.broker.send(signal.SIGUSR1)
        until(lambda: b"gro" in self.broker.get("/gpus/flavors").body, "the new name is there")
        answer = self.broker.get("/gpus/flavors/" + nova_bodies.MEDIUM)
        self.assertIn(b'"GPU gro\\u00df \\ud83d\\ude80 <&>"', answer.body)
        self.assertTrue(re.fullmatch(rb"[\x00-\x7f]*", answer.body))

    def test_the_exporters_api(self):
        for path in ("/v2/flavors/", "/v2/flavors"):
            rows = self.broker.get(path).json()
            self.assertEqual([row["name"] for row in rows if row["type"] == "gpu"],
                             [name for name, _, _ in nova_bodies.REFERENCE_COUNTS])
            row = rows[1]
            self.assertEqual(row, {
                "id": self.region["flavors"][2]["id"], "name": "de.NBI 2 GPU V100 large", "available": 1,
                "total": 2, "cores": 28, "mem": 262140, "type": "gpu", "gpu_type": "V100", "gpu_count": 2,
                "root_disk": 50, "ephemeral_disk": 0, "region": "bielefeld"})


class EmptyList(Scenario):
    def test_no_gpu_flavor_is_an_answer(self):
        region = nova_bodies.small()
        region["flavors"] = []
        broker = self.ready_broker(self.replayed("bielefeld", region))
        answer = broker.get("/gpus/flavors")
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.body, printed({"flavors": [], "timestamp": answer.json()["timestamp"]}))


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""/v1: index, regions, flavors and their filters, GPUs."""
import re
import unittest

import nova_bodies
from broker import Scenario

UTC = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"


class FullApi(Scenario):
    def setUp(self):
        super().setUp()
        self.broker = self.ready_broker(
            self.replayed("bielefeld", nova_bodies.reference(), title="Bielefeld University", site="bi"),
            self.replayed("tuebingen", nova_bodies.small("A100", used=3)), poll={"interval_s": 60})

    def names(self, query=""):
        answer = self.broker.get("/v1/flavors" + query)
        self.assertEqual(answer.status, 200, answer.body)
        return [row["name"] for row in answer.json()["flavors"]]

    def test_index(self):
        index = self.broker.get("/v1").json()
        self.assertEqual(index["regions"], "/v1/regions")
        self.assertIn("version", index)
        for name, path in index.items():
            if name not in ("version", "fit") and "{" not in path:
                self.assertEqual(self.broker.get(path).status, 200, path)

    def test_regions(self):
        regions = self.broker.get("/v1/regions").json()["regions"]
        self.assertEqual([region["name"] for region in regions], ["bielefeld", "tuebingen"])
        first = regions[0]
        self.assertEqual((first["title"], first["site"], first["plugin"], first["state"], first["flavors"]),
                         ("Bielefeld University", "bi", "replay", "ok", 3))
        self.assertRegex(first["observed_at"], UTC)
        self.assertRegex(first["next_refresh_at"], UTC)
        self.assertNotIn("error", first)
        self.assertEqual({key: first["gpus"][key] for key in ("total", "used", "free", "disabled")},
                         {"total": 4, "used": 1, "free": 3, "disabled": 0})
        self.assertEqual(self.broker.region("bielefeld"), first)
        self.assertEqual((regions[1]["title"], regions[1]["site"]), ("tuebingen", "tuebingen"))

    def test_rows(self):
        envelope = self.broker.get("/v1/flavors").json()
        self.assertEqual([region["name"] for region in envelope["regions"]], ["bielefeld", "tuebingen"])
        medium = envelope["flavors"][2]
        self.assertEqual(medium, {**medium, "region": "bielefeld", "site": "bi", "id": nova_bodies.MEDIUM,
                                  "name": "de.NBI GPU V100 medium", "vcpus": 14, "ram_mib": 65535,
                                  "disk_gib": 50, "ephemeral_gib": 0, "swap_mib": 1024, "is_public": False,
                                  "gpus": [{"type": "V100", "count": 1}], "total": 4, "available": 3,
                                  "limited_by": "gpu", "state": "ok"})
        bare = self.broker.get("/v1/regions/bielefeld/flavors/" + nova_bodies.MEDIUM).json()
        self.assertRegex(bare.pop("observed_at"), UTC)
        self.assertEqual(bare, medium)

    def test_gpus(self):
        pools = self.broker.get("/v1/gpus").json()["gpus"]
        self.assertEqual([(pool["region"], pool["type"], pool["total"], pool["used"], pool["free"], pool["hosts"])
                          for pool in pools],
                         [("bielefeld", "V100", 4, 1, 3, 2), ("tuebingen", "A100", 8, 3, 5, 2)])
        self.assertEqual(pools[0]["configurations"], {"1": 3, "2": 1, "4": 0, "8": 0})

    def test_filters(self):
        everything = self.names()
        self.assertEqual(len(everything), 4)
        self.assertEqual(self.names("?region=tuebingen"), ["A100 one"])
        self.assertEqual(self.names("?gpu_type=A100"), ["A100 one"])
        self.assertEqual(self.names("?gpu_type=a100"), [])
        self.assertEqual(self.names("?gpu_type=A100&gpu_type=V100"), everything)
        self.assertEqual(self.names("?name=MEDIUM"), ["de.NBI GPU V100 medium"])
        self.assertEqual(self.names("?min_available=5"), ["A100 one"])
        self.assertEqual(self.names("?sort=-available")[0], "A100 one")
        self.assertEqual(self.names("?sort=total,name")[0], "de.NBI 2 GPU V100 large")
        rows = self.broker.get("/v1/flavors?fields=name,available&region=tuebingen").json()["flavors"]
        self.assertEqual(rows, [{"name": "A100 one", "available": 5}])

    def test_a_wrong_parameter_is_named(self):
        for query, word in (("?colour=red", "colour"), ("?min_available=x", "min_available"),
                            ("?min_available=-1", "min_available"), ("?sort=colour", "sort"),
                            ("?fields=colour", "fields")):
            with self.subTest(query):
                answer = self.broker.get("/v1/flavors" + query)
                self.assertEqual((answer.status, answer["Content-Type"]), (400, "application/problem+json"))
                self.assertIn(word, answer.json()["detail"])

    def test_unknown_things_are_problems(self):
        for path in ("/v1/nope", "/v1/regions/nope", "/v1/regions/nope/flavors",
                     "/v1/regions/bielefeld/flavors/nope", "/v1/regions/tuebingen/flavors/" + nova_bodies.MEDIUM):
            with self.subTest(path):
                answer = self.broker.get(path)
                self.assertEqual((answer.status, answer["Content-Type"]), (404, "application/problem+json"))
                self.assertEqual(answer.json()["status"], 404)

    def test_metrics(self):
        answer = self.broker.get("/metrics")
        self.assertTrue(answer["Content-Type"].startswith("text/plain"), answer["Content-Type"])
        text = answer.body.decode()
        for line in (r'gpubroker_region_up\{region="bielefeld"\} 1',
                     r'gpubroker_flavor_instances_available\{[^}]*flavor="de.NBI GPU V100 medium"[^}]*\} 3',
                     r'gpubroker_flavor_instances_capacity\{[^}]*flavor="de.NBI GPU V100 medium"[^}]*\} 4',
                     r'gpubroker_gpus\{[^}]*gpu_type="A100"[^}]*state="free"[^}]*\} 5',
                     r'gpubroker_build_info\{version="[^"]+"\} 1'):
            self.assertRegex(text, re.compile("^" + line + "$", re.M))
        openmetrics = self.broker.get("/metrics", {"Accept": "application/openmetrics-text; version=1.0.0"})
        self.assertTrue(openmetrics["Content-Type"].startswith("application/openmetrics-text"))
        self.assertTrue(openmetrics.body.endswith(b"# EOF\n"))


if __name__ == "__main__":
    unittest.main()

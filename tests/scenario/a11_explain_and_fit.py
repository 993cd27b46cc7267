# SPDX-License-Identifier: Apache-2.0
"""Why so many and not more, and whether servers fit together: explain and fit, host names shown or not."""
import gzip
import json
import unittest

import nova_bodies
from broker import Scenario

NAMES = ("host1", "host3", "host4")


def region():
    """The reference set-up with a third GPU host that is disabled, and host4 full but for its GPUs."""
    bodies = nova_bodies.reference()
    bodies["aggregates"][1]["hosts"].append("host7")
    bodies["hypervisors"][2].update({"free_ram_mb": 53247, "memory_mb_used": 332287})
    bodies["hypervisors"].append(nova_bodies.hypervisor("host7", status="disabled"))
    bodies["hypervisors"][-1]["service"]["disabled_reason"] = "HOST7.cloud.example: see host3"
    return bodies


class ExplainAndFit(Scenario):
    def start(self, **rest):
        self.broker = self.ready_broker(self.replayed("bielefeld", region()),
                                        self.replayed("tuebingen", nova_bodies.small("A100", used=3)),
                                        poll={"interval_s": 60}, rest=rest)
        return self.broker

    def explain(self, flavor_id, name="bielefeld"):
        answer = self.broker.get("/v1/regions/%s/flavors/%s/explain" % (name, flavor_id))
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json()

    def post(self, body, status=200):
        answer = self.broker.get("/v1/fit", method="POST", body=body if isinstance(body, str) else json.dumps(body))
        self.assertEqual(answer.status, status, answer.body)
        return answer.json()

    def test_explain_adds_up_and_says_why(self):
        self.start()
        for row in self.broker.get("/v1/flavors").json()["flavors"]:
            explained = self.explain(row["id"], row["region"])
            hosts = explained.pop("hosts")
            self.assertEqual(explained, row)
            self.assertEqual(sum(host["total"] for host in hosts), row["total"])
            self.assertEqual(sum(host["available"] for host in hosts), row["available"])
            for host in hosts:
                self.assertEqual(set(host), {"name", "state", "total", "available", "limited_by", "gpus", "vcpus",
                                             "ram_mib", "disk_gib", "reason"})
        hosts = self.explain(nova_bodies.MEDIUM)["hosts"]
        self.assertEqual([(host["name"], host["state"], host["total"], host["available"], host["limited_by"])
                          for host in hosts],
                         [("host-1", "up", 2, 1, "gpu"), ("host-2", "up", 2, 0, "ram"),
                          ("host-3", "disabled", 0, 0, "no-host")])
        self.assertEqual(hosts[0]["gpus"], [{"type": "V100", "total": 2, "used": 1, "free": 1}])
        self.assertEqual(hosts[1]["vcpus"], {"total": 112, "used": 0, "need": 14})
        self.assertEqual(hosts[1]["ram_mib"], {"total": 385534, "used": 332287, "need": 65535})
        self.assertEqual(hosts[0]["reason"], "1 fits; then no GPU free")
        self.assertEqual(hosts[1]["reason"], "2 GPUs free, RAM short by 12,288 MiB; 2 of 2 free V100 are stranded: "
                                             "no flavor of the region fits beside them")
        self.assertEqual(hosts[2]["reason"], "disabled by the operator: host-3: see host-1")

    def test_cpu_flavors(self):
        """Where a region counts them, they are in the exporter's list and the full one, not in the predecessor's."""
        self.broker = self.ready_broker(
            self.replayed("bielefeld", region(), options={"include_cpu_flavors": True}), poll={"interval_s": 60})
        rows = {row["name"]: row for row in self.broker.get("/v2/flavors/").json()}
        self.assertEqual([row["type"] for row in rows.values()], ["cpu", "gpu", "gpu", "gpu"])
        plain = rows["de.NBI large"]
        self.assertEqual((plain["gpu_type"], plain["gpu_count"]), ("", 0))
        self.assertNotIn("de.NBI large", [name for name, _, _ in self.broker.counts()])
        self.assertEqual(self.broker.get("/gpus/flavors/" + plain["id"]).status, 404)
        explained = self.explain(plain["id"])
        self.assertEqual((explained["gpus"], len(explained["hosts"])), ([], 4))
        self.assertEqual(sum(host["available"] for host in explained["hosts"]), plain["available"])
        self.assertEqual(self.post({"flavors": {"de.NBI large": 2}})["regions"][0]["fits"], True)

    def test_names_do_not_leak(self):
        self.start()
        for path in ("/v1/regions", "/v1/flavors", "/v1/gpus", "/metrics", "/v2/flavors/",
                     "/v1/regions/bielefeld/flavors/%s/explain" % nova_bodies.MEDIUM):
            body = self.broker.get(path).body.decode().lower()
            for name in (*NAMES, "host7", "cloud.example", "a100-1"):
                self.assertNotIn(name, body, path)
        fitting = self.post({"flavors": {nova_bodies.MEDIUM: 1}})["regions"][0]
        self.assertEqual(fitting["placements"], [{"host": "host-1", "flavor": nova_bodies.MEDIUM, "count": 1}])

    def test_names_are_shown_if_the_operator_wants(self):
        self.start(show_host_names=True)
        hosts = self.explain(nova_bodies.MEDIUM)["hosts"]
        self.assertEqual([host["name"] for host in hosts], ["host3", "host4", "host7"])
        self.assertEqual(hosts[2]["reason"], "disabled by the operator: HOST7.cloud.example: see host3")
        fitting = self.post({"flavors": {"A100 one": 1}, "region": "tuebingen"})["regions"]
        self.assertEqual(fitting[0]["placements"][0]["host"], "a100-1")

    def test_explain_is_a_page(self):
        self.start()
        path = "/v1/regions/bielefeld/flavors/%s/explain" % nova_bodies.MEDIUM
        first = self.broker.get(path)
        self.assertEqual(self.broker.get(path, {"If-None-Match": first["ETag"]}).status, 304)
        packed = self.broker.get(path, {"Accept-Encoding": "gzip"})
        self.assertEqual(packed["Content-Encoding"], "gzip")
        self.assertEqual(gzip.decompress(packed.body), first.body)
        self.assertEqual(self.broker.get(path + "?x=1").status, 400)
        self.assertEqual(self.broker.get("/v1/regions/bielefeld/flavors/nope/explain").status, 404)

    def test_fit(self):
        self.start()
        both = self.post({"flavors": {"A100 one": 5}})["regions"]
        self.assertEqual([(region["name"], region["fits"]) for region in both],
                         [("bielefeld", False), ("tuebingen", True)])
        self.assertEqual(both[0]["reason"], "it has no flavor A100 one")
        self.assertEqual(sum(placement["count"] for placement in both[1]["placements"]), 5)
        self.assertNotIn("reason", both[1])
        too_many = self.post({"flavors": {"A100 one": 6}, "region": "tuebingen"})["regions"]
        self.assertEqual(too_many, [{"name": "tuebingen", "fits": False, "placements": [],
                                     "reason": "of A100 one 6 are asked for, 5 fit at most"}])

    def test_fit_refuses(self):
        self.start()
        good = json.dumps({"flavors": {"A100 one": 1}})
        for body, status, word in (({"flavors": {"nope": 1}}, 404, "nope"), ("{", 400, "line 1"),
                                   ({"flavors": {"A100 one": -1}}, 400, "A100 one"), ("[]", 400, "object"),
                                   ({"flavors": {"A100 one": 1}, "region": "x"}, 404, "x"),
                                   (good + " " * 70000, 413, "64 KiB")):
            with self.subTest(word):
                problem = self.post(body, status)
                self.assertEqual(problem["status"], status)
                self.assertIn(word, problem["detail"])
        self.assertTrue(self.post(good + " " * 65000)["regions"][1]["fits"])
        answer = self.broker.get("/v1/fit")
        self.assertEqual((answer.status, answer["Allow"]), (405, "POST, OPTIONS"))
        answer = self.broker.get("/v1/fit", method="OPTIONS")
        self.assertEqual((answer.status, answer["Allow"]), (200, "POST, OPTIONS"))


if __name__ == "__main__":
    unittest.main()

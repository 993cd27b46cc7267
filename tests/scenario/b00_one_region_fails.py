# SPDX-License-Identifier: Apache-2.0
"""Two regions, one of which fails: it is stale with its last numbers, the other is fresh."""
import unittest

import nova_bodies
from broker import Scenario, until


class OneRegionFails(Scenario):
    def start(self, mode):
        return self.ready_broker(self.replayed("bielefeld", nova_bodies.reference()),
                                 self.chaos("tuebingen", mode))

    def test_stale_and_back(self):
        broker = self.start("ok")
        before = broker.counts()
        self.assertEqual(before[-1], ("chaos V100", 6, 8))
        self.assertIsNone(broker.get("/gpus/flavors").get("X-Region-Status"))
        self.set_mode("tuebingen", "fail")
        broker.until_state("tuebingen", "stale")
        answer = broker.get("/gpus/flavors")
        self.assertEqual(answer.status, 200)
        self.assertEqual(broker.counts(), before)
        self.assertRegex(answer["X-Region-Status"], r"^tuebingen=stale;since=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        region = broker.region("tuebingen")
        self.assertEqual(region["error"]["code"], "unavailable")
        self.assertNotIn("told to fail", region["error"]["detail"])
        self.assertEqual(broker.state("bielefeld"), "ok")
        self.assertEqual({row["region"]: row["state"] for row in broker.get("/v1/flavors").json()["flavors"]},
                         {"bielefeld": "ok", "tuebingen": "stale"})
        self.assertEqual(broker.get("/v2/flavors/").status, 200)
        broker.log_wait(r"tuebingen.*unavailable|unavailable.*tuebingen")
        broker.until_metric(r'gpubroker_refresh_failures_total\{region="tuebingen",code="unavailable"\} [1-9]\d*')
        self.set_mode("tuebingen", "ok")
        broker.until_state("tuebingen", "ok")
        self.assertIsNone(broker.get("/gpus/flavors").get("X-Region-Status"))
        self.assertNotIn("error", broker.region("tuebingen"))

    def test_a_region_that_never_worked(self):
        broker = self.start("fail")
        broker.until_state("tuebingen", "error")
        self.assertEqual(broker.counts(), nova_bodies.REFERENCE_COUNTS)
        self.assertEqual(broker.get("/gpus/flavors")["X-Region-Status"].split(";")[0], "tuebingen=error")
        self.assertEqual(broker.get("/readyz").status, 200)
        region = broker.region("tuebingen")
        self.assertNotIn("observed_at", region)

    def test_numbers_follow_the_cloud(self):
        region = nova_bodies.reference()
        broker = self.ready_broker(self.replayed("bielefeld", region))
        medium = region["flavors"][3]
        region["servers"].append(nova_bodies.server("medium-2", "host4", medium))
        self.region_folder("bielefeld", region)
        until(lambda: broker.counts()[2][1] == 2, "a booted server shows")
        region["hypervisors"][2]["status"] = "disabled"
        self.region_folder("bielefeld", region)
        until(lambda: broker.counts()[2][1:] == (1, 2), "a disabled host shows")
        region["hypervisors"][2].update(status="enabled", state="down")
        region["servers"].pop()
        self.region_folder("bielefeld", region)
        until(lambda: broker.get("/v1/gpus").json()["gpus"][0]["disabled"] == 2, "a host that is down shows")

    def test_files_that_make_no_sense(self):
        region = nova_bodies.reference()
        broker = self.ready_broker(self.replayed("bielefeld", region))
        region["flavors"] = {"not": "a list"}
        self.region_folder("bielefeld", region)
        broker.until_state("bielefeld", "stale")
        self.assertEqual(broker.region("bielefeld")["error"]["code"], "bad-reply")
        self.assertEqual(broker.counts(), nova_bodies.REFERENCE_COUNTS)

    def test_disabled_and_maintenance(self):
        broker = self.ready_broker(
            self.replayed("one", nova_bodies.small()),
            self.replayed("off", nova_bodies.small("H100"), enabled=False),
            self.replayed("mended", nova_bodies.small("L40"), maintenance="New cooling until Friday."))
        self.assertEqual(broker.state("off"), "disabled")
        self.assertEqual(broker.region("mended")["state"], "maintenance")
        self.assertEqual(broker.region("mended")["maintenance"], "New cooling until Friday.")
        self.assertNotIn("H100 one", [name for name, _, _ in broker.counts()])
        self.assertNotIn("worker off", broker.children())

    def test_the_same_flavor_id_in_two_regions(self):
        first, second = nova_bodies.small("V100", used=1), nova_bodies.small("V100")
        for default, region in (("", "one"), ("two", "two")):
            with self.subTest(default):
                broker = self.ready_broker(self.replayed("one", first), self.replayed("two", second),
                                           rest={"default_region": default})
                wanted = second["flavors"][0]["id"]
                self.assertEqual(broker.get("/gpus/flavors/" + wanted).json()["flavor"]["available"],
                                 {"one": 7, "two": 8}[region])
                self.assertEqual(len(broker.counts()), 2)
                restricted = broker.get("/gpus/flavors/%s?region=two" % wanted).json()
                self.assertEqual(restricted["flavor"]["available"], 8)


if __name__ == "__main__":
    unittest.main()

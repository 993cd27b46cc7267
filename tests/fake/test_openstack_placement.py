# SPDX-License-Identifier: Apache-2.0
"""Placement beside Nova: what is asked of it, how often, and what happens when it does not answer."""
import unittest

import fakecloud
import pluginrun

GPU = "CUSTOM_PCI_10DE_1DB6"


def cloud_with_devices():
    cloud = fakecloud.reference()
    cloud.has_placement = True
    for h in cloud.hypervisors[1:]:
        h["devices"] = [{"class": GPU}, {"class": GPU}]
    cloud.hypervisors[1]["devices"][0]["used"] = 1
    return cloud


class PlacementTest(pluginrun.PluginTest):
    def start(self, cloud=None):
        return self.start_cloud(cloud or cloud_with_devices())

    def asked(self, *words):
        return [r for r in self.fake.requests("/placement/") if all(w in r for w in words)]

    def read_again(self, plugin, after_s=0):
        self.fake.server.log.clear()
        result = plugin.read(after_s)
        self.assert_ok(result)
        return result


class Requests(PlacementTest):
    def test_a_steady_reading_is_one_request(self):
        fake = self.start()
        plugin = self.plugin()
        result = plugin.read()
        self.assert_ok(result)
        self.assertEqual([], result["log"])
        self.assertEqual(["GET /placement/"], self.asked()[:1])
        self.assertEqual(1, len(self.asked("allocation_candidates")))
        self.assertEqual(2, len(self.asked("inventories")))  # of the two GPU hosts; a device says all itself
        self.read_again(plugin)
        self.assertEqual(["GET /placement/allocation_candidates?resources=VCPU:1&member_of=in%3A"
                          "00000002-0000-4000-a000-000000000000"], self.asked())
        self.assertEqual({"placement 1.39"},
                         {e["headers"]["OpenStack-API-Version"] for e in fake.server.log if "/placement" in e["target"]})

    def test_numbers_are_placements(self):
        cloud = cloud_with_devices()
        cloud.hypervisors[1]["inventory"] = {"VCPU": {"allocation_ratio": 1.0, "reserved": 2}}
        self.start(cloud)
        result = self.plugin().read()
        self.assert_ok(result)
        self.assertEqual("placement", result["model"])
        vcpus = {h["name"]: h["vcpus"] for h in result["hosts"]}
        self.assertEqual((28, 1000000), (vcpus["host3"]["total"], vcpus["host3"]["ratio_micro"]))
        self.assertEqual((28, 4000000), (vcpus["host4"]["total"], vcpus["host4"]["ratio_micro"]))
        self.assertEqual({"host3": [2, 1], "host4": [2, 0]},
                         {h["name"]: h["gpus"]["V100"] for h in result["hosts"]})

    def test_recording(self):
        """With Placement's documents, and only where it is asked for."""
        self.start()
        plugin = self.plugin()
        self.assertEqual([], plugin.read()["records"])
        names = [name for name, _ in plugin.step("record")["records"]]
        for name in ("aggregates.json", "hypervisors.json", "flavors.json", "servers.json"):
            self.assertIn(name, names)
        self.assertTrue([name for name in names if "placement" in name or "candidates" in name], names)

    def test_hosts_are_the_providers_of_their_hypervisors(self):
        self.start()
        self.assert_ok(self.plugin().read())
        self.assertEqual(["GET /placement/resource_providers/0000000%d-0000-4000-8000-000000000000/inventories" % i
                          for i in (2, 3)], sorted(self.asked("inventories")))

    def test_inventories_are_read_again_when_they_changed(self):
        fake = self.start()
        plugin = self.plugin()
        self.assert_ok(plugin.read())
        fake.cloud.hypervisors[1]["inventory"] = {"VCPU": {"allocation_ratio": 1.0}}
        self.read_again(plugin)
        self.assertEqual(["GET /placement/resource_providers/00000002-0000-4000-8000-000000000000/inventories"],
                         self.asked("inventories"))
        self.read_again(plugin)
        self.assertEqual([], self.asked("inventories"))

    def test_a_device_out_of_use_is_looked_at(self):
        """Reserved after its one use: nothing is used, and nothing is there."""
        fake = self.start()
        plugin = self.plugin()
        self.assert_ok(plugin.read())
        fake.cloud.hypervisors[2]["devices"][0]["reserved"] = 1
        self.read_again(plugin)
        self.assertEqual(["GET /placement/resource_providers/00000003-0000-4000-9000-000000000000/inventories"],
                         self.asked("inventories"))

    def test_inventories_are_read_again_after_ten_minutes(self):
        self.start()
        plugin = self.plugin()
        self.assert_ok(plugin.read())
        self.read_again(plugin, after_s=590)
        self.assertEqual(0, len(self.asked("inventories")))
        self.read_again(plugin, after_s=15)
        self.assertEqual(2, len(self.asked("inventories")))

    def test_an_inventory_that_rounds_oddly_is_kept(self):
        """As floating-point numbers 100 * 1.15 is less than 115."""
        cloud = cloud_with_devices()
        cloud.hypervisors[1]["inventory"] = {"VCPU": {"total": 100, "allocation_ratio": 1.15}}
        self.start(cloud)
        plugin = self.plugin()
        self.assert_ok(plugin.read())
        self.read_again(plugin)
        self.assertEqual([], self.asked("inventories"))

    def test_full_hosts(self):
        """No CPU left: by memory. Nothing left at all: the tree, piece by piece."""
        cloud = cloud_with_devices()
        cloud.hypervisors[1]["placement_used"] = {"VCPU": 112 - 14}
        fake = self.start(cloud)
        plugin = self.plugin()
        self.assert_ok(plugin.read())
        self.assertEqual(1, len(self.asked("MEMORY_MB:1&member_of")))
        self.assertEqual([], self.asked("DISK_GB") + self.asked("in_tree"))
        fake.cloud.hypervisors[1]["placement_used"] = {"VCPU": 98, "MEMORY_MB": 385534 - 65535}
        self.read_again(plugin)
        self.assertEqual(1, len(self.asked("DISK_GB:1&member_of")))
        self.assertEqual([], self.asked("in_tree"))
        fake.cloud.hypervisors[1]["placement_used"]["DISK_GB"] = 7392 - 51
        self.read_again(plugin)
        self.assertEqual(1, len(self.asked("resource_providers?in_tree=00000002")))
        self.assertEqual(3, len(self.asked("usages")))
        self.read_again(plugin)
        self.assertEqual(1, len(self.asked("resource_providers?in_tree=00000002")))
        self.assertEqual(3, len(self.asked("usages")))
        self.assertEqual(0, len(self.asked("inventories")), "their generation is what it was")

    def test_hosts_whose_aggregate_is_not_mirrored(self):
        cloud = cloud_with_devices()
        cloud.unmirrored = ("host4",)
        self.start(cloud)
        self.assert_ok(self.plugin().read())
        self.assertEqual(1, len(self.asked("VCPU:1&in_tree=00000003")))
        self.assertEqual([], self.asked("resource_providers?in_tree"))

    def test_a_host_without_provider(self):
        cloud = cloud_with_devices()
        cloud.hypervisors[2]["provider"] = False
        self.start(cloud)
        self.plugin().read()
        self.assertEqual(1, len(self.asked("resource_providers?in_tree=00000003")))

    def test_candidates_that_the_cloud_limits(self):
        cloud = cloud_with_devices()
        cloud.max_candidates = 1
        self.start(cloud)
        self.assert_ok(self.plugin().read())
        self.assertEqual(1, len(self.asked("VCPU:1&in_tree=00000003")))

    def test_many_aggregates_are_several_queries(self):
        cloud = fakecloud.big(hosts=100, servers=0, gpu_every=1)
        cloud.has_placement = True
        cloud.aggregates = [{"name": "a%d" % i, "hosts": ["node-%04d" % i],
                             "metadata": {"gpu": "true", "gpu_count": "4", "gpu_type": "A100"}} for i in range(100)]
        self.start(cloud)
        self.assert_ok(self.plugin().read())
        self.assertEqual(3, len(self.asked("allocation_candidates")))
        self.assertLess(max(len(r) for r in self.asked()), 2000)
        self.assertEqual(100, len(self.asked("inventories")))

    def test_ten_thousand_providers(self):
        cloud = fakecloud.big(hosts=1250, servers=0, gpu_every=1)
        cloud.has_placement = True
        for h in cloud.hypervisors:
            h["devices"] = [{"class": GPU}] * 8
        self.start(cloud)
        plugin = self.plugin()
        self.assertEqual(1250, len(plugin.read()["hosts"]))
        self.assertEqual(1250, len(self.asked("inventories")))
        self.read_again(plugin)
        self.assertEqual(1, len(self.asked()))

    def test_pools_that_several_hosts_share(self):
        cloud = cloud_with_devices()
        for h in cloud.hypervisors:
            h["inventory"] = {"DISK_GB": None}
        cloud.sharing = [{"uuid": "pool", "inventories": {"DISK_GB": {"total": 100000}},
                          "aggregates": ["00000002-0000-4000-a000-000000000000"]}]
        self.start(cloud)
        self.assert_ok(self.plugin().read())

    def test_a_flavor_that_asks_by_class_wants_every_host(self):
        cloud = cloud_with_devices()
        cloud.flavors.append({"id": "vgpu", "name": "vgpu", "vcpus": 1, "ram": 1024, "disk": 1,
                              "extra_specs": {"resources:VGPU": "1"}})
        self.start(cloud)
        self.plugin().read()
        self.assertEqual(["GET /placement/allocation_candidates?resources=VCPU:1"],
                         self.asked("allocation_candidates"))

    def test_cpu_flavors_want_every_host(self):
        self.start()
        plugin = self.plugin("include_cpu_flavors=true")
        self.assertEqual({"host1", "host3", "host4"}, {h["name"] for h in plugin.read()["hosts"]})
        self.assertEqual(3, len(self.asked("inventories")))
        self.read_again(plugin)
        self.assertEqual(["GET /placement/allocation_candidates?resources=VCPU:1"], self.asked())

    def test_no_gpu_hosts_no_requests(self):
        cloud = cloud_with_devices()
        cloud.aggregates = []
        self.start(cloud)
        self.assert_ok(self.plugin().read())
        self.assertEqual(["GET /placement/"], self.asked())

    def test_vanishing_providers(self):
        """A device that is unplugged between the query and the look at its inventory."""
        fake = self.start()
        fake.cloud.hypervisors[2]["devices"][0]["total"] = 2
        fake.fault(match="4000-9000-000000000000/inventories", do="status", status=404, body={"errors": []})
        self.plugin().read()
        self.assertLessEqual(len(self.asked("4000-9000-000000000000/inventories")), 4)

    def test_addresses(self):
        fake = self.start()
        for variables in ({"OS_PLACEMENT_ENDPOINT_OVERRIDE": fake.url + "/placement/"}, {}):
            fake.cloud.has_placement = not variables
            fake.cloud.placement_url = "{url}/placement/"
            self.assert_ok(self.plugin(**variables).read())
            self.assertTrue(self.asked("allocation_candidates"))
            fake.server.log.clear()

    def test_interface(self):
        self.start().cloud.right_interface = "internal"
        self.assert_ok(self.plugin(OS_INTERFACE="internal").read())
        self.assertTrue(self.asked("allocation_candidates"))


class Choice(PlacementTest):
    REFUSALS = {401: "refuses a fresh token", 403: "403", 404: "404", 406: "406"}

    def capacity_lines(self, result):
        return [line for line in result["log"] if line.startswith("capacity model=nova")]

    def test_not_in_the_catalog(self):
        self.start().cloud.has_placement = False
        plugin = self.plugin()
        result = plugin.read()
        self.assert_reference(result)
        self.assertEqual(1, len(self.capacity_lines(result)))
        self.assertIn("no 'placement' service", self.capacity_lines(result)[0])
        self.assertEqual([], self.capacity_lines(plugin.read()))

    def test_refusals(self):
        for status, words in self.REFUSALS.items():
            with self.subTest(status):
                fake = self.start()
                fake.fault(match="allocation_candidates", do="status", status=status, body={})
                plugin = self.plugin()
                result = plugin.read()
                self.assert_reference(result)
                self.assertEqual("nova", result["model"])
                self.assertEqual(1, len(self.capacity_lines(result)))
                self.assertIn(words, self.capacity_lines(result)[0])
                fake.server.faults.clear()
                self.assertEqual([], self.capacity_lines(self.read_again(plugin)))
                self.assertEqual([], self.asked(), "decided until the next login")
                self.read_again(plugin, after_s=3500)
                self.assertTrue(self.asked("allocation_candidates"))

    def test_too_old(self):
        self.start().cloud.placement_versions = (0, 28)
        result = self.plugin().read()
        self.assert_reference(result)
        self.assertIn("needs microversion 1.29", self.capacity_lines(result)[0])

    def test_oldest(self):
        for newest in (29, 30, 31, 36, 39):
            with self.subTest(newest):
                cloud = cloud_with_devices()
                cloud.unmirrored = ("host4",)
                cloud.placement_versions = (0, newest)
                self.start(cloud)
                self.assert_ok(self.plugin().read())
                self.assertEqual(newest >= 31, bool(self.asked("candidates", "in_tree")))
                self.assertEqual(newest < 31, bool(self.asked("resource_providers?in_tree")))

    def test_policy_is_named(self):
        self.start().cloud.denied = ("placement:allocation_candidates:list",)
        result = self.plugin().read()
        self.assertIn("placement:allocation_candidates:list", self.capacity_lines(result)[0])
        self.assert_error(self.plugin("capacity=placement").read(), "denied", "placement:allocation_candidates:list")

    def test_trouble_before_it_ever_answered(self):
        for fault in ({"do": "status", "status": 503}, {"do": "cut", "after": "nothing"},
                      {"do": "replace", "body": "<html>"}, {"do": "status", "status": 500}):
            for path in ("GET /placement/", "allocation_candidates"):
                with self.subTest(fault=fault, path=path):
                    fake = self.start()
                    fake.fault(match=path, **fault)
                    plugin = self.plugin()
                    result = plugin.read()
                    self.assert_reference(result)
                    self.assertEqual(1, len(self.capacity_lines(result)))
                    self.assertEqual([], self.capacity_lines(plugin.read()))
                    fake.server.faults.clear()
                    self.read_again(plugin)
                    self.assertTrue(self.asked("allocation_candidates"))

    def test_trouble_after_it_answered(self):
        """Numbers of another model would be another truth for a minute."""
        for fault, code in (({"do": "status", "status": 503}, "unavailable"),
                            ({"do": "cut", "after": "nothing"}, "network"), ({"do": "replace", "body": "<"}, "bad-reply")):
            with self.subTest(fault=fault):
                fake = self.start()
                plugin = self.plugin()
                self.assert_ok(plugin.read())
                fake.fault(match="/placement/", **fault)
                for _ in range(2):
                    self.assert_error(plugin.read(), code, "placement")
                fake.server.faults.clear()
                self.assert_ok(plugin.read())

    def test_stall_after_it_answered(self):
        fake = self.start()
        plugin = self.plugin("--limit", "total_ms=2000")
        self.assert_ok(plugin.read())
        fake.fault(match="allocation_candidates", do="stall", after="nothing")
        self.assert_error(plugin.read(), "timeout", "placement")

    def test_right_taken_away(self):
        """One reading fails, the next counts by Nova: not the other way round within one."""
        fake = self.start()
        plugin = self.plugin()
        self.assert_ok(plugin.read())
        fake.cloud.denied = ("placement:allocation_candidates:list",)
        self.assert_error(plugin.read(), "denied", "placement")
        result = plugin.read()
        self.assert_reference(result)
        self.assertEqual(1, len(self.capacity_lines(result)))

    def test_expired_token_in_the_middle(self):
        for path in ("allocation_candidates", "inventories"):
            with self.subTest(path):
                fake = self.start()
                fake.fault(match=path, times=1, do="status", status=401)
                result = self.plugin().read()
                self.assert_ok(result)
                self.assertEqual([], result["log"])
                self.assertEqual(2, len(fake.requests("auth/tokens")))
                self.assertEqual(1, len(fake.requests("os-aggregates")), "what was complete is not asked again")

    def test_asked_for(self):
        cloud = self.start().cloud
        cloud.has_placement = False
        self.assert_error(self.plugin("capacity=placement").read(), "config", "no 'placement' service")
        cloud.has_placement = True
        self.assert_ok(self.plugin("capacity=placement").read())
        for status, code in ((403, "denied"), (404, "bad-reply"), (503, "unavailable"), (401, "auth")):
            with self.subTest(status):
                self.fake.server.faults[:] = [{"match": "allocation_candidates", "do": "status", "status": status}]
                self.assert_error(self.plugin("capacity=placement").read(), code, "placement")

    def test_not_wanted(self):
        self.start()
        result = self.plugin("capacity=nova").read()
        self.assert_reference(result)
        self.assertEqual("nova", result["model"])
        self.assertEqual([], self.asked())
        self.assertEqual([], result["log"])

    def test_echo(self):
        self.start().cloud.placement_echo = False
        self.assert_error(self.plugin("capacity=placement").read(), "bad-reply", "version ''", "placement 1.39")

    def test_keystone_finds_placement_in_no_region(self):
        """Compute has an endpoint where Placement has none."""
        fake = self.start()
        fake.cloud.placement_url = "ftp://elsewhere"
        result = self.plugin().read()
        self.assert_reference(result)
        self.assertIn("neither http nor https", self.capacity_lines(result)[0])


class Fake(PlacementTest):
    def test_several_groups_are_refused(self):
        """What no reading may ask for; and none of these tests did, or it had failed."""
        fake = self.start()
        self.assertEqual(400, fake.cloud.placement.candidates_status({
            "resources": "VCPU:1", "resources1": GPU + ":1", "resources2": GPU + ":1"}))
        self.assertEqual(200, fake.cloud.placement.candidates_status({"resources": "VCPU:1"}))


if __name__ == "__main__":
    unittest.main()

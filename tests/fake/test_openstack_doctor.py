# SPDX-License-Identifier: Apache-2.0
"""What the plugin `openstack` finds out for doctor: it goes on after failures and names what mends them."""
import unittest

import fakecloud
import pluginrun

ERROR, WARN, INFO = 3, 4, 6


class Doctor(pluginrun.PluginTest):
    def start(self):
        cloud = fakecloud.reference()
        cloud.has_placement = True
        return self.start_cloud(cloud).cloud

    def examine(self, *arguments, **variables):
        return self.plugin(*arguments, **variables).step("examine")

    def found(self, result, severity=None, check=None):
        return [f for f in result["findings"] if severity in (None, f["severity"]) and check in (None, f["check"])]

    def test_a_good_cloud(self):
        self.start()
        result = self.examine()
        self.assert_reference(result)
        self.assertEqual([], self.found(result, ERROR))
        texts = " | ".join(f["text"] for f in self.found(result, INFO))
        for words in ("nova speaks microversions 2.1 to 2.96", "placement speaks microversions 1.0 to 1.39",
                      "the token has the role admin", "nova is at http://", "Keystone gives a token"):
            self.assertIn(words, texts)

    def test_each_denied_call(self):
        """All of them at once: each is named, with what mends it."""
        cloud = self.start()
        cloud.denied = ("os-aggregates:index", "os-services:list", "servers:detail:get_all_tenants",
                        "os-migrations:index")
        result = self.examine()
        self.assert_error(result, "denied")
        denied = {f["subject"]: f for f in self.found(result, check="policy")}
        self.assertEqual({"os_compute_api:" + p for p in cloud.denied}, set(denied))
        for policy, f in denied.items():
            self.assertIn("\"%s\": \"role:admin\"" % policy, f["command"])
            self.assertEqual(WARN if "migrations" in policy else ERROR, f["severity"])
        self.assertIn("shown as free until", denied["os_compute_api:os-migrations:index"]["text"])

    def test_denied_by_placement(self):
        cloud = self.start()
        cloud.denied = ("placement:allocation_candidates:list",)
        result = self.examine()
        finding, = self.found(result, check="policy")
        self.assertIn("/etc/placement/policy.yaml", finding["command"])
        self.assertEqual(WARN, finding["severity"])
        self.assert_reference(result)

    def test_many_hosts_are_one_finding(self):
        cloud = self.start()
        cloud.denied = ("os-extended-server-attributes",)
        result = self.examine()
        self.assertEqual(1, len([f for f in self.found(result, ERROR) if "os-extended-server" in f["text"]]))

    def test_role(self):
        cloud = self.start()
        cloud.roles = ("member",)
        result = self.examine()
        self.assert_error(result, "denied")
        role, = self.found(result, check="role")
        self.assertEqual("openstack role add --user 'admin' --project 'admin' admin", role["command"])
        self.assertIn("os_compute_api:os-hypervisors:list-detail", [f["subject"] for f in self.found(result, ERROR)])

    def test_names_do_not_become_commands(self):
        cloud = self.start()
        cloud.roles = ("member",)
        cloud.username = "x'; reboot '"
        role, = self.found(self.examine(), check="role")
        self.assertEqual("openstack role add --user 'USER' --project 'admin' admin", role["command"])

    def test_hidden_flavors(self):
        cloud = self.start()
        cloud.roles = ("broker", "service")
        cloud.allowed = ("os-aggregates:index", "os-hypervisors:list-detail", "os-services:list",
                         "servers:detail:get_all_tenants", "os-extended-server-attributes", "os-migrations:index",
                         "servers:allow_all_filters")
        result = self.examine()
        self.assert_error(result, "denied")
        finding, = self.found(result, ERROR)
        self.assertIn("de.NBI large", finding["text"])
        self.assertIn("openstack role add", finding["command"])

    def test_login(self):
        self.start()
        result = self.examine(OS_PASSWORD="no")
        self.assert_error(result, "auth")
        self.assertEqual(["login"], [f["check"] for f in self.found(result, ERROR)])

    def test_regions(self):
        self.start().regions = ("Elsewhere", "Fake")
        result = self.examine(OS_REGION_NAME=None)
        self.assert_error(result, "config")
        finding, = self.found(result, ERROR)
        self.assertEqual("catalog", finding["check"])
        self.assertIn("Elsewhere, Fake", finding["text"])

    def test_no_placement(self):
        self.start().has_placement = False
        finding, = self.found(self.examine(), WARN, "catalog")
        self.assertIn("no 'placement' service", finding["text"])

    def test_placement_is_away(self):
        self.start()
        self.fake.fault(match="GET /placement/", do="status", status=503)
        result = self.examine()
        self.assert_reference(result)
        self.assertEqual(1, len(self.found(result, WARN, "placement")))

    def test_clock(self):
        self.start().keystone.shift_s = -300
        finding, = self.found(self.examine(), WARN, "clock")
        self.assertIn("behind", finding["text"])

    def test_down_cell(self):
        self.start().down_cell = True
        result = self.examine()
        self.assert_error(result, "incomplete")
        self.assertIn("host1", self.found(result, ERROR, "cell")[0]["text"])

    def test_aggregates_that_are_not_mirrored(self):
        self.start().unmirrored = ("host4",)
        finding, = self.found(self.examine(), WARN, "aggregate-mirror")
        self.assertEqual("nova-manage placement sync_aggregates", finding["command"])

    def test_a_full_host_is_no_mirror_that_lacks(self):
        """It has no candidates either, in a query for its tree alone too."""
        self.start().hypervisors[2]["placement_used"] = {"VCPU": 112, "MEMORY_MB": 385534, "DISK_GB": 7392}
        self.assertEqual([], self.found(self.examine(), check="aggregate-mirror"))
        self.assertEqual(1, len(self.fake.requests("VCPU:1&in_tree=00000003")))

    def test_insecure(self):
        self.start()
        self.assertTrue([f for f in self.found(self.examine(OS_INSECURE="true"), WARN, "address")
                         if "certificates are not checked" in f["text"]])

    def test_after_it_a_reading_is_as_ever(self):
        cloud = self.start()
        plugin = self.plugin()
        cloud.denied = ("os-aggregates:index",)
        plugin.step("examine")
        cloud.denied = ()
        self.assert_reference(plugin.read())


if __name__ == "__main__":
    unittest.main()

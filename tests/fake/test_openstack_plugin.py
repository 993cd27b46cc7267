# SPDX-License-Identifier: Apache-2.0
"""What the plugin `openstack` reads of a cloud that works, and with how many requests."""
import unittest

import fakecloud
import pluginrun


class Reading(pluginrun.PluginTest):
    def test_reference(self):
        fake = self.start_cloud()
        result = self.plugin().read()
        self.assert_reference(result)
        host = result["hosts"][0]
        self.assertEqual({"total": 28, "used": 14, "ratio_micro": 4000000}, host["vcpus"])
        self.assertEqual({"total": 385534, "used": 65535, "ratio_micro": 1000000}, host["ram_mib"])
        medium = result["flavors"][0]
        self.assertEqual(("a54ed137-0000-4000-8000-000000000002", 14, 65535, 50, 0, 1024, {"V100": 1}),
                         tuple(medium[k] for k in ("id", "vcpus", "ram_mib", "disk_gib", "ephemeral_gib",
                                                   "swap_mib", "gpus")))
        self.assertEqual(["POST /v3/auth/tokens", "GET /v2.1/"], fake.requests()[:2])

    def test_requests_of_the_second_reading(self):
        """No login, no version document: services, aggregates, 2 + 2 pages, 2 for migrations, one a GPU host."""
        fake = self.start_cloud()
        plugin = self.plugin()
        self.assert_reference(plugin.read())
        fake.server.log.clear()
        self.assert_reference(plugin.read())
        self.assertEqual(10, len(fake.requests()), fake.requests())
        self.assertEqual([], fake.requests("auth/tokens"))
        for _ in range(3):
            self.assert_reference(plugin.read())
        # how many of the four at a time a reading needs depends on how fast the answers are
        self.assertLessEqual(len(fake.server.connections), 4, "connections are not kept")

    def test_aggregates_are_read_anew(self):
        """A host that joins an aggregate, and one that leaves it, show at the next reading; with Placement too."""
        for has_placement in (False, True):
            with self.subTest(has_placement):
                cloud = self.start_cloud().cloud
                cloud.has_placement = has_placement
                plugin = self.plugin()
                self.assert_reference(plugin.read())
                cloud.aggregates[1]["hosts"] = ["host1", "host3"]
                self.assertEqual({"host1": [2, 0], "host3": [2, 1]},
                                 {h["name"]: h["gpus"]["V100"] for h in plugin.read()["hosts"]})
                cloud.aggregates[1]["metadata"]["gpu_count"] = "8"
                self.assertEqual({"host1": [8, 0], "host3": [8, 1]},
                                 {h["name"]: h["gpus"]["V100"] for h in plugin.read()["hosts"]})

    def test_requests_are_counted(self):
        self.start_cloud()
        result = self.plugin().read()
        self.assertEqual(["keystone", 201], result["requests"][0][:2])
        self.assertTrue(all(n > 100 for _, _, n in result["requests"]))
        self.assertEqual(len(self.fake.requests()), len(result["requests"]))

    def test_at_most_four_at_a_time(self):
        fake = self.start_cloud(fakecloud.big(hosts=400, servers=800))
        self.assert_ok(self.plugin().read())
        self.assertLessEqual(fake.server.most_running, 4)
        self.assertGreater(fake.server.most_running, 1)

    def test_servers_of_other_hosts_stay_where_they_are(self):
        fake = self.start_cloud(fakecloud.big(hosts=100, servers=10000))
        result = self.plugin().read()
        self.assert_ok(result)
        self.assertEqual(10, len(result["hosts"]))
        self.assertEqual([[4, 2]] * 10, [h["gpus"]["A100"] for h in result["hosts"]])
        self.assertEqual(10, len(fake.requests("servers/detail")))
        self.assertTrue(all("&host=node-" in r for r in fake.requests("servers/detail")))

    def test_headers(self):
        fake = self.start_cloud()
        self.assert_ok(self.plugin().read())
        for entry in fake.server.log:
            self.assertRegex(entry["headers"]["User-Agent"], r"^gpubroker/\d")
            self.assertIn("gzip", entry["headers"]["Accept-Encoding"])

    def test_without_gzip(self):
        self.start_cloud().cloud.gzip = False
        self.assert_reference(self.plugin().read())

    def test_ipv6_literal(self):
        try:
            self.start_cloud(address="::1")
        except OSError:
            self.skipTest("no IPv6 here")
        self.assert_reference(self.plugin().read())

    def test_host_name_is_encoded(self):
        cloud = fakecloud.reference()
        odd = "gpu host&status=x#ü"
        cloud.aggregates[1]["hosts"].append(odd)
        cloud.hypervisors.append({"name": odd})
        cloud.servers.append({"id": "odd", "flavor": "de.NBI 2 GPU V100 large", "host": odd})
        self.start_cloud(cloud)
        result = self.plugin().read()
        self.assert_ok(result)
        self.assertEqual([2, 2], {h["name"]: h["gpus"]["V100"] for h in result["hosts"]}[odd])

    def test_states_of_hosts(self):
        cloud = fakecloud.reference()
        cloud.hypervisors[1].update(status="disabled", disabled_reason="broken fan")
        cloud.hypervisors[2]["state"] = "down"
        self.start_cloud(cloud)
        hosts = self.plugin().read()["hosts"]
        self.assertEqual([("host3", "disabled"), ("host4", "down")], [(h["name"], h["state"]) for h in hosts])
        self.assertEqual("broken fan", hosts[0]["reason"])


class Paging(pluginrun.PluginTest):
    def test_pages_of_one(self):
        fake = self.start_cloud()
        fake.cloud.max_limit = 1
        fake.cloud.servers.append({"id": "more", "flavor": "de.NBI GPU V100 medium", "host": "host3"})
        result = self.plugin().read()
        self.assert_ok(result)
        self.assertEqual([2, 2], result["hosts"][0]["gpus"]["V100"])
        self.assertEqual(4, len(fake.requests("os-hypervisors")))
        self.assertEqual(5, len(fake.requests("flavors/detail")))
        self.assertEqual(3, len(fake.requests("host=host3")))  # a full last page has a link
        self.assertEqual(1, len(fake.requests("host=host4")))

    def test_orphan_record_makes_a_short_page_without_a_link(self):
        cloud = fakecloud.reference()
        cloud.hypervisors[0]["orphan"] = True
        cloud.max_limit = 2
        self.start_cloud(cloud)
        self.assert_reference(self.plugin().read())

    def test_links_are_not_followed(self):
        """They point to http://internal.invalid: only markers are believed."""
        fake = self.start_cloud()
        fake.cloud.max_limit = 2
        self.assert_reference(self.plugin().read())
        self.assertTrue(fake.requests("marker="))

    def test_lost_marker_starts_again_once(self):
        fake = self.start_cloud()
        fake.cloud.max_limit = 1
        for path in ("os-hypervisors/detail?marker", "flavors/detail?is_public=None&marker"):
            fake.fault(match=path, times=1, skip=1, do="status", status=400,
                       body={"badRequest": {"code": 400, "message": "marker not found"}})
        result = self.plugin().read()
        self.assert_reference(result)
        self.assertEqual(2, fake.requests().count("GET /v2.1/os-hypervisors/detail"))

    def test_lost_marker_among_servers(self):
        """What the pages before it had shown of this host, and of no other, is forgotten."""
        fake = self.start_cloud()
        fake.cloud.max_limit = 1
        for host in ("host3", "host4"):
            fake.cloud.servers.append({"id": "more-" + host, "flavor": "de.NBI GPU V100 medium", "host": host})
        fake.fault(match="host=host3&marker=more", times=1, do="status", status=400, body={})
        result = self.plugin().read()
        self.assert_ok(result)
        self.assertEqual([[2, 2], [2, 1]], [h["gpus"]["V100"] for h in result["hosts"]])

    def test_marker_that_stays_lost(self):
        fake = self.start_cloud()
        fake.fault(match="os-hypervisors/detail?marker", do="status", status=400, body={})
        self.assert_error(self.plugin().read(), "bad-reply", "os-hypervisors", "400")

    def test_the_same_page_for_ever(self):
        fake = self.start_cloud()
        fake.fault(match="os-hypervisors/detail?marker", do="replace",
                   body={"hypervisors": fake.cloud.hypervisor_records()})
        self.assert_error(self.plugin().read(), "bad-reply", "os-hypervisors", "same page")


class Holding(pluginrun.PluginTest):
    def test_soft_deleted_servers_hold(self):
        cloud = fakecloud.reference()
        cloud.servers.append({"id": "gone", "flavor": "de.NBI 2 GPU V100 large", "host": "host4",
                              "status": "SOFT_DELETED", "vm_state": "soft-delete"})
        self.start_cloud(cloud)
        self.assertEqual([2, 2], self.plugin().read()["hosts"][1]["gpus"]["V100"])

    def test_error_with_host_holds_and_offloaded_does_not(self):
        cloud = fakecloud.reference()
        cloud.servers.append({"id": "bad", "flavor": "de.NBI GPU V100 medium", "host": "host4",
                              "status": "ERROR", "vm_state": "error"})
        cloud.servers.append({"id": "shelf", "flavor": "de.NBI GPU V100 medium", "host": None,
                              "status": "SHELVED_OFFLOADED", "vm_state": "shelved_offloaded"})
        self.start_cloud(cloud)
        self.assertEqual([2, 1], self.plugin().read()["hosts"][1]["gpus"]["V100"])

    def test_user_data_goes_nowhere(self):
        cloud = fakecloud.reference()
        cloud.servers[1]["user_data"] = "c2VjcmV0LXBhc3N3b3Jk-user-data"
        self.start_cloud(cloud)
        self.assertNotIn("user-data", str(self.plugin().read()))

    def test_boot_and_delete_show(self):
        fake = self.start_cloud()
        plugin = self.plugin()
        self.assert_reference(plugin.read())
        fake.cloud.servers.append({"id": "new", "flavor": "de.NBI GPU V100 large", "host": "host4"})
        self.assertEqual([2, 1], plugin.read()["hosts"][1]["gpus"]["V100"])
        fake.cloud.servers.pop()
        self.assert_reference(plugin.read())


class Microversions(pluginrun.PluginTest):
    RELEASES = {"pike": 53, "queens": 60, "rocky": 65, "stein": 72, "train": 79, "ussuri": 87,
                "wallaby": 88, "yoga": 90, "2024.1": 96, "2025.1": 100, "2026.1": 103, "master": 104}

    def versions(self):
        out = {}
        for entry in self.fake.server.log:
            header = entry["headers"].get("OpenStack-API-Version", "")
            if header:
                out.setdefault(entry["target"].split("?")[0].split("/")[2], set()).add(
                    int(header[len("compute 2."):]))
        return out

    def test_releases(self):
        for release, newest in self.RELEASES.items():
            with self.subTest(release):
                fake = self.start_cloud()
                fake.cloud.microversions = (1, newest)
                self.assert_reference(self.plugin().read())
                used = {k: max(v) for k, v in self.versions().items()}
                self.assertLess(used["os-hypervisors"], 88)
                self.assertLess(used["flavors"], 102)
                self.assertLess(used["servers"], 73)
                self.assertTrue(all(v <= newest for v in used.values()))
                self.assertEqual(4 if newest < 61 else 0, len(fake.requests("os-extra_specs")))

    def test_too_old(self):
        self.start_cloud().cloud.microversions = (1, 42)
        self.assert_error(self.plugin().read(), "bad-reply", "2.42")

    def test_too_new(self):
        self.start_cloud().cloud.microversions = (90, 200)
        self.assert_error(self.plugin().read(), "bad-reply", "2.90")

    def test_echo_missing(self):
        self.start_cloud().cloud.echo = False
        self.assert_error(self.plugin().read(), "bad-reply", "version ''", "compute 2.")

    def test_echo_differs(self):
        fake = self.start_cloud()
        fake.fault(match="os-hypervisors", do="change", headers={"OpenStack-API-Version": "compute 2.1"})
        self.assert_error(self.plugin().read(), "bad-reply", "os-hypervisors", "compute 2.1'")

    def test_version_document_needs_a_token(self):
        self.start_cloud().cloud.version_needs_token = True
        self.assert_reference(self.plugin().read())

    def test_version_document_is_asked_again_after_an_error(self):
        """An upgrade may have changed it."""
        fake = self.start_cloud()
        plugin = self.plugin()
        self.assert_ok(plugin.read())
        fake.cloud.microversions = (1, 60)
        self.assert_error(plugin.read(), "bad-reply", "406")
        self.assert_reference(plugin.read())


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""Whose servers are asked for: those on GPU hosts whose GPUs Placement's devices do not tell, and no others."""
import json
import os
import unittest

import pluginrun
from test_openstack_migrations import LARGE, migration, moved
from test_openstack_placement import GPU, cloud_with_devices

HOLDER = "00000000-0000-4000-8000-00000000000b"  # of a GPU, on host3


class Servers(pluginrun.PluginTest):
    def start(self, without=(), **more):
        """Each GPU host reports its devices, but for some."""
        cloud = cloud_with_devices()
        for h in cloud.hypervisors:
            if h["host"] in without:
                h.pop("devices")
        for name, value in more.items():
            setattr(cloud, name, value)
        return self.start_cloud(cloud)

    def gpus(self, result):
        self.assert_ok(result)
        return {h["name"]: h["gpus"]["V100"] for h in result["hosts"]}

    def read_again(self, plugin):
        """What it gives, and what it asked for."""
        self.fake.server.log.clear()
        result = plugin.read()
        return self.gpus(result), self.fake.requests()

    def asked_hosts(self, requests):
        return sorted(r.split("host=")[1].split("&")[0] for r in requests if "servers/detail" in r)

    def test_all_that_a_steady_reading_asks_for(self):
        self.start()
        plugin = self.plugin()
        self.assertEqual({"host3": [2, 1], "host4": [2, 0]}, self.gpus(plugin.read()))
        self.assertEqual(12, len(self.fake.requests()), "login, two version documents, and two inventories besides")
        last = "00000003-0000-4000-8000-000000000000"
        gpus, requests = self.read_again(plugin)
        self.assertEqual({"host3": [2, 1], "host4": [2, 0]}, gpus)
        self.assertEqual([
            "GET /placement/allocation_candidates?resources=VCPU:1&member_of=in%3A00000002-0000-4000-a000-000000000000",
            "GET /v2.1/flavors/detail?is_public=None",
            "GET /v2.1/flavors/detail?is_public=None&marker=c54ed137-0000-4000-8000-000000000004",
            "GET /v2.1/os-aggregates",
            "GET /v2.1/os-hypervisors/detail",
            "GET /v2.1/os-hypervisors/detail?marker=" + last,
            "GET /v2.1/os-services?binary=nova-compute"], sorted(requests))

    def test_a_host_without_devices_among_them(self):
        """It alone is asked for its servers, and they count."""
        self.start(without=("host4",))
        self.fake.cloud.servers.append({"id": "s", "flavor": LARGE, "host": "host4"})
        plugin = self.plugin()
        for _ in range(2):
            gpus, requests = self.read_again(plugin)
            self.assertEqual({"host3": [2, 1], "host4": [2, 1]}, gpus)
            self.assertEqual(["host4"], self.asked_hosts(requests))
        self.assertEqual(10, len(requests), "and os-migrations twice")

    def test_a_device_that_placement_does_not_tell(self):
        """Then all of the host is counted by servers."""
        self.start()
        self.fake.cloud.hypervisors[2]["devices"][0]["total"] = 2
        self.fake.cloud.servers.append({"id": "s", "flavor": LARGE, "host": "host4"})
        self.fake.fault(match="4000-9000-000000000000/inventories", do="status", status=404, body={"errors": []})
        gpus, requests = self.read_again(self.plugin())
        self.assertEqual({"host3": [2, 1], "host4": [2, 1]}, gpus)
        self.assertEqual(["host4"], self.asked_hosts(requests))

    def test_a_type_that_no_class_is_known_to_be(self):
        self.start()
        self.fake.cloud.aggregates.append({"name": "more", "hosts": ["host4"],
                                           "metadata": {"gpu": "true", "gpu_count": "1", "gpu_type": "A100"}})
        result = self.plugin().read()
        self.assertEqual({"host3": [2, 1], "host4": [2, 0]}, self.gpus(result))
        self.assertEqual(["host4"], self.asked_hosts(self.fake.requests()))

    def test_hosts_begin_and_cease_to_report(self):
        cloud = self.start(without=("host4",)).cloud
        plugin = self.plugin()
        self.assertEqual(["host4"], self.asked_hosts(self.read_again(plugin)[1]))
        cloud.hypervisors[2]["devices"] = [{"class": GPU}, {"class": GPU, "used": 1}]
        gpus, requests = self.read_again(plugin)
        self.assertEqual({"host3": [2, 1], "host4": [2, 1]}, gpus)
        self.assertEqual([], [r for r in requests if "servers" in r or "migrations" in r])
        del cloud.hypervisors[1]["devices"]
        gpus, requests = self.read_again(plugin)
        self.assertEqual({"host3": [2, 1], "host4": [2, 1]}, gpus)
        self.assertEqual(["host3"], self.asked_hosts(requests))

    def test_no_devices_at_all(self):
        """Placement's amounts, and GPUs by servers as ever."""
        self.start(without=("host3", "host4"))
        result = self.plugin().read()
        self.assert_reference(result)
        self.assertEqual("placement", result["model"])
        self.assertEqual(["host3", "host4"], self.asked_hosts(self.fake.requests()))

    def test_what_moves_between_hosts_with_devices(self):
        self.start(migrations=[migration(1, "s", "host3", "host4")])
        self.fake.cloud.servers.append(moved("s", "host4"))
        _, requests = self.read_again(self.plugin())
        self.assertEqual([], [r for r in requests if "servers" in r or "migrations" in r])

    def test_what_moves_away_from_a_host_without_devices(self):
        """It holds there until it is confirmed; the host that it is on now is not asked for servers."""
        for status, held in (("finished", 1), ("confirmed", 0)):
            with self.subTest(status):
                self.start(without=("host4",), migrations=[migration(1, "s", "host4", "host3", status)])
                self.fake.cloud.servers.append(moved("s", "host3"))
                gpus, requests = self.read_again(self.plugin())
                self.assertEqual({"host3": [2, 1], "host4": [2, held]}, gpus)
                self.assertEqual(held, len([r for r in requests if r.endswith("/servers/s")]))
                self.assertEqual(["host4"], self.asked_hosts(requests))

    def test_other_migrations_cost_nothing(self):
        """One host is counted by servers; what moves elsewhere is asked for by nobody."""
        self.start(without=("host4",), migrations=[
            migration(1, "s", "host3", "host1", old_instance_type_id=7, new_instance_type_id=3)])
        self.fake.cloud.servers.append(moved("s", "host1"))
        gpus, requests = self.read_again(self.plugin())
        self.assertEqual({"host3": [2, 1], "host4": [2, 0]}, gpus)
        self.assertEqual([], [r for r in requests if "servers/s" in r or "allocations/" in r])

    def test_doctor_compares(self):
        """It reads all there is, and finds what only both sides together show."""
        self.start()
        plugin = self.plugin()
        result = plugin.step("examine")
        self.assertEqual([], [f for f in result["findings"] if f["check"] == "drift"])
        self.assertEqual(["host3", "host4"], self.asked_hosts(self.fake.requests()))
        self.fake.cloud.servers.append({"id": "s", "flavor": LARGE, "host": "host4"})
        drift, = [f for f in plugin.step("examine")["findings"] if f["check"] == "drift"]
        self.assertEqual("host4", drift["subject"])
        self.assertEqual([], self.asked_hosts(self.read_again(plugin)[1]))

    def test_a_recording_has_all(self):
        """Who replays it may count by servers."""
        self.start()
        sizes = dict(self.plugin().step("record")["records"])
        self.assertEqual(["host3", "host4"], self.asked_hosts(self.fake.requests()))
        self.assertGreater(sizes["servers.json"], 100)

    def test_placement_is_given_up_in_the_middle(self):
        """Then every GPU host is asked, in the same reading."""
        self.start()
        self.fake.fault(match="inventories", do="status", status=503)
        self.fake.fault(match="allocation_candidates", do="status", status=503)
        result = self.plugin().read()
        self.assert_reference(result)
        self.assertEqual("nova", result["model"])
        self.assertEqual(["host3", "host4"], self.asked_hosts(self.fake.requests()))
        self.assertEqual(2, len(self.fake.requests("os-migrations")))

    def test_a_down_cell_is_seen_without_lists(self):
        self.start()
        plugin = self.plugin()
        self.assert_ok(plugin.read())
        self.fake.cloud.down_cell = True
        self.assert_error(plugin.read(), "incomplete", "cell", "'host1'")
        self.fake.cloud.down_cell = False
        path = os.path.join(pluginrun.ROOT, "tests/data/kit/downcell-services-2.79.json")
        with open(path, encoding="utf-8") as f:
            self.fake.fault(match="os-services", do="replace", body=json.load(f))
        self.assert_error(plugin.read(), "incomplete", "cell", "bi-v100-01")

    def test_an_older_cloud_whose_cell_is_down(self):
        self.start(microversions=(1, 65))
        plugin = self.plugin()
        self.assert_ok(plugin.read())
        self.fake.cloud.down_cell = True
        self.assert_error(plugin.read(), "unavailable", "os-hypervisors")

    def test_a_server_that_cannot_be_read_on_a_host_that_needs_it(self):
        self.start(without=("host4",))
        plugin = self.plugin()
        self.fake.fault(match="host=host4", do="replace", body={"servers": [
            {"id": "s", "status": "UNKNOWN", "tenant_id": "t", "created": "x", "links": []}]})
        self.assert_error(plugin.read(), "incomplete", "cell")
        self.fake.server.faults[:] = [{"match": "host=host4", "do": "status", "status": 503}]
        self.assert_error(plugin.read(), "unavailable", "servers/detail")

    def test_a_role_that_may_not_list_servers_needs_not(self):
        """Least privilege: what is not asked for cannot be denied."""
        cloud = self.start().cloud
        cloud.denied = ("servers:detail:get_all_tenants", "os-migrations:index")
        plugin = self.plugin()
        result = plugin.read()
        self.assertEqual({"host3": [2, 1], "host4": [2, 0]}, self.gpus(result))
        self.assertEqual([], result["log"])
        del cloud.hypervisors[2]["devices"]
        self.assert_error(plugin.read(), "denied", "servers:detail:get_all_tenants")


if __name__ == "__main__":
    unittest.main()

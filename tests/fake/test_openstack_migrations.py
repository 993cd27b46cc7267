# SPDX-License-Identifier: Apache-2.0
"""Who else holds a GPU: servers that are being resized or moved, and what is asked to know it."""
import datetime
import re
import unittest

import fakecloud
import pluginrun

LARGE = "de.NBI GPU V100 large"


def stamp(hours_ago=0):
    moment = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=hours_ago)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000000")


def migration(number, server, source, dest, status="finished", hours_ago=0, **more):
    return {"uuid": "m%d" % number, "instance_uuid": server, "source_compute": source, "dest_compute": dest,
            "status": status, "updated_at": stamp(hours_ago), **more}


def moved(server_id, host, **more):
    return {"id": server_id, "flavor": LARGE, "host": host, "status": "VERIFY_RESIZE", "vm_state": "resized", **more}


class Migrations(pluginrun.PluginTest):
    def gpus(self, result):
        self.assert_ok(result)
        return {h["name"]: h["gpus"]["V100"] for h in result["hosts"]}

    def start(self, *servers, migrations=()):
        cloud = fakecloud.reference()
        cloud.servers += servers
        cloud.migrations = list(migrations)
        return self.start_cloud(cloud)

    def test_verify_resize_holds_on_both_hosts(self):
        self.start(moved("s", "host4"), migrations=[migration(1, "s", "host3", "host4")])
        self.assertEqual({"host3": [2, 2], "host4": [2, 1]}, self.gpus(self.plugin().read()))
        self.assertEqual([], self.fake.requests("GET /v2.1/servers/s"))

    def test_weeks_old(self):
        self.start(moved("s", "host4"), migrations=[migration(1, "s", "host3", "host4", hours_ago=1000)])
        self.assertEqual({"host3": [2, 2], "host4": [2, 1]}, self.gpus(self.plugin().read()))

    def test_away_from_gpu_hosts(self):
        """The server is in no GPU host's list; it is asked for by name."""
        self.start(moved("s", "host1"), migrations=[migration(1, "s", "host3", "host1")])
        self.assertEqual({"host3": [2, 2], "host4": [2, 0]}, self.gpus(self.plugin().read()))
        self.assertEqual(1, len(self.fake.requests("GET /v2.1/servers/s")))

    def test_migrations_of_other_hosts_cost_nothing(self):
        self.start(moved("s", "host1"), migrations=[migration(1, "s", "host9", "host1")])
        self.assert_reference(self.plugin().read())
        self.assertEqual([], self.fake.requests("GET /v2.1/servers/s"))

    def test_server_that_is_gone(self):
        """A record that nobody closed."""
        self.start(migrations=[migration(1, "gone", "host4", "host1")])
        self.assert_reference(self.plugin().read())
        self.assertEqual(1, len(self.fake.requests("GET /v2.1/servers/gone")))

    def test_in_progress(self):
        for status, task in (("migrating", "resize_migrating"), ("post-migrating", "resize_finish"),
                             ("pre-migrating", "resize_prep")):
            with self.subTest(status):
                self.start({"id": "s", "flavor": LARGE, "host": "host3", "status": "RESIZE", "task_state": task},
                           migrations=[migration(1, "s", "host3", "host4", status)])
                self.assertEqual({"host3": [2, 2], "host4": [2, 1]}, self.gpus(self.plugin().read()))

    def test_confirmed_or_reverted(self):
        for status in ("confirmed", "reverted", "completed", "cancelled", "failed", "done"):
            with self.subTest(status):
                self.start(migrations=[migration(1, "00000000-0000-4000-8000-00000000000b", "host4", "host3", status)])
                self.assert_reference(self.plugin().read())

    def test_window(self):
        """An hour back, or as far as what is under way; two days at first."""
        fake = self.start({"id": "s", "flavor": LARGE, "host": "host3", "status": "RESIZE",
                           "task_state": "resize_migrating"},
                          migrations=[migration(1, "s", "host3", "host4", "migrating", hours_ago=30)])
        plugin = self.plugin()
        for hours in (48, 30.02, 30.02):
            self.assertEqual([2, 1], self.gpus(plugin.read())["host4"])
            self.assertAlmostEqual(hours, self.hours_back(), delta=0.1)
        fake.cloud.migrations[0].update(status="finished", updated_at=stamp())
        fake.cloud.servers[-1].update(moved("s", "host4"))
        for hours in (30.02, 1):
            self.assertEqual({"host3": [2, 2], "host4": [2, 1]}, self.gpus(plugin.read()))
            self.assertAlmostEqual(hours, self.hours_back(), delta=0.1)

    def hours_back(self):
        line = self.fake.requests("changes-since")[-1]
        text = re.search(r"since=([^&]*)Z", line).group(1).replace("%3A", ":")
        then = datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.timezone.utc)
        now = datetime.datetime.now(datetime.timezone.utc)
        return (now - then).total_seconds() / 3600

    def test_clock_of_the_cloud(self):
        """The window begins by the cloud's clock, which the login showed."""
        fake = self.start()
        fake.cloud.keystone.shift_s = -10 * 3600
        self.assert_reference(self.plugin().read())
        self.assertAlmostEqual(58, self.hours_back(), delta=0.1)

    def test_pages(self):
        fake = self.start(*[moved("s%d" % i, "host4") for i in range(5)],
                          migrations=[migration(i, "s%d" % i, "host3", "host4") for i in range(5)])
        fake.cloud.max_limit = 2
        self.assertEqual([2, 6], self.gpus(self.plugin().read())["host3"])
        self.assertEqual(3, len(fake.requests("status=finished")))
        self.assertEqual(3, len(fake.requests("changes-since")))

    def test_not_allowed(self):
        fake = self.start(moved("s", "host1"), migrations=[migration(1, "s", "host3", "host1")])
        fake.cloud.denied = ("os-migrations:index",)
        fake.cloud.has_placement = True
        plugin = self.plugin()
        result = plugin.read()
        self.assert_ok(result)
        self.assertEqual({"host3": [2, 1], "host4": [2, 0]}, self.gpus(result))
        lines = [line for line in result["log"] if "os_compute_api:os-migrations:index" in line]
        self.assertEqual(1, len(lines), result["log"])
        self.assertEqual([], plugin.read()["log"])

    def test_old_clouds(self):
        self.start(moved("s", "host1"), migrations=[migration(1, "s", "host3", "host1")]).cloud.microversions = (1, 58)
        self.assertEqual({"host3": [2, 1], "host4": [2, 0]}, self.gpus(self.plugin().read()))
        self.assertEqual([], self.fake.requests("os-migrations"))

    def test_other_flavor(self):
        """Which flavor the source holds is known to Placement alone, under the migration's id."""
        fake = self.start(moved("s", "host4"), migrations=[
            migration(1, "s", "host3", "host4", old_instance_type_id=7, new_instance_type_id=3)])
        fake.cloud.has_placement = True
        fake.cloud.allocations["m1"] = {"00000002-0000-4000-8000-000000000000": {
            "resources": {"VCPU": 28, "MEMORY_MB": 262144, "DISK_GB": 50}, "generation": 1}}
        result = self.plugin().read()
        self.assert_ok(result)
        self.assertEqual(1, len(fake.requests("GET /placement/allocations/m1")))
        self.assertEqual(3, self.gpus(result)["host3"][1], "the two of the old flavor, and the one that was there")


if __name__ == "__main__":
    unittest.main()

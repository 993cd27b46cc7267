# SPDX-License-Identifier: Apache-2.0
"""A region that is an OpenStack: the predecessor's numbers, and what happens when it fails."""
import signal
import unittest

import fake_region
import nova_bodies
from broker import Scenario, until
from load import Load


class OpenstackRegion(Scenario):
    def setUp(self):
        super().setUp()
        self.fake = fake_region.start(self)
        self.here_region = fake_region.configured(self, "fake", self.fake)
        self.here = self.ready_broker(self.here_region, self.replayed("other", nova_bodies.small()))


    def test_the_predecessors_answers(self):
        answer = self.here.get("/gpus/flavors?region=fake")
        self.assertEqual(self.here.counts("/gpus/flavors?region=fake"), nova_bodies.REFERENCE_COUNTS)
        self.assertEqual(len(answer.body), 564)
        self.assertEqual(len(self.here.get("/gpus/flavors/" + fake_region.MEDIUM).body), 207)

    def test_what_changes_there_changes_here(self):
        cloud = self.fake.cloud
        cloud.servers.append({"id": "new", "flavor": "de.NBI GPU V100 medium", "host": "host4"})
        until(lambda: self.here.counts()[2] == ("de.NBI GPU V100 medium", 2, 4), "a booted server shows")
        cloud.servers.pop()
        until(lambda: self.here.counts()[2] == ("de.NBI GPU V100 medium", 3, 4), "a deleted one too")
        cloud.hypervisors[2]["status"] = "disabled"
        until(lambda: self.here.counts()[2] == ("de.NBI GPU V100 medium", 1, 2), "a disabled host shows")

    def test_requests_here_cause_none_there(self):
        """However many ask: the cloud is read at its intervals."""
        before, times = len(self.fake.requests("os-aggregates")), set()
        for _ in range(300):
            times.add(self.here.region("fake")["observed_at"])
            self.here.get("/gpus/flavors")
        self.assertLessEqual(len(self.fake.requests("os-aggregates")) - before, len(times) + 1)

    def failing(self, code, **fault):
        self.fake.fault(**fault)
        self.here.until_state("fake", "stale")
        self.assertEqual(self.here.region("fake")["error"]["code"], code)
        self.assertEqual(self.here.counts()[:3], nova_bodies.REFERENCE_COUNTS)
        self.assertEqual(self.here.state("other"), "ok")
        self.fake.server.faults.clear()
        self.here.send(signal.SIGUSR1)
        self.here.until_state("fake", "ok", 60)

    def test_nova_refuses(self):
        self.failing("unavailable", match="os-hypervisors", do="status", status=503)

    def test_nova_denies(self):
        self.failing("denied", match="os-hypervisors", do="status", status=403)

    def test_the_cloud_is_gone_and_comes_back(self):
        with Load(self.here) as load:
            port = self.fake.server.server_port
            self.fake.stop()
            self.here.until_state("fake", "stale")
            self.assertEqual(self.here.region("fake")["error"]["code"], "network")
            back = fake_region.fakecloud.running(fake_region.reference(), port=port)
            again = back.__enter__()
            self.addCleanup(back.__exit__, None, None, None)
            self.here.send(signal.SIGUSR1)
            until(lambda: self.here.state("fake") == "ok", "it is read again", 60)
            self.assertTrue(again.requests("auth/tokens"))
            load.wait_more(20)
        load.check(self, none_repeated=True)

    def test_a_wrong_password_is_tried_rarely(self):
        self.fake.cloud.password = "another"
        self.fake.cloud.control({"revoke": True})
        self.here.until_state("fake", "stale")
        self.assertEqual(self.here.region("fake")["error"]["code"], "auth")
        logins = len(self.fake.requests("auth/tokens"))
        for _ in range(3):
            seen = self.here.region("other")["observed_at"]
            until(lambda: self.here.region("other")["observed_at"] > seen, "the other region goes on")
        self.assertEqual(len(self.fake.requests("auth/tokens")), logins)

    def change_password_there(self):
        self.fake.cloud.password = "another"
        self.fake.cloud.control({"revoke": True})
        self.here.until_state("fake", "stale")
        with open(self.here_region["options"]["password_file"], "w", encoding="utf-8") as file:
            file.write("another\n")

    def test_a_new_password_is_taken_by_a_reload(self):
        self.change_password_there()
        mark = self.here.log_mark()
        self.here.send(signal.SIGHUP)
        self.here.until_state("fake", "ok")
        self.here.log_wait("region is back region=fake after_failures=1", mark)

    def test_a_new_password_is_taken_by_the_next_try(self):
        self.change_password_there()
        self.here.send(signal.SIGUSR1)
        self.here.until_state("fake", "ok")


if __name__ == "__main__":
    unittest.main()

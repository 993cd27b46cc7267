# SPDX-License-Identifier: Apache-2.0
"""Clouds that fail: what the plugin says, how long it waits, and that the next reading is right again."""
import socket
import subprocess
import os
import tempfile
import time
import unittest

import fakecloud
import pluginrun

STAGES = ("POST /v3/auth/tokens", "GET /v2.1/", "os-services", "os-aggregates", "os-hypervisors", "flavors/detail",
          "servers/detail", "os-hypervisors/detail?marker")


class Transport(pluginrun.PluginTest):
    def test_stall_at_each_stage(self):
        for stage in STAGES:
            for after in ("nothing", "headers", "half"):
                with self.subTest(stage=stage, after=after):
                    fake = self.start_cloud()
                    fake.fault(match=stage, times=1, do="stall", after=after)
                    plugin = self.plugin("--limit", "total_ms=300")
                    self.assert_error(plugin.read(), "timeout", "did not answer in time")
                    fake.server.faults.clear()
                    self.assert_reference(plugin.read())

    def test_cut_at_each_stage(self):
        for stage in STAGES:
            for after in ("headers", "half"):
                with self.subTest(stage=stage, after=after):
                    fake = self.start_cloud()
                    fake.fault(match=stage, do="cut", after=after)
                    plugin = self.plugin()
                    self.assertIn(plugin.read()["code"], ("network", "bad-reply"))
                    fake.server.faults.clear()
                    self.assert_reference(plugin.read())

    def test_closed_without_an_answer(self):
        fake = self.start_cloud()
        fake.fault(match="os-aggregates", do="cut", after="nothing")
        self.assert_error(self.plugin().read(), "network", "os-aggregates")

    def test_slow_drip(self):
        fake = self.start_cloud()
        fake.cloud.gzip = False
        fake.fault(match="os-hypervisors", do="drip", every_s=0.05)
        self.assert_error(self.plugin("--limit", "total_ms=400").read(), "timeout", "os-hypervisors")

    def test_not_http(self):
        fake = self.start_cloud()
        fake.fault(match="os-aggregates", do="garbage")
        self.assertIn(self.plugin().read()["code"], ("network", "bad-reply"))

    def test_nobody_listens(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        self.start_cloud()
        self.assert_error(self.plugin(OS_AUTH_URL="http://127.0.0.1:%d/v3" % port).read(), "network", "connect")

    def test_unknown_name(self):
        self.start_cloud()
        self.assert_error(self.plugin(OS_AUTH_URL="http://no-such-host.invalid:5000/v3").read(), "network",
                          "no-such-host.invalid")

    def test_restarted_cloud(self):
        """Kept connections that died between readings are made anew."""
        cloud = fakecloud.reference()
        fake = self.start_cloud(cloud)
        plugin = self.plugin()
        self.assert_reference(plugin.read())
        port = fake.server.server_port
        for connection in list(fake.server.sockets):
            connection.shutdown(socket.SHUT_RDWR)
        fake.stop()
        self.assert_error(plugin.read(), "network")
        again = fakecloud.Running(cloud, port=port)
        again.thread.start()
        self.addCleanup(again.stop)
        self.assert_reference(plugin.read())

    def test_too_much(self):
        self.start_cloud(fakecloud.big(hosts=10, servers=1000))
        self.assert_error(self.plugin("--limit", "reply_bytes=20000").read(), "limit", "answered more than")

    def test_proxy(self):
        """As curl reads it: http_proxy names it, no_proxy leaves out."""
        fake = self.start_cloud()
        dead = {"http_proxy": "http://127.0.0.1:9"}
        self.assert_error(self.plugin(**dead).read(), "network")
        self.assert_reference(self.plugin(**dead, no_proxy="127.0.0.1").read())
        self.assertTrue(fake.requests())


class Answers(pluginrun.PluginTest):
    def test_codes(self):
        for status, code in ((400, "bad-reply"), (403, "denied"), (404, "bad-reply"), (406, "bad-reply"),
                             (413, "bad-reply"), (429, "unavailable"), (500, "unavailable"),
                             (502, "unavailable"), (503, "unavailable"), (504, "unavailable"), (204, "bad-reply")):
            for path in ("os-aggregates", "servers/detail"):
                with self.subTest(status=status, path=path):
                    fake = self.start_cloud()
                    fake.fault(match=path, do="status", status=status, body="<html>oops gAAAA</html>",
                               headers={"X-Openstack-Request-Id": "req-1"})
                    self.assert_error(self.plugin().read(), code, path)

    def test_keystone_codes(self):
        for status, code in ((400, "auth"), (403, "auth"), (404, "config"), (429, "unavailable"),
                             (500, "unavailable"), (503, "unavailable"), (200, "bad-reply")):
            with self.subTest(status):
                fake = self.start_cloud()
                fake.fault(match="auth/tokens", do="status", status=status, body="<html>")
                self.assert_error(self.plugin().read(), code, "keystone")
                self.assertEqual(1, len(fake.requests()))

    def test_redirects(self):
        """No token and no password goes where a redirect points."""
        for status in (300, 301, 302, 307, 308):
            for path in ("auth/tokens", "GET /v2.1/", "os-aggregates", "servers/detail"):
                with self.subTest(status=status, path=path):
                    fake = self.start_cloud()
                    fake.fault(match=path, do="status", status=status,
                               headers={"Location": fake.url + "/v2.1/elsewhere"})
                    self.assert_error(self.plugin().read(), "bad-reply", str(status), "/v2.1/elsewhere")
                    self.assertEqual([], fake.requests("elsewhere"))

    def test_wrong_bodies(self):
        bodies = ("", "<html>login</html>", "[]", "null", "{}", "17", '{"hypervisors": {}}', "{\"a\":", "\x00",
                  '{"hypervisors": [{"id": 1}]}', '{"hypervisors": [7]}', "[" * 100000)
        for body in bodies:
            with self.subTest(body[:30]):
                fake = self.start_cloud()
                fake.fault(match="os-hypervisors", do="replace", body=body)
                self.assert_error(self.plugin().read(), "bad-reply", "os-hypervisors")

    def test_wrong_logins(self):
        for body in ("", "{}", '{"token": {}}', '{"token": {"expires_at": 7}}', '{"token": {"expires_at": "soon"}}',
                     '{"token": {"expires_at": "2026-11-22T16:39:13.000000Z", "catalog": {}}}'):
            with self.subTest(body):
                fake = self.start_cloud()
                fake.fault(match="auth/tokens", do="replace", body=body)
                self.assert_error(self.plugin().read(), "bad-reply", "keystone")

    def test_login_without_token(self):
        for token in (None, "", "  "):
            with self.subTest(token):
                fake = self.start_cloud()
                fake.fault(match="auth/tokens", do="change", headers={"X-Subject-Token": token})
                self.assert_error(self.plugin().read(), "bad-reply", "without a token")

    def test_wrong_version_documents(self):
        for body in ("", "{}", '{"version": {"version": "", "min_version": ""}}', '{"versions": []}'):
            with self.subTest(body):
                fake = self.start_cloud()
                fake.fault(match="GET /v2.1/", times=1, do="replace", body=body)
                self.assert_error(self.plugin().read(), "bad-reply", "version")


class RetryAfter(pluginrun.PluginTest):
    def test_short_is_waited_for(self):
        for status in (429, 503):
            for path in ("auth/tokens", "GET /v2.1/", "os-hypervisors", "servers/detail"):
                with self.subTest(status=status, path=path):
                    fake = self.start_cloud()
                    fake.fault(match=path, times=1, do="status", status=status, headers={"Retry-After": "0"})
                    self.assert_reference(self.plugin().read())

    def test_only_once(self):
        fake = self.start_cloud()
        fake.fault(match="os-aggregates", do="status", status=503, headers={"Retry-After": "0"})
        self.assert_error(self.plugin().read(), "unavailable", "503")
        self.assertEqual(2, len(fake.requests("os-aggregates")))

    def test_a_second_is_a_second(self):
        fake = self.start_cloud()
        fake.fault(match="os-aggregates", times=1, do="status", status=503, headers={"Retry-After": "1"})
        began = time.monotonic()
        self.assert_reference(self.plugin().read())
        self.assertGreaterEqual(time.monotonic() - began, 1)

    def test_many_waits_do_not_add_up(self):
        """A cloud that asks for a second before each page: the reading ends before the daemon ends the process."""
        fake = self.start_cloud()
        fake.cloud.max_limit = 1
        for page in ("detail", "detail?marker=00000001", "detail?marker=00000002", "detail?marker=00000003"):
            fake.fault(match="os-hypervisors/" + page, times=1, do="status", status=429,
                       headers={"Retry-After": "1"})
        plugin = self.plugin("--limit", "total_ms=2500")
        self.assert_error(plugin.read(), "unavailable", "os-hypervisors", "429")
        self.assert_reference(plugin.read())

    def test_long_is_reported(self):
        fake = self.start_cloud()
        fake.fault(match="os-aggregates", do="status", status=429, headers={"Retry-After": "3600"})
        self.assert_error(self.plugin().read(), "unavailable", "3600 s")

    def test_date(self):
        fake = self.start_cloud()
        fake.fault(match="os-aggregates", times=1, do="status", status=503,
                   headers={"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"})
        self.assert_reference(self.plugin().read())

    def test_none_is_reported_at_once(self):
        fake = self.start_cloud()
        fake.fault(match="os-aggregates", times=1, do="status", status=503)
        self.assert_error(self.plugin().read(), "unavailable")
        self.assertEqual(1, len(fake.requests("os-aggregates")))


class Cells(pluginrun.PluginTest):
    def test_down_cell(self):
        self.start_cloud().cloud.down_cell = True
        self.assert_error(self.plugin().read(), "incomplete", "cell", "'host1'")

    def test_what_a_real_nova_said_of_a_down_cell(self):
        fake = self.start_cloud()
        path = os.path.join(pluginrun.ROOT, "tests/data/kit/downcell-services-2.79.json")
        with open(path, encoding="utf-8") as f:
            fake.fault(match="os-services", do="replace", body=f.read())
        fake.fault(match="os-hypervisors", do="status", status=500, body={"computeFault": {"code": 500, "message": "x"}})
        self.assert_error(self.plugin().read(), "incomplete", "cell", "bi-v100-01")

    def test_services_have_their_say_last(self):
        """Hypervisors fail long before os-services answers; its reason is the one that is given."""
        fake = self.start_cloud()
        fake.cloud.down_cell = True
        fake.fault(match="os-services", times=1, do="status", status=503, headers={"Retry-After": "1"})
        self.assert_error(self.plugin().read(), "incomplete", "cell")

    def test_nova_fails_with_all_cells_up(self):
        fake = self.start_cloud()
        fake.fault(match="os-hypervisors", do="status", status=500)
        self.assert_error(self.plugin().read(), "unavailable", "os-hypervisors", "500")

    def test_hypervisors_hang_while_a_cell_is_down(self):
        fake = self.start_cloud()
        fake.cloud.down_cell = True
        fake.fault(match="os-hypervisors", do="stall", after="nothing")
        self.assert_error(self.plugin().read(), "incomplete", "cell")

    def test_stub_among_servers(self):
        fake = self.start_cloud()
        fake.fault(match="host=host3", do="replace",
                   body={"servers": [{"id": "s", "status": "UNKNOWN", "tenant_id": "t", "created": "x",
                                      "links": []}]})
        self.assert_error(self.plugin().read(), "incomplete", "cell")

    def test_old_cloud_cannot_say(self):
        """Before 2.69 os-services leaves a cell out; hypervisors fail all the same."""
        fake = self.start_cloud()
        fake.cloud.microversions = (1, 65)
        fake.cloud.down_cell = True
        self.assert_error(self.plugin().read(), "unavailable", "os-hypervisors")

    def test_recovery(self):
        fake = self.start_cloud()
        plugin = self.plugin()
        fake.cloud.down_cell = True
        self.assert_error(plugin.read(), "incomplete")
        fake.cloud.down_cell = False
        self.assert_reference(plugin.read())


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""Logging in: ways, addresses, catalogs, tokens that end."""
import os
import tempfile
import unittest

import fakecloud
import pluginrun


class Ways(pluginrun.PluginTest):
    def secret(self, text):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = os.path.join(folder.name, "secret")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text + "\n")
        return path

    def last(self):
        return self.fake.cloud.keystone.logins[-1]

    def test_options(self):
        fake = self.start_cloud()
        plugin = self.configured("auth_url=" + fake.url, "username=admin", "project_name=admin",
                                 "password_file=" + self.secret(fake.cloud.password), "region_name=Fake")
        self.assert_reference(plugin.read())
        self.assertEqual({"name": "admin", "domain": {"id": "default"}}, self.last()["scope"]["project"])

    def test_ids(self):
        fake = self.start_cloud()
        plugin = self.configured("auth_url=" + fake.url, "user_id=" + fake.cloud.user_id,
                                 "project_id=" + fake.cloud.project_id,
                                 "password_file=" + self.secret(fake.cloud.password))
        self.assert_reference(plugin.read())
        self.assertEqual({"id": fake.cloud.user_id, "password": fake.cloud.password},
                         self.last()["identity"]["password"]["user"])

    def test_environment_is_not_read_for_a_configured_region(self):
        fake = self.start_cloud()
        plugin = self.run_tool(["auth_url=" + fake.url, "username=admin", "project_name=admin"],
                               {"OS_PASSWORD": fake.cloud.password})
        self.assert_error(plugin.read(), "config", "password")

    def test_application_credential(self):
        fake = self.start_cloud()
        secret = self.secret(fake.cloud.credential_secret)
        for arguments in (["application_credential_id=c0ffee"],
                          ["application_credential_name=broker", "username=admin"],
                          ["application_credential_name=broker", "user_id=" + fake.cloud.user_id]):
            with self.subTest(arguments):
                plugin = self.configured("auth_url=" + fake.url, *arguments,
                                         "application_credential_secret_file=" + secret)
                self.assert_reference(plugin.read())
                self.assertNotIn("scope", self.last())

    def test_token(self):
        fake = self.start_cloud()
        fake.cloud.keystone.tokens["given"] = {"expires": 2e10}
        plugin = self.configured("auth_url=" + fake.url, "token_file=" + self.secret("given"),
                                 "project_name=admin")
        self.assert_reference(plugin.read())

    def test_environment_variants(self):
        fake = self.start_cloud()
        fake.cloud.keystone.tokens["given"] = {"expires": 2e10}
        credential = {"OS_APPLICATION_CREDENTIAL_SECRET": fake.cloud.credential_secret}
        variants = [
            {"OS_PROJECT_NAME": None, "OS_TENANT_NAME": "admin"},
            {"OS_PROJECT_NAME": "", "OS_PROJECT_ID": fake.cloud.project_id},
            {"OS_USER_DOMAIN_NAME": None, "OS_PROJECT_DOMAIN_NAME": None, "OS_DOMAIN_NAME": "Default"},
            {"OS_USER_DOMAIN_NAME": None, "OS_PROJECT_DOMAIN_NAME": None},
            {"OS_USER_DOMAIN_NAME": None, "OS_DEFAULT_DOMAIN": "default"},
            {"OS_USERNAME": None, "OS_USER_ID": fake.cloud.user_id},
            {"OS_ENDPOINT_TYPE": "publicURL"},
            {"OS_AUTH_TYPE": "v3password", "OS_TOKEN": "old"},
            {"OS_AUTH_TYPE": "v3token", "OS_TOKEN": "given"},
            {"OS_PASSWORD": None, "OS_AUTH_TOKEN": "given"},
            {"OS_AUTH_TYPE": "v3applicationcredential", "OS_APPLICATION_CREDENTIAL_ID": "c0ffee", **credential},
            {"OS_AUTH_TYPE": "v3applicationcredential", "OS_APPLICATION_CREDENTIAL_NAME": "broker",
             **credential},
            {"OS_REGION_NAME": None},
            {"OS_IDENTITY_API_VERSION": "3"},
            {"OS_COMPUTE_ENDPOINT_OVERRIDE": fake.url + "/v2.1/%(project_id)s", "OS_REGION_NAME": "Elsewhere"},
        ]
        for variables in variants:
            with self.subTest(variables):
                self.assert_reference(self.plugin(**variables).read())

    def test_refused_configurations(self):
        self.start_cloud()
        for variables, word in [
                ({"OS_AUTH_TYPE": "v3oidcpassword"}, "v3oidcpassword"),
                ({"OS_IDENTITY_API_VERSION": "2.0"}, "2.0"),
                ({"OS_SYSTEM_SCOPE": "all"}, "OS_SYSTEM_SCOPE"),
                ({"OS_TRUST_ID": "t"}, "OS_TRUST_ID"),
                ({"OS_PASSWORD": None}, "password"),
                ({"OS_USERNAME": None}, "username"),
                ({"OS_PROJECT_NAME": None}, "project_name"),
                ({"OS_AUTH_URL": "ftp://h/"}, "http"),
                ({"OS_AUTH_URL": "http://me:pw@h:5000/v3"}, "user or password"),
                ({"OS_AUTH_URL": None, "OS_CLOUD": "x"}, "there is no cloud 'x'"),
                ({"OS_AUTH_TYPE": "v3applicationcredential", "OS_APPLICATION_CREDENTIAL_ID": "c"}, "secret")]:
            with self.subTest(variables):
                self.assert_error(self.plugin(**variables).read(), "config", word)
        self.assertEqual([], self.fake.requests())

    def test_wrong_password(self):
        fake = self.start_cloud()
        self.assert_error(self.plugin(OS_PASSWORD="no").read(), "auth", "keystone", "req-keystone")
        self.assertEqual(1, len(fake.requests()))

    def test_second_factor(self):
        self.start_cloud().cloud.second_factor = True
        self.assert_error(self.plugin().read(), "auth", "second factor", "application credential")

    def test_odd_password(self):
        fake = self.start_cloud()
        fake.cloud.password = 'qu"ote\\back\tslash\u00fc\u20ac'
        self.assert_reference(self.plugin().read())


class Addresses(pluginrun.PluginTest):
    def test_auth_urls(self):
        fake = self.start_cloud()
        for tail in ("", "/", "/v3", "/v3/", "/v2.0", "/identity", "/identity/v3", "/identity/"):
            with self.subTest(tail):
                self.assert_reference(self.plugin(OS_AUTH_URL=fake.url + tail).read())

    def test_wrong_auth_url(self):
        fake = self.start_cloud()
        self.assert_error(self.plugin(OS_AUTH_URL=fake.url + "/v3/wrong").read(), "config",
                          "/v3/wrong/v3/auth/tokens", "404")

    def test_compute_urls(self):
        fake = self.start_cloud()
        for url in ("{url}/v2.1", "{url}/v2.1/", "{url}/v2.1/{project_id}", "{url}/v2", "{url}/v2/{project_id}",
                    "{url}", "{url}/"):
            with self.subTest(url):
                fake.cloud.compute_url = url
                self.assert_reference(self.plugin().read())
        self.assertEqual([], fake.requests("GET /v2/"))

    def test_project_in_the_path_is_kept(self):
        fake = self.start_cloud()
        fake.cloud.compute_url = "{url}/v2.1/{project_id}"
        self.assert_ok(self.plugin().read())
        self.assertEqual(["GET /v2.1/"], [r for r in fake.requests("GET") if fake.cloud.project_id not in r])


class Catalogs(pluginrun.PluginTest):
    def test_several_regions_and_none_configured(self):
        self.start_cloud().cloud.regions = ("Elsewhere", "Fake")
        self.assert_error(self.plugin(OS_REGION_NAME=None).read(), "config", "Elsewhere, Fake", "region_name")
        self.assert_reference(self.plugin().read())

    def test_unknown_region(self):
        self.start_cloud()
        self.assert_error(self.plugin(OS_REGION_NAME="fake").read(), "config", "'fake'", "only in: Fake")

    def test_interface(self):
        self.start_cloud().cloud.right_interface = "internal"
        for name in ("internal", "internalURL"):
            self.assert_reference(self.plugin(OS_INTERFACE=name).read())
        self.fake.cloud.interfaces = ("internal", "admin")
        self.assert_error(self.plugin().read(), "config", "public", "internal, admin")

    def test_no_compute(self):
        self.start_cloud().cloud.has_compute = False
        self.assert_error(self.plugin().read(), "config", "no 'compute' service", "identity, image")

    def test_system_scope(self):
        self.start_cloud().cloud.scope = "system"
        self.assert_error(self.plugin().read(), "config", "compute", "the system", "project")


class Tokens(pluginrun.PluginTest):
    def logins(self):
        return len(self.fake.requests("auth/tokens"))

    def test_renewed_before_its_end(self):
        """A token without life left is good for the reading it was got for."""
        self.start_cloud()
        self.fake.cloud.token_lifetime_s = 0
        self.fake.cloud.token_grace_s = 60
        plugin = self.plugin()
        for n in (1, 2, 3):
            self.assert_reference(plugin.read())
            self.assertEqual(n, self.logins())

    def test_margins(self):
        """Two minutes before the end, or a quarter of a short life."""
        for life, used_at, renewed_at in ((3600, 3450, 3500), (60, 40, 50), (240, 170, 190)):
            with self.subTest(life):
                self.start_cloud().cloud.token_lifetime_s = life
                plugin = self.plugin()
                self.assert_reference(plugin.read())
                self.assert_reference(plugin.read(after_s=used_at))
                self.assertEqual(1, self.logins())
                self.assert_reference(plugin.read(after_s=renewed_at - used_at))
                self.assertEqual(2, self.logins())

    def test_serves_on_while_keystone_is_away(self):
        fake = self.start_cloud()
        plugin = self.plugin()
        self.assert_reference(plugin.read())
        fake.fault(match="auth/tokens", do="status", status=503)
        self.assert_reference(plugin.read(after_s=3500))
        self.assert_error(plugin.read(after_s=200), "unavailable", "keystone")
        fake.server.faults.clear()
        self.assert_reference(plugin.read())

    def test_does_not_serve_on_once_refused(self):
        fake = self.start_cloud()
        plugin = self.plugin()
        self.assert_reference(plugin.read())
        fake.cloud.password = "another"
        self.assert_error(plugin.read(after_s=3500), "auth")

    def test_clock_of_the_cloud_is_wrong(self):
        for shift in (-86400, 86400):
            with self.subTest(shift):
                self.start_cloud().cloud.keystone.shift_s = shift
                plugin = self.plugin()
                self.assert_reference(plugin.read())
                self.assert_reference(plugin.read())
                self.assertEqual(1, self.logins())

    def test_revoked_between_readings(self):
        fake = self.start_cloud()
        plugin = self.plugin()
        self.assert_reference(plugin.read())
        fake.cloud.keystone.tokens.clear()
        self.assert_reference(plugin.read())
        self.assertEqual(2, self.logins())

    def test_revoked_before_the_version_document(self):
        fake = self.start_cloud()
        fake.cloud.version_needs_token = True
        fake.fault(match="GET /v2.1/ ", times=0, do="stall")
        fake.fault(match="GET /v2.1/", times=1, do="status", status=401)
        self.assert_reference(self.plugin().read())
        self.assertEqual(2, self.logins())

    def test_revoked_in_the_middle(self):
        for path in ("os-hypervisors", "flavors/detail", "os-services", "os-aggregates", "servers/detail",
                     "os-hypervisors/detail?marker"):
            with self.subTest(path):
                fake = self.start_cloud()
                fake.fault(match=path, times=1, do="status", status=401)
                self.assert_reference(self.plugin().read())
                self.assertEqual(2, self.logins())

    def test_storm_of_401(self):
        """One login more, then no more: repeated logins lock accounts."""
        for path in ("/v2.1/os-", "servers/detail", "GET /v2.1"):
            with self.subTest(path):
                fake = self.start_cloud()
                fake.fault(match=path, do="status", status=401)
                plugin = self.plugin()
                self.assert_error(plugin.read(), "auth", "fresh token")
                self.assertEqual(2, self.logins())

    def test_given_token_ends(self):
        fake = self.start_cloud()
        fake.cloud.keystone.tokens["given"] = {"expires": 2e10}
        plugin = self.plugin(OS_AUTH_TYPE="token", OS_TOKEN="given")
        self.assert_reference(plugin.read())
        fake.cloud.keystone.tokens.clear()
        self.assert_error(plugin.read(), "auth", "token", "cannot be renewed")


class Roles(pluginrun.PluginTest):
    def test_member_is_denied(self):
        self.start_cloud().cloud.roles = ("member",)
        self.assert_error(self.plugin().read(), "denied", "os_compute_api:os-", "403")

    def test_each_policy(self):
        for policy in ("os-aggregates:index", "os-hypervisors:list-detail", "os-services:list",
                       "servers:detail:get_all_tenants", "os-extended-server-attributes"):
            with self.subTest(policy):
                self.start_cloud().cloud.denied = (policy,)
                self.assert_error(self.plugin().read(), "denied", "os_compute_api:" + policy)

    def test_denied_says_what_the_token_lacks(self):
        cloud = self.start_cloud().cloud
        cloud.denied = ("os-aggregates:index",)
        self.assertNotIn("lacks", self.plugin().read()["text"])
        self.custom_role()
        self.fake.cloud.denied = ("os-aggregates:index",)
        self.assert_error(self.plugin("visible_flavors_only=true").read(), "denied", "os-aggregates:index",
                          "the token lacks the role admin")

    def custom_role(self, *more):
        cloud = self.start_cloud().cloud
        cloud.roles = ("broker",)
        cloud.allowed = ("os-aggregates:index", "os-hypervisors:list-detail", "os-services:list",
                         "servers:detail:get_all_tenants", "os-extended-server-attributes") + more
        return cloud

    def test_silently_ignored_filter(self):
        self.custom_role()
        self.assert_error(self.plugin("visible_flavors_only=true").read(), "denied", "allow_all_filters",
                          "filter is ignored")

    def test_filter_that_the_cloud_ignores(self):
        self.start_cloud().cloud.ignore_host_filter = True
        self.assert_error(self.plugin().read(), "denied", "filter is ignored")

    def test_private_flavors_cannot_be_seen(self):
        """Nova ignores the argument without a word, so the last complete reading stays."""
        self.custom_role("servers:allow_all_filters").flavors[1]["shared"] = True
        self.assert_error(self.plugin().read(), "denied", "'de.NBI large', which is public", "visible_flavors_only",
                          "the token lacks the role admin")

    def test_visible_flavors_are_enough(self):
        self.custom_role("servers:allow_all_filters").flavors[1]["shared"] = True
        plugin = self.plugin("visible_flavors_only=true")
        result = plugin.read()
        self.assert_ok(result)
        self.assertEqual(1, len(result["flavors"]))
        self.assertEqual([], self.fake.requests("is_public=false"))
        self.assertEqual(1, len([line for line in result["log"] if line.startswith("flavors incomplete")]))
        self.assertEqual([], [line for line in plugin.read()["log"] if "flavors" in line])

    def test_another_role_may_see_all_flavors(self):
        """context_is_admin may name another role; it is asked once a login."""
        self.custom_role("servers:allow_all_filters", "context_is_admin", "os-migrations:index")
        plugin = self.plugin()
        for _ in range(2):
            self.assert_reference(plugin.read())
        self.assertEqual(2, len(self.fake.requests("is_public=false")))  # a page, and an empty one
        self.assert_reference(plugin.read(after_s=3500))
        self.assertEqual(4, len(self.fake.requests("is_public=false")))

    def test_a_role_that_is_given_meanwhile(self):
        cloud = self.custom_role("servers:allow_all_filters")
        plugin = self.plugin()
        self.assert_error(plugin.read(), "denied")
        cloud.roles = ("admin",)
        self.assert_reference(plugin.read())
        self.assertEqual(2, len(self.fake.requests("auth/tokens")), "a role is in a new token only")

    def test_admin_is_not_warned(self):
        self.start_cloud().cloud.has_placement = True
        self.assertEqual([], self.plugin().read()["log"])

    def test_extra_specs_are_hidden(self):
        for newest in (60, 96):
            with self.subTest(newest):
                cloud = self.start_cloud().cloud
                cloud.microversions = (1, newest)
                cloud.denied = ("os-flavor-extra-specs:index",)
                self.assert_error(self.plugin().read(), "denied", "extra")


if __name__ == "__main__":
    unittest.main()

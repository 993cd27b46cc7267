# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a configuration is said as FILE:LINE: sentence, and nothing is started."""
import os
import subprocess
import unittest

import nova_bodies
from broker import DAEMON, PATIENCE_S, PLUGINS, Broker, Scenario

HEAD = 'plugin_dir = "%s";\nsites_dir = "sites.d";\nstate_dir = "";\n' % PLUGINS


class ConfigErrors(Scenario):
    def refused(self, text, line, *words):
        """--check complains of that line of the main file, with all the words in the sentence."""
        code, said = self.check_config(HEAD + text)
        self.assertEqual(code, 1, said)
        path = os.path.join(self.folder, "gpubroker.conf")
        lines = [one for one in said.splitlines() if one.startswith("%s:%d: " % (path, line + 3))]
        self.assertTrue(lines, said)
        for word in words:
            self.assertTrue(any(word in one for one in lines), "%r is not in\n%s" % (word, said))

    def test_a_good_one(self):
        code, said = self.check_config({"regions": [self.replayed("one", nova_bodies.small())]})
        self.assertEqual(code, 0, said)

    def test_unknown_keys_get_the_nearest_known(self):
        self.refused("rest: { listn = [ \"127.0.0.1:8080\" ]; };\n", 1, "listn", "listen")
        self.refused("pol: { };\n", 1, "pol", "poll")
        self.refused('\nregions = ( {\n  name = "a";\n  plugin = "replay";\n  intervall_s = 3;\n'
                     '  options: { path = "/nowhere"; };\n} );\n', 5, "intervall_s", "interval_s")
        self.refused('regions = ( {\n  name = "a";\n  plugin = "replay";\n  options: { pth = "/nowhere"; };\n} );\n',
                     4, "pth", "path")

    def test_wrong_types_and_ranges(self):
        self.refused('rest: { threads = "two"; };\n', 1, "threads")
        self.refused("poll: { interval_s = 0; };\n", 1, "interval_s")
        self.refused("poll: { interval_s = -5; };\n", 1, "interval_s")
        self.refused('cache: { backend = "redis"; };\n', 1, "redis", "memcached")
        self.refused("rest: { listen = 8080; };\n", 1, "listen")

    def test_integers_beyond_32_bits(self):
        self.refused("poll: {\n  interval_s = 4294967326;\n};\n", 2, "4294967326")

    def test_include_is_refused(self):
        self.refused('@include "/etc"\n', 1, "@include")

    def test_syntax(self):
        self.refused("rest: {\n  threads = ;\n};\n", 2)

    def test_region_names(self):
        for name in ("Bielefeld", "-a", "a b", "", "x" * 64):
            with self.subTest(name):
                self.refused('regions = ( { name = "%s"; plugin = "replay";\n options: { path = "/x"; }; } );\n'
                             % name, 1, "name")
        self.refused('regions = (\n { name = "a"; plugin = "replay"; options: { path = "/x"; }; },\n'
                     ' { name = "a"; plugin = "replay"; options: { path = "/x"; }; } );\n', 3, "a")

    def test_plugins(self):
        self.refused('regions = ( { name = "a"; plugin = "nope"; } );\n', 1, "nope")
        self.refused('regions = ( { name = "a"; plugin = "../replay"; } );\n', 1, "../replay")
        self.refused('regions = ( { name = "a"; plugin = "replay";\n  options: { }; } );\n', 2, "path")

    def test_a_password_in_an_url_is_refused_and_not_repeated(self):
        text = ('regions = ( { name = "a"; plugin = "openstack";\n'
                '  options: { auth_url = "https://me:geheim@cloud.example/v3"; }; } );\n')
        self.refused(text, 2, "auth_url")
        self.assertNotIn("geheim", self.check_config(HEAD + text)[1])

    def test_sites_are_read_in_the_order_of_their_bytes(self):
        sites = os.path.join(self.folder, "sites.d")
        os.makedirs(sites)
        for file, name in (("b.conf", "second"), ("a.conf", "first"), ("a.conf.off", "third")):
            folder = self.region_folder(name, nova_bodies.small())
            with open(os.path.join(sites, file), "w", encoding="utf-8") as out:
                out.write('regions = ( { name = "%s"; plugin = "replay"; options: { path = "%s"; }; } );\n'
                          % (name, folder))
        broker = self.ready_broker(self.replayed("main", nova_bodies.small()))
        names = [region["name"] for region in broker.get("/v1/regions").json()["regions"]]
        self.assertEqual(names, ["main", "first", "second"])

    def test_a_complaint_names_the_sites_file(self):
        sites = os.path.join(self.folder, "sites.d")
        os.makedirs(sites)
        with open(os.path.join(sites, "x.conf"), "w", encoding="utf-8") as out:
            out.write('\nregions = ( { nam = "a"; } );\n')
        code, said = self.check_config({"regions": []})
        self.assertEqual(code, 1)
        self.assertIn(os.path.join(sites, "x.conf") + ":2: ", said)

    def test_verbose_shows_the_effective_configuration(self):
        secret = os.path.join(self.folder, "password")
        with open(secret, "w", encoding="utf-8") as out:
            out.write("geheim\n")
        os.chmod(secret, 0o600)
        code, said = self.check_config({"regions": [{
            "name": "a", "plugin": "openstack", "options": {
                "auth_url": "http://127.0.0.1:1/v3", "username": "u", "user_domain_name": "Default",
                "project_name": "p", "project_domain_name": "Default", "password_file": secret}}]}, "-v")
        self.assertEqual(code, 0, said)
        for text in ("interval_s = 1;", "stale_after_s = 120;", 'backend = "embedded";', secret):
            self.assertIn(text, said)
        self.assertNotIn("geheim", said)

    def test_the_daemon_does_not_start_with_a_broken_one(self):
        broker = Broker(self, HEAD + "poll: { interval = 3; };\n").start()
        self.assertEqual(broker.process.wait(PATIENCE_S), 1)
        broker.reader.join()
        self.assertIn("%s:4: " % broker.path, "\n".join(broker.log_lines))

    def test_a_missing_file_is_named(self):
        said = subprocess.run([DAEMON, "--check", "-c", "/nowhere/x.conf"], capture_output=True, text=True,
                              timeout=PATIENCE_S, check=False)
        self.assertEqual(said.returncode, 1)
        self.assertIn("/nowhere/x.conf", said.stdout + said.stderr)


if __name__ == "__main__":
    unittest.main()

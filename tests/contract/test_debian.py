# SPDX-License-Identifier: Apache-2.0
"""contrib/debian says what the rest of the tree says: version, what building needs, which cache, which user."""
import os
import re
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ESSENTIAL = {"gcc", "libc6-dev", "ninja-build"}  # build-essential, or what meson depends on


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


class Debian(unittest.TestCase):
    def setUp(self):
        self.control = read("contrib", "debian", "control")

    def test_the_version_is_the_one_that_is_built(self):
        built = re.search(r"^  version: '([^']+)'", read("meson.build"), re.M).group(1)
        self.assertEqual(re.match(r"gpubroker \(([^)]+)\)", read("contrib", "debian", "changelog")).group(1), built)

    def test_building_needs_what_the_scripts_install(self):
        listed = re.search(r"^BUILD_PACKAGES='\n(.*?)^'", read("contrib", "lib", "packages.sh"), re.M | re.S).group(1)
        scripts = {line.split()[0] for line in listed.splitlines() if line.strip()}
        field = re.search(r"^Build-Depends: (.*?)^\w", self.control, re.M | re.S).group(1)
        package = {word.split()[0] for word in field.split(",")}
        self.assertEqual({name for name in package if not name.startswith(("debhelper", "dh-"))}, scripts - ESSENTIAL)

    def test_every_feature_is_in_the_packages(self):
        optional = re.findall(r"^option\('(\w+)', type: 'feature'", read("meson_options.txt"), re.M)
        rules = read("contrib", "debian", "rules")
        self.assertTrue(optional)
        self.assertEqual([name for name in optional if "-D%s=" % name not in rules], [])

    def test_plugins_belong_to_exactly_their_daemon(self):
        plugins = self.control.split("Package: gpubroker-plugins\n")[1].split("\n\n")[0]
        self.assertRegex(plugins, r"(?m)^Depends: gpubroker \(= \$\{binary:Version\}\),")

    def test_the_packaged_configuration_uses_memcached(self):
        self.assertRegex(read("etc", "gpubroker.conf"), r'(?m)^  backend = "memcached";$')
        self.assertRegex(self.control, r"(?m)^Recommends: .*\bmemcached\b")


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""contrib/plugin-template builds against the installed headers alone, and the daemon takes what comes out."""
import os
import shutil
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("GPUBROKER_BUILD", os.path.join(ROOT, "build")))
TEMPLATE = os.path.join(ROOT, "contrib", "plugin-template")
CONFIG = """plugin_dir = "%s";
state_dir = "";
regions = ( { name = "mine"; plugin = "example"; options: { %s }; } );
"""


def run(*command, **options):
    """→ exit code, all that it said"""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120,
                          check=False, **options)
    return done.returncode, done.stdout


class PluginTemplate(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="plugin-template-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        os.chmod(cls.folder, 0o755)
        cls.installed = os.path.join(cls.folder, "root")
        cls.source = os.path.join(cls.folder, "source")
        shutil.copytree(TEMPLATE, cls.source)
        code, said = run("meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", cls.installed)
        if code != 0:
            raise AssertionError(said)
        cls.pkg_config = cls.find("gpubroker-plugin.pc")
        cls.environment = dict(
            os.environ, PKG_CONFIG_PATH=os.path.dirname(cls.pkg_config),
            PKG_CONFIG_SYSROOT_DIR=cls.installed, CFLAGS="-O2 -Wall -Wextra -Wno-unused-parameter -Werror")

    @classmethod
    def find(cls, name):
        for folder, _, files in os.walk(cls.installed):
            if name in files:
                return os.path.join(folder, name)
        raise AssertionError("%s is not installed" % name)

    def make(self, *arguments):
        code, said = run("make", "-C", self.source, *arguments, env=self.environment)
        self.assertEqual(code, 0, said)
        return said

    def check(self, options):
        path = os.path.join(self.folder, "gpubroker.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(CONFIG % (self.source, options))
        return run(os.path.join(BUILD, "gpubrokerd"), "--check", "-v", "-c", path)

    def test_it_sees_the_installed_headers_only(self):
        said = self.make("-B")
        self.assertIn(self.installed, said)
        self.assertNotIn("-I" + ROOT, said)

    def test_it_exports_one_symbol(self):
        self.make()
        code, said = run("nm", "-D", "--defined-only", os.path.join(self.source, "example.so"))
        self.assertEqual(code, 0, said)
        self.assertEqual([line.split()[-1] for line in said.splitlines()], ["gpubroker_plugin"])

    def test_the_daemon_takes_it(self):
        self.make()
        code, said = self.check('gpu_type = "A100"; hosts = 3;')
        self.assertEqual(code, 0, said)
        self.assertIn("gpus_per_host = 4;", said)
        code, said = self.check("hosts = 0;")
        self.assertEqual(code, 1, said)
        self.assertIn(':3: hosts must be between 1 and 1000, not 0', said)
        self.assertIn(':3: required option "gpu_type" is missing', said)

    def test_it_is_installed_where_the_daemon_looks(self):
        code, plugin_dir = run("pkg-config", "--variable=plugindir", self.pkg_config)
        self.assertEqual(code, 0, plugin_dir)
        self.make("install", "DESTDIR=" + self.installed, "PLUGIN_DIR=" + plugin_dir.strip())
        self.assertEqual(os.path.dirname(self.find("example.so")), os.path.dirname(self.find("replay.so")))
        self.assertEqual(os.stat(self.find("example.so")).st_mode & 0o022, 0)

    def test_the_configuration_is_installed(self):
        for name in ("gpubroker.conf", "bielefeld.conf.example"):
            self.assertIn("/etc/gpubroker", self.find(name))


if __name__ == "__main__":
    unittest.main(verbosity=2)

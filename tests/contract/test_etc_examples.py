# SPDX-License-Identifier: Apache-2.0
"""What is installed in etc/ is accepted as it is, the examples with the plugins that they name."""
import os
import shutil
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("GPUBROKER_BUILD", os.path.join(ROOT, "build")))
ETC = os.path.join(ROOT, "etc")


class EtcExamples(unittest.TestCase):
    def check(self, path):
        done = subprocess.run([os.path.join(BUILD, "gpubrokerd"), "--check", "-c", path], text=True, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_the_installed_file(self):
        self.check(os.path.join(ETC, "gpubroker.conf"))

    def test_every_example(self):
        names = [name for name in os.listdir(os.path.join(ETC, "sites.d")) if name.endswith(".example")]
        self.assertTrue(names)
        for name in names:
            with self.subTest(name), tempfile.TemporaryDirectory(prefix="etc-examples-") as folder:
                sites = os.path.join(folder, "sites.d")
                os.mkdir(sites)
                shutil.copy(os.path.join(ETC, "sites.d", name), os.path.join(sites, name[:-len(".example")]))
                with open(os.path.join(folder, "gpubroker.conf"), "w", encoding="utf-8") as file:
                    file.write('plugin_dir = "%s";\n' % os.path.join(BUILD, "plugins"))
                self.check(os.path.join(folder, "gpubroker.conf"))


if __name__ == "__main__":
    unittest.main()

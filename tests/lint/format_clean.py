# SPDX-License-Identifier: Apache-2.0
"""What tools decide: clang-format for sources (headers are tables and set by hand), shellcheck for scripts."""
import os
import re
import shutil
import subprocess
import unittest

from c_source import ROOT, files, read, report


class FormatClean(unittest.TestCase):
    def test_sources_are_formatted(self):
        tool = shutil.which("clang-format-14") or shutil.which("clang-format")
        if not tool:
            self.skipTest("no clang-format")
        version = subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout
        if not re.search(r"version 14\.", version):
            self.skipTest("clang-format 14 decides, this is " + version.strip())
        findings = []
        for path in files(".c"):
            said = subprocess.run([tool, "--dry-run", "-Werror", path], cwd=ROOT, capture_output=True, text=True,
                                  check=False)
            if said.returncode:
                findings.append("%s (clang-format -i mends it)" % path)
        report(self, findings, "not formatted")

    def test_shell_scripts(self):
        tool = shutil.which("shellcheck")
        if not tool:
            self.skipTest("no shellcheck")
        scripts = [path for path in files()
                   if path.endswith((".sh", ".bash")) or re.match(r"#!.*\b(ba)?sh\b", read_head(path))]
        said = subprocess.run([tool, "-x", *scripts], cwd=ROOT, capture_output=True, text=True, check=False)
        self.assertEqual(said.returncode, 0, said.stdout)


def read_head(path):
    if os.path.splitext(path)[1] not in ("", ".sh"):
        return ""
    return read(path)[:64].split("\n")[0]


if __name__ == "__main__":
    unittest.main()

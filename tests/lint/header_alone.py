# SPDX-License-Identifier: Apache-2.0
"""Each header compiles alone; the installed ones also as strict C11, with both compilers."""
import os
import shutil
import subprocess
import unittest

from c_source import ROOT, files, report

FLAGS = ["-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-x", "c"]


def compile_alone(compiler, path, *more):
    program = '#include "%s"\nint main(void);\nint main(void) { return 0; }\n' % os.path.join(ROOT, path)
    result = subprocess.run([compiler, *FLAGS, *more, "-"], input=program, capture_output=True, text=True,
                            check=False)
    return result.stderr if result.returncode else ""


class HeaderAlone(unittest.TestCase):
    def test_each_header_compiles_alone(self):
        if not shutil.which("gcc"):
            self.skipTest("no gcc")
        folders = ["-I" + os.path.join(ROOT, name) for name in ("core", "core/include", "plugins")]
        findings = []
        for path in files(".h"):
            if path.startswith(("core/", "plugins/")):
                said = compile_alone("gcc", path, "-std=gnu11", "-D_GNU_SOURCE", "-Wno-unused-parameter",
                                     "-Wno-unused-function", *folders)
                if said:
                    findings.append("%s:\n%s" % (path, said))
        report(self, findings, "headers that need others before them")

    def test_installed_headers_are_strict_c11(self):
        folder = "-I" + os.path.join(ROOT, "core/include")
        findings = []
        for compiler in filter(shutil.which, ("gcc", "clang")):
            for path in files(".h", under="core/include"):
                said = compile_alone(compiler, path, "-std=c11", "-pedantic", "-Wno-unused-function", folder)
                if said:
                    findings.append("%s, %s:\n%s" % (path, compiler, said))
        report(self, findings, "installed headers")


if __name__ == "__main__":
    unittest.main()

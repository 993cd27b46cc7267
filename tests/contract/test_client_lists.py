# SPDX-License-Identifier: Apache-2.0
"""The client's commands, options and exit codes: the tables in the code, its help and the README."""
import os
import re
import subprocess
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("GPUBROKER_BUILD") or os.path.join(ROOT, "build")
CLIENT = os.path.join(BUILD, "gpubroker")


def client(*args):
    said = subprocess.run([CLIENT, *args], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60,
                          check=False)
    if said.returncode:
        raise AssertionError(said.stderr)
    return said.stdout


def described(kind):
    """Rows of the tables in the code: [command, …]"""
    rows = [line.split("\t") for line in client("--describe").splitlines()]
    return [row[1:] for row in rows if row[0] == kind]


class ClientLists(unittest.TestCase):
    def test_the_readme_has_each_command(self):
        with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
            section = re.split(r"^## The client$", file.read(), flags=re.M)[1]
        table = re.search(r"^\| command \|.*\n\|---.*\n((\|.*\n)+)", section, re.M).group(1)
        self.assertEqual(re.findall(r"^\| `([^`]+)` \|", table, re.M), [row[0] for row in described("command")])

    def test_help_has_each_option(self):
        for command, *_ in described("command"):
            said = client(*command.split(), "--help")
            options = {row[1] for row in described("option") if row[0] in (command, "")}
            self.assertEqual(set(re.findall(r"^ {2}(?:-\w,|   ) (--[\w-]+)", said, re.M)), options, command)


if __name__ == "__main__":
    unittest.main()

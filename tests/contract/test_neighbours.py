# SPDX-License-Identifier: Apache-2.0
"""Each bug of others that tests/README.md lists is held by tests that are there, and are run."""
import json
import os
import re
import unittest

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
WANTED = 60  # rows; fewer are a table that was not found


def read(path):
    with open(os.path.join(HERE, path), encoding="utf-8") as file:
        return file.read()


def rows():
    section = read("README.md").split("\n## Bugs of others\n")[1].split("\n## ")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")]
            for line in section.splitlines() if line.startswith("| ")][1:]


def is_there(path, words):
    if not os.path.isfile(os.path.join(HERE, path)):
        return False
    text = read(path)
    if path.endswith(".json"):
        return words in [case["case"] for case in json.loads(text)]
    if path.endswith(".py"):
        return re.search(r"^ *(def )?%s\b" % re.escape(words), text, re.M) is not None
    if re.fullmatch(r"\w+", words):  # a function; one that nobody calls does not build
        return "static void %s(void **state)\n" % words in text
    return "\"" + words in text


class Neighbours(unittest.TestCase):
    def test_each_test_is_there(self):
        missing = []
        for what, _, held in rows():
            tests = re.findall(r"`([^`:]+): ([^`]+)`", held)
            missing += ["%s: held by nothing" % what] if not tests else []
            missing += ["%s: %s: %s" % (what, path, words) for path, words in tests if not is_there(path, words)]
        self.assertEqual([], missing)

    def test_there_are_rows(self):
        self.assertGreaterEqual(len(rows()), WANTED)

    def test_what_is_not_there_is_found(self):
        for path, words in (("fake/none.py", "test_releases"), ("fake/test_openstack_plugin.py", "test_release"),
                            ("data/predecessor/cases.json", "agg"), ("unit/core/model/test_capacity.c", "test_"),
                            ("unit/core/model/capacity_rows.c", "least of the four: vcpus")):
            self.assertFalse(is_there(path, words), words)


if __name__ == "__main__":
    unittest.main()

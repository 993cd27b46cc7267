# SPDX-License-Identifier: Apache-2.0
"""Shared by the lints: the files of the tree, and C text without comments and strings."""
import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
__unittest = True  # unittest leaves this file's frames out of its tracebacks
SKIPPED = re.compile(r"^(build.*|\.git|__pycache__|\.cache|node_modules)$")


def files(*endings, under=""):
    """Paths relative to the root, sorted; the tree as it lies there, whether committed or not."""
    found = []
    for folder, folders, names in os.walk(os.path.join(ROOT, under)):
        folders[:] = [name for name in folders if not SKIPPED.match(name)]
        found += [os.path.relpath(os.path.join(folder, name), ROOT) for name in names]
    return sorted(path for path in found if not endings or path.endswith(endings))


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8", errors="replace") as file:
        return file.read()


TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def blank(match):
    """A comment or string as white space of the same lines; a string keeps its quotes."""
    text = match.group()
    if text.startswith("/"):
        return re.sub(r"[^\n]", " ", text)
    return text[0] + " " * (len(text) - 2) + text[-1]


def code(path):
    """C text whose comments and strings are blanks: lines and columns stay."""
    return TOKEN.sub(blank, read(path))


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def report(case, findings, rule):
    """Fails with the findings below each other: FILE:LINE: what."""
    if findings:
        case.fail("%s\n%s" % (rule, "\n".join(findings)))

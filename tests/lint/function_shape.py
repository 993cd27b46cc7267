# SPDX-License-Identifier: Apache-2.0
"""Sizes: functions, files, nesting, lines; and words that do not stand in this code."""
import re
import statistics
import unittest

from c_source import code, files, line_of, read, report

MAX_FUNCTION_LINES = 80
MAX_FILE_LINES = 500
MAX_NESTING = 4
MAX_HEADER_COLUMNS = 120  # sources are formatted, which limits them

BANNED = "atoi atol atof strtok strcpy strcat sprintf vsprintf gets system popen alloca usleep sleep"
# exit() is for main(); _exit() for a child that has nothing to clean up.
EXIT_ALLOWED = {"core/gpubrokerd.c", "core/gpubroker.c"}

# "name(…)" at the left margin up to the brace that opens the body, alone in column 1.
FUNCTION = re.compile(r"^(?![#{}\s])(?P<head>[^;{}]*?\b(?P<name>\w+)\s*\([^;{}]*\)[^;{}()]*)\n\{\n(?P<body>.*?)^\}",
                      re.M | re.S)


def functions(path):
    """(name, first line, number of lines, text of the body)"""
    text = code(path)
    for match in FUNCTION.finditer(text):
        first = line_of(text, match.start())
        last = line_of(text, match.end())
        yield match.group("name"), first, last - first + 1, match.group("body")


def nesting(body):
    """The deepest level of statements; braces of initialisers do not count, `else if` is one level."""
    depth = deepest = 0
    stack = []
    for match in re.finditer(r"[{}]", body):
        if match.group() == "{":
            before = body[:match.start()].rstrip()
            control = before.endswith((")", "else", "do")) and not re.search(r"=\s*\([^()]*\)$", before)
            stack.append(control)
            depth += control
            deepest = max(deepest, depth)
        elif stack:
            depth -= stack.pop()
    return deepest


def sources(*endings):
    return [path for path in files(*endings) if path.startswith(("core/", "plugins/"))]


class FunctionShape(unittest.TestCase):
    def test_functions_are_short(self):
        lengths, findings = [], []
        for path in sources(".c"):
            for name, line, length, _ in functions(path):
                lengths.append(length)
                if length > MAX_FUNCTION_LINES:
                    findings.append("%s:%d: %s has %d lines" % (path, line, name, length))
        if len(lengths) > 1:
            print("functions: %d, median %d lines, p90 %d, longest %d" % (
                len(lengths), statistics.median(lengths), statistics.quantiles(lengths, n=10)[-1], max(lengths)))
        report(self, findings, "more than %d lines" % MAX_FUNCTION_LINES)

    def test_functions_are_flat(self):
        findings = []
        for path in sources(".c"):
            for name, line, _, body in functions(path):
                if nesting(body) > MAX_NESTING:
                    findings.append("%s:%d: %s nests %d deep" % (path, line, name, nesting(body)))
        report(self, findings, "nesting over %d" % MAX_NESTING)

    def test_files_are_short(self):
        counts = {path: read(path).count("\n") for path in sources(".c", ".h", ".def")}
        report(self, ["%s: %d lines" % item for item in counts.items() if item[1] > MAX_FILE_LINES],
               "files over %d lines" % MAX_FILE_LINES)

    def test_headers_are_narrow(self):
        findings = []
        for path in sources(".h"):
            for number, line in enumerate(read(path).split("\n"), 1):
                if len(line.expandtabs(8)) > MAX_HEADER_COLUMNS:
                    findings.append("%s:%d" % (path, number))
        report(self, findings, "lines over %d columns" % MAX_HEADER_COLUMNS)

    def test_banned_functions(self):
        pattern = re.compile(r"\b(%s)\s*\(" % BANNED.replace(" ", "|"))
        findings = []
        for path in files(".c", ".h"):
            text = code(path)
            findings += ["%s:%d: %s" % (path, line_of(text, match.start()), match.group(1))
                         for match in pattern.finditer(text)]
        report(self, findings, "functions that do not stand here")

    def test_exit_is_for_main(self):
        findings = []
        for path in sources(".c"):
            text = code(path)
            if path not in EXIT_ALLOWED and not path.startswith("plugins/chaos/"):
                findings += ["%s:%d" % (path, line_of(text, match.start()))
                             for match in re.finditer(r"(?<![\w.>])(exit|abort)\s*\(", text)]
        report(self, findings, "exit() and abort() are for main()")

    def test_no_goto_and_no_line_comments(self):
        findings = []
        for path in files(".c", ".h"):
            text = code(path)
            findings += ["%s:%d: goto" % (path, line_of(text, match.start()))
                         for match in re.finditer(r"\bgoto\b", text)]
            plain = re.sub(r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"', lambda m: re.sub(r"[^\n]", " ", m.group()),
                           read(path), flags=re.S)
            findings += ["%s:%d: //" % (path, line_of(plain, match.start()))
                         for match in re.finditer(r"//", plain)]
        report(self, findings, "goto, // comments")

    def test_scenarios_wait_for_events(self):
        findings = []
        for path in files(".py", under="tests/scenario"):
            text = read(path)
            findings += ["%s:%d" % (path, line_of(text, match.start()))
                         for match in re.finditer(r"\btime\.sleep\(|from time import .*sleep", text)]
        report(self, findings, "a test that sleeps is slow or wrong")


if __name__ == "__main__":
    unittest.main()

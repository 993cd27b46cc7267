#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the unittest files of a folder, each in a process of its own, and counts.

    tests/suite.py tests/scenario [NAME…] [--jobs N] [--timeout S] [--counts FILE] [--failures FILE]

NAME picks files whose name begins so ("b03"). --counts gets "passed failed skipped", --failures the
output of what failed. Files that define no test are helpers of the others. Exit code 1: something failed.
"""
import argparse
import concurrent.futures
import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))


class Recorder(unittest.TestResult):
    """One outcome a test method, whatever its subtests did."""

    def __init__(self):
        super().__init__()
        self.outcomes = {}
        self.started = {}

    def note(self, test, outcome, text=""):
        name = test.id()
        before = self.outcomes.get(name)
        if before and before[0] == "failed":
            outcome, text = "failed", before[1] + "\n" + text
        self.outcomes[name] = (outcome, text)

    def startTest(self, test):
        super().startTest(test)
        self.started[test.id()] = time.monotonic()

    def stopTest(self, test):
        super().stopTest(test)
        outcome = self.outcomes.get(test.id(), ("passed", ""))
        print("%-7s %s (%.1f s)%s" % (outcome[0], test.id(), time.monotonic() - self.started[test.id()],
              ": " + outcome[1] if outcome[0] == "skipped" else ""), flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.note(test, "passed")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.note(test, "failed", self._exc_info_to_string(err, test))

    def addError(self, test, err):
        super().addError(test, err)
        self.note(test, "failed", self._exc_info_to_string(err, test))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.note(test, "skipped", reason)

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        self.note(test, "passed")

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.note(test, "failed", "passed although it is marked as an expected failure")

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err:
            self.note(test, "failed", str(subtest) + "\n" + self._exc_info_to_string(err, test))


def run_file(path, result_path):
    """In the file's own process. SIGTERM unwinds, so that a test's clean-ups run."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))
    sys.path[0:0] = [os.path.dirname(path), HERE]
    name = os.path.splitext(os.path.basename(path))[0]
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    recorder = Recorder()
    unittest.defaultTestLoader.loadTestsFromModule(module).run(recorder)
    with open(result_path, "w", encoding="utf-8") as file:
        json.dump(recorder.outcomes, file)


def supervise(path, timeout_s):
    """→ ({test: (outcome, text)}, output)"""
    name = os.path.basename(path)
    with tempfile.TemporaryDirectory(prefix="suite-") as folder:
        result_path = os.path.join(folder, "result")
        with open(os.path.join(folder, "output"), "w+b") as output:
            child = subprocess.Popen([sys.executable, "-B", __file__, "--file", path, "--result", result_path],
                                     stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                     start_new_session=True)
            late = wait(child, timeout_s)
            end_session(child.pid)
            output.seek(0)
            text = output.read().decode("utf-8", "replace")
        try:
            with open(result_path, encoding="utf-8") as file:
                outcomes = json.load(file)
        except (OSError, ValueError):
            why = "not done after %d s" % timeout_s if late else "ended with %s" % child.returncode
            outcomes = {name: ("failed", why + "\n" + text)}
    return outcomes, text


def end_session(group):
    """A file's process leads a session; what it has left behind (a daemon) goes with it."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass


def wait(child, timeout_s):
    """True: it had to be stopped."""
    try:
        child.wait(timeout_s)
        return False
    except subprocess.TimeoutExpired:
        child.terminate()
    except BaseException:
        stop(child)
        raise
    stop(child)
    return True


def stop(child):
    child.terminate()
    try:
        child.wait(15)
    except subprocess.TimeoutExpired:
        end_session(child.pid)
        child.wait()


def find_files(folder, names):
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if name.endswith(".py") and (not names or name.startswith(tuple(names))):
            with open(path, encoding="utf-8") as file:
                if re.search(r"^    def test_", file.read(), re.M):
                    yield path


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", nargs="?")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--timeout", type=int, default=300, help="seconds for one file")
    parser.add_argument("--counts")
    parser.add_argument("--failures")
    parser.add_argument("--file", help=argparse.SUPPRESS)
    parser.add_argument("--result", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.file:
        run_file(args.file, args.result)
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))
    files = list(find_files(args.folder, args.names))
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    failures = []
    with concurrent.futures.ThreadPoolExecutor(max_workers=args.jobs) as pool:
        for outcomes, text in pool.map(lambda path: supervise(path, args.timeout), files):
            sys.stdout.write(text)
            for test, (outcome, detail) in outcomes.items():
                counts[outcome] += 1
                if outcome == "failed":
                    failures.append("%s\n%s\n" % (test, detail))
    summary = "%(passed)d passed, %(failed)d failed, %(skipped)d skipped" % counts
    print("\n".join(failures + [summary]))
    if args.failures:
        with open(args.failures, "w", encoding="utf-8") as file:
            file.write("\n".join(failures))
    if args.counts:
        with open(args.counts, "w", encoding="utf-8") as file:
            file.write("%(passed)d %(failed)d %(skipped)d\n" % counts)
    return 1 if failures or not files else 0


if __name__ == "__main__":
    sys.exit(main())

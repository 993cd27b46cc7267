#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts what `meson test` wrote: tests/meson_results.py TESTLOG.json --counts FILE --failures FILE"""
import argparse
import json
import sys

PASSED = {"OK", "EXPECTEDFAIL"}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("testlog")
    parser.add_argument("--counts", required=True)
    parser.add_argument("--failures", required=True)
    args = parser.parse_args()
    passed = skipped = 0
    failures = []
    with open(args.testlog, encoding="utf-8") as file:
        for line in filter(str.strip, file):
            test = json.loads(line)
            if test["result"] in PASSED:
                passed += 1
            elif test["result"] == "SKIP":
                skipped += 1
            else:
                failures.append("%s: %s (exit code %s)\n%s%s" % (
                    test["name"], test["result"].lower(), test["returncode"], test.get("stdout") or "",
                    test.get("stderr") or ""))
    with open(args.failures, "w", encoding="utf-8") as file:
        file.write("\n".join(failures))
    with open(args.counts, "w", encoding="utf-8") as file:
        file.write("%d %d %d\n" % (passed, len(failures), skipped))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

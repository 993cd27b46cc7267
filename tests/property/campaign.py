#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random regions: what gpubroker counts from their replies, and what starting servers one by one gives.

    tests/property/campaign.py [--regions N] [--seed S] [--jobs J]

Each region has a number; seed and number make it again. The first difference is printed with its replies, which are
left in a folder, and ends it with 1."""
import argparse
import json
import multiprocessing
import os
import random
import shutil
import subprocess
import sys
import tempfile

import nova_world
import placement_world
import world

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("GPUBROKER_BUILD", os.path.join(ROOT, "build")))
COUNT = os.path.join(BUILD, "tests", "tools", "count_regions")
MODELS = {"nova": nova_world.Region, "placement": placement_world.Region}


class Counter:
    """count_regions, and a folder in memory for the replies."""

    def __init__(self, model):
        self.folder = tempfile.mkdtemp(prefix="property-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
        self.process = subprocess.Popen([COUNT, "capacity=" + model, "include_cpu_flavors=true"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)

    def write(self, documents):
        for name in os.listdir(self.folder):
            os.unlink(os.path.join(self.folder, name))
        for name, document in documents.items():
            with open(os.path.join(self.folder, name + ".json"), "w", encoding="utf-8") as file:
                json.dump(document, file)

    def count(self, documents):
        self.write(documents)
        self.process.stdin.write(self.folder + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def difference(region, snapshot):
    """A sentence; None: there is none."""
    if "error" in snapshot:
        return "refused: %s %s" % (snapshot["error"], snapshot["text"])
    found = {flavor["id"]: (flavor["available"], flavor["total"]) for flavor in snapshot["flavors"]}
    wanted = {flavor.ident: world.count(region.hosts, flavor) for flavor in region.flavors}
    if set(found) != set(wanted):
        return "listed %s, should be %s" % (sorted(found), sorted(wanted))
    for flavor in region.flavors:
        if found[flavor.ident] != wanted[flavor.ident]:
            return "flavor %s: counted available/total %s, started %s" % (flavor.ident, found[flavor.ident],
                                                                          wanted[flavor.ident])
    return None


def run(task):
    model, seed, numbers = task
    counter = Counter(model)
    try:
        for number in numbers:
            region = MODELS[model](random.Random("%d/%d" % (seed, number)))
            said = difference(region, counter.count(region.documents))
            if said:
                kept = tempfile.mkdtemp(prefix="property-%s-%d-%d-" % (model, seed, number))
                for name in os.listdir(counter.folder):
                    shutil.copy(os.path.join(counter.folder, name), kept)
                return "model %s, seed %d, region %d: %s\nits replies: %s" % (model, seed, number, said, kept)
    finally:
        counter.close()
    return None


def tasks(models, seed, regions, jobs):
    for model in models:
        share = regions // len(models)
        step = max(1, min(1000, share // jobs or 1))
        for first in range(0, share, step):
            yield model, seed, range(first, min(first + step, share))


def campaign(regions, seed, jobs, models=tuple(MODELS)):
    """What differs, or None."""
    with multiprocessing.Pool(jobs) as pool:
        done = 0
        work = list(tasks(models, seed, regions, jobs))
        for i, said in enumerate(pool.imap_unordered(run, work)):
            if said:
                return said
            done = i + 1
            if sys.stderr.isatty():
                print("\r%d of %d parts" % (done, len(work)), end="", file=sys.stderr, flush=True)
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--regions", type=int, default=100000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--model", action="append", choices=sorted(MODELS))
    args = parser.parse_args()
    said = campaign(args.regions, args.seed, args.jobs, tuple(args.model or MODELS))
    print(said or "%d regions, seed %d: no difference" % (args.regions, args.seed))
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())

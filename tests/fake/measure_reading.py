#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How many requests and bytes a reading of a large region costs: by Nova's numbers, with Placement beside them, and
with GPUs that are reported to Placement (on all GPU hosts, and on all but one in ten).

    tests/fake/measure_reading.py [--hosts N] [--gpu-hosts N] [--servers N] [--env]

A fake region with eight GPUs a GPU host. --env: the cloud of the OS_* variables instead, as it is.
"""
import argparse
import collections
import os

import fakecloud
import pluginrun

TRAITS = ["HW_CPU_X86_%s" % word for word in (
    "AVX AVX2 BMI BMI2 F16C FMA3 MMX SSE SSE2 SSE41 SSE42 SSSE3 AESNI ABM CLMUL AVX512F AVX512BW AVX512CD AVX512DQ "
    "AVX512VL AVX512VNNI MPX SHA STIBP").split()] + ["COMPUTE_DEVICE_TAGGING", "COMPUTE_NET_ATTACH_INTERFACE",
                                                     "COMPUTE_TRUSTED_CERTS", "COMPUTE_VOLUME_EXTEND"]


def region(hosts, gpu_hosts, servers, reporting):
    """reporting: how many of ten GPU hosts report their GPUs to Placement."""
    cloud = fakecloud.big(hosts=hosts, servers=servers, gpu_every=hosts // gpu_hosts)
    cloud.aggregates[0]["metadata"]["gpu_count"] = "8"
    cloud.has_placement = True
    cloud.gzip = False
    seen = 0
    with_gpus = set(cloud.aggregates[0]["hosts"])
    for h in cloud.hypervisors:
        h["traits"] = TRAITS
        if h["name"] in with_gpus:
            seen += 1
        if h["name"] in with_gpus and seen % 10 < reporting:
            h["devices"] = [{"class": "CUSTOM_PCI_10DE_20B0"} for _ in range(8)]
    return cloud


def show(word, result):
    if not result["ok"]:
        raise SystemExit(result["text"])
    requests, received = collections.Counter(), collections.Counter()
    for service, _, n in result["requests"]:
        requests[service] += 1
        received[service] += n
    print("%-42s %6d requests %10.2f MB %7d ms   %s" % (
        word, sum(requests.values()), sum(received.values()) / 1e6, result["ms"],
        ", ".join("%s %d (%.2f MB)" % (s, requests[s], received[s] / 1e6) for s in sorted(requests))), flush=True)


def measure(environment, word, model):
    plugin = pluginrun.Plugin(["--env", "capacity=" + model], environment)
    try:
        show("%s, first" % word, plugin.read())
        show("%s, each other" % word, plugin.read())
    finally:
        plugin.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--hosts", type=int, default=1000)
    parser.add_argument("--gpu-hosts", type=int, default=200)
    parser.add_argument("--servers", type=int, default=10000)
    parser.add_argument("--env", action="store_true")
    args = parser.parse_args()
    if args.env:
        for model in ("nova", "placement"):
            measure({k: v for k, v in os.environ.items() if k.startswith("OS_")}, model, model)
        return
    for word, model, reporting in (("nova", "nova", 0), ("placement", "placement", 0),
                                   ("placement, nine of ten report", "placement", 9),
                                   ("placement, all report", "placement", 10)):
        with fakecloud.running(region(args.hosts, args.gpu_hosts, args.servers, reporting)) as fake:
            measure(fake.environment(), word, model)


if __name__ == "__main__":
    main()

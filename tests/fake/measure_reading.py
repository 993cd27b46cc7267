#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How many requests and bytes a reading of a large region costs, by Nova's numbers and with Placement beside them.

    tests/fake/measure_reading.py [--hosts N] [--gpu-hosts N] [--servers N] [--env]

A fake region with eight GPUs a GPU host, each a provider in Placement. --env: the cloud of the OS_* variables instead.
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


def region(hosts, gpu_hosts, servers):
    cloud = fakecloud.big(hosts=hosts, servers=servers, gpu_every=hosts // gpu_hosts)
    cloud.aggregates[0]["metadata"]["gpu_count"] = "8"
    cloud.has_placement = True
    cloud.gzip = False
    with_gpus = set(cloud.aggregates[0]["hosts"])
    for h in cloud.hypervisors:
        h["traits"] = TRAITS
        if h["name"] in with_gpus:
            h["devices"] = [{"class": "CUSTOM_PCI_10DE_20B0"} for _ in range(8)]
    return cloud


def show(word, result):
    if not result["ok"]:
        raise SystemExit(result["text"])
    requests, received = collections.Counter(), collections.Counter()
    for service, _, n in result["requests"]:
        requests[service] += 1
        received[service] += n
    print("%-28s %6d requests %10.2f MB %7d ms   %s" % (
        word, sum(requests.values()), sum(received.values()) / 1e6, result["ms"],
        ", ".join("%s %d (%.2f MB)" % (s, requests[s], received[s] / 1e6) for s in sorted(requests))), flush=True)


def measure(environment):
    for model in ("nova", "placement"):
        plugin = pluginrun.Plugin(["--env", "capacity=" + model], environment)
        try:
            show("%s, first reading" % model, plugin.read())
            show("%s, each other reading" % model, plugin.read())
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
        measure({k: v for k, v in os.environ.items() if k.startswith("OS_")})
        return
    with fakecloud.running(region(args.hosts, args.gpu_hosts, args.servers)) as fake:
        measure(fake.environment())


if __name__ == "__main__":
    main()

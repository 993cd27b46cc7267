# SPDX-License-Identifier: Apache-2.0
"""Twenty regions of five hundred hosts each: started and answering at once, and small."""
import re
import time
import unittest

import nova_bodies
from broker import Broker, Scenario

REGIONS, HOSTS = 20, 500


def pss_kib(pid):
    with open("/proc/%d/smaps_rollup" % pid, encoding="ascii") as file:
        return int(re.search(r"^Pss:\s+(\d+)", file.read(), re.M).group(1))


class ManyRegions(Scenario):
    def test_many(self):
        regions = [self.replayed("region-%02d" % n, nova_bodies.small("A100", HOSTS, used=3, prefix="r%02d" % n))
                   for n in range(REGIONS)]
        began = time.monotonic()
        broker = Broker(self, {"regions": regions}).start_ready()
        rows = broker.counts()
        took = time.monotonic() - began
        self.assertEqual(rows, [("A100 one", 4 * HOSTS - 3, 4 * HOSTS)] * REGIONS)
        memory = sum(map(pss_kib, broker.processes()))
        print("%d regions of %d hosts: answers after %.2f s, PSS of %d processes %.1f MiB" % (
            REGIONS, HOSTS, took, len(broker.processes()), memory / 1024))


if __name__ == "__main__":
    unittest.main()

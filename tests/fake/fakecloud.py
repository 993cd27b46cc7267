#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A fake OpenStack over HTTP: Keystone v3, Nova and Placement on one port, from a description, with faults on demand.

    with fakecloud.running(fakecloud.reference()) as fake:
        fake.cloud.max_limit = 2
        fake.fault(match="os-hypervisors", do="status", status=503, headers={"Retry-After": "0"})
        … fake.url …, fake.requests("servers/detail"), fake.server.most_running

As a program: fakecloud.py [--port N] [--address A] [--region reference|big:HOSTS,SERVERS|FILE.json] [--until-eof] prints
one line of JSON with its URL and the OS_* variables; POST /_control changes it (see Server.control).
"""
import argparse
import contextlib
import json
import sys
import threading

from fakehttp import Server
from fakekeystone import Keystone
from fakenova import Nova
from fakeplacement import Placement

GIB_MB = 1024


class Cloud:
    """All there is to know of it; every attribute may be changed at any time."""

    # who may come in
    username = "admin"
    user_id = "0123456789abcdef0123456789abcdef"
    password = "secret-password"
    project_name = "admin"
    project_id = "fedcba9876543210fedcba9876543210"
    credential_id = "c0ffee"
    credential_name = "broker"
    credential_secret = "secret-of-the-credential"
    roles = ("admin", "member", "reader")
    second_factor = False
    # tokens and catalog
    scope = "project"  # "system", "none": what a login gives
    token_lifetime_s = 3600
    token_grace_s = 0  # tokens work so much longer than they say
    region = "Fake"
    regions = ("Fake",)
    interfaces = ("public", "internal", "admin")
    right_interface = "public"
    has_compute = True
    compute_url = "{url}/v2.1"
    # Nova
    microversions = (1, 96)
    echo = True  # of the microversion
    version_needs_token = False
    max_limit = 1000
    lying_links = True
    hide_links = False
    ignore_host_filter = False
    down_cell = False
    denied = ()  # policies, even for an admin
    allowed = ()  # policies, for others too
    # Placement
    has_placement = False  # in the catalog
    placement_url = "{url}/placement"
    placement_versions = (0, 39)
    placement_echo = True
    unmirrored = ()  # hosts that Placement does not know to be in their aggregates
    max_candidates = 1 << 30
    gzip = True

    def __init__(self, **description):
        self.url = None
        self.by_host_key, self.by_host_made = None, {}
        self.aggregates = []
        self.hypervisors = []
        self.flavors = []
        self.servers = []
        self.migrations = []
        self.allocations = {}  # of consumers: {uuid: {provider: {"resources": {…}}}}
        self.sharing = []  # providers of pools: {"uuid", "inventories", "used", "aggregates"}
        self.keystone = Keystone(self)
        self.nova = Nova(self)
        self.placement = Placement(self)
        for name, value in description.items():
            if not hasattr(self, name):
                raise AttributeError(name)
            setattr(self, name, value)

    def answer(self, request):
        first = request.path.split("/")[1]
        if first in ("v3", "identity", ""):
            return self.keystone.answer(request)
        if first == "placement":
            return self.placement.answer(request)
        return self.nova.answer(request)

    def control(self, orders):
        for name, value in orders.get("set", {}).items():
            if not hasattr(self, name):
                raise AttributeError(name)
            setattr(self, name, value)
        if orders.get("revoke"):
            self.keystone.tokens.clear()
        self.keystone.shift_s += orders.get("advance_s", 0)

    def flavor(self, key):
        for flavor in self.flavors:
            if key in (flavor["id"], flavor["name"]):
                return flavor
        return None

    def by_host(self):
        """The servers of each host; made anew when there are more or fewer, or some moved."""
        key = tuple((id(s), s.get("host")) for s in self.servers) if len(self.servers) < 1000 else len(self.servers)
        if self.by_host_key != key:
            self.by_host_key = key
            self.by_host_made = {}
            for s in self.servers:
                self.by_host_made.setdefault(s.get("host"), []).append(s)
        return self.by_host_made

    def held(self, host):
        """vCPUs, MiB and GiB that servers hold on a host."""
        flavors = [self.flavor(s["flavor"]) for s in self.by_host().get(host, ())
                   if s.get("vm_state") != "shelved_offloaded"]
        flavors = [f for f in flavors if f]
        return (sum(f["vcpus"] for f in flavors), sum(f["ram"] for f in flavors),
                sum(f["disk"] + f.get("ephemeral", 0) + f.get("swap", 0) // GIB_MB for f in flavors))

    def placement_usages(self):
        """Of each host: what its servers and the other ends of migrations have been given."""
        out = {}
        for h in self.hypervisors:
            host = h.get("host", h["name"])
            vcpus, ram, disk = self.held(host)
            out[host] = {"VCPU": vcpus, "MEMORY_MB": ram, "DISK_GB": disk}
            for kind, more in h.get("placement_used", {}).items():
                out[host][kind] = out[host].get(kind, 0) + more
        return out

    def aggregate_records(self):
        return [{"id": i + 1, "uuid": "%08x-0000-4000-a000-000000000000" % (i + 1), "hosts": [], "metadata": {},
                 "availability_zone": None, "created_at": "2026-01-01T00:00:00.000000", "updated_at": None,
                 "deleted": False, "deleted_at": None, **a} for i, a in enumerate(self.aggregates)]

    def hypervisor_records(self):
        out = []
        for i, h in enumerate(self.hypervisors):
            host = h.get("host", h["name"])
            vcpus, ram, disk = self.held(host)
            total = (h.get("vcpus", 28), h.get("memory_mb", 385534), h.get("local_gb", 7392))
            record = {"id": "%08x-0000-4000-8000-000000000000" % (i + 1), "hypervisor_hostname": h["name"],
                      "service": {"id": "s-" + host, "host": host,
                                  "disabled_reason": h.get("disabled_reason")},
                      "state": h.get("state", "up"), "status": h.get("status", "enabled"),
                      "vcpus": total[0], "vcpus_used": vcpus, "memory_mb": total[1],
                      "memory_mb_used": ram, "free_ram_mb": total[1] - ram, "local_gb": total[2],
                      "local_gb_used": disk, "free_disk_gb": total[2] - disk,
                      "disk_available_least": total[2] - disk, "current_workload": 0,
                      "running_vms": len(self.by_host().get(host, ())),
                      "cpu_info": {}, "hypervisor_type": "QEMU", "hypervisor_version": 7002000,
                      "host_ip": "192.0.2.%d" % (i % 250 + 1), "orphan": h.get("orphan", False)}
            record.update(h.get("extra", {}))
            out.append(record)
        return out


def gpu_flavor(flavor_id, name, alias, vcpus, ram, disk=50, **more):
    return {"id": flavor_id, "name": name, "vcpus": vcpus, "ram": ram, "disk": disk, "is_public": False,
            "extra_specs": {"pci_passthrough:alias": alias}, **more}


def reference():
    """The set-up of the predecessor's tests: medium 4/3, large 4/3, two GPUs 2/1 (total/available)."""
    return Cloud(
        aggregates=[
            {"name": "Delta", "hosts": ["host1"], "metadata": {"gpu": "False"}},
            {"name": "Delta GPU", "hosts": ["host3", "host4"],
             "metadata": {"gpu": "True", "gpu_count": "2", "gpu_type": "V100"}},
        ],
        hypervisors=[{"name": "host1.denbi.de", "host": "host1"}, {"name": "host3.denbi.de", "host": "host3"},
                     {"name": "host4.denbi.de", "host": "host4"}],
        flavors=[
            {"id": "5d6e7e36-0000-4000-8000-000000000001", "name": "de.NBI large", "vcpus": 16,
             "ram": 32768, "disk": 50},
            gpu_flavor("a54ed137-0000-4000-8000-000000000002", "de.NBI GPU V100 medium", "V100:1", 14, 65535,
                       swap=1024),
            gpu_flavor("b54ed137-0000-4000-8000-000000000003", "de.NBI GPU V100 large", "V100:1", 28, 131072),
            gpu_flavor("c54ed137-0000-4000-8000-000000000004", "de.NBI 2 GPU V100 large", "V100:2", 28, 262144),
        ],
        servers=[
            {"id": "00000000-0000-4000-8000-00000000000a", "flavor": "de.NBI large", "host": "host1"},
            {"id": "00000000-0000-4000-8000-00000000000b", "flavor": "de.NBI GPU V100 medium",
             "host": "host3"},
        ])


def big(hosts=100, servers=1000, gpu_every=10):
    """A region of many hosts, each tenth with four GPUs, and servers spread over all of them."""
    names = ["node-%04d" % i for i in range(hosts)]
    with_gpus = names[::gpu_every]
    return Cloud(
        aggregates=[{"name": "gpu", "hosts": with_gpus,
                     "metadata": {"gpu": "true", "gpu_count": "4", "gpu_type": "A100"}}],
        hypervisors=[{"name": n, "vcpus": 128, "memory_mb": 1 << 20} for n in names],
        flavors=[gpu_flavor("f-gpu", "A100 small", "A100:1", 8, 65536),
                 {"id": "f-cpu", "name": "small", "vcpus": 1, "ram": 1024, "disk": 10}],
        servers=[{"id": "server-%05d" % i, "host": names[i % hosts], "user_data": "x" * 2000,
                  "flavor": "f-gpu" if i % hosts % gpu_every == 0 and i < 2 * hosts else "f-cpu"}
                 for i in range(servers)])


def from_name(name):
    if name == "reference":
        return reference()
    if name.startswith("big"):
        return big(*[int(n) for n in name[4:].split(",") if n])
    with open(name, encoding="utf-8") as f:
        return Cloud(**json.load(f))


class Running:
    def __init__(self, cloud, address="127.0.0.1", port=0, tls=None):
        self.cloud = cloud
        self.server = Server(cloud, (address, port), tls)
        host = "[%s]" % address if ":" in address else address
        self.url = cloud.url = "%s://%s:%d" % ("https" if tls else "http", host, self.server.server_port)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)

    def environment(self):
        return {"OS_AUTH_URL": self.url + "/v3", "OS_USERNAME": self.cloud.username,
                "OS_PASSWORD": self.cloud.password, "OS_PROJECT_NAME": self.cloud.project_name,
                "OS_USER_DOMAIN_NAME": "Default", "OS_PROJECT_DOMAIN_NAME": "Default",
                "OS_REGION_NAME": self.cloud.region}

    def fault(self, **fault):
        self.server.faults.append(fault)

    def requests(self, contains=""):
        """Targets of the requests so far, "METHOD path?query"."""
        with self.server.lock:
            lines = [e["method"] + " " + e["target"] for e in self.server.log]
        return [line for line in lines if contains in line]

    def stop(self):
        if self.server.released.is_set():
            return
        self.server.release()
        self.server.shutdown()
        self.server.server_close()


@contextlib.contextmanager
def running(cloud, address="127.0.0.1", port=0, tls=None):
    """tls: an ssl.SSLContext of a server."""
    fake = Running(cloud, address, port, tls)
    fake.thread.start()
    try:
        yield fake
    finally:
        fake.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--region", default="reference")
    parser.add_argument("--until-eof", action="store_true", help="end with whoever holds stdin")
    args = parser.parse_args()
    with running(from_name(args.region), args.address, args.port) as fake:
        print(json.dumps({"url": fake.url, "environment": fake.environment()}), flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            if args.until_eof:
                sys.stdin.read()
            else:
                threading.Event().wait()


if __name__ == "__main__":
    main()

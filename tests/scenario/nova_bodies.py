# SPDX-License-Identifier: Apache-2.0
"""Regions as Nova's reply bodies: for `replay` as files, for the fake cloud as answers.

A region is {"aggregates": [...], "hypervisors": [...], "flavors": [...], "servers": [...]}."""
import json
import os
import uuid


def made_up_id(*words):
    """The same words give the same id."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(words)))


def aggregate(number, name, hosts, **metadata):
    return {"id": number, "uuid": made_up_id("aggregate", name), "name": name, "hosts": list(hosts),
            "metadata": metadata, "availability_zone": None, "deleted": False}


def hypervisor(host, vcpus=28, memory_mb=385534, local_gb=7392, vcpus_used=0, memory_mb_used=0,
               local_gb_used=0, state="up", status="enabled"):
    return {"id": made_up_id("hypervisor", host), "hypervisor_hostname": host + ".cloud.example",
            "hypervisor_type": "QEMU", "state": state, "status": status,
            "service": {"id": made_up_id("service", host), "host": host, "disabled_reason": None},
            "vcpus": vcpus, "vcpus_used": vcpus_used, "memory_mb": memory_mb,
            "memory_mb_used": memory_mb_used, "free_ram_mb": memory_mb - memory_mb_used,
            "local_gb": local_gb, "local_gb_used": local_gb_used, "free_disk_gb": local_gb - local_gb_used,
            "disk_available_least": local_gb - local_gb_used, "running_vms": 0, "current_workload": 0}


def flavor(name, alias=None, flavor_id=None, vcpus=14, ram=65535, disk=50, ephemeral=0, swap=0):
    return {"id": flavor_id or made_up_id("flavor", name), "name": name, "vcpus": vcpus, "ram": ram,
            "disk": disk, "OS-FLV-EXT-DATA:ephemeral": ephemeral, "swap": swap, "rxtx_factor": 1.0,
            "os-flavor-access:is_public": False, "OS-FLV-DISABLED:disabled": False, "description": None,
            "extra_specs": {"pci_passthrough:alias": alias} if alias else {}}


def server(name, host, of, status="ACTIVE"):
    """of: a flavor()."""
    embedded = {"original_name": of["name"], "vcpus": of["vcpus"], "ram": of["ram"], "disk": of["disk"],
                "ephemeral": of["OS-FLV-EXT-DATA:ephemeral"], "swap": of["swap"],
                "extra_specs": of["extra_specs"]}
    return {"id": made_up_id("server", name), "name": name, "status": status, "hostId": made_up_id("id", host),
            "tenant_id": made_up_id("project", "demo"), "flavor": embedded,
            "OS-EXT-SRV-ATTR:host": host, "OS-EXT-SRV-ATTR:hypervisor_hostname": host + ".cloud.example",
            "OS-EXT-STS:vm_state": status.lower(), "OS-EXT-STS:task_state": None}


MEDIUM = "a54ed137-04fe-463f-a2b0-666079d1b2ba"


def reference():
    """The set-up that the predecessor's own tests have: 4/3, 2/1 and 4/3 (total/available)."""
    large = flavor("de.NBI GPU V100 large", "V100:1", vcpus=28, ram=131070, disk=50, swap=1024)
    two = flavor("de.NBI 2 GPU V100 large", "V100:2", vcpus=28, ram=262140, disk=50, swap=1024)
    medium = flavor("de.NBI GPU V100 medium", "V100:1", MEDIUM, vcpus=14, ram=65535, disk=50, swap=1024)
    plain = flavor("de.NBI large", None, vcpus=28, ram=65536, disk=50)
    return {
        "aggregates": [
            aggregate(1, "Delta", ["host1"], cores="28"),
            aggregate(10, "Delta GPU V100", ["host3", "host4"], cores="28", gpu="True", gpu_count="2",
                      gpu_type="V100", hyperthreading="false"),
        ],
        "hypervisors": [
            hypervisor("host1", vcpus_used=28, memory_mb_used=65536, local_gb_used=50),
            hypervisor("host3", vcpus_used=14, memory_mb_used=65535, local_gb_used=51),
            hypervisor("host4"),
        ],
        "flavors": [plain, large, two, medium],
        "servers": [server("large-1", "host1", plain), server("medium-1", "host3", medium)],
    }


# What the predecessor answers for it: (name, available, total), in this order.
REFERENCE_COUNTS = [("de.NBI GPU V100 large", 3, 4), ("de.NBI 2 GPU V100 large", 1, 2),
                    ("de.NBI GPU V100 medium", 3, 4)]


def small(gpu_type="A100", hosts=2, gpus=4, used=0, prefix=None):
    """`hosts` hosts of `gpus` GPUs each, one flavor of one GPU, `used` servers of it on the first host."""
    prefix = prefix or gpu_type.lower()
    names = ["%s-%d" % (prefix, n + 1) for n in range(hosts)]
    one = flavor("%s one" % gpu_type, "%s:1" % gpu_type, made_up_id("flavor", prefix, "one"), vcpus=8,
                 ram=32768, disk=100)
    return {
        "aggregates": [aggregate(1, gpu_type, names, gpu="true", gpu_count=str(gpus), gpu_type=gpu_type)],
        "hypervisors": [hypervisor(name, vcpus=64, memory_mb=524288, vcpus_used=8 * used * (n == 0),
                                   memory_mb_used=32768 * used * (n == 0), local_gb_used=100 * used * (n == 0))
                        for n, name in enumerate(names)],
        "flavors": [one],
        "servers": [server("%s-server-%d" % (prefix, n), names[0], one) for n in range(used)],
    }


def wide(flavors):
    """One host, many flavors: for answers and values that are large."""
    region = small()
    region["flavors"] = [flavor("A100 flavor number %d with a long name" % n, "A100:1",
                                made_up_id("wide", str(n))) for n in range(flavors)]
    return region


def write(folder, region):
    """Each file is replaced as a whole, as anybody should who changes what `replay` reads."""
    os.makedirs(folder, exist_ok=True)
    for name, items in region.items():
        path = os.path.join(folder, name + ".json")
        with open(path + ".new", "w", encoding="utf-8") as file:
            json.dump({name: items}, file)
        os.rename(path + ".new", path)
    return folder

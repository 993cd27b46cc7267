# SPDX-License-Identifier: Apache-2.0
"""Flavors that are easily miscounted, each as it is tried in the lab with one GPU of the host bi-v100-01's kind.

Sizes not given are 1 vCPU, 1024 MiB and 10 GiB; `specs` come beside the alias. Hosts with V100: 28 vCPUs with ratio
4.0, 393216 MiB (512 reserved) and 4096 GiB in Bielefeld, of which one holds a medium server."""

ALIAS = 'pci_passthrough:alias'
AGGREGATE = 'aggregate_instance_extra_specs:'

FLAVORS = {
    # Another resource, or none, in place of a size.
    'dedicated CPUs': {'specs': {'hw:cpu_policy': 'dedicated'}},
    'shared CPUs': {'specs': {'hw:cpu_policy': 'shared'}},
    'resources:PCPU=1': {'specs': {'resources:PCPU': '1', 'resources:VCPU': '0'}},
    'resources:VCPU=0, 56 vCPUs': {'vcpus': 56, 'specs': {'resources:VCPU': '0'}},
    'resources:VCPU=28, 56 vCPUs': {'vcpus': 56, 'specs': {'resources:VCPU': '28'}},
    'resources:MEMORY_MB=1024, large': {'ram': 900000, 'specs': {'resources:MEMORY_MB': '1024'}},
    'resources:DISK_GB=5000': {'specs': {'resources:DISK_GB': '5000'}},
    'resources:VGPU=1': {'specs': {'resources:VGPU': '1'}},
    # Words that hosts have or do not have.
    'trait required, on no host': {'specs': {'trait:HW_CPU_X86_AVX512F': 'required'}},
    'trait required, disabled': {'specs': {'trait:COMPUTE_STATUS_DISABLED': 'required'}},
    'trait required, on all hosts': {'specs': {'trait:COMPUTE_NODE': 'required'}},
    'trait forbidden, on all hosts': {'specs': {'trait:COMPUTE_NODE': 'forbidden'}},
    'trait forbidden, on no host': {'specs': {'trait:HW_CPU_X86_AVX512F': 'forbidden'}},
    'aggregate gpu_type=A100': {'specs': {AGGREGATE + 'gpu_type': 'A100'}},
    'aggregate gpu_type=V100': {'specs': {AGGREGATE + 'gpu_type': 'V100'}},
    'aggregate gpu_type <or>': {'specs': {AGGREGATE + 'gpu_type': '<or> K80 <or> V100'}},
    'aggregate gpu_count >= 3': {'specs': {AGGREGATE + 'gpu_count': '>= 3'}},
    'aggregate gpu_count >= 2': {'specs': {AGGREGATE + 'gpu_count': '>= 2'}},
    'aggregate key that none has': {'specs': {AGGREGATE + 'ssd': 'true'}},
    'key without scope': {'specs': {'ssd': 'true'}},
    'another hypervisor': {'specs': {'capabilities:hypervisor_type': 'QEMU'}},
    'PCI NUMA policy': {'specs': {'hw:pci_numa_affinity_policy': 'required'}},
    'numa_nodes=1': {'specs': {'hw:numa_nodes': '1'}},
    'large pages': {'specs': {'hw:mem_page_size': 'large'}},
    # One server cannot be larger than its host.
    '28 vCPUs': {'vcpus': 28},
    '29 vCPUs': {'vcpus': 29},
    '56 vCPUs': {'vcpus': 56},
    '64 vCPUs': {'vcpus': 64},
    '65 vCPUs': {'vcpus': 65},
    '392704 MiB': {'ram': 392704},
    '392705 MiB': {'ram': 392705},
    '393216 MiB': {'ram': 393216},
    # Swap is rounded up to GiB for each server.
    'disk 4096': {'disk': 4096},
    'disk 4096, swap 1 MiB': {'disk': 4096, 'swap': 1},
    'disk 4095, swap 1 MiB': {'disk': 4095, 'swap': 1},
    'disk 4095, swap 1025 MiB': {'disk': 4095, 'swap': 1025},
    'disk 2047, swap 1 MiB': {'disk': 2047, 'swap': 1},
    'disk 2047, swap 1025 MiB': {'disk': 2047, 'swap': 1025},
    'disk 2000, ephemeral 2096': {'disk': 2000, 'ephemeral': 2096},
    'disk 0': {'disk': 0},
    # Aliases.
    'alias twice': {'alias': 'V100:1,V100:1'},
    'V100:0': {'alias': 'V100:0', 'vcpus': 28, 'ram': 131072},
    'V100:3': {'alias': 'V100:3'},
    'two aliases': {'alias': 'V100:1,A100:1'},
    'two aliases, blank': {'alias': 'V100:1 , A100:1'},
    'unknown alias': {'alias': 'H100:1'},
    'alias in small letters': {'alias': 'v100:1'},
}

# What decides too, but stands in no API: gpubroker says so with the flavor instead of guessing.
HIDDEN = {
    'numa_nodes=1': 'NUMA cells are in no API; it says so',
    'large pages': 'NUMA cells and pages are in no API; it says so',
    'key without scope': 'whether a filter compares it is in no API; it says so',
    'another hypervisor': 'whether a filter compares it is in no API; it says so',
    'disk 0': "Nova's policy zero_disk_flavor refuses it from an image; from a volume it boots",
}


def body(name):
    """The flavor as Nova's API takes it, without its extra specs."""
    has = FLAVORS[name]
    return {'flavor': {'name': name, 'vcpus': has.get('vcpus', 1), 'ram': has.get('ram', 1024),
                       'disk': has.get('disk', 10), 'swap': has.get('swap', 0),
                       'OS-FLV-EXT-DATA:ephemeral': has.get('ephemeral', 0)}}


def extra_specs(name):
    return {ALIAS: FLAVORS[name].get('alias', 'V100:1'), **FLAVORS[name].get('specs', {})}

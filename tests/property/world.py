# SPDX-License-Identifier: Apache-2.0
"""A small cloud of hosts, flavors and servers, and how many servers of a flavor it can take: by starting them one
after the other until none fits. Deliberately naive, written from the rules and not from the code; campaign.py compares
it with what gpubroker counts from the cloud's replies."""
import math
from fractions import Fraction


class Amount:
    """VCPU, PCPU, MEMORY_MB or DISK_GB of a host."""

    def __init__(self, total, ratio="1.0", reserved=0, used=0, max_unit=None, min_unit=1, step_size=1):
        self.total, self.ratio, self.reserved, self.used = total, ratio, reserved, used
        self.max_unit = total if max_unit is None else max_unit
        self.min_unit, self.step_size = min_unit, step_size

    def capacity(self):
        return max(0, math.floor((self.total - self.reserved) * Fraction(self.ratio)))

    def takes(self, need, used):
        """Whether one more server with this need starts where so much is used."""
        if need == 0:
            return True
        return (self.min_unit <= need <= self.max_unit and need % self.step_size == 0 and
                used + need <= self.capacity())


class Device:
    """A card, or one that is cut into slices."""

    def __init__(self, kind, total=1, used=0, reserved=0, traits=(), max_unit=None, min_unit=1, step_size=1):
        self.kind, self.total, self.used, self.reserved = kind, total, used, reserved
        self.traits = set(traits)
        self.max_unit = total if max_unit is None else max_unit
        self.min_unit, self.step_size = min_unit, step_size


class Host:
    def __init__(self, name, amounts, devices, in_service=True, traits=(), metadata=None):
        self.name, self.amounts, self.devices, self.in_service = name, amounts, devices, in_service
        self.traits = set(traits)
        self.metadata = metadata or {}  # key → set of values, over all aggregates


class Group:
    """So much of one kind that must come from one device. A size of 0 takes nothing, but Nova looks for such a device
    all the same."""

    def __init__(self, kind, size=1, required=(), forbidden=()):
        self.kind, self.size, self.required, self.forbidden = kind, size, set(required), set(forbidden)


class Flavor:
    def __init__(self, ident, needs, groups, isolate=False, required=(), forbidden=(), aggregate=(), valid=True):
        self.ident, self.needs, self.groups, self.isolate = ident, needs, groups, isolate
        self.required, self.forbidden = set(required), set(forbidden)
        self.aggregate, self.valid = dict(aggregate), valid


def device_takes(device, group, host, left):
    has = device.traits | host.traits
    if device.kind != group.kind or not group.required <= has or group.forbidden & has:
        return False
    if group.size == 0:
        return True
    return (group.size <= left and device.min_unit <= group.size <= device.max_unit and
            group.size % device.step_size == 0)


def choose_devices(host, flavor, left):
    """Which device gives each group of one server; None: no choice works. Tries them all, those with most left first:
    where each group wants another device, only this order leaves room for as many servers as there can be."""
    groups = flavor.groups
    order = sorted(range(len(host.devices)), key=lambda d: -left[d])

    def choose(i, taken):
        if i == len(groups):
            return []
        for d in order:
            device = host.devices[d]
            used = sum(size for which, size in taken if which == d)
            if flavor.isolate and used:
                continue
            if device_takes(device, groups[i], host, left[d] - used):
                rest = choose(i + 1, taken + [(d, groups[i].size)])
                if rest is not None:
                    return [d] + rest
        return None

    return choose(0, [])


def is_allowed(host, flavor):
    if not flavor.required <= host.traits or flavor.forbidden & host.traits:
        return False
    return all(wanted in host.metadata.get(key, ()) for key, wanted in flavor.aggregate.items())


def start_until_full(host, flavor, empty):
    """Servers of the flavor that start on the host one after the other."""
    asks = flavor.groups or any(flavor.needs.values())
    if not host.in_service or not flavor.valid or not asks or not is_allowed(host, flavor):
        return 0
    kinds = {device.kind for device in host.devices}
    if any(group.kind not in kinds for group in flavor.groups):
        return 0
    used = {name: 0 if empty else amount.used for name, amount in host.amounts.items()}
    left = [d.total if empty else max(0, d.total - d.used - d.reserved) for d in host.devices]
    n = 0
    while all(host.amounts[name].takes(need, used[name]) for name, need in flavor.needs.items()):
        chosen = choose_devices(host, flavor, left)
        if chosen is None:
            break
        for d, group in zip(chosen, flavor.groups):
            left[d] -= group.size
        for name, need in flavor.needs.items():
            used[name] += need
        n += 1
    return n


def count(hosts, flavor):
    """(available, total): available is never above total, host by host."""
    available = total = 0
    for host in hosts:
        here = start_until_full(host, flavor, True)
        total += here
        available += min(here, start_until_full(host, flavor, False))
    return available, total

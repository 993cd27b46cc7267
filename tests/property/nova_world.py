# SPDX-License-Identifier: Apache-2.0
"""Random regions as Nova tells of them: replies, and the world that they mean in the `nova` model."""
import world

TYPES = ("V100", "A100", "T4")
TRUE_WORDS = ("true", "True", "1", "yes", "ON", " t ", "y")
FALSE_WORDS = ("false", "0", "no", "", "maybe", "2")
HOLDS = (("ACTIVE", "active", None), ("SHUTOFF", "stopped", None), ("ERROR", "error", None), ("BUILD", "building", "spawning"),
         ("SHELVED", "shelved", None), ("SOFT_DELETED", "soft-delete", None), ("PAUSED", "paused", None),
         ("VERIFY_RESIZE", "resized", None), ("SHELVED_OFFLOADED", "shelved_offloaded", "spawning"))
AGGREGATE_SPECS = 0.2
MOVES = (("VERIFY_RESIZE", "resized", None), ("RESIZE", "active", "resize_migrating"), ("MIGRATING", "active", "migrating"))
UNDER_WAY, OVER = ("finished", "migrating", "post-migrating", "confirming"), ("confirmed", "reverted", "failed", "done", "completed")
HOLDS_NOT = (("SHELVED_OFFLOADED", "shelved_offloaded", None), ("DELETED", "deleted", None))


def integer_text(random, n):
    return random.choice(["%d", " %d ", "+%d", "%d\n", "0%d"]) % n


class Region:
    """documents: name → Nova's reply; hosts, flavors: what they mean; aliases that mean nothing are named other-…"""

    def __init__(self, random):
        self.random = random
        self.documents = {}
        self.hosts, self.flavors = [], []
        self.gpus = {}      # host → {type: gpu_count}
        self.metadata = {}  # host → {key: values}
        self.names = ["node%d" % i for i in range(random.randint(0, 5))]
        self.make_aggregates()
        self.migrations = []
        self.make_servers()
        self.make_hypervisors()
        self.make_flavors()

    # ---- aggregates ----

    def aggregate_metadata(self, kind, n):
        """The metadata, and whether it says that there are n GPUs of the kind."""
        random = self.random
        good = {"gpu": random.choice(TRUE_WORDS), "gpu_type": kind, "gpu_count": integer_text(random, n)}
        if random.random() < 0.75:
            return good, True
        broken = dict(good)
        what = random.randrange(5)
        if what == 0:
            broken["gpu"] = random.choice(FALSE_WORDS)
        elif what == 1:
            broken.pop(random.choice(["gpu", "gpu_type", "gpu_count"]))
        elif what == 2:
            broken["gpu_count"] = random.choice(["two", "", "1.0", "-1", "0x2", "1 0"])
        elif what == 3:
            broken["gpu_type"] = random.choice(["", "  "])
        else:
            broken = {}
        return broken, False

    def make_aggregates(self):
        random, items = self.random, []
        for i in range(random.randint(0, 4)):
            kind, n = random.choice(TYPES), random.randint(0, 4)
            hosts = random.sample(self.names, random.randint(0, len(self.names)))
            metadata, means = self.aggregate_metadata(kind, n)
            if random.random() < 0.4:
                metadata[random.choice(["ssd", "tier"])] = random.choice(["true", "gold", "gold,silver"])
            for host in hosts:
                if means:
                    known = self.gpus.setdefault(host, {})
                    known[kind] = min(known.get(kind, n), n)
                for key, value in metadata.items():
                    self.metadata.setdefault(host, {}).setdefault(key, set()).update(
                        part.strip() for part in value.split(","))
            listed = hosts + random.sample(hosts, min(len(hosts), random.choice([0, 0, 1]))) + \
                random.choice([[], [], ["nowhere"]])
            items.append({"id": i + 1, "name": random.choice(["same name", "agg-%d" % i]), "hosts": listed or random.choice([[], None]),
                          "metadata": metadata or random.choice([{}, None])})
        self.documents["aggregates"] = {"aggregates": items}

    # ---- servers ----

    def hold(self, host, parts):
        for kind, n in parts:
            self.held[host][kind] = self.held[host].get(kind, 0) + n

    def migrate(self, server, host, parts):
        """The record names one end; while the server moves the other end holds as much – beside it on a host that it
        is resized on. A migration that was left open by a crash, of a server that does not move, holds nothing."""
        random = self.random
        other = random.choice(self.names + ["elsewhere"])
        status = random.choice(UNDER_WAY + OVER)
        if random.random() < 0.8:
            server["status"], server["OS-EXT-STS:vm_state"], server["OS-EXT-STS:task_state"] = random.choice(MOVES)
        moves = (server["status"], server["OS-EXT-STS:vm_state"], server["OS-EXT-STS:task_state"]) in MOVES
        here, there = random.sample([host, other], 2)
        self.migrations.append({
            "id": len(self.migrations), "uuid": "migration-%d" % len(self.migrations), "instance_uuid": server["id"],
            "source_compute": here, "source_node": here + ".example", "dest_compute": there, "dest_node": there + ".example",
            "status": status, "migration_type": random.choice(["resize", "migration"]), "old_instance_type_id": 1,
            "new_instance_type_id": 1})
        if moves and status in UNDER_WAY and other in self.held:
            self.hold(other, parts)

    def make_servers(self):
        random, items = self.random, []
        self.held = {host: {} for host in self.names}
        for i in range(random.choice([0, 0, 1, 3, 6])):
            host = random.choice(self.names + [None]) if self.names else None
            holds = random.random() < 0.8
            status, vm_state, task_state = random.choice(HOLDS if holds else HOLDS_NOT)
            parts = [(random.choice(TYPES + ("other-nic",)), random.randint(0, 2))
                     for _ in range(random.choice([0, 1, 1, 1, 2]))]
            specs = {}
            if parts:
                specs["pci_passthrough:alias"] = ",".join("%s:%d" % part for part in parts)
            items.append({"id": "server-%d" % i, "name": "s", "status": status, "tenant_id": "p",
                          "flavor": {"vcpus": 1, "ram": 1, "disk": 1, "ephemeral": 0, "swap": 0, "original_name": "gone",
                                     "extra_specs": specs},
                          "OS-EXT-SRV-ATTR:host": host, "OS-EXT-SRV-ATTR:hypervisor_hostname": host and host + ".example",
                          "OS-EXT-STS:vm_state": vm_state, "OS-EXT-STS:task_state": task_state})
            if host and holds:
                self.hold(host, parts)
                if random.random() < 0.2:
                    self.migrate(items[-1], host, parts)
        self.documents["migrations"] = {"migrations": self.migrations}
        if items and random.random() < 0.2:
            items.append(dict(items[0]))  # a cross-cell resize shows a server twice
        self.documents["servers"] = {"servers": items}

    # ---- hypervisors ----

    def make_hypervisor(self, name):
        random = self.random
        state, status = random.choice([("up", "enabled")] * 6 + [("down", "enabled"), ("up", "disabled")])
        vcpus, memory, disk = random.choice([0, 4, 28]), random.choice([4096, 65536, 131071]), random.choice([0, 40, 400])
        vcpus_used = random.randint(0, vcpus * 4 + 3)
        free_ram = random.randint(-500, memory)
        free_disk, least = random.randint(-5, disk), random.choice([None, "absent", random.randint(-5, disk * 2)])
        record = {"id": "uuid-" + name, "hypervisor_hostname": name + ".example", "hypervisor_type": "QEMU",
                  "service": {"id": "svc-" + name, "host": name, "disabled_reason": None}, "state": state, "status": status,
                  "vcpus": vcpus, "vcpus_used": vcpus_used, "memory_mb": memory, "memory_mb_used": memory - free_ram,
                  "free_ram_mb": free_ram, "local_gb": disk, "local_gb_used": disk - free_disk, "free_disk_gb": free_disk,
                  "disk_available_least": least}
        if least == "absent":
            del record["disk_available_least"]
        in_service = (state, status) == ("up", "enabled")
        if not in_service and random.random() < 0.3:
            record.update(free_ram_mb=None, free_disk_gb=None, disk_available_least=None)
        free = least if isinstance(least, int) else free_disk
        amounts = {"VCPU": world.Amount(vcpus, "4.0", used=vcpus_used), "PCPU": world.Amount(0),
                   "MEMORY_MB": world.Amount(memory, used=memory - free_ram), "DISK_GB": world.Amount(disk, used=disk - free)}
        devices = []
        for kind, n in self.gpus.get(name, {}).items():
            used = self.held[name].get(kind, 0)
            devices += [world.Device(kind, used=int(i < used)) for i in range(n)]
            if n == 0:
                devices.append(world.Device(kind, total=0))
        return record, world.Host(name, amounts, devices, in_service, metadata=self.metadata.get(name))

    def make_hypervisors(self):
        records = []
        for name in self.names:
            if self.random.random() < 0.05:
                continue  # an aggregate may list a host that has no record
            record, host = self.make_hypervisor(name)
            records.append(record)
            self.hosts.append(host)
        self.random.shuffle(records)
        self.documents["hypervisors"] = {"hypervisors": records}

    # ---- flavors ----

    def alias(self):
        """The text of an alias, the groups that it means, and whether Nova would take it."""
        random = self.random
        if random.random() < 0.15:
            return random.choice(["V100", "", "V100:", "V100:x", "V100:1:2", "V100:1.0", "V100:1,", ":"]), [], False
        parts = [(random.choice(TYPES), random.randint(0, 3)) for _ in range(random.choice([1, 1, 1, 2]))]
        text = random.choice([",", " , "]).join("%s%s:%s" % (random.choice(["", " "]), kind, random.choice(["%d", " %d", "+%d"]) % n)
                                                for kind, n in parts)
        return text, [world.Group(kind, int(n > 0)) for kind, n in parts for _ in range(n or 1)], True

    def make_flavor(self, i):
        random = self.random
        text, groups, valid = self.alias()
        vcpus, ram = random.choice([1, 4, 28, 29]), random.choice([1, 1000, 4096, 65536])
        disk, ephemeral, swap = random.choice([0, 10, 40, 41]), random.choice([0, 0, 7]), random.choice([0, "", 1, 1024, 1025])
        name = random.choice(["gpu"] * 9 + ["old DEPRECATED"])
        specs, aggregate = {"pci_passthrough:alias": text}, {}
        if random.random() < 0.15:  # a CPU flavor
            specs, groups, valid = {}, [], True
        if random.random() < AGGREGATE_SPECS:
            key = random.choice(["ssd", "tier"])
            aggregate[key] = random.choice(["true", "gold", "silver"])
            specs["aggregate_instance_extra_specs:" + key] = aggregate[key]
        record = {"id": "flavor-%d" % i, "name": name, "vcpus": vcpus, "ram": ram, "disk": disk, "swap": swap,
                  "OS-FLV-EXT-DATA:ephemeral": ephemeral, "os-flavor-access:is_public": random.random() < 0.8,
                  "extra_specs": specs}
        needs = {"VCPU": vcpus, "MEMORY_MB": ram, "DISK_GB": disk + ephemeral + (int(swap or 0) + 1023) // 1024}
        return record, world.Flavor(record["id"], needs, groups, aggregate=aggregate, valid=valid), "DEPRECATED" not in name

    def make_flavors(self):
        records = []
        for i in range(self.random.randint(1, 5)):
            record, flavor, listed = self.make_flavor(i)
            records.append(record)
            if listed:
                self.flavors.append(flavor)
        self.documents["flavors"] = {"flavors": records}

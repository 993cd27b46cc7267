# SPDX-License-Identifier: Apache-2.0
"""Random regions as Nova and Placement tell of them: replies, and the world that they mean in the `placement` model."""
import nova_world
import world

CLASSES = {"V100": "CUSTOM_PCI_10DE_1DB6", "A100": "CUSTOM_PCI_10DE_20B0", "T4": "CUSTOM_PCI_10DE_1EB8"}
TRAITS = ("CUSTOM_GOLD", "CUSTOM_SILVER", "HW_CPU_X86_AVX2")
DEVICE_TRAITS = ("CUSTOM_SMALL", "CUSTOM_LARGE")
RATIOS = ("1.0", "1.0", "4.0", "16.0", "1.5", "0.9", "2.37")


class Region(nova_world.Region):
    def __init__(self, random):
        self.providers = []  # uuid, name, parent, root, generation, inventories, usages, traits
        super().__init__(random)
        self.write_placement()

    # ---- providers ----

    def amount(self, total, used_most):
        random = self.random
        amount = world.Amount(total, random.choice(RATIOS), reserved=random.choice([0, 0, 0, 1, total // 4]),
                              used=random.randint(0, used_most))
        if random.random() < 0.15:
            amount.max_unit = max(1, total // 2)
        if random.random() < 0.1:
            amount.min_unit = random.choice([2, 5])
        if random.random() < 0.1:
            amount.step_size = random.choice([2, 4])
        return amount

    def add_provider(self, uuid, name, parent, amounts, traits):
        """amounts: class → Amount."""
        root = parent or uuid
        self.providers.append({"uuid": uuid, "name": name, "parent": parent, "root": root, "amounts": amounts,
                               "traits": sorted(traits), "generation": self.random.randint(0, 9)})

    def make_hypervisor(self, name):
        record, host = super().make_hypervisor(name)
        random = self.random
        vcpus, memory, disk = record["vcpus"], record["memory_mb"], record["local_gb"]
        # Nova's own numbers say something else: they must not matter.
        host.amounts = {"MEMORY_MB": self.amount(memory, memory), "DISK_GB": self.amount(disk, disk) if disk else world.Amount(0)}
        host.amounts["VCPU"] = self.amount(vcpus, vcpus * 4) if vcpus else world.Amount(0)
        host.amounts["PCPU"] = self.amount(8, 8) if random.random() < 0.3 else world.Amount(0)
        host.traits = set(random.sample(TRAITS, random.randint(0, 2)))
        uuid = record["id"]
        self.add_provider(uuid, record["hypervisor_hostname"], None,
                          {key: amount for key, amount in host.amounts.items() if amount.total}, host.traits)
        if self.gpus.get(name) and random.random() < 0.6:
            self.report_devices(uuid, record["hypervisor_hostname"], host)
        if self.gpus.get(name) and random.random() < 0.3:
            self.add_slices(uuid, record["hypervisor_hostname"], host)
        return record, host

    def report_devices(self, root, name, host):
        """[pci]report_in_placement: a provider for each card."""
        learnable = len({device.kind for device in host.devices}) == 1
        for i, device in enumerate(host.devices):
            if device.total == 1:
                if learnable and not device.used and self.random.random() < 0.15:
                    device.reserved = 1  # a one-time-use device that waits for its reset
                self.add_provider("%s-pci-%d" % (root, i), "%s_0000:%02X:00.0" % (name, i), root,
                                  {CLASSES[device.kind]: world.Amount(1, used=device.used, reserved=device.reserved)}, ["COMPUTE_MANAGED_PCI_DEVICE"])

    def add_slices(self, root, name, host):
        """vGPUs: providers with several units each."""
        random = self.random
        for i in range(random.randint(1, 3)):
            total = random.randint(1, 4)
            device = world.Device("VGPU", total, used=random.randint(0, total), reserved=random.choice([0, 0, 0, 1]),
                                  traits=random.sample(DEVICE_TRAITS, random.randint(0, 1)))
            host.devices.append(device)
            if random.random() < 0.2:
                device.max_unit = random.randint(1, total)
            if random.random() < 0.1:
                device.min_unit = 2
            if random.random() < 0.1:
                device.step_size = 2
            amount = world.Amount(total, used=device.used, reserved=device.reserved, max_unit=device.max_unit,
                                  min_unit=device.min_unit, step_size=device.step_size)
            self.add_provider("%s-vgpu-%d" % (root, i), "%s_pci_0000_%02d_00_0" % (name, i), root, {"VGPU": amount},
                              device.traits)

    # ---- flavors ----

    def make_flavor(self, i):
        record, flavor, listed = super().make_flavor(i)
        random, specs = self.random, record["extra_specs"]
        if random.random() < 0.3 and flavor.valid:
            self.ask_for_slices(specs, flavor)
        if random.random() < 0.2:
            trait = random.choice(TRAITS)
            if random.random() < 0.5:
                specs["trait:" + trait] = "required"
                self.require(flavor, trait)
            else:
                specs["trait:" + trait] = "forbidden"
                flavor.forbidden.add(trait)
        if random.random() < 0.15:
            specs["hw:cpu_policy"] = "dedicated"
            flavor.needs["PCPU"], flavor.needs["VCPU"] = flavor.needs["VCPU"], 0
        if random.random() < 0.15:
            name = random.choice(["VCPU", "MEMORY_MB", "DISK_GB"])
            if not (name == "VCPU" and "hw:cpu_policy" in specs):
                flavor.needs[name] = random.choice([0, 2, 20])
                specs["resources:" + name] = str(flavor.needs[name])
        return record, flavor, listed

    @staticmethod
    def require(flavor, trait):
        flavor.required.add(trait)

    def ask_for_slices(self, specs, flavor):
        random = self.random
        if random.random() < 0.5:
            specs.pop("pci_passthrough:alias", None)
            flavor.groups = []
        if random.random() < 0.4:
            size = random.randint(1, 3)
            specs["resources:VGPU"] = str(size)
            flavor.groups.append(world.Group("VGPU", size))
            return
        size, required = random.choice([1, 1, 2]), random.choice([(), (), (random.choice(DEVICE_TRAITS),)])
        n = random.randint(1, 3)
        for suffix in range(1, n + 1):
            specs["resources%d:VGPU" % suffix] = str(size)
            for trait in required:
                specs["trait%d:%s" % (suffix, trait)] = "required"
            flavor.groups.append(world.Group("VGPU", size, required))
        if n > 1:  # Placement refuses several groups without a policy
            specs["group_policy"] = random.choice(["none", "isolate"])
            flavor.isolate = specs["group_policy"] == "isolate"

    # ---- replies ----

    def write_placement(self):
        listed = [{"uuid": p["uuid"], "name": p["name"], "generation": p["generation"], "parent_provider_uuid": p["parent"],
                   "root_provider_uuid": p["root"], "links": []} for p in self.providers]
        self.random.shuffle(listed)
        self.documents["resource_providers"] = {"resource_providers": listed}
        for p in self.providers:
            inventories = {name: {"total": a.total, "reserved": a.reserved, "min_unit": a.min_unit, "max_unit": a.max_unit,
                                  "step_size": a.step_size, "allocation_ratio": float(a.ratio)}
                           for name, a in p["amounts"].items()}
            self.documents["inventories-" + p["uuid"]] = {"inventories": inventories,
                                                          "resource_provider_generation": p["generation"]}
            self.documents["usages-" + p["uuid"]] = {"usages": {name: a.used for name, a in p["amounts"].items()},
                                                     "resource_provider_generation": p["generation"]}
            self.documents["traits-" + p["uuid"]] = {"traits": p["traits"],
                                                     "resource_provider_generation": p["generation"]}

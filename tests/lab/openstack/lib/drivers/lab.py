# SPDX-License-Identifier: Apache-2.0
"""A nova virt driver for the lab: nova's own fake driver, with GPUs.

nova.virt.fake.FakeDriver keeps its guests in a dictionary instead of starting
them. This subclass takes the size of the host and its PCI devices from the
[lab] section of the configuration of each nova-compute, so that every compute
process can be another kind of host. Everything above the driver (resource
tracker, PCI claims, placement, scheduler) is nova's own code.

Guests have no disks, but the size that they would have is noted in a file each
below instances_path, so that the free disk is told as libvirt tells it: it is
measured on the host, outlives nova-compute and knows nothing of claims.

lib/launch.py makes this module importable as nova.virt.lab, which is where
nova looks for the class named by ``compute_driver = lab.LabDriver``.
"""
import json
import os

from oslo_config import cfg
from oslo_serialization import jsonutils

from nova.compute import power_state
from nova.compute import vm_states
import nova.conf
from nova import exception
from nova.virt import fake

CONF = nova.conf.CONF
CONF.register_opts([
    cfg.IntOpt('vcpus', default=28),
    cfg.IntOpt('memory_mb', default=393216),
    cfg.IntOpt('disk_gb', default=4096),
    # One JSON object for each type: vendor_id, product_id, device_type, count.
    cfg.MultiStrOpt('gpus', default=[]),
], group='lab')


class LabDriver(fake.FakeDriver):

    def __init__(self, virtapi, read_only=False):
        self.vcpus = CONF.lab.vcpus
        self.memory_mb = CONF.lab.memory_mb
        self.local_gb = CONF.lab.disk_gb
        self.gpus = [json.loads(gpus) for gpus in CONF.lab.gpus]
        super().__init__(virtapi, read_only)

    def _pci_devices(self):
        count = sum(gpus['count'] for gpus in self.gpus)
        step = 0x20 if count < 8 else 0x08
        number = 0
        for gpus in self.gpus:
            for _ in range(gpus['count']):
                # Half of the GPUs on each of two sockets, like the machines
                # they imitate.
                address = '0000:%02x:00.0' % (0x3b + step * number)
                yield {
                    'dev_id': 'pci_' + address.replace(':', '_').replace(
                        '.', '_'),
                    'address': address,
                    'product_id': gpus['product_id'],
                    'vendor_id': gpus['vendor_id'],
                    'label': 'label_%s_%s' % (gpus['vendor_id'],
                                              gpus['product_id']),
                    'dev_type': gpus['device_type'],
                    'parent_addr': None,
                    'numa_node': number * 2 // count,
                }
                number += 1

    @staticmethod
    def _disk(instance):
        return os.path.join(CONF.instances_path, instance.uuid + '.gib')

    def _make_disk(self, instance):
        flavor = instance.flavor
        size = flavor.root_gb + flavor.ephemeral_gb + -(-flavor.swap // 1024)
        os.makedirs(CONF.instances_path, exist_ok=True)
        with open(self._disk(instance), 'w') as handle:
            handle.write('%d\n' % size)

    def _remove_disk(self, instance):
        try:
            os.remove(self._disk(instance))
        except FileNotFoundError:
            pass

    def _disk_available(self):
        used = 0
        if os.path.isdir(CONF.instances_path):
            for name in os.listdir(CONF.instances_path):
                if name.endswith('.gib'):
                    with open(os.path.join(CONF.instances_path,
                                           name)) as handle:
                        used += int(handle.read() or 0)
        return self.local_gb - used

    def get_available_resource(self, nodename):
        status = super().get_available_resource(nodename)
        if status:
            status['disk_available_least'] = self._disk_available()
            status['pci_passthrough_devices'] = jsonutils.dumps(
                list(self._pci_devices()))
        return status

    def list_instance_uuids(self):
        # With guests forgotten by a restart, so that nova can remove those
        # that were deleted meanwhile.
        found = set(super().list_instance_uuids())
        if os.path.isdir(CONF.instances_path):
            found.update(name[:-len('.gib')]
                         for name in os.listdir(CONF.instances_path)
                         if name.endswith('.gib'))
        return list(found)

    # The driver learns of every guest by spawn (also after a resize and when
    # unshelved), and loses it by destroy.
    def spawn(self, context, instance, *args, **kwargs):
        super().spawn(context, instance, *args, **kwargs)
        self._make_disk(instance)

    def destroy(self, context, instance, network_info, block_device_info=None,
                destroy_disks=True, destroy_secrets=True):
        super().destroy(context, instance, network_info, block_device_info,
                        destroy_disks, destroy_secrets)
        if destroy_disks:
            self._remove_disk(instance)

    def get_host_uptime(self):
        with open('/proc/uptime') as handle:
            seconds = int(float(handle.read().split()[0]))
        return (' 12:00:00 up %d min,  0 users,  load average: 0.00, 0.00, 0.00'
                % (seconds // 60))

    def get_info(self, instance, use_cache=True):
        # After a restart of nova-compute the dictionary is empty. Without
        # this the guests would be reported with power state NOSTATE.
        if (instance.uuid not in self.instances and
                instance.host == self._host and instance.task_state is None and
                instance.vm_state in (vm_states.ACTIVE, vm_states.STOPPED)):
            state = (power_state.RUNNING
                     if instance.vm_state == vm_states.ACTIVE
                     else power_state.SHUTDOWN)
            self.instances[instance.uuid] = fake.FakeInstance(
                instance.name, state, instance.uuid)
        return super().get_info(instance, use_cache)

    def power_on(self, context, instance, network_info,
                 block_device_info=None, accel_info=None):
        try:
            super().power_on(context, instance, network_info,
                             block_device_info, accel_info)
        except exception.InstanceNotFound:
            self.instances[instance.uuid] = fake.FakeInstance(
                instance.name, power_state.RUNNING, instance.uuid)

    def power_off(self, instance, timeout=0, retry_interval=0):
        try:
            super().power_off(instance, timeout, retry_interval)
        except exception.InstanceNotFound:
            self.instances[instance.uuid] = fake.FakeInstance(
                instance.name, power_state.SHUTDOWN, instance.uuid)

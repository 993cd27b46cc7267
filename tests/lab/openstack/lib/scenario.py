#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Bring a region into a certain arrangement and back: see ../scenario."""
import collections
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import topology  # noqa: E402
from seed import STATE, Region  # noqa: E402
from verify import Checks, service, sql, until  # noqa: E402

PREFIX = 'scenario-'
PAUSE = 0.3
RESOURCES = ('VCPU', 'MEMORY_MB', 'DISK_GB')
ALIAS = 'pci_passthrough:alias'


def asked(flavor):
    """The GPUs that a flavor asks for, by alias."""
    found = collections.Counter()
    for part in flavor['extra_specs'].get(ALIAS, '').split(','):
        if part:
            alias, count = part.split(':')
            found[alias.strip()] += int(count)
    return found


def needs(flavor):
    """What nova asks placement for."""
    return {'VCPU': flavor['vcpus'], 'MEMORY_MB': flavor['ram'],
            'DISK_GB': flavor['disk'] + flavor['OS-FLV-EXT-DATA:ephemeral'] +
            -(-int(flavor['swap'] or 0) // 1024)}


class Scenario(Checks):
    def __init__(self, key):
        super().__init__(key)
        # An administrator may name the host of a server.
        self.boss = Region(key, 'admin', 'demo')
        self.gpus = {host['name']: dict(topology.gpus(host))
                     for host in self.admin.config['hosts']
                     if topology.gpus(host)}
        self.types = list(dict.fromkeys(
            name for kinds in self.gpus.values() for name in kinds))
        self.products = {gpu['product_id']: name for name, gpu
                         in topology.load()['gpu_types'].items()}
        self.flavors = [flavor for flavor in self.list_flavors()
                        if not flavor['name'].startswith(PREFIX)]
        self.number = 0

    # --- reading ----------------------------------------------------------

    def list_flavors(self):
        return self.admin.call('GET', 'compute', '/flavors/detail?'
                               'is_public=None')['flavors']

    def server(self, uuid):
        return self.admin.call('GET', 'compute', '/servers/' + uuid,
                               accept=(404,)).get('server')

    def servers(self):
        """Those of scenarios, with the deleted ones that still hold things."""
        found = {}
        for more in ('', '&status=SOFT_DELETED&soft_deleted=true'):
            for entry in self.admin.call(
                    'GET', 'compute',
                    '/servers/detail?all_tenants=1' + more)['servers']:
                if entry['name'].startswith(PREFIX):
                    found[entry['id']] = entry
        return found

    def free_gpus(self):
        """Free GPUs by host and type, from nova's own table."""
        found = {host: collections.Counter() for host in self.gpus}
        for host, product, count in sql(self.key + '_nova', """
                SELECT node.host, device.product_id,
                    SUM(device.status = 'available')
                FROM pci_devices device
                JOIN compute_nodes node ON node.id = device.compute_node_id
                WHERE device.deleted = 0 GROUP BY 1, 2"""):
            found[host][self.products[product]] = int(count)
        return found

    def free(self):
        """What placement has left of everything else, by host."""
        found = {}
        for provider in self.admin.call(
                'GET', 'placement', '/resource_providers')[
                    'resource_providers']:
            if provider['name'] not in self.gpus:
                continue
            path = '/resource_providers/%s/' % provider['uuid']
            inventories = self.admin.call(
                'GET', 'placement', path + 'inventories')['inventories']
            usages = self.admin.call('GET', 'placement',
                                     path + 'usages')['usages']
            found[provider['name']] = {
                name: int((inventories[name]['total'] -
                           inventories[name]['reserved']) *
                          inventories[name]['allocation_ratio']) -
                usages[name] for name in RESOURCES}
        return found

    # --- making -----------------------------------------------------------

    def boot_all(self, wanted):
        """Boot servers [(label, flavor id, host or None)], wait for all."""
        booted = []
        for label, flavor, host in wanted:
            self.number += 1
            body = {'name': '%s%s-%d' % (PREFIX, label, self.number),
                    'imageRef': self.image, 'flavorRef': flavor,
                    'networks': 'none'}
            if host:
                body['host'] = host
            booted.append(self.boss.call('POST', 'compute', '/servers', {
                'server': body})['server']['id'])
        for uuid in booted:
            if not self.becomes(uuid, 'ACTIVE'):
                server = self.server(uuid)
                raise SystemExit('%s is %s' % (server['name'],
                                               self.fault(server)))
        return [self.server(uuid) for uuid in booted]

    def becomes(self, uuid, status):
        seen = None

        def settled():
            nonlocal seen
            seen = (self.server(uuid) or {'status': 'gone'})['status']
            return seen in (status, 'ERROR')
        until(120, settled, PAUSE)
        return seen == status

    def act(self, server, body, status):
        self.boss.call('POST', 'compute',
                       '/servers/%s/action' % server['id'], body)
        if not self.becomes(server['id'], status):
            raise SystemExit('%s did not become %s' % (server['name'], status))

    def one_gpu(self, kind):
        """The flavors of one GPU of that type, smallest first."""
        found = sorted((flavor for flavor in self.flavors
                        if asked(flavor) == {kind: 1}),
                       key=lambda flavor: flavor['ram'])
        if not found:
            raise SystemExit('no flavor of one %s in %s' % (kind, self.key))
        return found

    def one_of_each(self, label):
        return self.boot_all([(label, self.one_gpu(kind)[0]['id'], None)
                              for kind in self.types])

    def fill(self, host, resource, keep):
        """Leave that much of a resource: servers without GPUs take the rest,
        none larger than the host, since placement forbids that (max_unit)."""
        size = next(entry for entry in self.admin.config['hosts']
                    if entry['name'] == host)
        largest = {'VCPU': size['vcpus'], 'MEMORY_MB': size['memory_mb'] // 2,
                   'DISK_GB': size['disk_gb'] // 2}[resource]
        rest = self.free()[host][resource] - keep
        wanted = []
        while rest > 0:
            part = min(rest, largest)
            rest -= part
            wanted.append((host, self.filler(resource, part), host))
        self.boot_all(wanted)
        return rest == 0

    def filler(self, resource, amount):
        """A flavor of that much of one resource and hardly any of the others
        (nova has none without vCPU and memory)."""
        name = '%s%s-%d' % (PREFIX, resource, amount)
        for flavor in self.list_flavors():
            if flavor['name'] == name:
                return flavor['id']
        size = dict({'VCPU': 1, 'MEMORY_MB': 1, 'DISK_GB': 0},
                    **{resource: amount})
        return self.admin.call('POST', 'compute', '/flavors', {'flavor': {
            'name': name, 'vcpus': size['VCPU'], 'ram': size['MEMORY_MB'],
            'disk': size['DISK_GB']}})['flavor']['id']

    def least(self, host, resource):
        """What the smallest of the host's GPU flavors needs of it."""
        return min(needs(flavor)[resource] for flavor in self.flavors
                   if asked(flavor) and all(
                       self.gpus[host].get(kind, 0) >= count
                       for kind, count in asked(flavor).items()))

    # --- the arrangements -------------------------------------------------

    def bound(self, resource):
        for index, host in enumerate(self.gpus):
            keep = self.least(host, resource) - index % 2
            if not self.fill(host, resource, keep):
                print('%s has less than %d %s anyway' % (host, keep, resource))

    def ram_bound(self):
        self.bound('MEMORY_MB')

    def vcpu_bound(self):
        self.bound('VCPU')

    def disk_bound(self):
        self.bound('DISK_GB')

    def half_full(self):
        for kind in self.types:
            total = sum(kinds.get(kind, 0) for kinds in self.gpus.values())
            free = sum(kinds[kind] for kinds in self.free_gpus().values())
            flavor = self.one_gpu(kind)[0]
            self.boot_all([(kind.lower(), flavor['id'], None)
                           for _ in range(free - total // 2)])

    def occupy(self, host):
        """A server on one of the host's GPUs, if one is free."""
        for kind, count in self.free_gpus()[host].items():
            if count:
                return self.boot_all([('gpu', self.one_gpu(kind)[0]['id'],
                                       host)])
        return []

    def host_disabled(self, host=None):
        host = host or list(self.gpus)[0]
        self.occupy(host)
        self.admin.call('PUT', 'compute', '/os-services/' +
                        self.computes()[host]['id'], {
                            'status': 'disabled',
                            'disabled_reason': PREFIX + 'disabled'})

    def compute_down(self):
        host = list(self.gpus)[-1]
        self.occupy(host)
        self.settle()
        service('kill', '%s.compute.%s' % (self.key, host))
        until(120, lambda: self.hypervisors()[host]['state'] == 'down')

    def shelved_offloaded(self):
        for server in self.one_of_each('shelved'):
            self.act(server, {'shelve': None}, 'SHELVED_OFFLOADED')

    def soft_deleted(self):
        if 'reclaim_instance_interval = 0\n' in self.nova_conf():
            raise SystemExit('start the lab with OPENSTACK_LAB_RECLAIM_SECONDS'
                             '=3600 to have soft-deleted servers')
        for server in self.one_of_each('deleted'):
            self.soft_delete(server)

    def nova_conf(self):
        with open(os.path.join(STATE, 'regions', self.key, 'nova',
                               'nova.conf')) as handle:
            return handle.read()

    def soft_delete(self, server):
        self.boss.call('DELETE', 'compute', '/servers/' + server['id'])
        if not self.becomes(server['id'], 'SOFT_DELETED'):
            raise SystemExit('%s is gone at once' % server['name'])

    def verify_resize(self):
        for kind in self.types:
            hosts = [host for host, free in self.free_gpus().items()
                     if free[kind]]
            if len(hosts) > 1 and len(self.one_gpu(kind)) > 1:
                break
        else:
            raise SystemExit('a resize needs a GPU type that is free on two '
                             'hosts, and two flavors of it')
        small, large = self.one_gpu(kind)[:2]
        [server] = self.boot_all([('resized', small['id'], None)])
        self.act(server, {'resize': {'flavorRef': large['id']}},
                 'VERIFY_RESIZE')

    def error_with_host(self):
        for server in self.one_of_each('error'):
            self.act(server, {'os-resetState': {'state': 'error'}}, 'ERROR')

    def mixed(self):
        free = self.free_gpus()
        if any(sum(1 for host in free if free[host][kind]) > 1
               for kind in self.types):
            self.verify_resize()
        flavor = self.one_gpu(self.types[-1])[0]['id']
        [broken, shelved] = self.boot_all([('error', flavor, None),
                                           ('shelved', flavor, None)])
        self.act(broken, {'os-resetState': {'state': 'error'}}, 'ERROR')
        self.act(shelved, {'shelve': None}, 'SHELVED_OFFLOADED')
        small = min((flavor for flavor in self.flavors if not asked(flavor)),
                    key=lambda flavor: flavor['ram'])
        room = self.free()
        self.boot_all([('cpu', small['id'], host) for host in self.gpus
                       if all(room[host][resource] >= needs(small)[resource]
                              for resource in RESOURCES)])
        # Memory for one GPU more, on the host with most of them free.
        free = self.free_gpus()
        host = max((host for host in self.gpus if room[host]['VCPU'] > 8),
                   key=lambda host: sum(free[host].values()))
        self.fill(host, 'MEMORY_MB', self.least(host, 'MEMORY_MB'))
        if len(self.gpus) > 2:
            self.host_disabled(list(self.gpus)[1])

    # --- and back ---------------------------------------------------------

    def reset(self):
        for host in self.admin.config['hosts']:
            service('start', '%s.compute.%s' % (self.key, host['name']))
        for entry in self.computes().values():
            if (entry['disabled_reason'] or '').startswith(PREFIX):
                self.admin.call('PUT', 'compute', '/os-services/' +
                                entry['id'], {'status': 'enabled'})
        if not until(120, lambda: all(entry['state'] == 'up' for entry
                                      in self.computes().values())):
            raise SystemExit('not all computes came up')
        servers = self.servers()
        for uuid in servers:
            self.admin.call('POST', 'compute', '/servers/%s/action' % uuid,
                            {'forceDelete': None}, accept=(404,))
        if not until(120, lambda: not self.servers(), PAUSE):
            raise SystemExit('servers do not go away')
        for flavor in self.list_flavors():
            if flavor['name'].startswith(PREFIX):
                self.admin.call('DELETE', 'compute',
                                '/flavors/' + flavor['id'])
        # What a resized server left behind a periodic task removes.
        alive = '(SELECT uuid FROM instances WHERE deleted = 0)'
        if not until(60, lambda: not sql(
                self.key + '_nova', 'SELECT address FROM pci_devices WHERE '
                'deleted = 0 AND instance_uuid NOT IN ' + alive), PAUSE):
            raise SystemExit('GPUs of deleted servers do not become free')
        self.settle()

    def settle(self):
        """Until nova tells the disk that the guests leave; it is measured
        every ten seconds only."""
        sizes = {host['name']: host['disk_gb']
                 for host in self.admin.config['hosts']}

        def told():
            return all(entry['disk_available_least'] ==
                       sizes[name] - self.disks(name)
                       for name, entry in self.hypervisors().items()
                       if entry['state'] == 'up')
        if not until(60, told, PAUSE):
            raise SystemExit('disk_available_least is not what the driver has')

    def disks(self, host):
        folder = os.path.join(STATE, 'regions', self.key, 'nova', 'hosts',
                              host, 'instances')
        total = 0
        for name in os.listdir(folder) if os.path.isdir(folder) else ():
            if name.endswith('.gib'):
                with open(os.path.join(folder, name)) as handle:
                    total += int(handle.read())
        return total

    def tell(self):
        for entry in sorted(self.servers().values(),
                            key=lambda entry: entry['created']):
            print('%-22s %-18s %-12s %s' % (
                entry['name'], entry['status'],
                entry['OS-EXT-SRV-ATTR:host'] or '-',
                entry['flavor']['original_name']))
        gpus, rest = self.free_gpus(), self.free()
        for name, entry in sorted(self.hypervisors().items()):
            if name in self.gpus:
                print('%-12s %s, %s; free: %s, %d vCPUs, %d MiB, %d GiB' % (
                    name, entry['status'], entry['state'], ', '.join(
                        '%d of %d %s' % (gpus[name][kind], count, kind)
                        for kind, count in self.gpus[name].items()),
                    *(rest[name][resource] for resource in RESOURCES)))


NAMES = ('half-full', 'ram-bound', 'vcpu-bound', 'disk-bound',
         'host-disabled', 'compute-down', 'shelved-offloaded', 'soft-deleted',
         'verify-resize', 'error-with-host', 'mixed')


def main(words):
    if len(words) not in (1, 2) or words[0] not in NAMES + ('reset',):
        sys.exit('usage: scenario NAME [REGION-KEY]; NAME: reset ' +
                 ' '.join(NAMES))
    lab = Scenario(words[1] if len(words) > 1 else 'bielefeld')
    lab.reset()
    if words[0] != 'reset':
        getattr(lab, words[0].replace('-', '_'))()
        lab.settle()
    lab.tell()


if __name__ == '__main__':
    main(sys.argv[1:])

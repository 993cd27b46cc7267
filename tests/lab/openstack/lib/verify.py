#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Prove that a region of the lab behaves like the real thing: see ../verify.

Boots, breaks and mends things, and leaves the region as it was found.
"""
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from seed import Region, STATE  # noqa: E402

LAB = os.path.dirname(HERE)
FAILED = []


def check(what, good, detail=''):
    print('%s  %s%s' % ('ok  ' if good else 'FAIL', what,
                        '' if good else '  (%s)' % (detail,)), flush=True)
    if not good:
        FAILED.append(what)


def sql(database, query):
    out = subprocess.run(
        ['mariadb', '--no-defaults', '--socket=%s/run/mariadb.sock' % STATE,
         '--user=root', '--batch', '--skip-column-names', database,
         '--execute', query], check=True, capture_output=True, text=True)
    return [line.split('\t') for line in out.stdout.splitlines()]


def service(*args):
    subprocess.run([os.path.join(LAB, 'service'), *args], check=True)


def until(seconds, condition, pause=0.5):
    deadline = time.time() + seconds
    while not condition():
        if time.time() > deadline:
            return False
        time.sleep(pause)
    return True


class Checks:
    def __init__(self, key):
        self.key = key
        self.admin = Region(key)
        self.demo = Region(key, 'demo', 'demo')
        self.image = self.admin.find('image', '/images?name=lab-image',
                                     'images', 'lab-image')['id']

    def flavor(self, name):
        return self.admin.find('compute', '/flavors/detail?is_public=None',
                               'flavors', name)['id']

    def boot(self, name, flavor):
        """Boot a server, wait, and return it as it ended up."""
        server = self.demo.call('POST', 'compute', '/servers', {'server': {
            'name': name, 'imageRef': self.image,
            'flavorRef': self.flavor(flavor), 'networks': 'none'}})['server']

        def settled():
            nonlocal server
            server = self.admin.call('GET', 'compute',
                                     '/servers/' + server['id'])['server']
            return server['status'] in ('ACTIVE', 'ERROR')
        until(60, settled)
        return server

    def delete(self, uuid):
        path = '/servers/' + uuid
        # At once, also where a deleted server can be restored for a while.
        self.demo.call('POST', 'compute', path + '/action',
                       {'forceDelete': None}, accept=(404,))
        return until(60, lambda: 'itemNotFound' in self.demo.call(
            'GET', 'compute', path, accept=(404,)))

    @staticmethod
    def fault(server):
        return '%s: %s' % (server['status'],
                           server.get('fault', {}).get('message'))

    def free(self, product):
        """Free PCI devices by host, from nova's own table."""
        rows = sql(self.key + '_nova', """
            SELECT node.host, SUM(device.status = 'available')
            FROM pci_devices device
            JOIN compute_nodes node ON node.id = device.compute_node_id
            WHERE device.deleted = 0 AND device.product_id = '%s'
            GROUP BY node.host""" % product)
        return {host: int(count) for host, count in rows}

    def computes(self):
        services = self.admin.call(
            'GET', 'compute', '/os-services?binary=nova-compute')['services']
        return {entry['host']: entry for entry in services}

    def hypervisors(self, version='2.79'):
        found = self.admin.call(
            'GET', 'compute', '/os-hypervisors/detail',
            headers={'OpenStack-API-Version': 'compute ' + version})
        return {entry['hypervisor_hostname']: entry
                for entry in found['hypervisors']}

    def reading(self):
        config = self.admin.config
        hosts = {host['name']: host for host in config['hosts']}
        seen = self.hypervisors()
        check('all compute hosts are hypervisors',
              set(seen) == set(hosts), seen)
        check('2.79 tells vcpus and memory', all(
            seen[name]['vcpus'] == host['vcpus'] and
            seen[name]['memory_mb'] == host['memory_mb']
            for name, host in hosts.items()), seen)
        check('2.88 tells them no more', not any(
            'vcpus' in entry for entry in self.hypervisors('2.88').values()))
        aggregates = {entry['name']: entry for entry in self.admin.call(
            'GET', 'compute', '/os-aggregates')['aggregates']}
        check('aggregates carry the gpu metadata', all(
            aggregates[entry['name']]['metadata'] == entry['metadata'] and
            set(aggregates[entry['name']]['hosts']) == set(entry['hosts'])
            for entry in config['aggregates']), aggregates)
        flavors = {entry['name']: entry for entry in self.admin.call(
            'GET', 'compute', '/flavors/detail?is_public=None')['flavors']}
        check('flavors carry the PCI alias',
              flavors['de.NBI GPU V100 medium']['extra_specs'] ==
              {'pci_passthrough:alias': 'V100:1'} and
              flavors['de.NBI GPU V100 medium']['swap'] == 1024, flavors)
        servers = self.admin.call(
            'GET', 'compute', '/servers/detail?all_tenants=1')['servers']
        check('the seeded servers are ACTIVE on a host', all(any(
            server['name'] == entry['name'] and server['status'] == 'ACTIVE'
            and server['OS-EXT-SRV-ATTR:host'] in hosts
            for server in servers) for entry in config['servers']), servers)
        refused = self.demo.call('GET', 'compute', '/os-hypervisors',
                                 accept=(403,))
        check('an ordinary user is refused', 'forbidden' in refused, refused)
        providers = self.admin.call('GET', 'placement', '/resource_providers')
        check('placement knows every host', {
            entry['name'] for entry in providers['resource_providers']
            if entry['parent_provider_uuid'] is None} == set(hosts), providers)

    def claiming(self):
        # GPUs of a resized or interrupted server are freed by a periodic task.
        check('nova tracks 4 V100, 3 of them free', until(30, lambda: sorted(
              self.free('1db6').values()) == [1, 2]), self.free('1db6'))
        before = self.free('1db6')
        first = self.boot('verify-1', 'de.NBI 2 GPU V100 large')
        check('a server of two V100 becomes ACTIVE',
              first['status'] == 'ACTIVE', self.fault(first))
        after = self.free('1db6')
        check('its host has two free V100 less',
              after.get(first['OS-EXT-SRV-ATTR:host']) == 0 and
              sum(after.values()) == 1, after)
        second = self.boot('verify-2', 'de.NBI 2 GPU V100 large')
        check('the next one finds no valid host', second['status'] == 'ERROR'
              and 'No valid host' in self.fault(second), self.fault(second))
        third = self.boot('verify-3', 'de.NBI GPU V100 medium')
        check('a server of one V100 gets the last one',
              third['status'] == 'ACTIVE' and
              sum(self.free('1db6').values()) == 0, self.fault(third))
        fourth = self.boot('verify-4', 'de.NBI GPU V100 medium')
        check('now no V100 is left', fourth['status'] == 'ERROR' and
              'No valid host' in self.fault(fourth), self.fault(fourth))
        usage = self.hypervisors().get(first['OS-EXT-SRV-ATTR:host'], {})
        check('the hypervisor counts the server',
              usage.get('running_vms') == 1 and
              usage.get('vcpus_used') == 28, usage)
        # 50 GiB and 1 GiB of swap each, for this one and demo-v100-medium.
        check('the disk left is measured', until(
            30, lambda: self.hypervisors()[third['OS-EXT-SRV-ATTR:host']]
            ['disk_available_least'] == 4096 - 2 * 51), self.hypervisors())
        for server in (first, second, third, fourth):
            self.delete(server['id'])
        check('deleting them frees the V100', until(
            30, lambda: self.free('1db6') == before), self.free('1db6'))

    def mixing(self):
        server = self.boot('verify-6', 'de.NBI mixed GPU large')
        check('a server of two GPU types becomes ACTIVE',
              server['status'] == 'ACTIVE', self.fault(server))
        rows = sql(self.key + '_nova', 'SELECT product_id FROM pci_devices '
                   "WHERE instance_uuid = '%s'" % server['id'])
        check('it holds one GPU of each', sorted(rows) ==
              [['1db6'], ['20f1']], rows)
        self.delete(server['id'])
        ratios = sql(self.key + '_nova', 'SELECT host, cpu_allocation_ratio '
                     'FROM compute_nodes')
        check('a host has a CPU ratio of its own', ['gi-v100-01', '1'] in
              ratios and ['gi-mix-01', '4'] in ratios, ratios)

    def disabling(self):
        host = self.admin.config['hosts'][2]['name']
        uuid = self.computes()[host]['id']
        self.admin.call('PUT', 'compute', '/os-services/' + uuid, {
            'status': 'disabled', 'disabled_reason': 'verify'})
        try:
            check('a disabled service is reported disabled',
                  self.hypervisors()[host]['status'] == 'disabled')
            server = self.boot('verify-5', 'de.NBI GPU A100 medium')
            check('its GPUs cannot be booted', server['status'] == 'ERROR')
        finally:
            self.admin.call('PUT', 'compute', '/os-services/' + uuid,
                            {'status': 'enabled'})
        check('enabled again', self.computes()[host]['status'] == 'enabled')

    def killing(self):
        host = self.admin.config['hosts'][1]['name']
        name = '%s.compute.%s' % (self.key, host)
        started = time.time()
        service('kill', name)
        try:
            check('a killed nova-compute goes down', until(
                60, lambda: self.hypervisors()[host]['state'] == 'down'))
            print('      after %d s' % (time.time() - started))
        finally:
            service('start', name)
        check('and comes up again', until(
            60, lambda: self.hypervisors()[host]['state'] == 'up'))

    def clean(self):
        """Delete the servers of this run and of one that was interrupted."""
        for server in self.demo.call('GET', 'compute', '/servers')['servers']:
            if server['name'].startswith('verify-'):
                self.delete(server['id'])


def main(key):
    checks = Checks(key)
    checks.clean()
    try:
        checks.reading()
        if key == 'bielefeld':
            checks.claiming()
            checks.disabling()
        if key == 'giessen':
            checks.mixing()
        checks.killing()
    finally:
        checks.clean()
    print('%d checks failed' % len(FAILED) if FAILED else 'all is well')
    return 1 if FAILED else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else 'bielefeld'))

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Count the servers of a flavor that can really be booted: see ../bootable."""
import collections
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from verify import Checks, sql, until  # noqa: E402

PREFIX = 'bootable-'
PAUSE = 0.3


class Bootable(Checks):
    def flavors(self):
        return self.admin.call('GET', 'compute', '/flavors/detail?'
                               'is_public=None')['flavors']

    def held(self):
        """All that a server holds: in nova's numbers, in its PCI devices and
        in placement. Without disk_available_least, which no scheduler reads
        and which is measured every ten seconds only."""
        hosts = {name: [entry[field] for field in (
            'vcpus_used', 'memory_mb_used', 'local_gb_used', 'running_vms')]
            for name, entry in self.hypervisors().items()}
        devices = sql(self.key + '_nova', """
            SELECT compute_node_id, address, status, instance_uuid
            FROM pci_devices WHERE deleted = 0 ORDER BY id""")
        allocations = sql(self.key + '_placement', """
            SELECT resource_provider_id, resource_class_id, SUM(used)
            FROM allocations GROUP BY 1, 2 ORDER BY 1, 2""")
        return hosts, devices, allocations

    def boot_fast(self, name, flavor_id):
        answer = self.demo.call('POST', 'compute', '/servers', {'server': {
            'name': name, 'imageRef': self.image, 'flavorRef': flavor_id,
            'networks': 'none'}}, accept=(400, 403))
        if 'server' not in answer:
            [refusal] = answer.values()
            return {'status': 'REFUSED', 'fault': refusal}
        server = answer['server']

        def settled():
            nonlocal server
            server = self.admin.call('GET', 'compute',
                                     '/servers/' + server['id'])['server']
            return server['status'] in ('ACTIVE', 'ERROR')
        if not until(120, settled, PAUSE):
            raise SystemExit('%s is still %s' % (name, server['status']))
        return server

    def forget(self, servers):
        for server in servers:
            self.demo.call('POST', 'compute', '/servers/%s/action'
                           % server['id'], {'forceDelete': None},
                           accept=(404,))
        return until(120, lambda: not any(
            entry['name'].startswith(PREFIX) for entry in self.demo.call(
                'GET', 'compute', '/servers')['servers']), PAUSE)

    def count(self, flavor_id):
        """How many were booted, and how many of them on which host."""
        before = self.held()
        booted, hosts = [], collections.Counter()
        try:
            while True:
                server = self.boot_fast(PREFIX + '%d' % len(booted), flavor_id)
                if server['status'] == 'REFUSED':
                    break
                booted.append(server)
                if server['status'] == 'ERROR':
                    break
                hosts[server['OS-EXT-SRV-ATTR:host']] += 1
        finally:
            self.forget(booted)
        if 'No valid host' not in self.fault(server):
            print('not for want of a host: ' + self.fault(server),
                  file=sys.stderr)
        if not until(120, lambda: self.held() == before, PAUSE):
            raise SystemExit('the servers are gone, but not all of what they '
                             'held is free again')
        return sum(hosts.values()), hosts


def main(words):
    with_hosts = '--hosts' in words
    words = [word for word in words if word != '--hosts']
    if len(words) not in (1, 2):
        sys.exit('usage: bootable [--hosts] FLAVOR [REGION-KEY]')
    wanted, key = words[0], words[1] if len(words) > 1 else 'bielefeld'
    lab = Bootable(key)
    chosen = [flavor for flavor in lab.flavors()
              if wanted in (flavor['id'], flavor['name']) or wanted == 'all'
              and 'pci_passthrough:alias' in flavor['extra_specs']]
    if not chosen:
        sys.exit('no flavor %r in %s' % (wanted, key))
    lab.forget([entry for entry in lab.demo.call(
        'GET', 'compute', '/servers')['servers']
        if entry['name'].startswith(PREFIX)])
    for flavor in chosen:
        number, hosts = lab.count(flavor['id'])
        line = str(number)
        if wanted == 'all':
            line += '  ' + flavor['name']
        if with_hosts:
            line += ''.join('  %s: %d' % item for item in sorted(hosts.items()))
        print(line, flush=True)


if __name__ == '__main__':
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Print parts of topology.json in a form that a shell can read.

    topology.py regions [WHICH]    key, name and address of regions: all of them,
                                   the first N, or those named (KEY,KEY...)
    topology.py hosts REGION       the compute hosts of a region, one a line
    topology.py aliases            one nova [pci]alias line for each GPU type
    topology.py compute REGION HOST
                                   nova-compute settings of one host (ini)
"""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def load():
    path = os.environ.get('OPENSTACK_LAB_TOPOLOGY',
                          os.path.join(HERE, '..', 'topology.json'))
    with open(path) as handle:
        return json.load(handle)


def region(topology, key):
    for entry in topology['regions']:
        if entry['key'] == key:
            return entry
    sys.exit('topology.py: no region %r' % key)


def gpus(host):
    """The GPUs of a host: (type, count) of each type, in the order given."""
    kinds, counts = host.get('gpu', []), host.get('gpu_count', [])
    if isinstance(kinds, str):
        kinds, counts = [kinds], [counts]
    return list(zip(kinds, counts, strict=True))


# nova's own options that a host may set.
OPTIONS = ('cpu_allocation_ratio', 'ram_allocation_ratio',
           'disk_allocation_ratio', 'reserved_host_memory_mb',
           'reserved_host_disk_mb', 'reserved_host_cpus')


def main(argv):
    topology = load()
    command, args = argv[0], argv[1:]
    if command == 'regions':
        entries = topology['regions']
        if args and args[0].isdigit():
            if not 1 <= int(args[0]) <= len(entries):
                sys.exit('topology.py: the number of regions must be 1 to %d'
                         % len(entries))
            entries = entries[:int(args[0])]
        elif args:
            entries = [region(topology, key) for key in args[0].split(',')]
        for entry in entries:
            print(entry['key'], entry['name'], entry['address'])
    elif command == 'hosts':
        for host in region(topology, args[0])['hosts']:
            print(host['name'])
    elif command == 'aliases':
        for name, gpu in topology['gpu_types'].items():
            print('alias =', json.dumps(dict(gpu, name=name)))
    elif command == 'compute':
        for host in region(topology, args[0])['hosts']:
            if host['name'] == args[1]:
                break
        else:
            sys.exit('topology.py: no host %r' % args[1])
        print('[lab]')
        for option in ('vcpus', 'memory_mb', 'disk_gb'):
            print('%s = %s' % (option, host[option]))
        specs = []
        for name, count in gpus(host):
            gpu = topology['gpu_types'][name]
            print('gpus =', json.dumps(dict(gpu, count=count)))
            specs.append({'vendor_id': gpu['vendor_id'],
                          'product_id': gpu['product_id']})
        print('[pci]')
        print('report_in_placement =',
              os.environ.get('OPENSTACK_LAB_PCI_REPORT', '0') == '1')
        for spec in specs:
            print('device_spec =', json.dumps(spec))
        print('[DEFAULT]')
        for option in OPTIONS:
            if option in host:
                print('%s = %s' % (option, host[option]))
    else:
        sys.exit(__doc__)


if __name__ == '__main__':
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1:])

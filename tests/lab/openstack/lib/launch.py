#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Start an OpenStack program from Debian's python3-* library packages.

    launch.py nova-compute --config-file ...

The programs' own packages (nova-api, nova-compute, ...) bring libvirt, qemu,
system users and service units along; the libraries hold all of the code.
"""
import importlib
import os
import sys

PROGRAMS = {
    'nova-api': 'nova.cmd.api_os_compute',
    'nova-compute': 'nova.cmd.compute',
    'nova-conductor': 'nova.cmd.conductor',
    'nova-scheduler': 'nova.cmd.scheduler',
    'nova-manage': 'nova.cmd.manage',
    'glance-api': 'glance.cmd.api',
    'glance-manage': 'glance.cmd.manage',
}

here = os.path.dirname(os.path.abspath(__file__))
# The directory of this file must not shadow modules of the programs.
sys.path = [entry for entry in sys.path
            if os.path.abspath(entry or '.') != here]

name = sys.argv[1] if len(sys.argv) > 1 else ''
if name not in PROGRAMS:
    sys.exit(__doc__ + '\nprograms: ' + ' '.join(PROGRAMS))
sys.argv = [name] + sys.argv[2:]

module = importlib.import_module(PROGRAMS[name])
if name == 'nova-compute':
    import nova.virt
    nova.virt.__path__.append(os.path.join(here, 'drivers'))
sys.exit(module.main())

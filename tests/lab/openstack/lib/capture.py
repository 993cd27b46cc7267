#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Record real answers of a running lab: see ../capture.

Every capture is a file NAME.json of the form

    {"description": ..., "request": {...}, "response": {"status", "reason",
     "headers": [[name, value], ...], "body": ...}}

where a JSON body is kept as JSON and any other as text; status is null where
the connection was closed without an answer. Tokens, passwords and secrets are
replaced; everything else is as it came over the wire.
"""
import copy
import http.client
import json
import os
import re
import subprocess
import sys
import time
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from seed import PORTS, SECRET, STATE  # noqa: E402
from verify import LAB, Checks, service, sql, until  # noqa: E402

HIDDEN = {'X-Auth-Token': 'TOKEN', 'X-Subject-Token': 'TOKEN'}


def hide(value):
    """Secrets in bodies and headers become placeholders."""
    text = json.dumps(value)
    text = re.sub(r'gAAAA[A-Za-z0-9_=-]{40,}', 'TOKEN', text)
    return json.loads(text.replace(json.dumps(SECRET), '"SECRET"'))


class Recorder:
    def __init__(self, address, folder):
        self.address = address
        self.folder = folder

    def take(self, name, description, method, service, path, token=None,
             version=None, body=None, headers=(), save=True, port=None):
        sent = [('Accept', 'application/json'),
                ('User-Agent', 'openstack-lab-capture')]
        if token:
            sent.append(('X-Auth-Token', token))
        if version:
            sent.append(('OpenStack-API-Version',
                         version if ' ' in version
                         else '%s %s' % (service, version)))
        data = None
        if body is not None:
            data = (body if isinstance(body, bytes)
                    else json.dumps(body).encode())
            sent.append(('Content-Type', 'application/json'))
            sent.append(('Content-Length', str(len(data))))
        sent.extend(headers)
        connection = http.client.HTTPConnection(
            self.address, port or PORTS[service], timeout=180)
        connection.putrequest(method, path, skip_accept_encoding=True)
        for header in sent:
            connection.putheader(*header)
        connection.endheaders()
        if data:
            try:
                connection.send(data)
            except (BrokenPipeError, ConnectionResetError):
                pass  # refused before all of it was read
        started = time.time()
        try:
            answer = connection.getresponse()
            text = answer.read().decode()
        except http.client.RemoteDisconnected as problem:
            answer, failure = None, str(problem)
        seconds = round(time.time() - started, 3)
        connection.close()
        if answer:
            status, received = answer.status, answer.getheaders()
            try:
                content = json.loads(text)
            except ValueError:
                content = text or None
            response = {
                'status': status, 'reason': answer.reason, 'seconds': seconds,
                'headers': [[key, HIDDEN.get(key, value)]
                            for key, value in received],
                'body': hide(content)}
        else:
            status, received, content = None, (), None
            response = {'status': None, 'reason': failure, 'seconds': seconds,
                        'headers': [], 'body': None}
        if save:
            if isinstance(body, bytes):
                shown = '(%d bytes)' % len(body)
            else:
                shown = copy.deepcopy(body)
            document = {
                'description': description,
                'request': {
                    'method': method,
                    'url': 'http://%s:%d%s' % (self.address,
                                               port or PORTS[service], path),
                    'headers': [[key, HIDDEN.get(key, value)]
                                for key, value in sent],
                    'body': hide(shown)},
                'response': response}
            with open(os.path.join(self.folder, name + '.json'), 'w') as out:
                json.dump(document, out, indent=2)
                out.write('\n')
            print('%4s  %s' % (status or 'none', name), flush=True)
        return status, dict(received), content


def password_auth(user, project=None, secret=SECRET, scope=None):
    auth = {'identity': {'methods': ['password'], 'password': {'user': {
        'name': user, 'domain': {'name': 'Default'}, 'password': secret}}}}
    if project:
        auth['scope'] = {'project': {'name': project,
                                     'domain': {'name': 'Default'}}}
    if scope:
        auth['scope'] = scope
    return {'auth': auth}


class Captures:
    def __init__(self, key, folder):
        self.key = key
        self.lab = Checks(key)
        self.recorder = Recorder(self.lab.admin.config['address'], folder)
        self.take = self.recorder.take
        self.admin = self.token('admin', 'admin')
        self.demo = self.token('demo', 'demo')
        self.reader = self.token('reader', 'demo')

    def token(self, user, project, port=None):
        status, headers, _ = self.take(
            '', '', 'POST', 'identity', '/v3/auth/tokens', save=False,
            body=password_auth(user, project), port=port)
        assert status == 201, status
        return headers['X-Subject-Token']

    def nova(self, name, description, path, version=None, token=None,
             method='GET', **options):
        return self.take('nova-' + name, description, method, 'compute',
                         '/v2.1' + path, token=token or self.admin,
                         version=version, **options)

    def placement(self, name, description, path, version='1.39', token=None,
                  method='GET', **options):
        return self.take('placement-' + name, description, method, 'placement',
                         path, token=token or self.admin, version=version,
                         **options)

    # --- keystone ---------------------------------------------------------

    def keystone(self):
        take, tokens = self.take, '/v3/auth/tokens'
        take('keystone-root-300', 'Version discovery at the root: 300',
             'GET', 'identity', '/')
        take('keystone-v3', 'Version document of /v3', 'GET', 'identity', '/v3')
        take('keystone-token-password', 'Password login, project scope',
             'POST', 'identity', tokens, body=password_auth('admin', 'admin'))
        take('keystone-token-nocatalog', 'The same with ?nocatalog', 'POST',
             'identity', tokens + '?nocatalog',
             body=password_auth('admin', 'admin'))
        take('keystone-token-demo', 'Password login of an ordinary member',
             'POST', 'identity', tokens, body=password_auth('demo', 'demo'))
        take('keystone-token-unscoped', 'Login without a scope: no catalog, '
             'no roles', 'POST', 'identity', tokens,
             body=password_auth('demo'))
        take('keystone-token-system', 'System scope', 'POST', 'identity',
             tokens, body=password_auth('admin', scope={'system': {
                 'all': True}}))
        with open(os.path.join(STATE, 'clouds.yaml')) as handle:
            auth = json.load(handle)['clouds'][self.key + '-appcred']['auth']
        credential = {'auth': {'identity': {
            'methods': ['application_credential'],
            'application_credential': {
                'id': auth['application_credential_id'],
                'secret': auth['application_credential_secret']}}}}
        take('keystone-token-appcred', 'Application credential', 'POST',
             'identity', tokens, body=credential)
        scoped = copy.deepcopy(credential)
        scoped['auth']['scope'] = {'project': {'name': 'admin', 'domain': {
            'name': 'Default'}}}
        take('keystone-token-appcred-scoped-401', 'An application credential '
             'must not ask for a scope', 'POST', 'identity', tokens,
             body=scoped)
        scoped = copy.deepcopy(credential)
        scoped['auth']['identity']['application_credential']['secret'] = 'no'
        take('keystone-token-appcred-wrong-401', 'Wrong secret', 'POST',
             'identity', tokens, body=scoped)
        take('keystone-token-wrong-password-401', 'Wrong password', 'POST',
             'identity', tokens, body=password_auth('admin', 'admin', 'no'))
        take('keystone-token-no-project-401', 'A project that does not exist',
             'POST', 'identity', tokens, body=password_auth('admin', 'none'))
        take('keystone-token-foreign-project-401', 'A project without a role',
             'POST', 'identity', tokens, body=password_auth('demo', 'admin'))
        take('keystone-token-malformed-400', 'A body that is not JSON', 'POST',
             'identity', tokens, body=b'{"auth": ')
        take('keystone-token-schema-400', 'A body without identity', 'POST',
             'identity', tokens, body={'auth': {}})
        take('keystone-token-validate', 'Validating a token', 'GET',
             'identity', tokens, token=self.admin,
             headers=[('X-Subject-Token', self.admin)])
        take('keystone-catalog', 'The catalog on its own', 'GET', 'identity',
             '/v3/auth/catalog', token=self.admin)
        take('keystone-notfound-404', 'A path that does not exist', 'GET',
             'identity', '/v3/nothing', token=self.admin)
        take('keystone-noauth-401', 'No token', 'GET', 'identity',
             '/v3/projects')

    # --- nova -------------------------------------------------------------

    def nova_reads(self):
        take, nova = self.take, self.nova
        take('nova-root', 'Version list', 'GET', 'compute', '/')
        take('nova-v2.1', 'Version document without a token', 'GET',
             'compute', '/v2.1')
        take('nova-v2.1-slash', 'Version document with a slash', 'GET',
             'compute', '/v2.1/', token=self.admin)
        take('nova-multiple-choices-300', 'A resource without a version',
             'GET', 'compute', '/servers', token=self.admin)
        for version in (None, '2.41', '2.79'):
            nova('aggregates-%s' % (version or '2.1'),
                 'Aggregates (uuid since 2.41)', '/os-aggregates', version)
        for version in (None, '2.28', '2.53', '2.79', '2.87', '2.88',
                        'latest'):
            nova('hypervisors-detail-%s' % (version or '2.1'),
                 'Hypervisors (2.28: cpu_info is an object, 2.53: id is a '
                 'uuid, 2.88: usage fields gone, uptime added)',
                 '/os-hypervisors/detail', version)
        nova('hypervisors-detail-2.79-with-servers', 'with_servers=true',
             '/os-hypervisors/detail?with_servers=true', '2.79')
        nova('hypervisors-2.79', 'Hypervisors, not in detail',
             '/os-hypervisors', '2.79')
        path, number = '/os-hypervisors/detail?limit=2', 1
        while path:
            _, _, page = nova('hypervisors-detail-2.79-page-%d' % number,
                              'Paging hypervisors with limit=2', path, '2.79')
            path = self.next_path(page, 'hypervisors_links')
            number += 1
        nova('hypervisors-statistics-2.79', 'Sums over all hypervisors',
             '/os-hypervisors/statistics', '2.79')
        nova('hypervisors-statistics-2.88-404', 'gone in 2.88',
             '/os-hypervisors/statistics', '2.88')
        for version in (None, '2.55', '2.61', '2.79', 'latest'):
            _, _, page = nova(
                'flavors-detail-%s' % (version or '2.1'),
                'All flavors (2.55: description, 2.61: extra_specs)',
                '/flavors/detail?is_public=None', version)
        flavor = next(entry for entry in page['flavors']
                      if entry['name'] == 'de.NBI GPU V100 medium')
        nova('flavors-detail-public', 'Without is_public=None: the public ones '
             'and those of the project', '/flavors/detail', '2.79')
        nova('flavors-detail-demo', 'is_public=None as an ordinary user',
             '/flavors/detail?is_public=None', '2.79', token=self.demo)
        nova('flavor-extra-specs', 'Extra specs of one flavor (before 2.61)',
             '/flavors/%s/os-extra_specs' % flavor['id'])
        nova('flavor-access', 'Projects that may use a private flavor',
             '/flavors/%s/os-flavor-access' % flavor['id'], '2.79')
        path, number = '/flavors/detail?is_public=None&limit=3', 1
        while path:
            _, _, page = nova('flavors-detail-2.79-page-%d' % number,
                              'Paging flavors with limit=3', path, '2.79')
            path = self.next_path(page, 'flavors_links')
            number += 1
        for version in (None, '2.53', '2.69', '2.79', 'latest'):
            nova('services-%s' % (version or '2.1'),
                 'Services (2.53: id is a uuid)', '/os-services', version)
        nova('services-2.79-compute', 'Only nova-compute',
             '/os-services?binary=nova-compute', '2.79')
        nova('availability-zones', 'Availability zones with hosts',
             '/os-availability-zone/detail', '2.79')
        nova('limits', 'Limits of the project', '/limits', '2.79')
        for version in (None, '2.47', '2.79', 'latest'):
            nova('servers-detail-%s' % (version or '2.1'),
                 'Servers of all projects (2.47: the flavor is embedded)',
                 '/servers/detail?all_tenants=1', version)
        nova('servers-detail-own', 'Without all_tenants: admin has none',
             '/servers/detail', '2.79')
        nova('servers-detail-demo', 'As an ordinary user: no host attributes',
             '/servers/detail', '2.79', token=self.demo)
        nova('servers-detail-reader', 'As a reader of the project',
             '/servers/detail', '2.79', token=self.reader)

    @staticmethod
    def next_path(page, links):
        for link in page.get(links, ()):
            if link['rel'] == 'next':
                parts = urllib.parse.urlsplit(link['href'])
                return (parts.path.removeprefix('/v2.1') +
                        ('?' + parts.query if parts.query else ''))
        return None

    def nova_errors(self):
        nova = self.nova
        some = '00000000-0000-0000-0000-000000000000'
        self.take('nova-noauth-401', 'No token', 'GET', 'compute',
                  '/v2.1/servers/detail')
        nova('badtoken-401', 'A token that never was', '/servers/detail',
             token='gAAAA-no-such-token')
        nova('expired-401', 'An expired token', '/servers/detail', '2.79',
             token=self.expired_token())
        revoked = self.token('admin', 'admin')
        self.take('keystone-revoke-204', 'Revoking a token', 'DELETE',
                  'identity', '/v3/auth/tokens', token=self.admin,
                  headers=[('X-Subject-Token', revoked)])
        nova('revoked-401', 'A revoked token', '/servers/detail', '2.79',
             token=revoked)
        unscoped = self.take('', '', 'POST', 'identity', '/v3/auth/tokens',
                             body=password_auth('demo'), save=False)[1]
        nova('unscoped-500', 'A token without a project has no catalog: 500',
             '/servers/detail', '2.79', token=unscoped['X-Subject-Token'])
        system = self.take('', '', 'POST', 'identity', '/v3/auth/tokens',
                           body=password_auth('admin', scope={'system': {
                               'all': True}}), save=False)[1]
        nova('system-scope-hypervisors', 'System scope: hypervisors',
             '/os-hypervisors/detail', '2.79',
             token=system['X-Subject-Token'])
        nova('system-scope-servers', 'System scope: servers of all projects',
             '/servers/detail?all_tenants=1', '2.79',
             token=system['X-Subject-Token'])
        for name, path in (('hypervisors', '/os-hypervisors/detail'),
                           ('aggregates', '/os-aggregates'),
                           ('services', '/os-services'),
                           ('servers', '/servers/detail?all_tenants=1')):
            nova('%s-403' % name, 'As an ordinary user', path, '2.79',
                 token=self.demo)
        nova('hypervisors-reader-403', 'As a reader',
             '/os-hypervisors/detail', '2.79', token=self.reader)
        nova('server-404', 'No such server', '/servers/' + some, '2.79')
        nova('flavor-404', 'No such flavor', '/flavors/' + some, '2.79')
        nova('path-404', 'No such path', '/nothing', '2.79')
        nova('hypervisor-404', 'No such hypervisor',
             '/os-hypervisors/' + some, '2.79')
        nova('marker-400', 'Paging from a server that is gone',
             '/servers/detail?all_tenants=1&marker=' + some, '2.79')
        nova('limit-400', 'A limit that is no number',
             '/servers/detail?limit=many', '2.79')
        nova('changes-since-400', 'A time that is none',
             '/servers/detail?changes-since=yesterday', '2.79')
        nova('query-400', 'An unknown query parameter (strict since 2.75)',
             '/servers/detail?nonsense=1', '2.79')
        nova('microversion-406', 'A microversion too high', '/servers/detail',
             '2.999')
        nova('microversion-400', 'A microversion that is none',
             '/servers/detail', 'compute many')
        nova('method-404', 'A method that is not allowed: 404, not 405',
             '/os-hypervisors', '2.79', method='POST', body={})
        nova('body-413', 'A body larger than 112 KiB', '/servers', '2.79',
             method='POST', body=b'{"server": "' + b'x' * 200000 + b'"}')
        nova('body-400', 'A body that is not JSON', '/servers', '2.79',
             method='POST', body=b'{"server": ')
        nova('hypervisors-pattern-404', 'Searching for no host',
             '/os-hypervisors?hypervisor_hostname_pattern=nothing', '2.79')

    def expired_token(self):
        """A token of a second keystone whose tokens live one second."""
        source = os.path.join(STATE, 'regions', self.key, 'keystone',
                              'keystone.conf')
        folder = os.path.join(STATE, 'regions', self.key, 'keystone-short')
        os.makedirs(folder, exist_ok=True)
        with open(source) as handle:
            text = re.sub(r'(?m)^expiration = .*', 'expiration = 1',
                          handle.read())
        with open(os.path.join(folder, 'keystone.conf'), 'w') as handle:
            handle.write(text)
        process = subprocess.Popen(
            ['/usr/bin/keystone-wsgi-public', '--port', '5001', '--host',
             self.recorder.address],
            env=dict(os.environ, OS_KEYSTONE_CONFIG_DIR=folder),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        try:
            token = None

            def try_login():
                nonlocal token
                try:
                    token = self.token('admin', 'admin', port=5001)
                except OSError:
                    pass
                return token
            until(30, try_login)
        finally:
            process.terminate()
            process.wait()
        time.sleep(2)
        return token

    # --- placement --------------------------------------------------------

    def placement_reads(self):
        placement = self.placement
        self.take('placement-root', 'Version document', 'GET', 'placement',
                  '/')
        placement('providers-1.0', 'Resource providers without a microversion',
                  '/resource_providers', None)
        _, _, page = placement('providers', 'Resource providers',
                               '/resource_providers')
        providers = {entry['name']: entry['uuid']
                     for entry in page['resource_providers']}
        for host in (self.lab.admin.config['hosts'][0]['name'],
                     self.lab.admin.config['hosts'][2]['name']):
            for part in ('inventories', 'usages', 'aggregates', 'traits',
                         'allocations'):
                placement('provider-%s-%s' % (host, part),
                          '%s of %s' % (part, host),
                          '/resource_providers/%s/%s' % (providers[host],
                                                         part))
        server = self.lab.admin.call(
            'GET', 'compute', '/servers/detail?all_tenants=1')['servers'][0]
        placement('allocations', 'Allocations of one server',
                  '/allocations/' + server['id'])
        placement('allocations-none', 'Allocations of an unknown consumer: '
                  'empty, not 404', '/allocations/00000000-0000-0000-0000-'
                  '000000000000')
        placement('usages', 'Usages of one project',
                  '/usages?project_id=' + server['tenant_id'])
        placement('usages-1.38', 'The same by consumer type',
                  '/usages?project_id=%s&consumer_type=all'
                  % server['tenant_id'], '1.38')
        query = ('/allocation_candidates?resources=VCPU:14,MEMORY_MB:65535,'
                 'DISK_GB:51')
        placement('candidates', 'Allocation candidates for a V100 medium: '
                  'placement knows nothing of PCI devices', query)
        placement('candidates-1.10', 'The oldest form', query, '1.10')
        placement('candidates-limit', 'limit=1', query + '&limit=1')
        placement('candidates-none', 'More than any host has',
                  '/allocation_candidates?resources=VCPU:100000')
        placement('classes', 'Resource classes', '/resource_classes')
        self.take('placement-noauth-401', 'No token', 'GET', 'placement',
                  '/resource_providers')
        placement('badtoken-401', 'A token that never was',
                  '/resource_providers', token='gAAAA-no-such-token')
        placement('demo-403', 'As an ordinary user', '/resource_providers',
                  token=self.demo)
        placement('provider-404', 'No such provider', '/resource_providers/'
                  '00000000-0000-0000-0000-000000000000')
        placement('path-404', 'No such path', '/nothing')
        placement('candidates-1.0-404', 'allocation_candidates before 1.10',
                  query, '1.0')
        placement('microversion-406', 'A microversion too high',
                  '/resource_providers', '1.999')
        placement('candidates-400', 'A bad query',
                  '/allocation_candidates?resources=GPU')
        placement('method-405', 'A method that is not allowed', '/usages',
                  method='POST', body={})

    def pci_in_placement(self):
        """[pci]report_in_placement: each GPU is a provider below its host."""
        lab, placement = self.lab, self.placement
        self.pci_reads('', 'demo servers only')
        server = lab.boot('capture-resized-gpu', 'de.NBI GPU V100 medium')
        path = '/servers/' + server['id']
        try:
            lab.demo.call('POST', 'compute', path + '/action', {
                'resize': {'flavorRef': lab.flavor('de.NBI GPU V100 large')}})
            until(60, lambda: lab.admin.call('GET', 'compute', path)
                  ['server']['status'] == 'VERIFY_RESIZE')
            # The periodic task of nova-compute writes these allocations.
            time.sleep(15)
            self.pci_reads('resize-', 'a server in VERIFY_RESIZE')
            _, _, page = self.nova('pci-resize-migrations', 'The migration '
                                   'behind it', '/os-migrations', '2.79')
            migration = next(entry['uuid'] for entry in page['migrations']
                             if entry['instance_uuid'] == server['id'])
            placement('pci-resize-allocations', 'What the server in '
                      'VERIFY_RESIZE holds', '/allocations/' + server['id'])
            placement('pci-resize-allocations-migration', 'What its migration '
                      'holds', '/allocations/' + migration)
        finally:
            lab.delete(server['id'])
        placement('pci-candidates', 'Allocation candidates with a GPU', '/'
                  'allocation_candidates?resources=VCPU:14,MEMORY_MB:65535,'
                  'DISK_GB:51&resources_GPU=CUSTOM_PCI_10DE_1DB6:1'
                  '&group_policy=none')
        placement('pci-classes', 'Resource classes', '/resource_classes')

    def pci_reads(self, prefix, told):
        placement, name = self.placement, 'pci-' + prefix
        _, _, page = placement(name + 'providers', 'Providers: each GPU one '
                               'below its host (%s)' % told,
                               '/resource_providers')
        for root in page['resource_providers']:
            if root['parent_provider_uuid'] is not None:
                continue
            placement('%stree-%s' % (name, root['name']),
                      'The host and its GPUs (%s)' % told,
                      '/resource_providers?in_tree=' + root['uuid'])
            for entry in page['resource_providers']:
                if entry['root_provider_uuid'] != root['uuid']:
                    continue
                for part in ('inventories', 'usages', 'allocations') + (
                        () if prefix else ('traits',)):
                    placement('%s%s-%s' % (name, entry['name'].replace(
                        ':', '-'), part), '%s of %s (%s)' % (
                            part, entry['name'], told),
                        '/resource_providers/%s/%s' % (entry['uuid'], part))
        _, _, page = self.nova(name + 'servers-detail-2.79', told,
                               '/servers/detail?all_tenants=1', '2.79')
        if not prefix:
            for server in page['servers']:
                placement('pci-allocations-' + server['name'],
                          'What %s holds' % server['name'],
                          '/allocations/' + server['id'])
        self.nova(name + 'hypervisors-detail-2.79', told,
                  '/os-hypervisors/detail', '2.79')
        self.pci_devices(name + 'pci-devices')

    def glance(self):
        self.take('glance-root-300', 'Version discovery: 300', 'GET', 'image',
                  '/')

    # --- situations -------------------------------------------------------

    def servers_in_all_states(self):
        lab, nova = self.lab, self.nova
        since = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())

        def act(server, body, status):
            lab.demo.call('POST', 'compute',
                          '/servers/%s/action' % server['id'], body)
            if not until(60, lambda: lab.admin.call(
                    'GET', 'compute', '/servers/' + server['id'])
                    ['server']['status'] == status):
                print('     %s did not become %s' % (server['name'], status))

        gone = lab.boot('capture-deleted', 'de.NBI small')
        lab.delete(gone['id'])
        lab.boot('capture-two-gpus', 'de.NBI 2 GPU V100 large')
        lab.boot('capture-no-valid-host', 'de.NBI 2 GPU V100 large')
        act(lab.boot('capture-stopped', 'de.NBI GPU V100 medium'),
            {'os-stop': None}, 'SHUTOFF')
        act(lab.boot('capture-paused', 'de.NBI GPU A100 medium'),
            {'pause': None}, 'PAUSED')
        act(lab.boot('capture-shelved', 'de.NBI GPU A100 medium'),
            {'shelve': None}, 'SHELVED_OFFLOADED')
        act(lab.boot('capture-resized', 'de.NBI small'),
            {'resize': {'flavorRef': lab.flavor('de.NBI large')}},
            'VERIFY_RESIZE')
        lab.demo.call('POST', 'compute', '/servers', {'server': {
            'name': 'capture-building', 'imageRef': lab.image,
            'flavorRef': lab.flavor('de.NBI small'), 'networks': 'none'}})
        nova('states-servers-detail-2.79', 'Servers in many states, the first '
             'one still BUILD', '/servers/detail?all_tenants=1', '2.79')
        nova('states-servers-detail-2.1', 'The same without a microversion: '
             'flavors by id only', '/servers/detail?all_tenants=1')
        time.sleep(5)
        path, number = '/servers/detail?all_tenants=1&limit=1', 1
        while path:
            _, _, page = nova('states-servers-page-%d' % number,
                              'Paging servers with limit=1: the last server '
                              'is followed by an empty page', path, '2.79')
            path = self.next_path(page, 'servers_links')
            number += 1
        nova('states-servers-limit-3', 'limit=3',
             '/servers/detail?all_tenants=1&limit=3', '2.79')
        nova('states-servers-changes-since', 'changes-since brings deleted '
             'servers along', '/servers/detail?all_tenants=1&changes-since='
             + since, '2.79')
        nova('states-servers-deleted', 'deleted=true',
             '/servers/detail?all_tenants=1&deleted=true', '2.79')
        nova('states-servers-error', 'status=ERROR',
             '/servers/detail?all_tenants=1&status=ERROR', '2.79')
        nova('states-server-deleted-404', 'A deleted server',
             '/servers/' + gone['id'], '2.79')
        nova('states-hypervisors-detail-2.79', 'Hypervisors meanwhile',
             '/os-hypervisors/detail', '2.79')
        nova('states-migrations', 'Migrations', '/os-migrations', '2.79')
        self.pci_devices('states-pci-devices')

    def resized_gpu(self):
        """Until a resize is confirmed the server holds GPUs on both hosts."""
        lab, nova = self.lab, self.nova
        server = lab.boot('capture-resized-gpu', 'de.NBI GPU V100 medium')
        path = '/servers/' + server['id']
        lab.demo.call('POST', 'compute', path + '/action', {
            'resize': {'flavorRef': lab.flavor('de.NBI GPU V100 large')}})
        until(60, lambda: lab.admin.call('GET', 'compute', path)
              ['server']['status'] == 'VERIFY_RESIZE')
        nova('resize-servers-detail-2.79', 'A GPU server in VERIFY_RESIZE, '
             'shown on its new host only', '/servers/detail?all_tenants=1',
             '2.79')
        nova('resize-migrations', 'The migration behind it', '/os-migrations',
             '2.79')
        nova('resize-hypervisors-detail-2.79', 'Both hosts count its memory, '
             'only one counts it in running_vms', '/os-hypervisors/detail',
             '2.79')
        self.pci_devices('resize-pci-devices')
        self.placement('resize-allocations', 'Its own allocations (the old '
                       'host is held by the migration)',
                       '/allocations/' + server['id'])
        lab.delete(server['id'])

    def pci_devices(self, name):
        with open(os.path.join(self.recorder.folder,
                               name + '.json'), 'w') as handle:
            json.dump({
                'description': 'What nova itself has in its table pci_devices '
                               'at that moment (no API call)',
                'columns': ['host', 'address', 'vendor_id', 'product_id',
                            'dev_type', 'status', 'instance_uuid'],
                'rows': sql(self.key + '_nova', """
                    SELECT node.host, device.address, device.vendor_id,
                        device.product_id, device.dev_type, device.status,
                        device.instance_uuid
                    FROM pci_devices device
                    JOIN compute_nodes node ON node.id = device.compute_node_id
                    WHERE device.deleted = 0
                    ORDER BY node.host, device.address""")}, handle, indent=2)
            handle.write('\n')

    def broken_hosts(self):
        lab, nova = self.lab, self.nova
        names = [host['name'] for host in lab.admin.config['hosts']]
        disabled, killed, forced = names[2], names[1], names[3]
        computes = lab.computes()
        lab.admin.call('PUT', 'compute',
                       '/os-services/' + computes[disabled]['id'],
                       {'status': 'disabled',
                        'disabled_reason': 'NVLink replacement, ticket 4711'})
        lab.admin.call('PUT', 'compute',
                       '/os-services/' + computes[forced]['id'],
                       {'forced_down': True})
        process = '%s.compute.%s' % (self.key, killed)
        service('kill', process)
        until(60, lambda: lab.hypervisors()[killed]['state'] == 'down')
        told = ('%s is disabled, %s does not answer, %s is forced down'
                % (disabled, killed, forced))
        try:
            for version in (None, '2.53', '2.79'):
                nova('broken-services-%s' % (version or '2.1'), told,
                     '/os-services', version)
            for version in ('2.53', '2.79', '2.88'):
                nova('broken-hypervisors-detail-%s' % version, told,
                     '/os-hypervisors/detail', version)
            nova('broken-servers-detail-2.79', told + ' (host_status)',
                 '/servers/detail?all_tenants=1', '2.79')
            nova('broken-availability-zones', told,
                 '/os-availability-zone/detail', '2.79')
            provider = self.lab.admin.find(
                'placement', '/resource_providers', 'resource_providers',
                disabled)
            self.placement('broken-traits', 'Traits of the disabled host',
                           '/resource_providers/%s/traits' % provider['uuid'])
        finally:
            service('start', process)
            lab.admin.call('PUT', 'compute',
                           '/os-services/' + computes[forced]['id'],
                           {'forced_down': False})
            lab.admin.call('PUT', 'compute',
                           '/os-services/' + computes[disabled]['id'],
                           {'status': 'enabled'})
            until(60, lambda: all(entry['state'] == 'up' for entry
                                  in lab.computes().values()))

    def small_pages(self):
        """[api]max_limit cuts lists that nobody asked to be cut."""
        path = os.path.join(STATE, 'regions', self.key, 'nova', 'nova.conf')
        with open(path) as handle:
            text = handle.read()

        def restart(new):
            with open(path, 'w') as handle:
                handle.write(new)
            service('restart', self.key + '.api')
            self.up('compute', '/')

        restart(re.sub(r'(?m)^max_limit = .*', 'max_limit = 2', text))
        try:
            told = 'No limit was asked for, [api]max_limit is 2 (default 1000)'
            for name, query in (
                    ('servers', '/servers/detail?all_tenants=1'),
                    ('flavors', '/flavors/detail?is_public=None'),
                    ('hypervisors', '/os-hypervisors/detail')):
                self.nova('maxlimit-%s-detail-2.79' % name, told, query,
                          '2.79')
            self.nova('maxlimit-hypervisors-detail-2.1', told + ': hypervisors '
                      'have no pages before 2.33', '/os-hypervisors/detail')
        finally:
            restart(text)

    def outages(self):
        """What the services answer while another one is away."""
        fresh = self.token('admin', 'admin')  # in no service's token cache
        service('stop', self.key + '.keystone')
        try:
            self.nova('outage-keystone-nova-503', 'keystone is away: a token '
                      'nova has not seen yet', '/servers/detail', '2.79',
                      token=fresh)
            self.placement('outage-keystone-503', 'keystone is away',
                           '/resource_providers', token=fresh)
        finally:
            service('start', self.key + '.keystone')
        self.up('identity', '/v3')
        self.nova('outage-over', 'keystone is back', '/os-services', '2.79',
                  token=fresh)

        service('stop', self.key + '.placement')
        try:
            lab = self.lab
            server = lab.boot('capture-outage', 'de.NBI small')
            self.nova('outage-placement-server', 'A server booted while '
                      'placement was away', '/servers/' + server['id'], '2.79')
        finally:
            service('start', self.key + '.placement')
        self.up('placement', '/')

    def outage_database(self):
        service('stop', 'mariadb')
        try:
            self.take('keystone-outage-database', 'keystone without its '
                      'database: under uwsgi the connection is closed',
                      'POST', 'identity', '/v3/auth/tokens',
                      body=password_auth('admin', 'admin'))
            self.placement('outage-database-500', 'placement without its '
                           'database', '/resource_providers')
            self.nova('outage-database', 'nova without its database',
                      '/flavors/detail', '2.79')
        finally:
            service('start', 'mariadb')
            until(30, lambda: subprocess.run(
                ['mariadb', '--no-defaults', '--user=root',
                 '--socket=%s/run/mariadb.sock' % STATE,
                 '--execute=SELECT 1'],
                capture_output=True).returncode == 0)
        until(90, lambda: self.take('', '', 'GET', 'compute', '/v2.1/servers',
                                    token=self.admin, save=False)[0] == 200)

    def down_cell(self):
        """The database of the cell is away, that of the API is not.

        nova waits a minute for the cell, then answers 200 with what it knows.
        """
        where = "WHERE name = 'cell1'"
        database = self.key + '_nova_api'
        [[good]] = sql(database, 'SELECT database_connection FROM '
                                 'cell_mappings ' + where)

        def point_to(url):
            sql(database, "UPDATE cell_mappings SET database_connection = '%s'"
                % url + where)
            service('restart', self.key + '.api')
            self.up('compute', '/')

        point_to(re.sub(r':\d+/', ':1/', good))
        try:
            for version in ('2.68', '2.79'):
                self.nova('downcell-servers-detail-%s' % version,
                          'Servers while their cell is down (2.69: a stub of '
                          'each, status UNKNOWN)',
                          '/servers/detail?all_tenants=1', version)
            self.nova('downcell-hypervisors-detail-2.79', 'Hypervisors while '
                      'their cell is down', '/os-hypervisors/detail', '2.79')
            for version in ('2.68', '2.79'):
                self.nova('downcell-services-%s' % version, 'Services while '
                          'their cell is down (2.69: a stub of each)',
                          '/os-services', version)
            self.nova('downcell-aggregates-2.79', 'Aggregates are not in the '
                      'cell', '/os-aggregates', '2.79')
        finally:
            point_to(good)

    def up(self, service_type, path):
        def answers():
            try:
                return self.take('', '', 'GET', service_type, path,
                                 save=False)[0] < 400
            except OSError:
                return False
        until(60, answers)

    def clean(self):
        for server in self.lab.demo.call('GET', 'compute',
                                         '/servers')['servers']:
            if server['name'].startswith('capture-'):
                self.lab.delete(server['id'])


def take_all(captures, slow):
    captures.clean()
    captures.lab.clean()
    try:
        captures.nova_errors()
        captures.small_pages()
        captures.servers_in_all_states()
        captures.broken_hosts()
        captures.outages()
        captures.clean()
        time.sleep(15)  # a periodic task frees what resized servers held
        captures.resized_gpu()
        captures.outage_database()
        if slow:
            captures.down_cell()
    finally:
        captures.clean()


def main(key, folder, options):
    os.makedirs(folder, exist_ok=True)
    for name in os.listdir(folder):
        if name.endswith('.json') and ('--slow' in options or
                                       'downcell' not in name):
            os.remove(os.path.join(folder, name))
    captures = Captures(key, folder)
    if '--pci' in options:
        captures.pci_in_placement()
    else:
        captures.keystone()
        captures.nova_reads()
        captures.placement_reads()
        captures.glance()
    if not {'--reads', '--pci'} & set(options):
        take_all(captures, '--slow' in options)
    with open(os.path.join(folder, 'index.json'), 'w') as handle:
        # From the files, since not every run takes all of the captures.
        index = []
        for name in sorted(os.listdir(folder)):
            if not name.endswith('.json') or name == 'index.json':
                continue
            with open(os.path.join(folder, name)) as one:
                document = json.load(one)
            index.append({
                'file': name,
                'status': document.get('response', {}).get('status'),
                'request': '%(method)s %(url)s' % document['request']
                if 'request' in document else None,
                'description': document['description']})
        json.dump(index, handle, indent=2)
        handle.write('\n')


if __name__ == '__main__':
    options = [word for word in sys.argv[1:] if word.startswith('--')]
    arguments = [word for word in sys.argv[1:] if not word.startswith('--')]
    main(arguments[0] if arguments else 'bielefeld',
         arguments[1] if len(arguments) > 1 else os.path.join(
             STATE, 'captures', 'pci' if '--pci' in options else ''),
         options)

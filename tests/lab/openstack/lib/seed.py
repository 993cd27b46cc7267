#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Fill a region of the lab through its APIs. Everything is done only once.

    seed.py identity REGION            users, services and endpoints in keystone
    seed.py compute REGION [--servers] image, flavors, aggregates and servers
    seed.py clients REGION...          openrc files, clouds.yaml and such
"""
import json
import os
import sys
import time

import requests

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import topology  # noqa: E402

STATE = os.environ.get('OPENSTACK_LAB_STATE', '/var/tmp/openstack-lab')
SECRET = os.environ.get('OPENSTACK_LAB_SECRET', 'lab-only')
PORTS = {'identity': 5000, 'compute': 8774, 'placement': 8778, 'image': 9292,
         'network': 9696}
SERVICES = [  # service type, name, path of the endpoint
    ('compute', 'nova', '/v2.1'),
    ('placement', 'placement', ''),
    ('image', 'glance', ''),
    ('network', 'neutron', ''),
]
MICROVERSIONS = {'compute': 'compute 2.90', 'placement': 'placement 1.39'}


class Region:
    """Authenticated requests to the services of one region."""

    def __init__(self, key, user='admin', project='admin'):
        self.config = topology.region(topology.load(), key)
        self.user, self.project = user, project
        self.http = requests.Session()
        self.http.trust_env = False
        self.token = None

    def url(self, service, path):
        base = 'http://%s:%d' % (self.config['address'], PORTS[service])
        prefix = {'identity': '/v3', 'compute': '/v2.1', 'image': '/v2'}
        return base + prefix.get(service, '') + path

    def login(self):
        domain = {'id': 'default'}
        answer = self.http.post(self.url('identity', '/auth/tokens'), json={
            'auth': {
                'identity': {'methods': ['password'], 'password': {'user': {
                    'name': self.user, 'domain': domain,
                    'password': SECRET}}},
                'scope': {'project': {'name': self.project,
                                      'domain': domain}}}})
        answer.raise_for_status()
        self.token = answer.headers['X-Subject-Token']
        self.user_id = answer.json()['token']['user']['id']
        self.project_id = answer.json()['token']['project']['id']

    def call(self, method, service, path, body=None, accept=(), **options):
        if self.token is None:
            self.login()
        headers = {}
        if service in MICROVERSIONS:
            headers['OpenStack-API-Version'] = MICROVERSIONS[service]
        headers.update(options.pop('headers', {}))

        def send():
            return self.http.request(
                method, self.url(service, path), json=body, timeout=120,
                headers=dict({'X-Auth-Token': self.token}, **headers),
                **options)
        answer = send()
        if answer.status_code == 401 and 401 not in accept:
            self.login()  # the token has ended
            answer = send()
        if answer.status_code >= 400 and answer.status_code not in accept:
            raise SystemExit('%s %s: %d %s' % (method, answer.url,
                                               answer.status_code,
                                               answer.text[:2000]))
        # nova labels even an empty 204 as JSON.
        if answer.content and 'json' in answer.headers.get('Content-Type', ''):
            return answer.json()
        return answer

    def find(self, service, path, collection, name):
        for entry in self.call('GET', service, path)[collection]:
            if entry.get('name') == name:
                return entry
        return None


def ensure(region, service, collection, single, name, **values):
    """An identity resource of that name: the existing one or a new one."""
    found = region.find(service, '/%s?name=%s' % (collection, name),
                        collection, name)
    if found:
        return found
    return region.call('POST', service, '/' + collection, {
        single: dict(values, name=name)})[single]


def identity(key):
    region = Region(key)
    roles = {role['name']: role['id']
             for role in region.call('GET', 'identity', '/roles')['roles']}

    def grant(project, user, role):
        region.call('PUT', 'identity', '/projects/%s/users/%s/roles/%s'
                    % (project['id'], user['id'], roles[role]))

    service_project = ensure(region, 'identity', 'projects', 'project',
                             'service', domain_id='default')
    demo_project = ensure(region, 'identity', 'projects', 'project', 'demo',
                          domain_id='default')
    for name in ('nova', 'placement', 'glance'):
        user = ensure(region, 'identity', 'users', 'user', name,
                      domain_id='default', password=SECRET)
        grant(service_project, user, 'admin')
    for name, role in (('demo', 'member'), ('reader', 'reader')):
        user = ensure(region, 'identity', 'users', 'user', name,
                      domain_id='default', password=SECRET)
        grant(demo_project, user, role)
    # Roles given to users only, not to the project, are what "admin" needs to
    # boot servers for the demo project as well.
    admin = region.find('identity', '/users?name=admin', 'users', 'admin')
    grant(demo_project, admin, 'admin')

    endpoints = region.call('GET', 'identity', '/endpoints')['endpoints']
    for kind, name, path in SERVICES:
        service = ensure(region, 'identity', 'services', 'service', name,
                         type=kind)
        for interface in ('public', 'internal', 'admin'):
            if any(endpoint['service_id'] == service['id'] and
                   endpoint['interface'] == interface
                   for endpoint in endpoints):
                continue
            region.call('POST', 'identity', '/endpoints', {'endpoint': {
                'service_id': service['id'], 'interface': interface,
                'region_id': region.config['name'],
                'url': 'http://%s:%d%s' % (region.config['address'],
                                           PORTS[kind], path)}})


def wait_for_hosts(region):
    """Until every compute host is up and known to its cell."""
    wanted = {host['name'] for host in region.config['hosts']}
    deadline = time.time() + 180
    while True:
        up = {service['host'] for service in region.call(
            'GET', 'compute', '/os-services?binary=nova-compute')['services']
            if service['state'] == 'up'}
        known = {host['hypervisor_hostname'] for host in region.call(
            'GET', 'compute', '/os-hypervisors')['hypervisors']}
        if wanted <= up and wanted <= known:
            return
        if time.time() > deadline:
            raise SystemExit('compute hosts missing: %s'
                             % sorted(wanted - (up & known)))
        time.sleep(1)


def compute(key, with_servers):
    region = Region(key)
    region.login()
    demo = Region(key, 'demo', 'demo')
    demo.login()

    image = region.find('image', '/images?name=lab-image', 'images',
                        'lab-image')
    if image is None:
        image = region.call('POST', 'image', '/images', {
            'name': 'lab-image', 'disk_format': 'raw',
            'container_format': 'bare', 'visibility': 'public'})
    if image['status'] == 'queued':
        answer = region.http.put(
            region.url('image', '/images/%s/file' % image['id']),
            data=b'\0' * 1024, headers={
                'X-Auth-Token': region.token,
                'Content-Type': 'application/octet-stream'})
        answer.raise_for_status()

    definitions = topology.load()['flavors']
    flavors = {flavor['name']: flavor['id'] for flavor in region.call(
        'GET', 'compute', '/flavors/detail?is_public=None')['flavors']}
    for name in region.config['flavors']:
        if name in flavors:
            continue
        wanted = definitions[name]
        flavor = region.call('POST', 'compute', '/flavors', {'flavor': {
            'name': name, 'vcpus': wanted['vcpus'], 'ram': wanted['ram'],
            'disk': wanted['disk'], 'swap': wanted.get('swap', 0),
            'OS-FLV-EXT-DATA:ephemeral': wanted.get('ephemeral', 0),
            'os-flavor-access:is_public': wanted['public']}})['flavor']
        flavors[name] = flavor['id']
        if wanted.get('extra_specs'):
            region.call('POST', 'compute',
                        '/flavors/%s/os-extra_specs' % flavor['id'],
                        {'extra_specs': wanted['extra_specs']})
        if not wanted['public']:
            for project in (region.project_id, demo.project_id):
                region.call('POST', 'compute',
                            '/flavors/%s/action' % flavor['id'],
                            {'addTenantAccess': {'tenant': project}},
                            accept=(409,))

    wait_for_hosts(region)

    aggregates = {aggregate['name']: aggregate for aggregate in region.call(
        'GET', 'compute', '/os-aggregates')['aggregates']}
    for wanted in region.config['aggregates']:
        if wanted['name'] in aggregates:
            continue
        aggregate = region.call('POST', 'compute', '/os-aggregates', {
            'aggregate': {'name': wanted['name']}})['aggregate']
        path = '/os-aggregates/%s/action' % aggregate['id']
        if wanted['metadata']:
            region.call('POST', 'compute', path, {
                'set_metadata': {'metadata': wanted['metadata']}})
        for host in wanted['hosts']:
            region.call('POST', 'compute', path, {'add_host': {'host': host}})

    if not with_servers:
        return
    existing = {server['name'] for server in demo.call(
        'GET', 'compute', '/servers')['servers']}
    booted = []
    for wanted in region.config['servers']:
        if wanted['name'] in existing:
            continue
        booted.append(demo.call('POST', 'compute', '/servers', {'server': {
            'name': wanted['name'], 'imageRef': image['id'],
            'flavorRef': flavors[wanted['flavor']],
            'networks': 'none'}})['server']['id'])
    deadline = time.time() + 90
    for server in booted:
        while True:
            shown = demo.call('GET', 'compute',
                              '/servers/%s' % server)['server']
            if shown['status'] == 'ACTIVE':
                break
            if shown['status'] == 'ERROR' or time.time() > deadline:
                raise SystemExit('server %s is %s: %s' % (
                    shown['name'], shown['status'],
                    json.dumps(shown.get('fault'))))
            time.sleep(0.5)


def write(name, text):
    path = os.path.join(STATE, name)
    with open(path, 'w') as handle:
        handle.write(text)
    os.chmod(path, 0o600)


# A shell that read another openrc file before must not keep any of it.
VARIABLES = ('AUTH_TYPE AUTH_URL USERNAME PASSWORD PROJECT_NAME PROJECT_ID '
             'USER_DOMAIN_NAME USER_DOMAIN_ID PROJECT_DOMAIN_NAME '
             'PROJECT_DOMAIN_ID REGION_NAME INTERFACE IDENTITY_API_VERSION '
             'APPLICATION_CREDENTIAL_ID APPLICATION_CREDENTIAL_SECRET CLOUD '
             'SYSTEM_SCOPE TOKEN').split()


def write_openrc(name, values):
    write('openrc-' + name, 'unset %s\n%s' % (
        ' '.join('OS_' + variable for variable in VARIABLES),
        ''.join('export OS_%s=%s\n' % item for item in values.items())))


def application_credential(region, name):
    """The id of the credential; its secret is SECRET."""
    path = '/users/%s/application_credentials' % region.user_id
    found = region.find('identity', path, 'application_credentials', name)
    if not found:
        found = region.call('POST', 'identity', path, {
            'application_credential': {'name': name, 'secret': SECRET}}
        )['application_credential']
    return found['id']


def clients(keys):
    clouds = {}
    for key in keys:
        region = Region(key)
        region.login()
        name = region.config['name']
        auth_url = region.url('identity', '')
        for user, project in (('admin', 'admin'), ('demo', 'demo'),
                              ('reader', 'demo')):
            label = key if user == 'admin' else '%s-%s' % (key, user)
            write_openrc(label, {
                'AUTH_URL': auth_url, 'IDENTITY_API_VERSION': 3,
                'USERNAME': user, 'PASSWORD': SECRET, 'PROJECT_NAME': project,
                'USER_DOMAIN_NAME': 'Default',
                'PROJECT_DOMAIN_NAME': 'Default',
                'REGION_NAME': name, 'INTERFACE': 'public'})
            clouds[label] = {
                'auth': {'auth_url': auth_url, 'username': user,
                         'password': SECRET, 'project_name': project,
                         'user_domain_name': 'Default',
                         'project_domain_name': 'Default'},
                'region_name': name, 'interface': 'public',
                'identity_api_version': 3}
        credential = application_credential(region, 'lab')
        write_openrc(key + '-appcred', {
            'AUTH_TYPE': 'v3applicationcredential', 'AUTH_URL': auth_url,
            'IDENTITY_API_VERSION': 3,
            'APPLICATION_CREDENTIAL_ID': credential,
            'APPLICATION_CREDENTIAL_SECRET': SECRET,
            'REGION_NAME': name, 'INTERFACE': 'public'})
        clouds[key + '-appcred'] = {
            'auth_type': 'v3applicationcredential',
            'auth': {'auth_url': auth_url,
                     'application_credential_id': credential,
                     'application_credential_secret': SECRET},
            'region_name': name, 'interface': 'public',
            'identity_api_version': 3}
        # As for "docker run --env-file": ids instead of names where both are
        # usual, and an authentication URL that ends in a slash.
        write('env-' + key, ''.join('OS_%s=%s\n' % item for item in {
            'REGION_NAME': name, 'PROJECT_DOMAIN_ID': 'default',
            'INTERFACE': 'public', 'AUTH_URL': auth_url + '/',
            'USERNAME': 'admin', 'PROJECT_ID': region.project_id,
            'USER_DOMAIN_NAME': 'Default', 'PROJECT_NAME': 'admin',
            'PASSWORD': SECRET}.items()))
    # JSON is YAML.
    write('clouds.yaml', json.dumps({'clouds': clouds}, indent=2) + '\n')


def main(argv):
    if argv[:1] == ['identity'] and len(argv) == 2:
        identity(argv[1])
    elif argv[:1] == ['compute'] and len(argv) >= 2:
        compute(argv[1], '--servers' in argv)
    elif argv[:1] == ['clients']:
        clients(argv[1:])
    else:
        sys.exit(__doc__)


if __name__ == '__main__':
    main(sys.argv[1:])

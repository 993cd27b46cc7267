# SPDX-License-Identifier: Apache-2.0
"""A region of the OpenStack lab through its own APIs, and its part of a gpubrokerd configuration."""
import json
import os
import subprocess
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LAB = os.path.join(HERE, 'openstack')
VERSIONS = {'compute': 'compute 2.79', 'placement': 'placement 1.36'}


class Cloud:
    """One region of the lab, as one user."""

    def __init__(self, lab, name):
        text = subprocess.run([f'{lab}/env', name], check=True, capture_output=True, text=True).stdout
        self.env = dict(line.removeprefix('export ').replace("'", '').replace('"', '').split('=', 1)
                        for line in text.splitlines() if '=' in line)
        self.token, self.urls, self.good_until = None, {}, 0

    def login(self):
        e = self.env
        body = {'auth': {'identity': {'methods': ['password'], 'password': {'user': {
            'name': e['OS_USERNAME'], 'password': e['OS_PASSWORD'],
            'domain': {'name': e.get('OS_USER_DOMAIN_NAME', 'Default')}}}},
            'scope': {'project': {'name': e['OS_PROJECT_NAME'], 'domain': {
                'name': e.get('OS_PROJECT_DOMAIN_NAME', 'Default')}}}}}
        url = e['OS_AUTH_URL'].rstrip('/')
        url += '' if url.endswith('v3') else '/v3'
        request = urllib.request.Request(f'{url}/auth/tokens', json.dumps(body).encode(),
                                         {'Content-Type': 'application/json'})
        with urllib.request.urlopen(request, timeout=60) as answer:
            self.token = answer.headers['X-Subject-Token']
            catalog = json.load(answer)['token']['catalog']
        self.good_until = time.monotonic() + 20
        self.urls = {service['type']: endpoint['url'] for service in catalog
                     for endpoint in service['endpoints'] if endpoint['interface'] == 'public'}

    def call(self, method, path, body=None, service='compute', accept=()):
        """The JSON of the answer; None for an empty one and for a status in accept."""
        if time.monotonic() > self.good_until:
            self.login()
        request = urllib.request.Request(
            f'{self.urls[service]}/{path}', json.dumps(body).encode() if body is not None else None,
            {'X-Auth-Token': self.token, 'OpenStack-API-Version': VERSIONS[service],
             'Content-Type': 'application/json'}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                data = answer.read()
        except urllib.error.HTTPError as error:
            if error.code in accept:
                return None
            raise
        return json.loads(data) if data else None

    def get(self, path, service='compute'):
        return self.call('GET', path, service=service)

    def region_options(self, folder, name, more=''):
        """A region of gpubrokerd's configuration that reads this cloud; its password goes into the folder."""
        e = self.env
        with open(f'{folder}/{name}.password', 'w', encoding='utf-8') as f:
            f.write(e['OS_PASSWORD'] + '\n')
        return f'''{{ name = "{name}"; plugin = "openstack"; options: {{
            auth_url = "{e['OS_AUTH_URL']}"; username = "{e['OS_USERNAME']}"; user_domain_name = "Default";
            project_name = "{e['OS_PROJECT_NAME']}"; project_domain_name = "Default";
            password_file = "{folder}/{name}.password"; region_name = "{e['OS_REGION_NAME']}"; {more} }}; }}'''

#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The few answers of a network API that nova asks for when it has no networks.

nova-api asks neutron for the ports of the servers in every server listing (for
their security groups) and nova-compute when it deletes one. Servers of the lab
have no network, so an empty list is the true answer. Nothing is stored and
tokens are not checked: this is the one service of the lab that is not real.

    neutron_stub.py ADDRESS PORT
"""
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COLLECTIONS = ('ports', 'networks', 'subnets', 'extensions', 'floatingips',
               'security-groups', 'routers', 'agents')


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def answer(self, status, document=None):
        body = b'' if document is None else json.dumps(document).encode()
        self.send_response(status)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        path = self.path.partition('?')[0].strip('/').split('/')
        if path == ['']:
            self.answer(200, {'versions': [{
                'id': 'v2.0', 'status': 'CURRENT',
                'links': [{'rel': 'self', 'href': 'http://%s:%d/v2.0/'
                           % self.server.server_address[:2]}]}]})
        elif path == ['v2.0']:
            self.answer(200, {'resources': []})
        elif len(path) == 2 and path[1].removesuffix('.json') in COLLECTIONS:
            name = path[1].removesuffix('.json')
            self.answer(200, {name.replace('-', '_'): []})
        elif len(path) == 3 and path[1] == 'quotas':
            self.answer(200, {'quota': {
                name: -1 for name in ('port', 'network', 'subnet', 'router',
                                      'floatingip', 'security_group',
                                      'security_group_rule')}})
        else:
            self.answer(404, {'NeutronError': {
                'type': 'HTTPNotFound', 'detail': '',
                'message': 'The resource could not be found.'}})

    def log_message(self, template, *values):
        sys.stderr.write('%s %s\n' % (self.log_date_time_string(),
                                      template % values))


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    server = ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Handler)
    server.daemon_threads = True
    server.serve_forever()

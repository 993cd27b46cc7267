# SPDX-License-Identifier: Apache-2.0
"""Keystone v3 of the fake cloud: logins, tokens, catalog."""
import datetime
import json
import secrets
import time

from fakehttp import Answer


def iso(seconds):
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000000Z")


def error(status, message, title, **headers):
    return Answer(status, {"error": {"code": status, "message": message, "title": title}},
                  {"x-openstack-request-id": "req-keystone", "Vary": "X-Auth-Token", **headers})


class Keystone:
    def __init__(self, cloud):
        self.cloud = cloud
        self.tokens = {}
        self.shift_s = 0
        self.logins = []  # the bodies, as they came

    def now(self):
        return time.time() + self.shift_s

    def answer(self, request):
        path = request.path.rstrip("/")
        if path in ("/v3/auth/tokens", "/identity/v3/auth/tokens") and request.method == "POST":
            return self.login(request)
        if path in ("/v3", "/identity/v3"):
            return Answer(200, {"version": {"id": "v3.14", "status": "stable", "links": []}})
        if path in ("", "/identity"):
            values = [{"id": "v3.14", "status": "stable", "links": []}]
            return Answer(300, {"versions": {"values": values}}, {"Location": self.cloud.url + "/v3/"})
        return error(404, "The resource could not be found.", "Not Found")

    def unauthorized(self, **headers):
        return error(401, "The request you have made requires authentication.", "Unauthorized", **headers)

    def login(self, request):
        try:
            auth = json.loads(request.body)["auth"]
            method, = auth["identity"]["methods"]
            identity = auth["identity"][method]
        except (ValueError, KeyError, TypeError):
            return error(400, "'identity' is a required property", "Bad Request")
        self.logins.append(auth)
        if self.cloud.second_factor:
            return self.unauthorized(**{"Openstack-Auth-Receipt": "a-receipt"})
        check = {"password": self.check_password, "application_credential": self.check_credential,
                 "token": self.check_token}.get(method)
        if not check or not check(identity, auth):
            return self.unauthorized()
        return self.grant(method, identity, auth)

    def is_domain(self, domain):
        return domain.get("id") == "default" or domain.get("name") == "Default"

    def is_user(self, user):
        if "id" in user:
            return user["id"] == self.cloud.user_id
        return user.get("name") == self.cloud.username and self.is_domain(user.get("domain", {}))

    def is_scope(self, auth):
        scope = auth.get("scope")
        if scope is None:
            return True
        project = scope.get("project", {})
        if "id" in project:
            return project["id"] == self.cloud.project_id
        return project.get("name") == self.cloud.project_name and self.is_domain(project.get("domain", {}))

    def check_password(self, identity, auth):
        user = identity["user"]
        return self.is_user(user) and user.get("password") == self.cloud.password and self.is_scope(auth)

    def check_credential(self, identity, auth):
        if "scope" in auth or identity.get("secret") != self.cloud.credential_secret:
            return False
        if "id" in identity:
            return identity["id"] == self.cloud.credential_id
        return identity.get("name") == self.cloud.credential_name and self.is_user(identity.get("user", {}))

    def check_token(self, identity, auth):
        return self.is_valid(identity.get("id")) and self.is_scope(auth)

    def is_valid(self, token):
        entry = self.tokens.get(token)
        return bool(entry) and entry["expires"] > self.now()

    def grant(self, method, identity, auth):
        cloud = self.cloud
        now = self.now()
        expires = now + cloud.token_lifetime_s
        if method == "token":
            expires = self.tokens[identity["id"]]["expires"]
        token = "gAAAA-" + secrets.token_hex(16)
        # what is granted may last longer than what is said: then only the client's arithmetic is tested
        self.tokens[token] = {"expires": expires + cloud.token_grace_s, "user": identity}
        body = {"methods": [method], "user": {"id": cloud.user_id, "name": cloud.username},
                "expires_at": iso(expires), "issued_at": iso(now),
                "roles": [{"id": "r-" + r, "name": r} for r in cloud.roles]}
        if cloud.scope == "project":
            body["project"] = {"id": cloud.project_id, "name": cloud.project_name,
                               "domain": {"id": "default", "name": "Default"}}
        elif cloud.scope == "system":
            body["system"] = {"all": True}
        body["catalog"] = self.catalog()
        return Answer(201, {"token": body}, {"X-Subject-Token": token, "Vary": "X-Auth-Token",
                                             "x-openstack-request-id": "req-keystone"})

    def catalog(self):
        cloud = self.cloud
        services = {"identity": cloud.url + "/v3/", "image": cloud.url + "/image"}
        if cloud.has_placement:
            services["placement"] = cloud.placement_url.replace("{url}", cloud.url)
        if cloud.scope == "project" and cloud.has_compute:
            services["compute"] = cloud.compute_url.replace("{url}", cloud.url).replace(
                "{project_id}", cloud.project_id)
        out = []
        for kind, url in services.items():
            endpoints = []
            for region in cloud.regions:
                for interface in cloud.interfaces:
                    right = region == cloud.region and interface == cloud.right_interface
                    endpoints.append({"id": kind + region + interface, "interface": interface,
                                      "region": region, "region_id": region,
                                      "url": url if right else "http://127.0.0.1:9/wrong"})
            out.append({"id": kind, "type": kind, "name": kind, "endpoints": endpoints})
        return out

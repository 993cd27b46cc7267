# SPDX-License-Identifier: Apache-2.0
"""Nova of the fake cloud: what a broker reads, with the habits of the real one."""
import urllib.parse

from fakehttp import Answer

FAULT_NAMES = {400: "badRequest", 403: "forbidden", 404: "itemNotFound"}
CAPACITY = ("current_workload", "cpu_info", "vcpus", "vcpus_used", "free_disk_gb", "local_gb",
            "local_gb_used", "disk_available_least", "free_ram_mb", "memory_mb", "memory_mb_used",
            "running_vms")
EXTENDED = "OS-EXT-SRV-ATTR:"


class Refused(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.answer = Answer(status, {FAULT_NAMES.get(status, "computeFault"):
                                      {"code": status, "message": message}})


class Call:
    """One request, its microversion and what its token may."""

    def __init__(self, cloud, request, path, version):
        self.cloud = cloud
        self.query = request.query
        self.path = path
        self.version = version
        self.is_version_asked = "OpenStack-API-Version" in request.headers
        self.is_admin = "admin" in cloud.roles

    def may(self, policy):
        if policy in self.cloud.denied:
            return False
        return self.is_admin or policy in self.cloud.allowed

    def need(self, policy):
        if not self.may(policy):
            raise Refused(403, "Policy doesn't allow os_compute_api:%s to be performed." % policy)

    def may_show_extra_specs(self):  # any reader may, unless it is forbidden
        return "os-flavor-extra-specs:index" not in self.cloud.denied

    def allow_only(self, since, *names):
        for name in self.query:
            if self.version >= since and name not in names:
                raise Refused(400, "'%s' does not match any of the regexes: '^_'" % name)

    def limit(self):
        limit = self.query.get("limit")
        most = self.cloud.max_limit
        return most if limit is None else min(int(limit), most)

    def after_marker(self, items, key="id"):
        marker = self.query.get("marker")
        if marker is None:
            return items
        for i, item in enumerate(items):
            if str(item[key]) == marker:
                return items[i + 1:]
        raise Refused(400, "Marker %s could not be found." % marker)

    def links(self, last):
        base = "http://internal.invalid:8774" if self.cloud.lying_links else self.cloud.url
        query = dict(self.query, marker=last)
        return [{"rel": "next", "href": base + self.path + "?" + urllib.parse.urlencode(query)}]


class Nova:
    def __init__(self, cloud):
        self.cloud = cloud

    def answer(self, request):
        prefix, path = self.split(request.path)
        if prefix is None:
            choices = [{"id": "v2.1", "status": "CURRENT"}]
            return Answer(300, {"choices": choices})
        version, headers = self.version(request, prefix)
        if not self.is_authorized(request, path):
            return Answer(401, {"error": {"code": 401, "title": "Unauthorized", "message":
                                          "The request you have made requires authentication."}},
                          {"WWW-Authenticate": "Keystone uri=\"%s/v3\"" % self.cloud.url})
        try:
            answer = self.route(Call(self.cloud, request, prefix + path, version), path)
        except Refused as refused:
            answer = refused.answer
        answer.headers.update(headers)
        answer.headers["X-Openstack-Request-Id"] = "req-nova"
        answer.headers["X-Compute-Request-Id"] = "req-nova"
        return answer

    def split(self, path):
        for prefix in ("/v2.1", "/v2"):
            if path == prefix or path.startswith(prefix + "/"):
                rest = path[len(prefix):]
                project = "/" + self.cloud.project_id
                if rest == project or rest.startswith(project + "/"):
                    rest = rest[len(project):]
                return prefix, rest or "/"
        return None, path

    def is_authorized(self, request, path):
        if path == "/" and not self.cloud.version_needs_token:
            return True
        return self.cloud.keystone.is_valid(request.headers.get("X-Auth-Token"))

    def version(self, request, prefix):
        asked = request.headers.get("OpenStack-API-Version", "")
        if prefix == "/v2" or not asked.startswith("compute 2."):
            return 1, {}  # the old wrapper drops the header
        minor = int(asked[len("compute 2."):])
        if not self.cloud.echo:
            return minor, {}
        return minor, {"OpenStack-API-Version": "compute 2.%d" % minor,
                       "X-OpenStack-Nova-API-Version": "2.%d" % minor,
                       "Vary": "OpenStack-API-Version"}

    def route(self, call, path):
        lowest, highest = self.cloud.microversions
        if call.is_version_asked and not lowest <= call.version <= highest:
            raise Refused(406, "Version 2.%d is not supported by the API. Minimum is 2.%d and maximum is 2.%d."
                          % (call.version, lowest, highest))
        if path == "/":
            return Answer(200, {"version": {"id": "v2.1", "status": "CURRENT", "version": "2.%d" % highest,
                                            "min_version": "2.%d" % lowest, "links": []}})
        if path.startswith("/servers/") and path != "/servers/detail":
            return self.server(call, urllib.parse.unquote(path.split("/")[2]))
        if path.startswith("/flavors/") and path.endswith("/os-extra_specs"):
            return self.extra_specs(call, urllib.parse.unquote(path.split("/")[2]))
        handler = {"/os-aggregates": self.aggregates, "/os-hypervisors/detail": self.hypervisors,
                   "/flavors/detail": self.flavors, "/servers/detail": self.servers,
                   "/os-services": self.services, "/os-migrations": self.migrations}.get(path)
        if not handler:
            raise Refused(404, "The resource could not be found.")
        return handler(call)

    def aggregates(self, call):
        call.need("os-aggregates:index")
        out = [{k: v for k, v in a.items() if k != "uuid" or call.version >= 41}
               for a in self.cloud.aggregate_records()]
        return Answer(200, {"aggregates": out})

    def hypervisors(self, call):
        call.need("os-hypervisors:list-detail")
        call.allow_only(53, "limit", "marker", "hypervisor_hostname_pattern", "with_servers")
        if self.cloud.down_cell:
            raise Refused(500, "Unexpected API Error. <class 'oslo_db.exception.DBConnectionError'>")
        items = self.cloud.hypervisor_records()
        if call.version < 33:
            return Answer(200, {"hypervisors": items})
        page = call.after_marker(items)[:call.limit()]
        shown = [h for h in page if not h.pop("orphan", False)]
        body = {"hypervisors": [self.shown_hypervisor(h, call) for h in shown]}
        if len(shown) == call.limit() and shown:
            body["hypervisors_links"] = call.links(shown[-1]["id"])
        return Answer(200, body)

    def shown_hypervisor(self, h, call):
        if call.version < 88:
            return h
        return {k: v for k, v in h.items() if k not in CAPACITY}

    def flavors(self, call):
        call.allow_only(75, "limit", "marker", "is_public", "minRam", "minDisk", "sort_key", "sort_dir")
        items = [f for f in sorted(self.cloud.flavors, key=lambda f: str(f["id"]))
                 if self.may_see(call, f)]
        page = call.after_marker(items)[:call.limit()]
        body = {"flavors": [self.shown_flavor(f, call) for f in page]}
        if len(page) == call.limit() and page:
            body["flavors_links"] = call.links(page[-1]["id"])
        return Answer(200, body)

    def may_see(self, call, flavor):
        """is_public is heard from whom context_is_admin names; others are shown what they may use."""
        is_public = flavor.get("is_public", True)
        if not (call.is_admin or "context_is_admin" in self.cloud.allowed):
            return is_public or bool(flavor.get("shared"))
        asked = call.query.get("is_public", "true").lower()
        return asked == "none" or is_public == (asked == "true")

    def migrations(self, call):
        call.need("os-migrations:index")
        call.allow_only(59, "hidden", "host", "instance_uuid", "source_compute", "status", "migration_type", "limit",
                        "marker", "changes-since", *(["changes-before"] if call.version >= 66 else []))
        records = [{"id": i + 1, "created_at": "2026-11-22T15:40:51.000000", "migration_type": "resize",
                    "old_instance_type_id": 3, "new_instance_type_id": 3, "source_node": m.get("source_compute"),
                    "dest_node": m.get("dest_compute"), "dest_host": "192.0.2.1", **m}
                   for i, m in enumerate(self.cloud.migrations)]
        since = call.query.get("changes-since")
        items = [m for m in reversed(records) if call.query.get("status", m["status"]) == m["status"] and
                 (since is None or m["updated_at"][:19] >= since[:19])]
        page = call.after_marker(items, "uuid")[:call.limit()]
        body = {"migrations": page}
        if len(page) == call.limit() and page:
            body["migrations_links"] = call.links(page[-1]["uuid"])
        return Answer(200, body)

    def server(self, call, server_id):
        for s in self.cloud.servers:
            if s["id"] == server_id:
                return Answer(200, {"server": self.shown_server(s, call)})
        raise Refused(404, "Instance %s could not be found." % server_id)

    def shown_flavor(self, f, call):
        swap = f.get("swap", 0)
        shown = {"id": f["id"], "name": f["name"], "ram": f["ram"], "vcpus": f["vcpus"], "disk": f["disk"],
                 "swap": "" if swap == 0 and call.version < 75 else swap,
                 "OS-FLV-EXT-DATA:ephemeral": f.get("ephemeral", 0),
                 "os-flavor-access:is_public": f.get("is_public", True), "links": []}
        if call.version < 102:
            shown.update({"OS-FLV-DISABLED:disabled": False, "rxtx_factor": 1.0})
        if call.version >= 61 and call.may_show_extra_specs():
            shown["extra_specs"] = f.get("extra_specs", {})
        return shown

    def extra_specs(self, call, flavor_id):
        if not call.may_show_extra_specs():
            call.need("os-flavor-extra-specs:index")
        for f in self.cloud.flavors:
            if f["id"] == flavor_id:
                return Answer(200, {"extra_specs": f.get("extra_specs", {})})
        raise Refused(404, "Flavor %s could not be found." % flavor_id)

    def services(self, call):
        call.need("os-services:list")
        out = []
        for h in self.cloud.hypervisors:
            host = h.get("host", h["name"])
            if self.cloud.down_cell:
                if call.version >= 69:
                    out.append({"binary": "nova-compute", "host": host, "status": "UNKNOWN"})
                continue
            out.append({"id": "s-" + host, "binary": "nova-compute", "host": host, "zone": "nova",
                        "status": h.get("status", "enabled"), "state": h.get("state", "up"),
                        "updated_at": None, "disabled_reason": h.get("disabled_reason"),
                        "forced_down": False})
        return Answer(200, {"services": out})

    def servers(self, call):
        if "all_tenants" in call.query:
            call.need("servers:detail:get_all_tenants")
        filters = set(call.query) - {"all_tenants", "limit", "marker"}
        if not call.may("servers:allow_all_filters"):
            filters -= {"host", "soft_deleted"}  # without a word
        items = [s for s in self.cloud.servers if self.matches(s, call, filters)]
        page = call.after_marker(items)[:call.limit()]
        body = {"servers": [self.shown_server(s, call) for s in page]}
        if len(page) == call.limit() and page and not self.cloud.hide_links:
            body["servers_links"] = call.links(page[-1]["id"])
        return Answer(200, body)

    def matches(self, server, call, filters):
        if server.get("cell_down") or self.cloud.down_cell:
            return False
        if server.get("status") == "SOFT_DELETED" and "soft_deleted" not in filters:
            return False
        return "host" not in filters or server.get("host") == call.query["host"] or \
            self.cloud.ignore_host_filter

    def shown_server(self, s, call):
        flavor = self.cloud.flavor(s["flavor"])
        shown = {"id": s["id"], "name": s.get("name", s["id"]), "status": s.get("status", "ACTIVE"),
                 "tenant_id": s.get("project_id", "p1"), "user_id": "u1", "created": "2026-11-22T15:37:53Z",
                 "updated": "2026-11-22T15:37:54Z", "hostId": "", "links": [],
                 "OS-EXT-STS:vm_state": s.get("vm_state", "active"),
                 "OS-EXT-STS:task_state": s.get("task_state"), "OS-EXT-STS:power_state": 1}
        if call.may("os-extended-server-attributes"):
            shown[EXTENDED + "host"] = s.get("host")
            shown[EXTENDED + "hypervisor_hostname"] = s.get("host")
            shown[EXTENDED + "user_data"] = s.get("user_data")
        if call.version < 47:
            shown["flavor"] = {"id": s["flavor"], "links": []}
        elif flavor is None:
            shown["flavor"] = {}
        else:
            shown["flavor"] = {"vcpus": flavor["vcpus"], "ram": flavor["ram"], "disk": flavor["disk"],
                               "ephemeral": flavor.get("ephemeral", 0), "swap": flavor.get("swap", 0),
                               "original_name": flavor["name"]}
            if call.may_show_extra_specs():
                shown["flavor"]["extra_specs"] = flavor.get("extra_specs", {})
        shown.update(s.get("extra", {}))
        return shown

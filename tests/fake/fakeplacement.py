# SPDX-License-Identifier: Apache-2.0
"""Placement of the fake cloud: a tree of providers a hypervisor, made of what the cloud's description says.

A hypervisor may have, besides what Nova shows of it:

    inventory    {"VCPU": {"allocation_ratio": 1.0, "reserved": 2, …}}; None instead of a dict: it has no such class
    devices      [{"class": …, "total": 1, "used": 0, "reserved": 0, "traits": […]}], a child provider each
    traits       of the root, besides COMPUTE_NODE
    provider     False: Placement does not know it
"""
import re
import urllib.parse

from fakehttp import Answer

POLICIES = {"candidates": "placement:allocation_candidates:list", "providers": "placement:resource_providers:list",
            "inventories": "placement:resource_providers:inventories:list",
            "usages": "placement:resource_providers:usages", "traits": "placement:resource_providers:traits:list",
            "allocations": "placement:allocations:list"}


class Refused(Exception):
    def __init__(self, status, detail):
        super().__init__(detail)
        self.answer = Answer(status, {"errors": [{"status": status, "title": "Refused", "detail": detail,
                                                  "code": "placement.undefined_code", "request_id": "req-placement"}]})


class Provider:
    def __init__(self, uuid, name, root, inventories, used, traits, aggregates=()):
        self.uuid = uuid
        self.name = name
        self.root = root  # its own uuid, or the parent's
        self.inventories = {c: {"total": 0, "reserved": 0, "min_unit": 1, "max_unit": 2147483647, "step_size": 1,
                                "allocation_ratio": 1.0, **i} for c, i in inventories.items()}
        self.used = {c: used.get(c, 0) for c in self.inventories}
        self.traits = list(traits)
        self.aggregates = set(aggregates)

    def capacity(self, kind):
        i = self.inventories[kind]
        return int((i["total"] - i["reserved"]) * i["allocation_ratio"])

    def has_room(self, kind, amount):
        i = self.inventories.get(kind)
        return bool(i) and self.used[kind] + amount <= self.capacity(kind) and \
            i["min_unit"] <= amount <= i["max_unit"] and amount % i["step_size"] == 0

    def generation(self):
        """As if each inventory ever had were a number: it changes with inventories and traits, not with usages."""
        return abs(hash(str((sorted(self.inventories.items(), key=str), self.traits)))) % 1000000

    def summary(self):
        return {"resources": {c: {"capacity": self.capacity(c), "used": self.used[c]} for c in self.inventories},
                "traits": self.traits, "root_provider_uuid": self.root,
                "parent_provider_uuid": None if self.root == self.uuid else self.root}

    def shown(self):
        return {"uuid": self.uuid, "name": self.name, "generation": self.generation(), "links": [],
                "root_provider_uuid": self.root,
                "parent_provider_uuid": None if self.root == self.uuid else self.root}


class Placement:
    def __init__(self, cloud):
        self.cloud = cloud
        self.last = None

    def built(self):
        """As the last question for many of them found them."""
        self.last = self.last or self.providers()
        return self.last

    def providers(self):
        """All of them, hosts first in their order, each followed by its devices."""
        cloud = self.cloud
        out = []
        used = cloud.placement_usages()
        for i, (h, record) in enumerate(zip(cloud.hypervisors, cloud.hypervisor_records())):
            if h.get("provider") is False:
                continue
            host = record["service"]["host"]
            inventories = {
                "VCPU": {"total": record["vcpus"], "max_unit": record["vcpus"], "allocation_ratio": 4.0},
                "MEMORY_MB": {"total": record["memory_mb"], "max_unit": record["memory_mb"]},
                "DISK_GB": {"total": record["local_gb"], "max_unit": record["local_gb"]}}
            for kind, change in h.get("inventory", {}).items():
                inventories[kind] = None if change is None else {**inventories.get(kind, {}), **change}
            inventories = {c: v for c, v in inventories.items() if v is not None}
            traits = ["COMPUTE_NODE"] + h.get("traits", [])
            if record["status"] == "disabled":
                traits.append("COMPUTE_STATUS_DISABLED")
            root = record["id"]
            members = [a["uuid"] for a in cloud.aggregate_records()
                       if host in a["hosts"] and host not in cloud.unmirrored]
            out.append(Provider(root, h["name"], root, inventories, used.get(host, {}), traits, members))
            for k, d in enumerate(h.get("devices", [])):
                inventory = {"total": d.get("total", 1), "reserved": d.get("reserved", 0),
                             "max_unit": d.get("max_unit", d.get("total", 1))}
                out.append(Provider("%08x-0000-4000-9000-%012x" % (i + 1, k), "%s_0000:%02X:00.0" % (h["name"], k),
                                    root, {d["class"]: inventory}, {d["class"]: d.get("used", 0)},
                                    d.get("traits", ["COMPUTE_MANAGED_PCI_DEVICE"])))
        for s in cloud.sharing:
            out.append(Provider(s["uuid"], "pool", s["uuid"], s["inventories"], s.get("used", {}),
                                ["MISC_SHARES_VIA_AGGREGATE"], s.get("aggregates", ())))
        self.last = out
        return out

    def answer(self, request):
        path = request.path[len("/placement"):].rstrip("/") or "/"
        lowest, highest = self.cloud.placement_versions
        if path == "/":
            return Answer(200, {"versions": [{"id": "v1.0", "max_version": "1.%d" % highest, "status": "CURRENT",
                                              "min_version": "1.%d" % lowest, "links": []}]})
        headers = {"x-openstack-request-id": "req-placement"}
        if not self.cloud.keystone.is_valid(request.headers.get("X-Auth-Token")):
            return Answer(401, {"error": {"code": 401, "title": "Unauthorized", "message": "no"}}, headers)
        asked = request.headers.get("OpenStack-API-Version", "placement 1.0")
        version = int(asked.split(".")[1])
        try:
            if not lowest <= version <= highest:
                raise Refused(406, "Unacceptable version header: 1.%d" % version)
            answer = self.route(request, path, version)
        except Refused as refused:
            answer = refused.answer
        if self.cloud.placement_echo:
            headers["openstack-api-version"] = "placement 1.%d" % version
        answer.headers.update(headers)
        return answer

    def candidates_status(self, query):
        try:
            return self.candidates(query, 39).status
        except Refused as refused:
            return refused.answer.status

    def need(self, what):
        policy = POLICIES[what]
        if policy in self.cloud.denied or not set(self.cloud.roles) & {"admin", "service"}:
            raise Refused(403, "Access was denied to this resource.\n\n Policy does not allow %s to be performed. "
                          % policy)

    def route(self, request, path, version):
        if path == "/allocation_candidates" and version >= 10:
            self.need("candidates")
            return self.candidates(request.query, version)
        if path == "/resource_providers":
            self.need("providers")
            return self.list(request.query)
        part = re.fullmatch(r"/resource_providers/([^/]+)/(inventories|usages|traits)", path)
        if part:
            self.need(part.group(2))
            return self.part(urllib.parse.unquote(part.group(1)), part.group(2))
        one = re.fullmatch(r"/allocations/([^/]+)", path)
        if one:
            self.need("allocations")
            return Answer(200, {"allocations": self.cloud.allocations.get(one.group(1), {})})
        raise Refused(404, "The resource could not be found.")

    def candidates(self, query, version):
        groups = [k for k in query if k.startswith("resources")]
        if groups != ["resources"] or "group_policy" in query:
            raise Refused(400, "a query of several groups: the product of all devices")
        if set(query) - {"resources", "member_of", "in_tree"} or ("in_tree" in query and version < 31):
            raise Refused(400, "Invalid query string parameters")
        kind, amount = query["resources"].split(":")
        providers = self.providers()
        trees = {}
        for p in providers:
            trees.setdefault(p.root, []).append(p)
        summaries, requests = {}, []
        for root, tree in trees.items():
            if "MISC_SHARES_VIA_AGGREGATE" in tree[0].traits or not self.is_asked_for(tree[0], query):
                continue
            givers = [p for p in tree if p.has_room(kind, int(amount))]
            if not any(kind in p.inventories for p in tree):
                givers = [p for p in providers if "MISC_SHARES_VIA_AGGREGATE" in p.traits and
                          p.aggregates & tree[0].aggregates and p.has_room(kind, int(amount))]
            if not givers or len(requests) >= self.cloud.max_candidates:
                continue
            requests += [{"allocations": {g.uuid: {"resources": {kind: int(amount)}}}, "mappings": {"": [g.uuid]}}
                         for g in givers]
            summaries.update({p.uuid: p.summary() for p in tree + givers})
        return Answer(200, {"allocation_requests": requests, "provider_summaries": summaries})

    def is_asked_for(self, root, query):
        members = query.get("member_of")
        if members is not None and not set(members[len("in:"):].split(",")) & root.aggregates:
            return False
        return query.get("in_tree", root.uuid) == root.uuid

    def list(self, query):
        tree = query.get("in_tree")
        return Answer(200, {"resource_providers": [p.shown() for p in self.providers()
                                                   if tree is None or p.root == tree]})

    def part(self, uuid, part):
        for p in self.built():
            if p.uuid == uuid:
                body = {"inventories": p.inventories, "usages": p.used, "traits": p.traits}[part]
                return Answer(200, {part: body, "resource_provider_generation": p.generation()})
        raise Refused(404, "No resource provider with uuid %s found" % uuid)

# SPDX-License-Identifier: Apache-2.0
"""/openapi.json says what is served: every route, every status, every header, every example, every key.

The summary of an example is the request that gave it, against the demonstration's regions; where its description
says more, CIRCUMSTANCES has how to bring that about. After a change of an answer:
`UPDATE_OPENAPI_EXAMPLES=1 tests/suite.py tests/scenario a12` writes the answers into core/rest/web/openapi.json; look
at the difference."""
import contextlib
import json
import os
import re
import shutil
import signal
import unittest

import json_schema
from broker import ROOT, Broker, Scenario, region, until

DOCUMENT = os.path.join(ROOT, "core", "rest", "web", "openapi.json")
DEMO = os.path.join(ROOT, "contrib", "demo")
TIME = re.compile(r"\d{4}-\d{2}-\d{2}([T ])\d{2}:\d{2}:\d{2}(Z?)")
JSON = "application/json; charset=utf-8"
# What HTTP itself needs; the document's `content` has the type.
TRANSPORT = {"date", "content-length", "content-type", "content-encoding", "connection"}
UNPROVOKED = {  # statuses without an example
    ("Failed", "500"): "a fault of the broker",
    ("NotYet", "503"): "the first milliseconds, or more connections than a test should hold",
}


def demo_regions():
    return [region("auenbrueck", os.path.join(DEMO, "auenbrueck"), title="Universität Auenbrück"),
            region("lindenfurt", os.path.join(DEMO, "lindenfurt"), title="Universität Lindenfurt",
                   options={"alias_map": [{"alias": "a100-pcie-80", "gpu_type": "A100-80GB"}]}),
            region("moorhaven", os.path.join(DEMO, "moorhaven"), title="Technische Universität Moorhaven")]


def load():
    with open(DOCUMENT, encoding="utf-8") as file:
        return json.load(file)


def timeless(value):
    """Times are those of the example."""
    text = TIME.sub(lambda m: "2026-11-22%s15:04:05%s" % m.groups(), json.dumps(value, ensure_ascii=False))
    return json.loads(text)


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def resolve(document, item):
    for key in item.get("$ref", "").split("/")[1:]:
        document = document[key]
    return document if "$ref" in item else item


def real_path(path):
    return path.replace("{region}", "lindenfurt").replace("{id}", "15e9aeba-a473-4c8c-b5cc-0eb7325bd9d1")


class Case(Scenario):
    def setUp(self):
        super().setUp()
        self.document = load()

    def answers(self):
        """operation, status, response: those that several operations share once."""
        shared = set()
        for _, _, operation in operations(self.document):
            for status, response in operation["responses"].items():
                if response.get("$ref") not in shared:
                    yield operation, status, resolve(self.document, response)
                shared |= {response["$ref"]} if "$ref" in response else set()

    def examples(self):
        """operation, status, media type, response, name, example of all answers."""
        for operation, status, response in self.answers():
            for media, content in response.get("content", {}).items():
                for name, example in content.get("examples", {}).items():
                    yield operation, int(status), media, response, name, example

    def check_headers(self, response, answer):
        declared = {name.lower(): resolve(self.document, header) for name, header in response.get("headers", {}).items()}
        self.assertEqual(set(answer.headers) - TRANSPORT - set(declared), set(), "headers that are not described")
        needed = {name for name, header in declared.items() if header.get("required")}
        self.assertEqual(needed - set(answer.headers), set(), "headers that are described and not there")
        for name in set(declared) & set(answer.headers):
            value = answer[name]
            schema = declared[name]["schema"]
            self.assertEqual(json_schema.complaints(self.document, schema, int(value) if schema["type"] == "integer" else value),
                             [], name)


class Document(Case):
    def test_routes_in_both_directions(self):
        with open(os.path.join(ROOT, "core", "rest", "route.c"), encoding="utf-8") as file:
            source = file.read()
        served = re.findall(r'^\t\{"(/[^"]*)",', source, re.M)
        self.assertEqual(sorted(self.document["paths"]), sorted(served))

    def test_examples_follow_their_schemas(self):
        for _, _, media, response, _, example in self.examples():
            with self.subTest(example["summary"]):
                schema = response["content"][media]["schema"]
                self.assertEqual(json_schema.complaints(self.document, schema, example["value"]), [])

    def test_every_error_has_an_example(self):
        without = set()
        for operation, status, response in self.answers():
            shared = operation["responses"][status].get("$ref", operation["operationId"]).rsplit("/", 1)[-1]
            if status >= "400" and not any(content.get("examples") for content in response["content"].values()):
                without.add((shared, status))
        self.assertEqual(without, set(UNPROVOKED))


class Served(Case):
    """What needs no circumstances: one broker."""

    def setUp(self):
        super().setUp()
        self.broker = self.ready_broker(*demo_regions(), poll={"interval_s": 600})

    def test_methods(self):
        wrong = self.document["components"]["responses"]["WrongMethod"]
        for path, methods in self.document["paths"].items():
            allowed = "GET, HEAD, OPTIONS" if "get" in methods else "POST, OPTIONS"
            for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"):
                with self.subTest("%s %s" % (method, path)):
                    answer = self.broker.get(real_path(path), method=method)
                    if method == "OPTIONS":
                        self.assertEqual((answer.status, answer["Allow"]), (200, allowed))
                    elif method not in allowed:
                        self.assertEqual((answer.status, answer["Allow"]), (405, allowed))
                        self.check_headers(wrong, answer)

    def test_pages_and_what_is_unchanged(self):
        n_pages = 0
        for path, _, operation in operations(self.document):
            if "get" not in self.document["paths"][path]:
                continue
            with self.subTest(path):
                responses = operation["responses"]
                page = self.broker.get(real_path(path))
                self.assertEqual(page.status, 200)
                self.assertIn(page["Content-Type"], responses["200"]["content"])
                self.check_headers(responses["200"], page)
                self.assertEqual(bool(page.get("ETag")), "304" in responses)
                again = self.broker.get(real_path(path), {"If-None-Match": page.get("ETag", '"none"')})
                self.assertEqual(again.status, 304 if page.get("ETag") else 200)
                if again.status == 304:
                    head = resolve(self.document, responses["304"])
                    more = {name: responses["200"]["headers"][name] for name in
                            ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy") if path in ("/ui", "/ui/")}
                    self.check_headers({"headers": {**head["headers"], **more}}, again)
                    n_pages += 1
        self.assertGreater(n_pages, 15)

    def test_both_forms_of_the_metrics(self):
        content = self.document["paths"]["/metrics"]["get"]["responses"]["200"]["content"]
        seen = {self.broker.get("/metrics", {"Accept": accept})["Content-Type"]
                for accept in ("*/*", "application/openmetrics-text; version=1.0.0")}
        self.assertEqual(seen, set(content))

    def test_parameters_are_those_of_the_routes(self):
        for path, method, operation in operations(self.document):
            parameters = [resolve(self.document, p) for p in operation.get("parameters", [])]
            self.assertEqual(set(re.findall(r"\{(\w+)\}", path)), {p["name"] for p in parameters if p["in"] == "path"})
            if not path.startswith("/v1") or method != "get":
                continue
            for name in ("region", "gpu_type", "name", "min_available", "fields", "sort"):
                known = any((p["name"], p["in"]) == (name, "query") for p in parameters)
                value = {"region": "lindenfurt", "min_available": "1", "fields": "name", "sort": "name"}.get(name, "x")
                status = self.broker.get("%s?%s=%s" % (real_path(path), name, value)).status
                self.assertEqual(status, 200 if known else 400, "%s %s" % (path, name))

    def test_real_answers_follow_the_schemas(self):
        """All flavors and all regions of the demonstration, not only those in examples."""
        broker = self.broker
        for path in ("/gpus/flavors", "/v2/flavors/", "/v1/regions", "/v1/flavors", "/v1/gpus"):
            media = "application/json" if path == "/gpus/flavors" else JSON
            schema = self.document["paths"][path]["get"]["responses"]["200"]["content"][media]["schema"]
            self.assertEqual(json_schema.complaints(self.document, schema, broker.get(path).json()), [], path)
        explain = "/v1/regions/{region}/flavors/{id}/explain"
        schema = self.document["paths"][explain]["get"]["responses"]["200"]["content"][JSON]["schema"]
        for row in broker.get("/v1/flavors").json()["flavors"]:
            answer = broker.get("/v1/regions/%s/flavors/%s/explain" % (row["region"], row["id"])).json()
            self.assertEqual(json_schema.complaints(self.document, schema, answer), [], row["name"])

    def test_the_version_is_the_brokers(self):
        self.assertTrue(self.broker.get("/openapi.json").json() == self.document, "not the one in the source")
        self.assertEqual(self.document["info"]["version"], self.broker.get("/v1").json()["version"])

    def test_the_page_is_strict(self):
        page = self.broker.get("/ui/")
        self.assertEqual(page["Content-Type"], "text/html; charset=utf-8")
        policy = dict(part.strip().split(" ", 1) for part in page["Content-Security-Policy"].split(";"))
        self.assertEqual(policy["default-src"], "'none'")
        self.assertEqual(policy["script-src"], "'self'")
        self.assertNotIn("unsafe", page["Content-Security-Policy"])
        self.assertEqual(re.findall(r'(?:src|href)="((?!/|data:)[^"]*)"', page.body.decode()), [], "something from elsewhere")
        for path, kind in (("/ui/ui.js", "text/javascript"), ("/ui/ui.css", "text/css")):
            self.assertTrue(self.broker.get(path)["Content-Type"].startswith(kind))
        self.assertNotIn("innerHTML", self.broker.get("/ui/ui.js").body.decode())


class Examples(Case):
    """Each example is asked for again, under the circumstances that its description names."""

    def setUp(self):
        super().setUp()
        self.plain = self.ready_broker(*demo_regions(), rest={"show_host_names": True})
        self.brokers = {}

    def other(self, name, make):
        """Another broker, started once, in a folder of its own."""
        if name not in self.brokers:
            self.folder = os.path.join(os.path.dirname(self.plain.path), name)
            os.mkdir(self.folder)
            self.brokers[name] = make()
        return self.brokers[name]

    def start_cold(self):
        broker = self.broker({"regions": [*demo_regions()[:2], self.chaos("moorhaven", "hang")],
                              "poll": {"cold_wait_s": 1, "deadline_s": 600}})
        until(lambda: broker.running() and broker.get("/v1/regions").status == 200
              and broker.state("auenbrueck") == "ok" and broker.state("lindenfurt") == "ok", "two regions are read")
        return broker

    def start_counted(self):
        """moorhaven with a document in state_dir as another service's counts would give it."""
        state = os.path.join(self.folder, "state")
        os.mkdir(state)
        config = {"regions": demo_regions(), "state_dir": state}
        first = Broker(self, config).start_ready()
        path = until(lambda: [os.path.join(state, name) for name in os.listdir(state)
                              if re.search(r"moorhaven(?!.*(new|tmp))", name)], "there is a document")[0]
        self.assertEqual(first.stop(), 0)
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        with open(path, "w", encoding="utf-8") as file:
            json.dump({**document, "capacity_model": "counted", "hosts": [], "gpus": []}, file)
        broker = self.broker({**config, "regions": [*demo_regions()[:2], self.chaos("moorhaven", "hang")],
                              "poll": {"deadline_s": 600, "stale_after_s": 3600}})
        until(lambda: broker.running() and broker.state("moorhaven") == "ok", "the document is read")
        return broker

    def start_changed(self):
        """lindenfurt with two flavors of one name, and one that asks for a NUMA topology."""
        folder = shutil.copytree(os.path.join(DEMO, "lindenfurt"), os.path.join(self.folder, "lindenfurt"))
        path = os.path.join(folder, "flavors.json")
        with open(path, encoding="utf-8") as file:
            body = json.load(file)
        for flavor in body["flavors"]:
            if flavor["name"] == "g2.l40s.double":
                flavor["extra_specs"]["hw:numa_nodes"] = "2"
            if flavor["name"] == "g1.t4.quad":
                flavor["name"] = "g1.t4.small"
        with open(path, "w", encoding="utf-8") as file:
            json.dump(body, file)
        regions = demo_regions()
        regions[1]["options"]["path"] = folder
        return self.ready_broker(*regions, rest={"show_host_names": True})

    def start_limited(self):
        broker = self.broker({"regions": demo_regions(), "rest": {"requests_per_s_per_address": 1}})
        until(lambda: broker.running() and broker.get("/livez").status in (200, 429), "it answers")
        return broker

    def ask_cold(self, method, target, _):
        return self.other("cold", self.start_cold).get(target, method=method)

    def ask_counted(self, method, target, _):
        return self.other("counted", self.start_counted).get(target, method=method)

    def ask_changed(self, method, target, _):
        return self.other("changed", self.start_changed).get(target, method=method)

    def ask_ambiguous(self, method, target, _):
        body = json.dumps({"flavors": {"g1.t4.small": 1}})
        return self.other("changed", self.start_changed).get(target, method=method, body=body)

    def ask_limited(self, method, target, _):
        broker = self.other("limited", self.start_limited)
        return until(lambda: [a for a in [broker.get(target, method=method)] if a.status == 429], "the limit is met")[0]

    @contextlib.contextmanager
    def stopped(self, broker):
        broker.send(signal.SIGSTOP)
        try:
            yield
        finally:
            broker.send(signal.SIGCONT)

    def ask_silent(self, method, target, _):
        with self.stopped(self.plain):
            return until(lambda: [a for a in [self.plain.get(target, method=method)] if a.status != 200], "it is noticed")[0]

    def with_body(body):
        return lambda self, method, target, _: self.plain.get(target, method=method, body=body)

    def ask_plain(self, method, target, body):
        return self.plain.get(target, method=method, body=body)

    CIRCUMSTANCES = {
        None: ask_plain,
        "While moorhaven has never been read.": ask_cold,
        "Where another service counts moorhaven.": ask_counted,
        "Where the flavor asks for a NUMA topology.": ask_changed,
        "Where lindenfurt has two flavors with the name g1.t4.small, and one of them is asked for.": ask_ambiguous,
        "With `requests_per_s_per_address = 1`.": ask_limited,
        "While the parent process is stopped.": ask_silent,
        "With an empty body.": with_body(""),
        "With a body of 70,000 bytes.": with_body(" " * 70000),
        "With `name` of 2,048 letters.":
            lambda self, method, target, _: self.plain.get(target + "?name=" + "x" * 2048, method=method),
        "With a header of 7,000 letters.":
            lambda self, method, target, _: self.plain.get(target, {"X-Long": "x" * 7000}, method=method),
    }

    def ask(self, operation, name, example):
        method, target = example["summary"].split(" ", 1)
        questions = operation.get("requestBody", {"content": {JSON: {}}})["content"]
        questions = next(iter(questions.values())).get("examples", {})
        body = json.dumps(questions[name]["value"]) if method == "POST" and name in questions else None
        circumstance = example.get("description")
        given = re.fullmatch(r"With the body `(.*)`\.", circumstance or "")
        if given:
            return self.ask_plain(method, target, given.group(1))
        return self.CIRCUMSTANCES[circumstance](self, method, target, body)

    def test_every_example_is_an_answer(self):
        update = bool(os.environ.get("UPDATE_OPENAPI_EXAMPLES"))
        n = 0
        for operation, status, media, response, name, example in self.examples():
            with self.subTest("%d %s" % (status, example["summary"])):
                answer = self.ask(operation, name, example)
                self.assertEqual((answer.status, answer["Content-Type"]), (status, media), answer.body)
                self.check_headers(response, answer)
                if update:
                    example["value"] = timeless(answer.json())
                self.assertEqual(timeless(answer.json()), timeless(example["value"]))
                n += 1
        self.assertGreater(n, 50)
        if update:
            with open(DOCUMENT, "w", encoding="utf-8") as file:
                json.dump(self.document, file, indent=1, ensure_ascii=False)
                file.write("\n")


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""/openapi.json says what is served: every route, every example, every key.

The summary of an example is the request that gave it, against the demonstration's regions. After a change of an
answer: `UPDATE_OPENAPI_EXAMPLES=1 tests/suite.py tests/scenario a12` writes the answers into core/rest/web/openapi.json;
look at the difference."""
import json
import os
import re
import unittest

import json_schema
from broker import ROOT, Scenario, region

DOCUMENT = os.path.join(ROOT, "core", "rest", "web", "openapi.json")
DEMO = os.path.join(ROOT, "contrib", "demo")
TIME = re.compile(r"\d{4}-\d{2}-\d{2}([T ])\d{2}:\d{2}:\d{2}(Z?)")


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


class OpenApi(Scenario):
    def setUp(self):
        super().setUp()
        self.document = load()

    def examples(self):
        """operation, status, media type, schema, name, example of all answers."""
        for _, _, operation in operations(self.document):
            for status, answer in operation["responses"].items():
                for media, content in resolve(self.document, answer).get("content", {}).items():
                    for name, example in content.get("examples", {}).items():
                        yield operation, int(status), media, content["schema"], name, example

    def ask(self, broker, operation, name, request):
        method, target = request.split(" ", 1)
        body = None
        if method == "POST":
            body = json.dumps(operation["requestBody"]["content"]["application/json"]["examples"][name]["value"])
        return broker.get(target, method=method, body=body)

    def test_routes_in_both_directions(self):
        with open(os.path.join(ROOT, "core", "rest", "route.c"), encoding="utf-8") as file:
            source = file.read()
        served = re.findall(r'^\t\{"(/[^"]*)",', source, re.M)
        self.assertEqual(sorted(self.document["paths"]), sorted(served))

    def test_parameters_are_those_of_the_routes(self):
        broker = self.ready_broker(*demo_regions())
        for path, method, operation in operations(self.document):
            names = {resolve(self.document, p)["name"] for p in operation.get("parameters", [])}
            self.assertEqual(set(re.findall(r"\{(\w+)\}", path)) - names, set(), path)
            if not path.startswith("/v1/") or method != "get":
                continue
            real = path.replace("{region}", "lindenfurt").replace("{id}", "15e9aeba-a473-4c8c-b5cc-0eb7325bd9d1")
            for parameter in ("region", "gpu_type", "name", "min_available", "fields", "sort"):
                known = any(resolve(self.document, p)["name"] == parameter and resolve(self.document, p)["in"] == "query"
                            for p in operation.get("parameters", []))
                value = {"region": "lindenfurt", "min_available": "1", "fields": "name", "sort": "name"}.get(parameter, "x")
                status = broker.get("%s?%s=%s" % (real, parameter, value)).status
                self.assertEqual(status, 200 if known else 400, "%s %s" % (path, parameter))

    def test_every_example_is_an_answer(self):
        broker = self.ready_broker(*demo_regions(), rest={"show_host_names": True})
        update = bool(os.environ.get("UPDATE_OPENAPI_EXAMPLES"))
        n = 0
        for operation, status, media, _, name, example in self.examples():
            with self.subTest(example["summary"]):
                answer = self.ask(broker, operation, name, example["summary"])
                self.assertEqual((answer.status, answer["Content-Type"]), (status, media))
                if update:
                    example["value"] = timeless(answer.json())
                self.assertEqual(timeless(answer.json()), timeless(example["value"]))
                n += 1
        self.assertGreater(n, 20)
        if update:
            with open(DOCUMENT, "w", encoding="utf-8") as file:
                json.dump(self.document, file, indent=1, ensure_ascii=False)
                file.write("\n")

    def test_examples_follow_their_schemas(self):
        for operation, status, _, schema, name, example in self.examples():
            with self.subTest(example["summary"]):
                self.assertEqual(json_schema.complaints(self.document, schema, example["value"]), [])

    def test_real_answers_follow_the_schemas(self):
        """All flavors and all regions of the demonstration, not only those in examples."""
        broker = self.ready_broker(*demo_regions())
        for path in ("/gpus/flavors", "/v2/flavors/", "/v1/regions", "/v1/flavors", "/v1/gpus"):
            media = "application/json" if path == "/gpus/flavors" else "application/json; charset=utf-8"
            schema = self.document["paths"][path]["get"]["responses"]["200"]["content"][media]["schema"]
            self.assertEqual(json_schema.complaints(self.document, schema, broker.get(path).json()), [], path)
        explain = "/v1/regions/{region}/flavors/{id}/explain"
        schema = self.document["paths"][explain]["get"]["responses"]["200"]["content"]["application/json; charset=utf-8"]["schema"]
        for row in broker.get("/v1/flavors").json()["flavors"]:
            answer = broker.get("/v1/regions/%s/flavors/%s/explain" % (row["region"], row["id"])).json()
            self.assertEqual(json_schema.complaints(self.document, schema, answer), [], row["name"])

    def test_the_version_is_the_brokers(self):
        broker = self.ready_broker(*demo_regions())
        self.assertTrue(broker.get("/openapi.json").json() == self.document, "not the one in the source")
        self.assertEqual(self.document["info"]["version"], broker.get("/v1").json()["version"])

    def test_the_page_is_strict(self):
        broker = self.ready_broker(*demo_regions())
        page = broker.get("/ui/")
        self.assertEqual(page["Content-Type"], "text/html; charset=utf-8")
        policy = dict(part.strip().split(" ", 1) for part in page["Content-Security-Policy"].split(";"))
        self.assertEqual(policy["default-src"], "'none'")
        self.assertEqual(policy["script-src"], "'self'")
        self.assertNotIn("unsafe", page["Content-Security-Policy"])
        self.assertEqual(re.findall(r'(?:src|href)="((?!/)[^"]*)"', page.body.decode()), [], "something from elsewhere")
        for path, kind in (("/ui/ui.js", "text/javascript"), ("/ui/ui.css", "text/css")):
            self.assertTrue(broker.get(path)["Content-Type"].startswith(kind))
        self.assertNotIn("innerHTML", broker.get("/ui/ui.js").body.decode())


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""Every operation and every example through a proxy that compares requests and answers with openapi.json.

    prism_walk.py PRISM        tests/web/openapi-tools installs it

What the proxy finds is an answer of its own, 500 or 422, so that a status that is not the broker's is a finding. It
refuses methods that are not described itself, and wants to read JSON in a 304: these two are left to
tests/scenario/a12_openapi.py."""
import http.client
import json
import os
import subprocess
import sys
import unittest
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "scenario"))

import a12_openapi
from a12_openapi import demo_regions, operations, real_path, resolve
from broker import Answer, die_with_parent, free_port, until

PRISM = None  # the command


class Proxy:
    def __init__(self, case, broker, document, *options):
        self.port = free_port()
        path = os.path.join(case.folder, "openapi-%d.json" % self.port)
        with open(path, "w", encoding="utf-8") as file:
            json.dump(document, file)
        self.log = open(path + ".log", "w+b")  # pylint: disable=consider-using-with
        self.process = subprocess.Popen([PRISM, "proxy", path, "http://127.0.0.1:%d" % broker.port, "--errors", "--port",
                                         str(self.port), *options], stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=self.log, preexec_fn=die_with_parent)
        case.addCleanup(self.stop)
        until(lambda: self.ask("GET", "/v1"), "the proxy answers")

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()

    def ask(self, method, target, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, target, body, {"Content-Type": "application/json"} if body is not None else {})
            return Answer(connection.getresponse())
        finally:
            connection.close()


class Walk(a12_openapi.Case):
    def setUp(self):
        super().setUp()
        self.broker = self.ready_broker(*demo_regions(), rest={"show_host_names": True})

    def questions(self, path, operation):
        """Targets with no parameter, with each alone, and with all."""
        optional = [(p["name"], value) for p in (resolve(self.document, p) for p in operation.get("parameters", []))
                    if p["in"] == "query" for value in (p["example"] if isinstance(p["example"], list) else [p["example"]])]
        for chosen in [[], *([one] for one in optional), optional]:
            yield real_path(path) + ("?" + urllib.parse.urlencode(chosen) if chosen else "")

    def operations(self):
        proxy = Proxy(self, self.broker, self.document)
        n = 0
        for path, method, operation in operations(self.document):
            bodies = [None]
            if method == "post":
                examples = operation["requestBody"]["content"]["application/json"]["examples"]
                bodies = [json.dumps(example["value"]) for name, example in examples.items() if "unknown" not in name]
            for body in bodies:
                for target in dict.fromkeys(self.questions(path, operation)):
                    with self.subTest("%s %s" % (method, target)):
                        answer = proxy.ask(method.upper(), target, body)
                        self.assertEqual(answer.status, 200, answer.body)
                        n += 1
        return n

    def examples_again(self):
        """Those that need no circumstances; what they ask may be wrong, so only answers are compared."""
        proxy = Proxy(self, self.broker, self.document, "--validate-request", "false")
        n = 0
        for operation, status, media, _, name, example in self.examples():
            method, target = example["summary"].split(" ", 1)
            questions = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("examples", {})
            if example.get("description") or status == 405 or "%zz" in target:
                continue
            body = json.dumps(questions[name]["value"]) if name in questions else None
            with self.subTest("%d %s" % (status, example["summary"])):
                answer = proxy.ask(method, target, body)
                self.assertEqual((answer.status, answer["Content-Type"]), (status, media), answer.body)
                n += 1
        return n

    def a_lie_is_found(self):
        """The proxy does compare: with another word for `alive`, it refuses the broker's."""
        document = json.loads(json.dumps(self.document))
        document["components"]["schemas"]["Alive"]["properties"]["status"]["enum"] = ["dead"]
        answer = Proxy(self, self.broker, document).ask("GET", "/livez")
        self.assertEqual((answer.status, "VIOLATIONS" in answer.json()["type"]), (500, True))

    def runTest(self):
        self.a_lie_is_found()
        print("%d requests of every operation, %d examples" % (self.operations(), self.examples_again()))


if __name__ == "__main__":
    PRISM = sys.argv.pop(1)
    unittest.main()

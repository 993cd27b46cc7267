# SPDX-License-Identifier: Apache-2.0
"""/ui/ in a headless Chromium: draws every operation, sends each, by mouse and by keyboard, at every width.

GPUBROKER_SCREENSHOTS=FOLDER keeps pictures of it."""
import json
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "scenario"))

import webdriver
from a12_openapi import demo_regions, load, operations
from broker import Scenario, until

WIDTHS = (360, 768, 1280, 2560)
# Text whose contrast with what is behind it is below WCAG's AA: 4.5, large text 3.
FAINT = """
function parse(colour) {
	const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number);
	return { r, g, b, a };
}
function light({ r, g, b }) {
	const [x, y, z] = [r, g, b].map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
	return 0.2126 * x + 0.7152 * y + 0.0722 * z;
}
function behind(element) {
	for (; element; element = element.parentElement) {
		const colour = parse(getComputedStyle(element).backgroundColor);
		if (colour.a === 1)
			return colour;
		if (colour.a !== 0)
			throw new Error("half transparent: " + element.outerHTML.slice(0, 80));
	}
	return parse(matchMedia("(prefers-color-scheme: dark)").matches ? "18, 18, 18" : "255, 255, 255");
}
function contrast(a, b) {
	const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
	return (x + 0.05) / (y + 0.05);
}
const found = [];
for (const element of document.querySelectorAll("body *")) {
	const style = getComputedStyle(element);
	const says = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || /^(INPUT|TEXTAREA)$/.test(element.tagName);
	if (!says || !element.checkVisibility() || style.opacity !== "1")
		continue;
	const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
	const colours = [style.color].concat(element.placeholder ? [getComputedStyle(element, "::placeholder").color] : []);
	for (const colour of colours) {
		const ratio = contrast(parse(colour), behind(element));
		if (ratio < (large ? 3 : 4.5))
			found.push(ratio.toFixed(2) + " " + element.outerHTML.slice(0, 120));
	}
}
return found;
"""
# What sticks out of the page, or of a box that does not scroll.
OVERFLOWING = """
const found = [];
if (document.documentElement.scrollWidth > innerWidth)
	found.push("the page is " + document.documentElement.scrollWidth + " wide");
for (const element of document.querySelectorAll("body *")) {
	const { right, left, width } = element.getBoundingClientRect();
	if (width && (right > innerWidth + 0.5 || left < -0.5))
		found.push(Math.round(left) + ".." + Math.round(right) + " " + element.outerHTML.slice(0, 120));
	if (element.tagName === "PRE" && element.scrollWidth > element.clientWidth)
		found.push("scrolls sideways: " + element.outerHTML.slice(0, 80));
}
return found;
"""
UNLABELLED = """
return [...document.querySelectorAll("input, textarea, button")].filter((e) => e.checkVisibility() &&
	!(e.labels?.length || e.textContent.trim() || e.getAttribute("aria-label"))).map((e) => e.outerHTML);
"""
FOCUS = """
const at = document.activeElement, style = getComputedStyle(at);
return { tag: at.tagName, id: at.id || at.closest("details")?.id || "", text: at.textContent.slice(0, 40),
	ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 };
"""


@unittest.skipIf(webdriver.why_not(), webdriver.why_not())
class Page(Scenario):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.browser = webdriver.Browser(cls.addClassCleanup)

    def setUp(self):
        super().setUp()
        self.broker = self.ready_broker(*demo_regions(), poll={"interval_s": 600}, rest={"show_host_names": True})
        self.origin = "http://127.0.0.1:%d" % self.broker.port
        self.browser.window(1280)
        self.browser.forget()
        self.browser.open(self.origin + "/ui/")
        self.operations = {operation["operationId"]: (method, path, operation)
                           for path, method, operation in operations(load())}

    def check_quiet(self):
        """Nobody else was asked, and the console has nothing to say."""
        asked = self.browser.requests()
        self.assertTrue(asked)
        self.assertEqual([url for _, url in asked if not url.startswith(self.origin + "/")], [])
        self.assertEqual(self.browser.complaints(), [])
        return [(method, url[len(self.origin):].split("?")[0]) for method, url in asked]

    def answer(self, operation_id):
        return self.browser.run("""
            const answer = document.getElementById(arguments[0]);
            return { status: answer.querySelector(".status")?.textContent || "",
                headers: [...answer.querySelectorAll(".answer dt")].map((e) => [e.textContent, e.nextSibling.textContent]),
                body: answer.querySelector("pre.body")?.textContent || "",
                command: answer.querySelector("pre.command")?.textContent || "" }""", operation_id)

    def answered(self, operation_id):
        return until(lambda: [a for a in [self.answer(operation_id)] if a["status"]], operation_id + " is answered")[0]

    def send(self, operation_id):
        self.browser.run("const e = document.getElementById(arguments[0]); e.open = true;"
                         "e.querySelector('button.send').scrollIntoView({ block: 'center' })", operation_id)
        self.browser.click("#%s button.send" % operation_id)
        return self.answered(operation_id)

    def shot(self, name, whole=False):
        folder = os.environ.get("GPUBROKER_SCREENSHOTS")
        if folder:
            self.browser.screenshot(os.path.join(folder, name + ".png"), whole)

    def test_every_operation_is_drawn_and_sent(self):
        drawn = self.browser.run("return [...document.querySelectorAll('details.operation')].map((e) => e.id)")
        self.assertEqual(sorted(drawn), sorted(self.operations))
        self.check_quiet()
        for operation_id, (method, path, operation) in self.operations.items():
            with self.subTest(operation_id):
                answer = self.send(operation_id)
                self.assertEqual(answer["status"], "200 OK")
                headers = dict(answer["headers"])
                self.assertIn(headers["Content-Type"], operation["responses"]["200"]["content"])
                self.assertEqual("ETag" in headers, "ETag" in operation["responses"]["200"]["headers"])
                if "json" in headers["Content-Type"]:
                    json.loads(answer["body"])
                self.assertTrue(answer["body"])
                self.assertTrue(answer["command"].startswith("curl -s " + self.origin))
                sent = self.check_quiet()
                self.assertEqual(sent, [(method.upper(), sent[0][1])])

    def test_parameters_reach_the_broker(self):
        page = self.browser
        page.run("document.getElementById('listFlavors').open = true")
        page.type_into("#listFlavors-query-gpu_type", "L40S T4")
        page.type_into("#listFlavors-query-min_available", "6")
        body = json.loads(self.send("listFlavors")["body"])
        served = self.broker.get("/v1/flavors?gpu_type=L40S&gpu_type=T4&min_available=6").json()
        self.assertEqual(body["flavors"], served["flavors"])
        page.type_into("#listFlavors-query-min_available", "many")
        page.run("document.querySelector('#listFlavors .status').remove()")
        answer = self.send("listFlavors")
        self.assertEqual(answer["status"], "400 Bad Request")
        self.assertIn("min_available", json.loads(answer["body"])["detail"])
        self.check_allowed_error(400)

    def check_allowed_error(self, status):
        """The browser notes each answer of 400 and more on the console; nothing but that."""
        self.assertEqual([text for text in self.browser.complaints() if "status of %d" % status not in text], [])

    def test_ids_follow_the_region(self):
        page = self.browser
        for name in ("moorhaven", "lindenfurt"):
            page.run("const e = document.getElementById('explainFlavor-path-region'); e.value = arguments[0];"
                     "e.dispatchEvent(new Event('change'))", name)
            answer = json.loads(self.send("explainFlavor")["body"])
            self.assertEqual(answer["region"], name)
            page.run("document.querySelector('#explainFlavor .status').remove()")

    def test_copy(self):
        self.browser.devtools("Browser.grantPermissions", origin=self.origin,
                              permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
        self.send("listGpus")
        self.browser.click("#listGpus .answer button.copy")
        until(lambda: self.browser.run("return document.querySelector('#listGpus button.copy').textContent") == "Copied", "it is copied")
        self.assertEqual(json.loads(self.browser.run("return navigator.clipboard.readText()")), self.broker.get("/v1/gpus").json())
        self.check_quiet()

    def test_what_comes_from_outside_is_text(self):
        page = self.browser
        page.run("document.getElementById('getFlavor').open = true")
        page.type_into("#getFlavor-path-id", "<img src=x onerror=alert(1)>")
        answer = self.send("getFlavor")
        self.assertEqual(answer["status"], "404 Not Found")
        self.assertEqual(page.run("return document.querySelectorAll('img').length"), 0)
        self.check_allowed_error(404)

    def test_find(self):
        page = self.browser
        shown = "return [...document.querySelectorAll('details.operation')].filter((e) => e.checkVisibility()).map((e) => e.id)"
        page.type_into("#find", "Explain")
        self.assertEqual(page.run(shown), ["explainFlavor"])
        self.assertEqual(page.run("return document.getElementById('found').textContent"), "1 of %d" % len(self.operations))
        page.type_into("#find", "flavors {region}")
        self.assertEqual(page.run(shown), ["listRegionFlavors", "getFlavor", "explainFlavor"])
        page.type_into("#find", "nothing like it")
        self.assertEqual(page.run(shown), [])
        page.press("Escape")
        self.assertEqual(len(page.run(shown)), len(self.operations))
        self.check_quiet()

    def test_keyboard_alone(self):
        page = self.browser
        page.press("/")
        self.assertEqual(page.run(FOCUS)["id"], "find")
        page.press(*"fit")
        page.press("Enter")
        seen = []
        while not seen or seen[-1]["tag"] != "BUTTON":
            seen.append(page.run(FOCUS))
            self.assertTrue(seen[-1]["ring"], "no ring around %s" % seen[-1])
            self.assertEqual(seen[-1]["id"].split("-")[0], "fit")
            self.assertLess(len(seen), 5)
            page.press("Tab") if seen[-1]["tag"] != "BUTTON" else page.press("Enter")
        self.assertEqual([at["tag"] for at in seen], ["SUMMARY", "TEXTAREA", "BUTTON"])
        self.assertTrue(json.loads(self.answered("fit")["body"])["regions"])
        self.assertEqual(page.run(FOCUS)["tag"], "BUTTON", "sending took the focus away")
        self.check_quiet()

    def test_an_address_opens_an_operation(self):
        self.browser.forget()
        self.browser.open(self.origin + "/ui/#explainFlavor")
        self.assertEqual(self.browser.run("return [...document.querySelectorAll('details.operation[open]')].map((e) => e.id)"),
                         ["explainFlavor"])

    def test_every_width_in_both_schemes(self):
        page = self.browser
        for width in WIDTHS:
            page.window(width)
            self.browser.open(self.origin + "/ui/?%d" % width)
            self.shot("closed-%d" % width)
            for operation_id in ("explainFlavor", "fit", "getMetrics", "listFlavors"):
                self.assertEqual(page.run(OVERFLOWING), [], "%d, before %s" % (width, operation_id))
                self.send(operation_id)
            page.run("document.querySelector('#explainFlavor .statuses').open = true; scrollTo(0, 0)")
            for scheme in ("light", "dark"):
                with self.subTest("%d %s" % (width, scheme)):
                    page.window(width, scheme=scheme)
                    self.shot("open-%d-%s" % (width, scheme), whole=True)
                    self.assertEqual(page.run(OVERFLOWING), [])
                    self.assertEqual(page.run(FAINT), [])
                    self.assertEqual(page.run(UNLABELLED), [])
        self.check_quiet()


if __name__ == "__main__":
    unittest.main()

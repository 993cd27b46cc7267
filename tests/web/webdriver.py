# SPDX-License-Identifier: Apache-2.0
"""A headless Chromium by chromedriver's WebDriver protocol, with the standard library alone.

What the page asks for, and what it says on its console, comes from the browser's own log of network and console."""
import base64
import http.client
import json
import os
import shutil
import subprocess
import tempfile
import urllib.parse

from broker import PATIENCE_S, die_with_parent, free_port, until

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the protocol's key of a reference
KEYS = {"Tab": "\ue004", "Enter": "\ue007", "Escape": "\ue00c", "Space": " "}
QUIET = ["--headless=new", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-default-apps", "--disable-extensions",
         "--disable-dev-shm-usage"]


def why_not():
    """None: there is a browser."""
    return None if CHROMIUM and DRIVER else "no chromium and chromium-driver"


class Browser:
    """Started with an empty profile; on_end(function, …) is told what ends it."""

    def __init__(self, on_end):
        self.profile = tempfile.mkdtemp(prefix="gpubroker-chromium-")
        on_end(shutil.rmtree, self.profile, ignore_errors=True)
        self.port = free_port()
        self.driver = subprocess.Popen([DRIVER, "--port=%d" % self.port, "--log-level=SEVERE"], stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=die_with_parent,
                                       env={**os.environ, "HOME": self.profile, "XDG_CONFIG_HOME": self.profile,
                                            "XDG_CACHE_HOME": self.profile})
        on_end(self.stop)
        until(lambda: self.call("GET", "/status")["ready"], "chromedriver is ready")
        arguments = QUIET + ["--user-data-dir=" + self.profile] + (["--no-sandbox"] if os.geteuid() == 0 else [])
        options = {"binary": CHROMIUM, "args": arguments}
        logs = {"browser": "ALL", "performance": "ALL"}
        self.session = "/session/" + self.call("POST", "/session", {"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": options, "goog:loggingPrefs": logs}}})["sessionId"]
        on_end(self.close)

    def stop(self):
        self.driver.terminate()
        self.driver.wait(PATIENCE_S)

    def close(self):
        self.call("DELETE", self.session)

    def call(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            connection.request(method, path, json.dumps(body or {}) if method == "POST" else None,
                               {"Content-Type": "application/json"})
            reply = connection.getresponse()
            value = json.loads(reply.read())["value"]
        finally:
            connection.close()
        if reply.status != 200:
            raise AssertionError("%s %s: %s" % (method, path, value.get("message", value)))
        return value

    def do(self, command, **body):
        return self.call("POST", self.session + command, body)

    def devtools(self, command, **parameters):
        return self.do("/goog/cdp/execute", cmd=command, params=parameters)

    def forget(self):
        """What the last test left: its page and the logs of it."""
        self.do("/url", url="about:blank")
        self.complaints()
        self.log("performance")

    def open(self, url):
        self.do("/url", url=url)
        until(lambda: self.run("return document.body.dataset.ready === 'yes'"), "the page is drawn")

    def run(self, script, *arguments):
        return self.do("/execute/sync", script=script, args=list(arguments))

    def find(self, selector):
        return self.do("/element", using="css selector", value=selector)[ELEMENT]

    def click(self, selector):
        self.do("/element/%s/click" % self.find(selector))

    def type_into(self, selector, text):
        element = self.find(selector)
        self.do("/element/%s/clear" % element)
        self.do("/element/%s/value" % element, text=text)

    def press(self, *keys):
        """On whatever has the focus."""
        strokes = [{"type": kind, "value": KEYS.get(key, key)} for key in keys for kind in ("keyDown", "keyUp")]
        self.do("/actions", actions=[{"type": "key", "id": "keyboard", "actions": strokes}])

    def window(self, width, height=900, scheme="light"):
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def screenshot(self, path, whole=False):
        shot = self.devtools("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))

    def log(self, kind):
        return self.do("/se/log", type=kind)

    def complaints(self):
        """What the console says that is a warning or an error; violations of the policy are among it."""
        return [entry["message"] for entry in self.log("browser") if entry["level"] not in ("INFO", "DEBUG")]

    def requests(self):
        """[(method, URL)…] that pages asked for since the last call, without what the browser opens for itself."""
        events = [json.loads(entry["message"])["message"] for entry in self.log("performance")]
        sent = [event["params"]["request"] for event in events if event["method"] == "Network.requestWillBeSent"]
        return [(request["method"], request["url"]) for request in sent
                if urllib.parse.urlsplit(request["url"]).scheme in ("http", "https", "ws", "wss")]

# SPDX-License-Identifier: Apache-2.0
"""The HTTP side of the fake cloud: keep-alive, gzip on demand, a request log, and faults.

A fault is a dict. It applies to requests whose "METHOD path?query" contains `match`, `times` times
(absent: always), after `skip` matching ones went through. `do` says what happens:

    status     answers `status` with `body` (JSON or text), `headers`; nothing is asked of the cloud
    stall      says nothing until release() or the client gives up; with `after` "headers" or "half": so far
    cut        closes in the middle of the body; with `after` "nothing": before the first byte
    drip       a byte of the body every `every_s` seconds (ends when the client gives up)
    replace    answers as usual, but with `body` (text) instead of its own
    change     answers as usual, but `headers` are replaced (None: left out)
    garbage    bytes that are not HTTP
"""
import contextlib
import gzip
import http.server
import json
import select
import socket
import socketserver
import threading
import urllib.parse


class Answer:
    def __init__(self, status, body=None, headers=None):
        self.status = status
        self.headers = dict(headers or {})
        if body is None:
            self.body = b""
        elif isinstance(body, (bytes, str)):
            self.body = body if isinstance(body, bytes) else body.encode()
            self.headers.setdefault("Content-Type", "text/html")
        else:
            self.body = json.dumps(body).encode()
            self.headers.setdefault("Content-Type", "application/json")


class Request:
    def __init__(self, method, target, headers, body):
        self.method = method
        self.target = target
        split = urllib.parse.urlsplit(target)
        self.path = split.path
        self.query = dict(urllib.parse.parse_qsl(split.query, keep_blank_values=True))
        self.headers = headers
        self.body = body


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "fake"
    sys_version = ""
    disable_nagle_algorithm = True

    def log_message(self, *args):
        pass

    def do_GET(self):
        self.handle_one()

    def do_POST(self):
        self.handle_one()

    def handle_one(self):
        length = int(self.headers.get("Content-Length") or 0)
        request = Request(self.command, self.path, self.headers, self.rfile.read(length))
        if request.path == "/_control":
            return self.send(self.server.control(request), request)
        with self.server.counted(self, request) as entry:
            fault = self.server.take_fault(request)
            try:
                self.answer(request, fault, entry)
            except OSError:
                self.close_connection = True

    def answer(self, request, fault, entry):
        do = fault.get("do") if fault else None
        if do == "status":
            answer = Answer(fault.get("status", 500), fault.get("body"), fault.get("headers"))
        elif do == "garbage" or (do in ("cut", "stall") and fault.get("after") == "nothing"):
            return self.break_early(do)
        else:
            answer = self.server.cloud.answer(request)
        if do == "replace":
            body = fault["body"]
            answer.body = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        for name, value in (fault.get("headers") or {}).items() if do == "change" else ():
            answer.headers = {k: v for k, v in answer.headers.items() if k.lower() != name.lower()}
            if value is not None:
                answer.headers[name] = value
        entry["status"] = answer.status
        entry["bytes"] = self.send(answer, request, fault if do in ("cut", "stall", "drip") else None)

    def break_early(self, do):
        self.close_connection = True
        if do == "stall":
            self.wait_until_left()
        elif do == "garbage":
            self.wfile.write(b"\x16\x03\x01 this is not HTTP\r\n\r\n")

    def wait_until_left(self, seconds=None):
        """Until the client closes, the server is told to go on, or the time is over."""
        while not self.server.released.is_set():
            ready, _, _ = select.select([self.connection, self.server.wakeup], [], [], seconds)
            if self.connection in ready and not self.connection.recv(1, socket.MSG_PEEK):
                return True
            if self.server.wakeup in ready or not ready:
                return False
        return False

    def send(self, answer, request, fault=None):
        body = answer.body
        headers = dict(answer.headers)
        if self.server.cloud.gzip and "gzip" in (request.headers.get("Accept-Encoding") or ""):
            body = gzip.compress(body, 1)
            headers["Content-Encoding"] = "gzip"
        self.send_response(answer.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if request.method != "HEAD":
            self.send_body(body, fault)
        return len(body)

    def send_body(self, body, fault):
        do = fault["do"] if fault else None
        if do == "drip":
            self.close_connection = True
            for i in range(len(body)):
                self.wfile.write(body[i:i + 1])
                if self.wait_until_left(fault.get("every_s", 0.05)):
                    return
        elif do in ("cut", "stall"):
            self.close_connection = True
            half = 0 if fault.get("after") == "headers" else len(body) // 2
            self.wfile.write(body[:half])
            if do == "stall":
                self.wait_until_left()
        else:
            self.wfile.write(body)


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, cloud, address, tls=None):
        self.cloud = cloud
        self.lock = threading.Lock()
        self.log = []
        self.connections = set()
        self.sockets = set()
        self.running = 0
        self.most_running = 0
        self.faults = []
        self.released = threading.Event()
        self.wakeup, self.waker = socket.socketpair()
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, Handler)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)

    def server_bind(self):
        socketserver.TCPServer.server_bind(self)  # without the look-up of our own name
        self.server_name, self.server_port = self.server_address[:2]

    def server_close(self):
        super().server_close()
        with self.lock:
            sockets = list(self.sockets)
        for s in sockets:
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)
        self.wakeup.close()
        self.waker.close()

    def handle_error(self, request, client_address):
        pass  # clients that leave are part of the game

    def release(self):
        if not self.released.is_set():
            self.released.set()
            self.waker.send(b"x")

    def counted(self, handler, request):
        server = self

        class Counted:
            def __enter__(self):
                self.entry = {"method": request.method, "target": request.target, "status": 0,
                              "bytes": 0, "headers": dict(request.headers.items())}
                with server.lock:
                    server.connections.add(handler.client_address)
                    server.sockets.add(handler.connection)
                    server.log.append(self.entry)
                    server.running += 1
                    server.most_running = max(server.most_running, server.running)
                return self.entry

            def __exit__(self, *error):
                with server.lock:
                    server.running -= 1

        return Counted()

    def take_fault(self, request):
        line = request.method + " " + request.target
        with self.lock:
            for fault in self.faults:
                if fault.get("match", "") not in line:
                    continue
                if fault.get("skip", 0) > 0:
                    fault["skip"] -= 1
                    continue
                if "times" in fault:
                    if fault["times"] <= 0:
                        continue
                    fault["times"] -= 1
                return fault
        return None

    def control(self, request):
        """POST: {"set": {attribute: value}, "faults": […], "revoke": true, "advance_s": n, "clear": true}."""
        if request.method == "POST":
            orders = json.loads(request.body or b"{}")
            if "faults" in orders:
                self.faults = orders["faults"]
            if orders.get("clear"):
                self.clear()
            if orders.get("release"):
                self.release()
            self.cloud.control(orders)
        with self.lock:
            return Answer(200, {"requests": self.log, "connections": len(self.connections),
                                "most_running": self.most_running})

    def clear(self):
        with self.lock:
            self.log.clear()
            self.connections.clear()
            self.most_running = 0

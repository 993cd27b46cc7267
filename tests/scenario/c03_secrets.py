# SPDX-License-Identifier: Apache-2.0
"""A secret is in its worker's memory and nowhere else that can be looked at."""
import os
import re
import unittest

import fake_region
from broker import Broker, Scenario, until
from memcached_server import Memcached

PAGES = ("/gpus/flavors", "/v1", "/v1/regions", "/v1/flavors", "/v1/gpus", "/metrics", "/livez", "/readyz",
         "/v2/flavors/")


class Secrets(Scenario):
    def setUp(self):
        super().setUp()
        self.fake = fake_region.start(self)
        self.secrets = [self.fake.cloud.password.encode()]

    def read_proc(self, pid, name):
        with open("/proc/%d/%s" % (pid, name), "rb") as file:
            return file.read()

    def memory(self, pid):
        """All that a process can write to; needs root."""
        found = b""
        with open("/proc/%d/maps" % pid, encoding="utf-8") as maps, open("/proc/%d/mem" % pid, "rb", 0) as mem:
            for line in maps:
                match = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
                begin, end = (int(match.group(n), 16) for n in (1, 2)) if match else (0, 0)
                if end - begin > 256 << 20:
                    continue  # a sanitizer's shadow
                try:
                    mem.seek(begin)
                    found += mem.read(end - begin)
                except OSError:
                    pass
        return found

    def check_nowhere(self, broker):
        for secret in self.secrets:
            for role, pid in {"parent": broker.process.pid, **broker.children()}.items():
                for name in ("environ", "cmdline"):
                    try:
                        shown = self.read_proc(pid, name)
                    except (FileNotFoundError, ProcessLookupError):
                        continue  # a worker that was refused gives way to a new one
                    self.assertNotIn(secret, shown, "%s of %s" % (name, role))
            self.assertNotIn(secret.decode(), "\n".join(broker.log_lines))
            for page in PAGES:
                self.assertNotIn(secret, broker.get(page).body, page)

    def check_memory(self, broker):
        if os.getuid() != 0:
            self.skipTest("only root may look into other processes")
        for role, pid in broker.children().items():
            if not role.startswith("worker"):
                self.assertNotIn(self.secrets[0], self.memory(pid), role)

    def test_from_the_environment(self):
        broker = Broker(self, None, env=self.fake.environment())
        broker.args += ["--bind", "127.0.0.1:%d" % broker.port]
        broker.start_ready()
        self.check_nowhere(broker)
        self.check_memory(broker)

    def test_from_a_file(self):
        memcached = Memcached(self)
        broker = self.ready_broker(fake_region.configured(self, "fake", self.fake),
                                   cache={"backend": "memcached", "servers": [memcached.address]})
        self.check_nowhere(broker)
        self.check_memory(broker)

    def test_in_a_failure(self):
        self.fake.fault(match="auth/tokens", do="status", status=401)
        broker = self.broker({"regions": [fake_region.configured(self, "fake", self.fake)]})
        broker.log_wait(r"auth")
        self.check_nowhere(broker)

    def test_tokens_are_not_logged(self):
        broker = self.ready_broker(fake_region.configured(self, "fake", self.fake))
        tokens = [entry["headers"].get("X-Auth-Token") for entry in self.fake.server.log]
        self.assertTrue(any(tokens))
        for token in filter(None, set(tokens)):
            self.assertNotIn(token, "\n".join(broker.log_lines))

    def test_children_cannot_be_looked_into_by_others_of_the_same_user(self):
        broker = self.ready_broker(fake_region.configured(self, "fake", self.fake))
        for role, pid in broker.children().items():
            # the storer may be starting
            until(lambda pid=pid: re.search(r"NoNewPrivs:\s+1", self.read_proc(pid, "status").decode()),
                  "%s confines itself" % role)
            self.assertEqual(os.stat("/proc/%d/environ" % pid).st_uid, 0, role)  # not dumpable: root's


if __name__ == "__main__":
    unittest.main()

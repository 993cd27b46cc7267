# SPDX-License-Identifier: Apache-2.0
"""The parent and its children: what they are started with, which signals they heed, what is done about silence."""
import os
import signal
import unittest

import nova_bodies
from broker import Broker, Scenario, until
from load import Load


def open_files(pid):
    """{descriptor: what it is}"""
    folder = "/proc/%d/fd" % pid
    return {int(fd): os.readlink(os.path.join(folder, fd)) for fd in os.listdir(folder)}


class Supervision(Scenario):
    def one(self, **keys):
        return self.replayed("one", nova_bodies.small(), **keys)

    def started(self, **keys):
        return Broker(self, {"regions": [self.one()]}, **keys).start_ready()

    def test_started_with_dead_children_ignored(self):
        broker = self.started(prepare=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
        for role in ("worker one", "storer", "rest"):
            broker.until_new_child(role, broker.kill_child(role))

    def test_started_without_standard_descriptors(self):
        broker = self.started(prepare=lambda: (os.close(0), os.close(1)))
        for pid in broker.processes():
            self.assertEqual([open_files(pid).get(fd) for fd in (0, 1)], ["/dev/null"] * 2)

    def test_no_child_gets_what_the_daemon_was_started_with(self):
        foreign = os.open("/etc/hostname", os.O_RDONLY)
        self.addCleanup(os.close, foreign)
        high = os.dup2(foreign, 77)
        self.addCleanup(os.close, high)
        broker = self.started(pass_fds=(foreign, high))
        self.assertIn("/etc/hostname", open_files(broker.process.pid).values())
        for role, pid in broker.children().items():
            self.assertNotIn("/etc/hostname", open_files(pid).values(), role)

    def test_each_child_has_its_own_descriptors_only(self):
        broker = Broker(self, {"regions": [self.one(), self.chaos("two")]}).start_ready()
        for role, pid in broker.children().items():
            files = {fd: what for fd, what in open_files(pid).items() if fd > 2}
            sockets = [fd for fd, what in files.items() if what.startswith("socket:")]
            plugins = {os.path.basename(what) for what in files.values() if what.endswith(".so")}
            if role != "rest":
                self.assertEqual(sockets, [3], role)
            self.assertEqual(plugins, {"worker one": {"replay.so"}, "worker two": {"chaos.so"}}.get(role, set()))

    def test_signals_for_the_daemon_leave_the_children_alone(self):
        """`pkill -HUP gpubrokerd`, a closed terminal and systemd reach every process."""
        broker = self.started()
        before = broker.children()
        for number in (signal.SIGHUP, signal.SIGUSR1):
            mark = broker.log_mark()
            for pid in broker.processes():
                os.kill(pid, number)
            broker.log_wait("reloaded" if number == signal.SIGHUP else "region read", mark)
        for pid in before.values():
            os.kill(pid, signal.SIGTERM)
        self.assertEqual(broker.get("/gpus/flavors").status, 200)
        self.assertEqual(broker.children(), before)

    def test_a_reload_during_a_reload_is_not_lost(self):
        broker = self.started()
        for n in range(10):
            broker.reload({"regions": [self.one(title="first %d" % n)]})
            until(lambda: "loader" in broker.children() or broker.region("one")["title"].startswith("first"),
                  "the first one is under way")
            broker.reload({"regions": [self.one(title="second %d" % n)]})
            until(lambda: broker.region("one")["title"] == "second %d" % n, "the second one is in force")

    def test_term_waits_for_what_a_former_rest_has_accepted(self):
        """Requests that wait for a cold region, then a reload that replaces rest, then the end."""
        config = {"regions": [self.one(), self.chaos("slow", "hang")],
                  "poll": {"cold_wait_s": 300, "deadline_s": 600}}
        broker = self.broker(config)
        until(lambda: broker.running() and broker.state("one") == "ok", "one is read")
        connection = broker.connection()
        self.addCleanup(connection.close)
        connection.request("GET", "/gpus/flavors")
        self.assertEqual(broker.get("/livez").status, 200)
        broker.reload({**config, "rest": {"idle_timeout_s": 77}})
        broker.log_wait("reloaded")
        self.assertEqual(broker.stop(), 0)
        self.assertEqual(connection.getresponse().status, 200)

    def test_a_rest_that_has_stopped_is_replaced(self):
        broker = self.started()
        broker.until_new_child("rest", broker.kill_child("rest", signal.SIGSTOP))
        broker.log_wait("rest has been silent")
        with Load(broker) as load:
            load.wait_more(50)
        load.check(self, none_repeated=True)

    def check_open(self, mode, code):
        """A region that never opens says so, and everybody stops waiting for it."""
        bad = self.chaos("bad", deadline_s=1)
        bad["options"]["open_mode"] = mode
        broker = Broker(self, {"regions": [self.one(), bad]}).start_ready()
        until(lambda: broker.region("bad").get("error", {}).get("code") == code, "%s is said" % code)
        self.assertEqual(broker.state("bad"), "error")
        del bad["options"]["open_mode"], bad["deadline_s"]
        broker.reload({"regions": [self.one(), bad]})
        broker.until_state("bad", "ok")

    def test_a_plugin_that_hangs_in_open(self):
        self.check_open("hang", "timeout")

    def test_a_plugin_that_crashes_in_open(self):
        self.check_open("crash", "crashed")

    def test_a_plugin_that_refuses_to_open(self):
        self.check_open("fail", "unavailable")


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""What is listed twice is compared: keys, routes, metrics, error codes, plugin options."""
import os
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("GPUBROKER_BUILD") or os.path.join(ROOT, "build")
DAEMON = os.path.join(BUILD, "gpubrokerd")
PLUGINS = os.path.join(BUILD, "plugins")

# The metrics that dashboards and alerts rely on, by the names of their samples.
METRICS = {
    "gpubroker_flavor_instances_capacity", "gpubroker_flavor_instances_available", "gpubroker_gpus",
    "gpubroker_region_up", "gpubroker_region_snapshot_age_seconds",
    "gpubroker_region_last_success_timestamp_seconds", "gpubroker_refresh_duration_seconds",
    "gpubroker_refresh_failures_total", "gpubroker_upstream_requests_total",
    "gpubroker_upstream_received_bytes_total", "gpubroker_http_requests_total",
    "gpubroker_cache_operations_total", "gpubroker_worker_restarts_total", "gpubroker_build_info",
}
SUFFIX = {"COUNTER": "_total", "INFO": "_info"}


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


def table(text, heading):
    """First cells, without back-quotes, of the table below a heading."""
    section = re.split(r"^#+ %s$" % re.escape(heading), text, flags=re.M)[1]
    rows = re.search(r"(^\|.*\n)+", section, re.M).group().splitlines()[2:]
    return [row.split("|")[1].strip().strip("`") for row in rows]


def keys_in(text):
    """{group.key: value} of a configuration; what is commented out counts like the rest."""
    found, group = {}, []
    for line in text.splitlines():
        line = re.sub(r"^(\s*)# (\w+ *[=:] )", r"\1\2", line)
        if line.lstrip().startswith("#"):
            continue
        if opened := re.match(r"\s*(\w+) *[=:] *\{$", line):
            group.append(opened.group(1))
        elif re.match(r"\s*\};?$", line) and group:
            group.pop()
        elif pair := re.match(r"\s*(\w+) *= *(.*);$", line):
            found[".".join(group + [pair.group(1)])] = re.sub(r"\s+", " ", pair.group(2))
    return found


def daemon(*args):
    return subprocess.run([DAEMON, *args], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          timeout=60, check=False)


class Configuration(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="gpubroker-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.path = os.path.join(self.folder, "gpubroker.conf")

    def check(self, text, *args):
        with open(self.path, "w", encoding="utf-8") as file:
            file.write('plugin_dir = "%s";\n%s' % (PLUGINS, text))
        return daemon("--check", *args, "-c", self.path)

    def test_the_installed_file_lists_every_key_with_its_default(self):
        said = self.check("", "-v")
        self.assertEqual(said.returncode, 0, said.stderr)
        effective = keys_in(said.stdout)
        listed = keys_in(read("etc", "gpubroker.conf"))
        self.assertEqual(set(listed), set(effective))
        for key in set(listed) - {"plugin_dir", "sites_dir", "cache.backend"}:
            with self.subTest(key):
                self.assertEqual(listed[key], effective[key])

    def test_the_installed_file_is_accepted(self):
        said = self.check(read("etc", "gpubroker.conf"))
        self.assertEqual(said.returncode, 0, said.stdout + said.stderr)

    def test_what_is_commented_out_is_accepted_too(self):
        text = re.sub(r"^(\s*)# (\w+ *= .*;)$", r"\1\2", read("etc", "gpubroker.conf"), flags=re.M)
        said = self.check(re.sub(r"^plugin_dir.*$", "", text, flags=re.M))
        self.assertEqual(said.returncode, 0, said.stdout + said.stderr)

    def test_the_examples_are_accepted(self):
        examples = [name for name in os.listdir(os.path.join(ROOT, "etc", "sites.d")) if name.endswith(".example")]
        self.assertTrue(examples)
        os.mkdir(os.path.join(self.folder, "sites.d"))
        for name in examples:
            shutil.copy(os.path.join(ROOT, "etc", "sites.d", name),
                        os.path.join(self.folder, "sites.d", name[:-len(".example")]))
        said = self.check("")
        self.assertEqual(said.returncode, 0, said.stdout + said.stderr)

    def test_configurations_in_the_readmes_are_accepted(self):
        for path in ("README.md", "contrib/MIGRATION.md"):
            for block in re.findall(r"^```libconfig\n(.*?)^```", read(path), re.M | re.S):
                said = self.check(block)
                self.assertEqual(said.returncode, 0, "%s:\n%s%s" % (path, block, said.stdout + said.stderr))


class Lists(unittest.TestCase):
    def test_routes(self):
        routes = re.findall(r'^\t\{"(/[^"]*)",', read("core", "rest", "route.c"), re.M)
        self.assertGreater(len(routes), 10)
        self.assertEqual(table(read("core", "README.md"), "Routes"), routes)

    def test_metrics(self):
        rows = re.findall(r'^METRIC\((\w+), +"(\w+)", +(\w+),', read("core", "rest", "metrics.def"), re.M)
        names = [name + SUFFIX.get(kind, "") for _, name, kind in rows]
        self.assertEqual(set(names), METRICS)
        self.assertEqual(table(read("core", "README.md"), "Metrics"), names)

    def test_error_codes(self):
        rows = re.findall(r'^\tX\(\w+, +-\d+, +"([a-z-]+)",', read("core", "include", "gpubroker", "error.h"), re.M)
        self.assertEqual(sorted(rows), sorted("config auth denied network timeout unavailable bad-reply incomplete "
                                              "limit crashed internal".split()))
        self.assertEqual(table(read("core", "README.md"), "Error codes"), rows)

    def test_flags(self):
        said = daemon("--help").stdout
        known = set(re.findall(r"\{\"([\w-]+)\", +(?:no|required)_argument", read("core", "gpubrokerd.c")))
        self.assertEqual(set(re.findall(r"--([\w-]+)", said)) | {"role", "self"}, known | {"log-level"})


class PluginOptions(unittest.TestCase):
    def test_every_option_stands_in_the_plugins_readme(self):
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as config:
            config.write('plugin_dir = "%s";\n' % PLUGINS)
            config.flush()
            for plugin in ("openstack", "replay", "chaos"):
                said = daemon("-c", config.name, "--plugin-help", plugin)
                self.assertEqual(said.returncode, 0, said.stderr)
                options = re.findall(r"^  (\w+) \(", said.stdout, re.M)
                self.assertTrue(options)
                documented = set(re.findall(r"`(\w+)`", read("plugins", plugin, "README.md")))
                with self.subTest(plugin):
                    self.assertEqual([option for option in options if option not in documented], [])


if __name__ == "__main__":
    unittest.main()

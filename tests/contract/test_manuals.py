# SPDX-License-Identifier: Apache-2.0
"""contrib/man: what pages list is what the code has, their examples are accepted, and man has no complaints."""
import glob
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("GPUBROKER_BUILD") or os.path.join(ROOT, "build"))
MAN = os.path.join(ROOT, "contrib", "man")
PAGES = sorted(glob.glob(os.path.join(MAN, "*.[1-9]")))


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


def page(name):
    return read("contrib", "man", name)


def run(*command, **options):
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
                          check=False, **options)


def members(header, struct):
    """Names of a struct's members, functions too."""
    body = re.search(r"^struct %s \{(.*?)^\};" % struct, read("core", "include", "gpubroker", header), re.M | re.S)[1]
    body = re.sub(r"/\*.*?\*/|__attribute__\(\(.*?\)\)\)?", " ", body, flags=re.S)
    found = re.findall(r"\(\*(\w+)\)\(", body)
    for statement in re.sub(r"\(\*\w+\)\([^;]*;", ";", body).split(";"):
        found += [name.strip(" *") for name in re.findall(r"[\s*](\w+)\s*(?=,|$)", statement.strip())]
    return found


class Tables(unittest.TestCase):
    def test_what_pages_list_is_what_the_code_has(self):
        said = run(os.path.join(MAN, "tables"), "--check", BUILD)
        self.assertEqual(said.returncode, 0, said.stdout + said.stderr)

    def test_every_plugin_that_is_installed(self):
        installed = json.loads(run("meson", "introspect", "--installed", BUILD).stdout or "{}")
        names = [re.search(r"/gpubroker/(\w+)\.so$", path) for path in installed.values()]
        names = sorted(match[1] for match in names if match)
        self.assertIn("openstack", names)
        self.assertEqual(sorted(re.findall(r"^\.\\\" table options (\w+)$", page("gpubroker.conf.5"), re.M)), names)

    def test_every_environment_variable(self):
        text = page("gpubrokerd.8")
        sources = glob.glob(os.path.join(ROOT, "plugins", "openstack", "**", "*.c"), recursive=True)
        wanted = {name for path in sources for name in re.findall(r'"(OS_[A-Z_]+)"', read(path))}
        self.assertGreater(len(wanted), 30)
        self.assertEqual(sorted(name for name in wanted if not re.search(r"\b%s\b" % name, text)), [])

    def test_every_signal(self):
        signals = set(re.findall(r"sigaddset\(&set, (SIG\w+)\)", read("core", "proc", "parent.c")))
        section = page("gpubrokerd.8").split("\n.Sh SIGNALS\n")[1].split("\n.Sh ")[0]
        self.assertEqual(set(re.findall(r"SIG[A-Z0-9]+", section)) - {"SIGTERM"}, signals - {"SIGTERM"})
        self.assertIn("SIGTERM", section)

    def test_every_exit_code_of_the_client(self):
        codes = re.findall(r"^\tCLI_\w+ = (\d),", read("core", "cli", "cli.h"), re.M)
        section = page("gpubroker.1").split("\n.Sh EXIT STATUS\n")[1].split("\n.Sh ")[0]
        self.assertEqual(re.findall(r"^\.It (\d)$", section, re.M), codes)

    def test_every_state_of_a_region(self):
        words = re.findall(r'\[REGION_\w+\] = "(\w+)"', read("core", "model", "region.c"))
        section = page("gpubrokerd.8").split("\n.Sh STATES OF A REGION\n")[1].split("\n.Sh ")[0]
        self.assertEqual(re.findall(r"^\.It Cm (\w+)$", section.split(".El")[0], re.M), words)

    def test_the_interface_of_plugins(self):
        text = page("gpubroker-plugin.7")
        abi = re.search(r"GPUBROKER_PLUGIN_ABI +(\d+)u", read("core", "include", "gpubroker", "plugin.h"))[1]
        self.assertIn("This is ABI %s;" % abi, text)
        wanted = [name for struct in ("gpubroker_plugin", "gpubroker_core", "gpubroker_option")
                  for name in members("plugin.h", struct)]
        self.assertGreater(len(wanted), 30)
        wanted += re.findall(r"^\t(GPUBROKER_\w+?)(?: = \d)?,", re.search(
            r"^enum gpubroker_option_type \{(.*?)^\};", read("core", "include", "gpubroker", "plugin.h"),
            re.M | re.S)[1], re.M)
        wanted += re.findall(r"^struct (\w+) \{", read("core", "include", "gpubroker", "inventory.h"), re.M)
        missing = [name for name in wanted if not re.search(r"\b%s\b" % name, text)]
        self.assertEqual(sorted(set(missing) - {"gpubroker_inventory"}), [])


class Pages(unittest.TestCase):
    def test_man_has_no_complaints(self):
        if not shutil.which("man") or not shutil.which("groff"):
            self.skipTest("no man")
        for path in PAGES:
            with self.subTest(os.path.basename(path)):
                said = run("man", "--warnings", "-E", "UTF-8", "-l", path,
                           env={**os.environ, "MANWIDTH": "80", "MANPAGER": "cat", "LC_ALL": "C.UTF-8"})
                self.assertEqual((said.returncode, said.stderr), (0, ""))
                self.assertGreater(len(said.stdout), 2000)

    def test_mandoc_has_no_complaints(self):
        tool = shutil.which("mandoc")
        if not tool:
            self.skipTest("no mandoc")
        for path in PAGES:
            said = run(tool, "-T", "lint", path)
            # Our own pages are not installed where it looks.
            lines = [line for line in (said.stdout + said.stderr).splitlines()
                     if not re.search(r"referenced manual not found|mandoc\.db", line)]
            self.assertEqual(lines, [])

    def test_references_lead_somewhere(self):
        ours = {os.path.basename(path) for path in PAGES}
        for path in PAGES:
            for name, section in re.findall(r"^\.Xr (\S+) (\d)", read(path), re.M):
                self.assertIn("%s.%s" % (name, section), ours, path)

    def test_meson_installs_them(self):
        said = run("meson", "introspect", "--installed", BUILD)
        if said.returncode:
            self.skipTest("no build folder of meson")
        installed = json.loads(said.stdout)
        self.assertEqual([path for path in PAGES if path not in installed], [])


class Examples(unittest.TestCase):
    def test_configurations_are_accepted(self):
        blocks = re.findall(r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed", page("gpubroker.conf.5"), re.M | re.S)
        self.assertGreaterEqual(len(blocks), 3)
        for block in blocks:
            with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
                file.write('plugin_dir = "%s";\n%s' % (os.path.join(BUILD, "plugins"), block))
                file.flush()
                said = run(os.path.join(BUILD, "gpubrokerd"), "--check", "-c", file.name)
                # That the example's password is not on this machine is no fault of the example.
                lines = [line for line in (said.stdout + said.stderr).splitlines() if "password" not in line]
                self.assertEqual(lines, [], block)

    def test_the_clients_examples_use_what_it_has(self):
        described = run(os.path.join(BUILD, "gpubroker"), "--describe").stdout
        commands = re.findall(r"^command\t([^\t]+)", described, re.M)
        options = set(re.findall(r"^option\t[^\t]*\t(--[\w-]+)", described, re.M))
        letters = set(re.findall(r"^option\t[^\t]*\t--[\w-]+\t(\w)", described, re.M))
        for name in ("gpubroker.1", "gpubrokerd.8", "gpubroker-plugin.7"):
            lines = re.findall(r"[$#] (?:sudo -u gpubroker )?gpubroker ((?:.*\\e\n)*.*)", page(name))
            self.assertTrue(lines)
            for line in lines:
                self.assertTrue(any(line.startswith(command) for command in commands), line)
                line = line.split("&&")[0].replace("\\e\n", " ")
                self.assertEqual(set(re.findall(r"(?<=\s)--[\w-]+", line)) - options, set(), line)
                self.assertEqual(set(re.findall(r"(?<=\s)-(\w)\b", line)) - letters, set(), line)


if __name__ == "__main__":
    unittest.main()

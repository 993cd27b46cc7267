# SPDX-License-Identifier: Apache-2.0
"""The tree: names, first lines, and a unit test for each source file."""
import collections
import os
import re
import unittest

from c_source import files, read, report

# Several files may have these names.
COMMON_NAMES = {"run", "meson.build", "meson_options.txt", "README.md", "__init__.py", ".keep", ".gitignore"}

# Data is made of cases, one folder each, whose files have the same names on purpose; an installed
# header has its folder's name in every #include.
FREE_NAMES = re.compile(r"^(core/include/gpubroker|tests/data|tests/fuzz/corpus|contrib/demo|contrib/plugin-template|contrib/debian)/")

# Source files without a unit test of the same path, and why. A folder stands for the files in it.
UNTESTED = {
    "core/cli/cmd_": "handlers of commands; scenarios d00 to d02 show each",
    "core/cli/fetch.c": "HTTP with a broker; scenario d01 has brokers that break, lie and hang",
    "core/cli/help.c": "text from tables; scenario d00 and tests/contract",
    "core/cli/program.c": "from arguments to a handler; scenario d00",
    "core/cli/reading.c": "a plugin in this process; scenario d02",
    "core/cli/source.c": "conf/ and plugin/ for one region; scenario d02",
    "core/cli/output/ui.c": "terminals and environment; scenario d00 on a pseudo-terminal",
    "core/gpubroker.c": "main() of the client",
    "core/gpubrokerd.c": "main(): what it does is tested by every scenario",
    "core/model/devices_mixed.c": "devices.c goes on in it; test_devices.c asks both",
    "core/model/inventory_check.c": "inventory.c's checks; test_inventory.c has a row for each",
    "core/model/inventory_copy.c": "test_snapshot.c holds that nothing is lost or borrowed",
    "core/model/json_place.c": "snapshot_json.c's checks; test_snapshot_json.c has a row for each",
    "core/model/snapshot_same.c": "test_snapshot.c changes one thing after the other",
    "core/proc/front.c": "a role: rest/ behind a channel; scenarios a00 to c00",
    "core/proc/listeners.c": "glue of listen.c over reloads; scenarios a04 and b02",
    "core/proc/loader.c": "a role: conf/ behind a channel; scenarios a06 and b02",
    "core/proc/parent.c": "a process and its children; every scenario",
    "core/proc/regions.c": "a worker and its polls; scenarios b00, b01, c00, c01",
    "core/proc/reload.c": "a configuration while it runs; scenario b02",
    "core/proc/role.c": "a table of four roles; every scenario",
    "core/proc/sandbox.c": "test_confine.c holds what it forbids",
    "core/proc/sandbox_none.c": "what is built without libseccomp",
    "core/proc/sinks.c": "rest and storer as children; scenarios c00 and c02",
    "core/proc/storer.c": "a role: store/ behind a channel; scenarios b04, b05 and c02",
    "core/proc/worker.c": "a role: a plugin behind a channel; scenarios b00 and c01",
    "core/rest/get_web.c": "files as they are; scenario a12",
    "core/rest/http/gzip_none.c": "what is built without zlib: one constant",
    "plugins/chaos/chaos.c": "a plugin that misbehaves, made for the scenarios",
    "plugins/kit/join/join_": "parts of join_region(): test_join.c, and test_join_placement.c with a line of "
                              "tests/data/placement/cases.json a rule",
    "plugins/kit/record/record_json.c": "part of record_region(): test_record.c reads what it writes",
    "plugins/kit/record/record_placement.c": "part of record_region(): test_record.c reads what it writes",
    "plugins/openstack/clouds/clouds": "three files, compared with openstacksdk case by case: "
                                       "tests/contract/test_clouds_yaml.py",
    "plugins/openstack/examine.c": "sentences about a cloud; tests/fake/test_openstack_doctor.py",
    "plugins/openstack/openstack.c": "a table and calls of its neighbours; scenarios run it against a fake cloud",
    "contrib/plugin-template/": "built and loaded by tests/contract",
    "tests/": "tests themselves",
}
# What stands in for a library that the build leaves out; whatever it does not do needs no test.
STAND_IN = re.compile(r"_none\.c$")


class TreeRules(unittest.TestCase):
    def test_basenames_are_unique(self):
        """Names of files are how people talk about code."""
        where = collections.defaultdict(list)
        for path in files():
            if os.path.basename(path) not in COMMON_NAMES and not FREE_NAMES.match(path):
                where[os.path.basename(path)].append(path)
        report(self, [" ".join(paths) for paths in where.values() if len(paths) > 1], "same basename")

    def test_c_files_begin_with_licence_and_purpose(self):
        findings = []
        for path in files(".c", ".h", ".def"):
            lines = read(path).split("\n")
            if lines[0] != "/* SPDX-License-Identifier: Apache-2.0 */":
                findings.append("%s:1: no SPDX line" % path)
            if len(lines) < 2 or not re.match(r"/\* \S", lines[1]):
                findings.append("%s:2: no comment that says what the file is for" % path)
        report(self, findings, "first two lines")

    def test_scripts_begin_with_licence_and_purpose(self):
        findings = []
        for path in files(".py", ".sh") + ["contrib/check", "contrib/quickstart", ".ci/run"]:
            head = [line for line in read(path).split("\n")[:4] if not line.startswith(("#!", "# shellcheck"))]
            if not head or head[0] != "# SPDX-License-Identifier: Apache-2.0":
                if os.path.basename(path) != "__init__.py":
                    findings.append("%s: no SPDX line" % path)
            elif len(head) < 2 or not re.match(r'# \S|"""\S', head[1]):
                findings.append("%s: nothing says what it is for" % path)
        report(self, findings, "first two lines")

    def test_each_source_file_has_a_unit_test_of_its_path(self):
        findings = []
        for path in files(".c"):
            folder, name = os.path.split(path)
            if not path.startswith(tuple(UNTESTED)) and not STAND_IN.search(path):
                test = "tests/unit/%s/test_%s" % (folder, name)
                if test not in files(".c", under="tests/unit"):
                    findings.append("%s: no %s" % (path, test))
        report(self, findings, "unit tests mirror the source")

    def test_the_list_of_exceptions_is_not_stale(self):
        sources = files(".c")
        findings = ["%s: there is none" % path for path in UNTESTED if not any(s.startswith(path) for s in sources)]
        for path in UNTESTED:
            folder, name = os.path.split(path)
            if name and "tests/unit/%s/test_%s" % (folder, name) in sources:
                findings.append("%s has a test" % path)
        report(self, findings, "listed as untested")

    def test_every_unit_test_has_its_source(self):
        sources = set(files(".c"))
        findings = []
        for path in files(".c", under="tests/unit"):
            folder, name = os.path.split(os.path.relpath(path, "tests/unit"))
            if name.startswith("test_") and os.path.join(folder, name[len("test_"):]) not in sources:
                findings.append(path)
        report(self, findings, "unit tests of nothing")

    def test_folders_stay_small(self):
        per_folder = collections.Counter(os.path.dirname(path) for path in files(".c", under="core"))
        per_folder.update(os.path.dirname(path) for path in files(".c", under="plugins"))
        report(self, ["%s: %d source files" % item for item in per_folder.items() if item[1] > 25],
               "a folder this large is two")

    def test_text_files_are_clean(self):
        findings = []
        kinds = (".c", ".h", ".def", ".py", ".sh", ".md", ".build", ".conf", ".example")
        for path in files(*kinds) + ["contrib/check", "contrib/quickstart"]:
            text = read(path)
            if text and not text.endswith("\n"):
                findings.append("%s: no line end at its end" % path)
            for number, line in enumerate(text.split("\n"), 1):
                if line != line.rstrip() or "\r" in line:
                    findings.append("%s:%d: white space at the end" % (path, number))
        report(self, findings, "white space")


if __name__ == "__main__":
    unittest.main()

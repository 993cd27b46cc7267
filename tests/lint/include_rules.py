# SPDX-License-Identifier: Apache-2.0
"""Who may include whom: base ← model ← conf, plugin, store, rest ← proc ← gpubrokerd.c; a third-party
header in one file."""
import os
import re
import unittest

from c_source import ROOT, files, line_of, read, report

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)

# What each folder of the core may include besides itself.
BELOW = {
    "base": set(),
    "model": {"base"},
    "conf": {"base", "model"},
    "plugin": {"base", "model"},
    "store": {"base", "model"},
    "rest": {"base", "model"},
    "proc": {"base", "model", "conf", "plugin", "store", "rest"},
    # The client's collect and doctor read a cloud in their own process: what a worker, loader and storer do.
    "cli": {"base", "model", "conf", "plugin", "store"},
}

# Third-party headers: where each may stand. Swapping a library means changing these files.
THIRD_PARTY = {
    r"jansson\.h": {"core/model/json_place.c", "plugins/kit/reply.c",
                   # what strangers ask, each mistake with its place
                   "core/rest/fit_body.c",
                   # a tree of any shape, where replies have known ones
                   "plugins/openstack/clouds/tree_json.c",
                   "core/cli/json_tree.c"},  # what a broker answers to the client
    r"libconfig\.h": {"core/conf/load.c"},
    r"libmemcached.*": {"core/store/store_memcached.c"},
    r"microhttpd\.h": {"core/rest/httpd.c", "core/rest/response.c"},
    r"yaml\.h": {"plugins/openstack/clouds/tree_yaml.c"},
    r"curl/.*": {"plugins/kit/http.c", "core/cli/fetch.c"},  # clouds; the client's broker
    r"seccomp\.h": {"core/proc/sandbox.c"},
    r"dlfcn\.h": {"core/plugin/plugload.c"},
}
ONCE_A_FOLDER = {r"zlib\.h"}


def includes(path):
    text = read(path)
    for match in INCLUDE.finditer(text):
        yield line_of(text, match.start()), match.group(1), match.group(2)


def product_files():
    return [path for path in files(".c", ".h") if path.startswith(("core/", "plugins/"))]


class IncludeRules(unittest.TestCase):
    def test_the_core_includes_downwards(self):
        findings = []
        for path in product_files():
            if not path.startswith("core/") or path in ("core/gpubrokerd.c", "core/gpubroker.c"):
                continue
            own = path.split("/")[1]
            for line, mark, name in includes(path):
                if mark == '"' and own != "include":
                    other = name.split("/")[0]
                    if other != own and other not in BELOW.get(own, set()):
                        findings.append("%s:%d: core/%s may not include %s" % (path, line, own, name))
                elif mark == '"':
                    findings.append("%s:%d: an installed header includes %s" % (path, line, name))
        report(self, findings, "include direction")

    def test_plugins_see_the_abi_and_the_kit(self):
        findings = []
        for path in product_files():
            if path.startswith("plugins/"):
                own = path.split("/")[1]
                for line, mark, name in includes(path):
                    allowed = ("kit/",) if own == "kit" else ("kit/", own + "/")
                    if mark == '"' and not name.startswith(allowed):
                        findings.append("%s:%d: a plugin may not include %s" % (path, line, name))
        report(self, findings, "include direction")

    def test_quoted_includes_name_a_file_from_core_or_plugins(self):
        findings = []
        for path in product_files():
            base = os.path.join(ROOT, path.split("/")[0])
            for line, mark, name in includes(path):
                generated = name.endswith((".inc", "_data.h"))
                if mark == '"' and not generated and not os.path.exists(os.path.join(base, name)):
                    findings.append("%s:%d: there is no %s" % (path, line, name))
        report(self, findings, "quoted includes")

    def test_a_third_party_header_stands_in_one_file(self):
        findings = []
        for path in product_files():
            for line, _, name in includes(path):
                for pattern, allowed in THIRD_PARTY.items():
                    if re.fullmatch(pattern, name) and path not in allowed:
                        findings.append("%s:%d: %s is for %s" % (path, line, name, " and ".join(sorted(allowed))))
        report(self, findings, "third-party headers")

    def test_some_third_party_headers_stand_once_a_folder(self):
        findings = []
        for pattern in ONCE_A_FOLDER:
            where = {}
            for path in product_files():
                if any(re.fullmatch(pattern, name) for _, _, name in includes(path)):
                    where.setdefault(os.path.dirname(path), []).append(path)
            findings += [" ".join(paths) for paths in where.values() if len(paths) > 1]
        report(self, findings, "third-party headers, one file a folder")

    def test_only_the_abi_has_the_project_prefix(self):
        installed = "".join(read(path) for path in files(".h", under="core/include"))
        findings = []
        for path in files(".h"):
            if path.startswith("core/") and not path.startswith("core/include/"):
                text = read(path)
                for match in re.finditer(r"^#define (GPUBROKER_\w+)|^struct (gpubroker_\w+) \{", text, re.M):
                    if "struct %s;" % match.group(2) not in installed:  # opaque there, defined here
                        findings.append("%s:%d: %s" % (path, line_of(text, match.start()), match.group()))
        report(self, findings, "the prefix gpubroker_ is for installed headers")


if __name__ == "__main__":
    unittest.main()

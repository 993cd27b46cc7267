# SPDX-License-Identifier: Apache-2.0
"""clouds.yaml, secure.yaml, clouds-public.yaml and their JSON are resolved to what openstacksdk resolves them to.

The package is the judge; where the two differ on purpose, the case says why (`meant`)."""
import json
import os
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("GPUBROKER_BUILD", os.path.join(ROOT, "build")))
SHOW = os.path.join(BUILD, "tests", "tools", "clouds_show")
SDK = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sdk_clouds.py")
PYTHON = "/usr/bin/python3"  # Debian's, which has Debian's packages

AUTH = "{auth_url: 'https://keystone.example:5000/v3', username: ann, password: secret, project_name: lab}"
PLAIN = "clouds:\n  c:\n    auth: %s\n" % AUTH


def cloud(text, auth=AUTH, top=""):
    """One cloud `c` with the lines of text beside its auth."""
    lines = ["    " + line for line in text.strip("\n").split("\n") if line.strip()]
    return "%sclouds:\n  c:\n    auth: %s\n%s\n" % (top, auth, "\n".join(lines))


def auth(text):
    return cloud("", auth="{auth_url: 'https://k:5000', %s}" % text)


class Case:
    def __init__(self, name, files, region=None, env=None, meant=None, wanted="c", modes=None):
        self.name, self.region, self.env, self.meant = name, region, env or {}, meant
        self.files = {"cwd/clouds.yaml": files} if isinstance(files, str) else files
        self.cloud, self.modes = wanted, modes or {}


CASES = [
    Case("plain", PLAIN),
    Case("no such cloud", PLAIN, wanted="d"),
    Case("no file at all", {}),
    Case("an empty file", ""),
    Case("only a comment", "# nothing\n"),
    # where files are looked for
    Case("user's folder", {"home/.config/openstack/clouds.yaml": PLAIN}),
    Case("XDG_CONFIG_HOME", {"home/other/openstack/clouds.yaml": PLAIN}, env={"XDG_CONFIG_HOME": "@home/other"}),
    Case("XDG_CONFIG_HOME before ~/.config", {"home/other/openstack/clouds.yaml": PLAIN,
                                              "home/.config/openstack/clouds.yaml": cloud("region_name: wrong")},
         env={"XDG_CONFIG_HOME": "@home/other"}),
    Case("~/.config although XDG_CONFIG_HOME is elsewhere", {"home/.config/openstack/clouds.yaml": PLAIN},
         env={"XDG_CONFIG_HOME": "@home/other"}),
    Case("a snap's real home", {"real/.config/openstack/clouds.yaml": PLAIN}, env={"SNAP_REAL_HOME": "@real"}),
    Case("the site's folder", {"xdg/clouds.yaml": PLAIN}),
    Case("/etc/openstack", {"etc/clouds.yaml": PLAIN}),
    Case("the first folder wins", {"cwd/clouds.yaml": PLAIN, "etc/clouds.yaml": cloud("region_name: wrong")}),
    Case(".yaml before .yml", {"cwd/clouds.yaml": PLAIN, "cwd/clouds.yml": cloud("region_name: wrong")}),
    Case(".yml", {"cwd/clouds.yml": PLAIN}),
    Case(".json", {"cwd/clouds.json": '{"clouds": {"c": {"auth": {"auth_url": "https://k", "username": "u", '
                                      '"password": "p\\u00e4", "project_id": 12}, "verify": false}}}'}),
    Case(".yml before .json", {"cwd/clouds.yml": PLAIN, "cwd/clouds.json": '{"clouds": {}}'}),
    Case("an empty file wins too", {"cwd/clouds.yaml": "", "etc/clouds.yaml": PLAIN}),
    Case("a folder of that name is passed over", {"cwd/clouds.yaml/x": "", "etc/clouds.yaml": PLAIN}),
    Case("OS_CLIENT_CONFIG_FILE first", {"cwd/clouds.yaml": cloud("region_name: wrong"), "home/mine": PLAIN},
         env={"OS_CLIENT_CONFIG_FILE": "@home/mine"}),
    Case("OS_CLIENT_CONFIG_FILE is not there", {"cwd/clouds.yaml": PLAIN}, env={"OS_CLIENT_CONFIG_FILE": "@home/mine"}),
    Case("OS_CLIENT_CONFIG_FILE is JSON", {"home/my.json": '{"clouds": {"c": {"auth": {"auth_url": "https://k"}}}}'},
         env={"OS_CLIENT_CONFIG_FILE": "@home/my.json"}),
    Case("broken YAML", "clouds: [\n"),
    Case("broken JSON", {"cwd/clouds.json": "{"}),
    Case("several documents", PLAIN + "---\na: 1\n"),
    Case("an unknown tag", "clouds:\n  c: !new {a: 1}\n"),
    # secure.yaml
    Case("secure.yaml adds the password", {"cwd/clouds.yaml": auth("username: u, project_name: p"),
                                           "home/.config/openstack/secure.yaml":
                                               "clouds:\n  c:\n    auth:\n      password: from-secure\n"}),
    Case("secure.yaml wins", {"cwd/clouds.yaml": PLAIN, "cwd/secure.yaml": "clouds: {c: {auth: {password: other}}}\n"}),
    Case("secure.yaml alone", {"cwd/secure.yaml": PLAIN}),
    Case("secure.yml", {"cwd/clouds.yaml": PLAIN, "cwd/secure.yml": "clouds: {c: {auth: {password: other}}}\n"}),
    Case("secure.json", {"cwd/clouds.yaml": PLAIN,
                         "cwd/secure.json": '{"clouds": {"c": {"auth": {"password": "other"}}}}'}),
    Case("OS_CLIENT_SECURE_FILE", {"cwd/clouds.yaml": PLAIN, "home/s": "clouds: {c: {auth: {password: other}}}\n",
                                   "cwd/secure.yaml": "clouds: {c: {auth: {password: wrong}}}\n"},
         env={"OS_CLIENT_SECURE_FILE": "@home/s"}),
    Case("secure.yaml replaces lists", {"cwd/clouds.yaml": cloud("regions: [a, b]"),
                                        "cwd/secure.yaml": "clouds: {c: {regions: [z]}}\n"}),
    # profiles
    Case("a profile", {"cwd/clouds.yaml": cloud("profile: site", auth="{username: u, password: p, project_name: x}"),
                       "etc/clouds-public.yaml":
                           "public-clouds:\n  site:\n    auth: {auth_url: 'https://public'}\n    region_name: R\n"}),
    Case("a profile by its old key", {"cwd/clouds.yaml": cloud("cloud: site", auth="{username: u, password: p}"),
                                      "cwd/clouds-public.yaml":
                                          "public-clouds: {site: {auth: {auth_url: 'https://public'}}}\n"}),
    Case("the cloud wins over its profile",
         {"cwd/clouds.yaml": cloud("profile: site\ninterface: internal\nregion_name: mine"),
          "cwd/clouds-public.yaml": "public-clouds: {site: {auth: {username: bob}, interface: admin, "
                                    "region_name: theirs, cacert: /ca}}\n"}),
    Case("a profile's regions", {"cwd/clouds.yaml": cloud("profile: site"),
                                 "cwd/clouds-public.yaml": "public-clouds: {site: {regions: [one, two]}}\n"},
         region="two"),
    Case("a profile's first region", {"cwd/clouds.yaml": cloud("profile: site"),
                                      "cwd/clouds-public.yaml": "public-clouds: {site: {regions: [one, two]}}\n"}),
    Case("an unknown profile", cloud("profile: nowhere"),
         meant="openstacksdk warns and goes on without it; here a login with half a description is refused"),
    # regions
    Case("region_name", cloud("region_name: RegionOne")),
    Case("region_name that is asked for", cloud("region_name: RegionOne"), region="RegionOne"),
    Case("another region", cloud("region_name: RegionOne"), region="RegionTwo"),
    Case("the case of regions matters", cloud("region_name: RegionOne"), region="regionone"),
    Case("no region known, one asked for", PLAIN, region="Any"),
    Case("the first of several", cloud("regions: [RegionOne, RegionTwo]")),
    Case("the second of several", cloud("regions: [RegionOne, RegionTwo]"), region="RegionTwo"),
    Case("none of several", cloud("regions: [RegionOne, RegionTwo]"), region="RegionThree"),
    Case("regions before region_name", cloud("regions: [a, b]\nregion_name: z")),
    Case("region with values", cloud("regions:\n- name: a\n- name: b\n  values: {interface: internal, "
                                     "auth: {project_name: other}, cacert: /b.pem}"), region="b"),
    Case("region with values, not that one", cloud("regions:\n- name: a\n- name: b\n  values: {interface: internal}")),
    Case("region with a key too many", cloud("regions:\n- name: a\n  interface: internal")),
    Case("region without a name", cloud("regions:\n- values: {}")),
    Case("region_name with commas", cloud("region_name: 'one,two'"), region="two"),
    Case("region_name with commas, the first", cloud("region_name: 'one,two'")),
    Case("region_name as a list", cloud("region_name: [one, two]")),
    Case("region-name", cloud("region-name: one")),
    Case("compute_region_name", cloud("region_name: one\ncompute_region_name: two")),
    Case("a null among the region's values", cloud("interface: admin\nregions:\n- name: a\n  values: {interface: null}")),
    # keys and their old names
    Case("tenant_name", auth("username: u, password: p, tenant_name: t")),
    Case("tenant-id beside auth", cloud("tenant-id: 77", auth="{auth_url: 'https://k', username: u, password: p}")),
    Case("project_name beats tenant_name", auth("username: u, password: p, tenant_name: t, project_name: q")),
    Case("project_name beside auth and in it", cloud("project_name: outside")),
    Case("username beside auth", cloud("username: outside", auth="{auth_url: 'https://k', password: p}")),
    Case("username beside auth and in it", cloud("username: outside")),
    Case("user_name", auth("user_name: old, password: p")),
    Case("numbers are text", auth("username: 007, password: 1.50, project_id: 610275, user_domain_id: 1_000")),
    Case("octal, hexadecimal, binary", auth("username: 0o17, password: 017, project_id: 0x1F, user_id: 0b101")),
    Case("base 60", auth("username: 1:30, password: p")),
    Case("words that YAML takes for others", auth("username: 'yes', password: 'null', project_name: \"on\"")),
    Case("quoted numbers stay as they are", auth("username: '007', password: \"1e3\"")),
    Case("a null password", auth("username: u, password: ~")),
    Case("domain_name for both", auth("username: u, password: p, project_name: q, domain_name: D")),
    Case("domain_id beside auth", cloud("domain_id: d1")),
    Case("domain_id and one of its own", auth("username: u, password: p, project_name: q, domain_id: d, "
                                              "user_domain_id: e")),
    Case("domain_name without a project", auth("username: u, password: p, domain_name: D")),
    Case("default_domain_id", auth("username: u, password: p, project_name: q, default_domain_id: d")),
    Case("default_domain_name beside auth", cloud("default_domain_name: D")),
    Case("user-domain-name", auth("username: u, password: p, project_name: q, user-domain-name: D")),
    Case("project_domain_name beside auth", cloud("project_domain_name: D")),
    # logins
    Case("application credential", cloud("auth_type: v3applicationcredential",
                                         auth="{auth_url: 'https://k', application_credential_id: i, "
                                              "application_credential_secret: s}")),
    Case("application credential by name", cloud("auth_type: v3applicationcredential",
                                                 auth="{auth_url: 'https://k', application_credential_name: n, "
                                                      "application_credential_secret: s, username: u, "
                                                      "user_domain_name: D}")),
    Case("token", cloud("auth_type: token", auth="{auth_url: 'https://k', token: t, project_id: p}")),
    Case("auth_token beside auth", cloud("auth_type: v3token\nauth_token: t",
                                         auth="{auth_url: 'https://k', project_id: p}")),
    Case("v3password", cloud("auth_type: v3password\nuser_domain_name: D\nproject_domain_name: D")),
    Case("auth-type", cloud("auth-type: v3token", auth="{auth_url: 'https://k', token: t, username: u, password: p}"),
         meant="openstacksdk takes the default for it and stumbles over the token; here it is the same login by password"),
    Case("auth_plugin", cloud("auth_plugin: token", auth="{auth_url: 'https://k', token: t, username: u}"),
         meant="openstacksdk takes the default for it and stumbles over the token; a missing password is said here"),
    Case("an unknown auth_type", cloud("auth_type: v3totp")),
    Case("identity_api_version 3", cloud("identity_api_version: 3")),
    Case("identity_api_version 2", cloud("identity_api_version: '2.0'"),
         meant="openstacksdk asks the cloud; only version 3 is spoken here"),
    Case("system_scope", cloud("", auth="{auth_url: 'https://k', username: u, password: p, system_scope: all}"),
         meant="Nova answers to tokens of a project only"),
    Case("no auth_url", "clouds:\n  c:\n    auth: {username: u, password: p}\n",
         meant="openstacksdk resolves it and fails later or now, by its version; auth_url is asked for when it is used"),
    Case("no auth", "clouds:\n  c:\n    region_name: r\n",
         meant="openstacksdk resolves it and fails later or now, by its version; auth_url is asked for when it is used"),
    # endpoints and TLS
    Case("interface", cloud("interface: internal")),
    Case("endpoint_type", cloud("endpoint_type: admin")),
    Case("compute_interface", cloud("interface: internal\ncompute_interface: admin")),
    Case("compute_endpoint_type", cloud("compute_endpoint_type: admin")),
    Case("interface as a list", cloud("interface: [internal, public]")),
    Case("compute_endpoint_override", cloud("compute_endpoint_override: 'https://nova'")),
    Case("compute_endpoint", cloud("compute_endpoint: 'https://nova'\nplacement_endpoint: 'https://placement'")),
    Case("override before endpoint", cloud("compute_endpoint: 'https://a'\ncompute_endpoint_override: 'https://b'")),
    Case("placement-endpoint-override", cloud("placement-endpoint-override: 'https://placement'")),
    Case("verify false", cloud("verify: false")),
    Case("verify no", cloud("verify: no")),
    Case("insecure", cloud("insecure: true")),
    Case("insecure as a word", cloud("insecure: 'True'")),
    Case("insecure as another word", cloud("insecure: '1'")),
    Case("insecure beats cacert", cloud("insecure: true\ncacert: /ca.pem")),
    Case("cacert", cloud("cacert: /ca.pem")),
    Case("~ in file names", cloud("cacert: ~/ca.pem\ncert: ~/c.pem\nkey: ~/k.pem")),
    Case("cert without key", cloud("cert: /both.pem")),
    Case("key without cert", cloud("key: /k.pem")),
    # YAML
    Case("{region_name} in auth_url", cloud("region_name: r1", auth="{auth_url: 'https://{region_name}.example', "
                                                                    "username: u, password: p}")),
    Case("{region_name} in cacert", cloud("region_name: r1\ncacert: '/etc/{region_name}.pem'")),
    Case("braces written twice", cloud("cacert: '/etc/{{x}}.pem'")),
    Case("a brace alone", cloud("cacert: '/etc/{.pem'")),
    Case("a placeholder for nothing", cloud("cacert: '/etc/{nothing}.pem'")),
    Case("a brace in the password", auth("username: u, password: 'p{w}'")),
    Case("anchors and merges", "x: &base\n  interface: internal\n  cacert: /ca.pem\nclouds:\n  c:\n    <<: *base\n"
                               "    interface: admin\n    auth: %s\n" % AUTH),
    Case("merges of several", "a: &a {interface: internal}\nb: &b {interface: admin, cacert: /b}\nclouds:\n  c:\n"
                              "    <<: [*a, *b]\n    auth: %s\n" % AUTH),
    Case("a key twice: the last", cloud("interface: internal\ninterface: admin")),
    Case("folded text", cloud("", auth="\n      auth_url: https://k\n      username: u\n      password: >-\n"
                                       "        one\n        two")),
    Case("other top-level keys", cloud("", top="client: {force_ipv4: true}\ncache: {expiration_time: 5}\n")),
    Case("non-ASCII", auth("username: 'jürgen', password: 'pä'")),
    Case("a comment behind a value", cloud("interface: internal # really\nregion_name: a#b")),
    Case("clouds is a list", "clouds: [1]\n"),
    Case("the cloud is text", "clouds: {c: hello}\n"),
]


def write_files(root, case):
    for folder in ("cwd", "home", "real", "xdg", "etc"):
        os.makedirs(os.path.join(root, folder), exist_ok=True)
    for name, content in case.files.items():
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)


def environment(root, case):
    return {name: os.path.join(root, value[1:]) if value.startswith("@") else value
            for name, value in case.env.items()}


def show(root, case):
    env = {"PATH": os.environ["PATH"], "HOME": os.path.join(root, "home"),
           "CLOUDS_SITE_DIR": os.path.join(root, "xdg"), "CLOUDS_ETC_DIR": os.path.join(root, "etc")}
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
        if name in os.environ:
            env[name] = os.environ[name]
    env.update(environment(root, case))
    done = subprocess.run([SHOW, case.cloud] + ([case.region] if case.region else []), env=env, text=True,
                          cwd=os.path.join(root, "cwd"), stdout=subprocess.PIPE, timeout=60, check=True)
    return json.loads(done.stdout)


class CloudsYaml(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        done = subprocess.run([PYTHON, "-c", "import openstack.config"], stderr=subprocess.DEVNULL, check=False) \
            if os.path.exists(PYTHON) else None
        if not done or done.returncode != 0:
            raise unittest.SkipTest("python3-openstacksdk is not installed")
        cls.sdk = subprocess.Popen([PYTHON, SDK], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, text=True)

    @classmethod
    def tearDownClass(cls):
        cls.sdk.stdin.close()
        cls.sdk.stdout.close()
        cls.sdk.wait()

    def ask_sdk(self, root, case):
        question = {"root": root, "env": environment(root, case), "cloud": case.cloud, "region": case.region}
        self.sdk.stdin.write(json.dumps(question) + "\n")
        self.sdk.stdin.flush()
        return json.loads(self.sdk.stdout.readline())

    def test_each_case(self):
        for case in CASES:
            with self.subTest(case.name), tempfile.TemporaryDirectory(prefix="clouds-") as root:
                write_files(root, case)
                ours, theirs = show(root, case), self.ask_sdk(root, case)
                if case.meant:
                    self.assertNotEqual(("error" in ours, ours), ("error" in theirs, theirs), "no difference any more")
                elif "error" in ours or "error" in theirs:
                    self.assertEqual("error" in ours, "error" in theirs, "%s\n%s" % (ours, theirs))
                else:
                    self.assertEqual(ours, theirs)

    def test_there_are_enough_cases(self):
        self.assertGreaterEqual(len(CASES), 60)
        self.assertEqual(len({case.name for case in CASES}), len(CASES))


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""What openstacksdk resolves clouds of clouds.yaml to: JSON lines in, JSON lines out. test_clouds_yaml.py starts it
with the Python that has the package.

In: {"root", "env", "cloud", "region"}; root/cwd, root/home, root/xdg (site), root/etc (/etc/openstack) hold the files.
Out: the fields of struct cloud that the login needs, or {"error"}."""
import importlib
import json
import os
import sys
import warnings

warnings.simplefilter("ignore")

VARIABLES = ("HOME", "XDG_CONFIG_HOME", "SNAP_REAL_HOME", "OS_CLIENT_CONFIG_FILE", "OS_CLIENT_SECURE_FILE")
COMMON = ("auth_url",)
OF_USER = ("username", "user_id", "user_domain_name", "user_domain_id")
OF_PROJECT = ("project_name", "project_id", "project_domain_name", "project_domain_id")
OF_LOGIN = {
    "password": COMMON + OF_USER + OF_PROJECT + ("password",),
    "token": COMMON + OF_PROJECT + ("token",),
    "v3applicationcredential": COMMON + OF_USER + ("application_credential_id", "application_credential_name",
                                                   "application_credential_secret"),
}
OF_LOGIN["v3password"] = OF_LOGIN["password"]
OF_LOGIN["v3token"] = OF_LOGIN["token"]


def load(case):
    for name in VARIABLES:
        os.environ.pop(name, None)
    os.environ["HOME"] = os.path.join(case["root"], "home")
    os.environ.update(case["env"])
    os.chdir(os.path.join(case["root"], "cwd"))
    import openstack.config.loader as loader  # its search path is made when it is read
    loader = importlib.reload(loader)
    folders = {"/etc/xdg/openstack": os.path.join(case["root"], "xdg"),
               "/etc/openstack": os.path.join(case["root"], "etc")}

    def moved(files):
        return [os.path.join(folders.get(os.path.dirname(f), os.path.dirname(f)), os.path.basename(f)) for f in files]

    return loader.OpenStackConfig(config_files=moved(loader.CONFIG_FILES), secure_files=moved(loader.SECURE_FILES),
                                  vendor_files=moved(loader.VENDOR_FILES))


def with_default_domain(auth, config, kind, fields):
    name = {"password": ("user", "project"), "token": ("project",)}.get(kind, ())
    for who in name:
        if not fields.get(who + "_domain_id") and not fields.get(who + "_domain_name"):
            for what in ("id", "name"):
                value = auth.get("default_domain_" + what) or config.get("default_domain_" + what)
                if value:
                    fields["%s_domain_%s" % (who, what)] = value


def describe(region):
    config, auth = region.config, region.config["auth"]
    kind = config["auth_type"]
    if kind not in OF_LOGIN:
        return {"error": "auth_type " + str(kind)}
    fields = {name: str(auth[name]) for name in OF_LOGIN[kind] if auth.get(name)}
    with_default_domain(auth, config, kind, fields)
    verify, cert = region.get_requests_verify_args()
    if not verify:
        fields["insecure"] = "true"
    if config.get("cacert"):
        fields["cacert"] = os.path.expanduser(config["cacert"])
    if cert:
        fields["cert"] = cert if isinstance(cert, str) else cert[0]
        if not isinstance(cert, str):
            fields["key"] = cert[1]
    interface = region.get_interface("compute")
    for name, value in (("region_name", region.get_region_name("compute")),
                        ("interface", interface[0] if isinstance(interface, list) else interface),
                        ("compute_endpoint", region.get_endpoint("compute")),
                        ("placement_endpoint", region.get_endpoint("placement"))):
        if value:
            fields[name] = value
    return fields


def main():
    for line in sys.stdin:
        case = json.loads(line)
        try:
            found = describe(load(case).get_one(cloud=case["cloud"], region_name=case["region"]))
        except Exception as error:  # whatever it is, there is no such cloud
            found = {"error": "%s: %s" % (type(error).__name__, error)}
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""The fake OpenStack of tests/fake as a region of a scenario."""
import os
import sys

from broker import ROOT, region

sys.path.append(os.path.join(ROOT, "tests", "fake"))

import fakecloud  # noqa: E402

MEDIUM = "a54ed137-04fe-463f-a2b0-666079d1b2ba"


def start(case, cloud=None):
    """Runs until the test ends."""
    context = fakecloud.running(cloud or reference())
    fake = context.__enter__()
    case.addCleanup(context.__exit__, None, None, None)
    return fake


def reference():
    """The set-up of the predecessor's tests; Nova sorts by id, so these give the order of its answers."""
    cloud = fakecloud.reference()
    _, medium, large, two = cloud.flavors
    large["id"] = "12c2eb0f-0000-4000-8000-000000000001"
    two["id"] = "29dc0b1c-0000-4000-8000-000000000002"
    medium["id"] = MEDIUM
    return cloud


def configured(case, name, fake, **keys):
    """A region of the configuration that logs in there with a password from a file."""
    path = os.path.join(case.folder, name + ".password")
    with open(path, "w", encoding="utf-8") as file:
        file.write(fake.cloud.password + "\n")
    os.chmod(path, 0o600)
    return region(name, plugin="openstack", options={
        "auth_url": fake.url + "/v3", "username": fake.cloud.username, "password_file": path,
        "user_domain_name": "Default", "project_name": fake.cloud.project_name,
        "project_domain_name": "Default", "region_name": fake.cloud.region}, **keys)

# SPDX-License-Identifier: Apache-2.0
"""TLS: certificates that are trusted, those that are not, and those of clients."""
import os
import shutil
import ssl
import subprocess
import tempfile
import unittest

import pluginrun


@unittest.skipUnless(shutil.which("openssl"), "no openssl to make certificates with")
class Tls(pluginrun.PluginTest):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        cls.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", "/CN=test authority", "-keyout", "ca.key", "-out", "ca.pem")
        cls.sign("server", "subjectAltName=IP:127.0.0.1")
        cls.sign("other", "subjectAltName=DNS:elsewhere.invalid")
        cls.sign("client", "basicConstraints=CA:FALSE")

    @classmethod
    def openssl(cls, *arguments):
        subprocess.run(["openssl", *arguments], cwd=cls.folder, check=True, capture_output=True)

    @classmethod
    def sign(cls, name, extension):
        with open(os.path.join(cls.folder, name + ".ext"), "w", encoding="utf-8") as f:
            f.write(extension + "\n")
        cls.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=" + name,
                    "-keyout", name + ".key", "-out", name + ".csr")
        cls.openssl("x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                    "-days", "2", "-extfile", name + ".ext", "-out", name + ".pem")

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self, name="server", client_ca=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path(name + ".pem"), self.path(name + ".key"))
        if client_ca:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.path(client_ca))
        return self.start_cloud(tls=context)

    def test_trusted(self):
        self.start()
        self.assert_reference(self.plugin(OS_CACERT=self.path("ca.pem")).read())

    def test_folder_of_certificates(self):
        self.start()
        folder = self.path("hashed")
        os.mkdir(folder)
        shutil.copy(self.path("ca.pem"), folder)
        self.openssl("rehash", folder)
        self.assert_reference(self.plugin(OS_CACERT=folder).read())

    def test_not_trusted(self):
        self.start()
        self.assert_error(self.plugin().read(), "network", "certificate", "cannot be trusted")

    def test_another_name(self):
        self.start("other")
        self.assert_error(self.plugin(OS_CACERT=self.path("ca.pem")).read(), "network", "certificate")

    def test_insecure(self):
        self.start("other")
        self.assert_reference(self.plugin(OS_INSECURE="true").read())

    def test_cacert_that_is_not_there(self):
        self.start()
        self.assert_error(self.plugin(OS_CACERT="/nowhere.pem").read(), "config", "cacert")

    def test_client_certificate(self):
        self.start(client_ca="ca.pem")
        ca = {"OS_CACERT": self.path("ca.pem")}
        self.assert_reference(self.plugin(**ca, OS_CERT=self.path("client.pem"), OS_KEY=self.path("client.key"))
                              .read())
        self.assert_error(self.plugin(**ca).read(), "network")
        self.assert_error(self.plugin(**ca, OS_CERT=self.path("nowhere.pem")).read(), "config", "cert")

    def test_https_to_http(self):
        self.start_cloud()
        self.assert_error(self.plugin(OS_AUTH_URL=self.fake.url.replace("http:", "https:")).read(), "network", "TLS")


if __name__ == "__main__":
    unittest.main()

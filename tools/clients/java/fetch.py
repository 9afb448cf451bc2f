"""Puts Maven into a folder, and what its Java shall trust: fetch.py FOLDER."""

import hashlib
import ssl
import sys
import warnings
import zipfile
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
from jgo.maven import MavenContext

VERSION = "3.9.11"
SHA512 = "03e2d65d4483a3396980629f260e25cac0d8b6f7f2791e4dc20bc83f9514db8d0f05b0479e699a5f34679250c49c8e52e961262ded468a20de0be254d8207076"

warnings.simplefilter("ignore")  # of cryptography, about authorities whose certificates have odd serial numbers

folder = Path(sys.argv[1])
if (folder / "maven").exists():
    sys.exit()
archive = MavenContext().project("org.apache.maven", "apache-maven").at_version(VERSION).artifact("bin", "zip").resolve()
if hashlib.sha512(archive.read_bytes()).hexdigest() != SHA512:
    sys.exit(f"{archive} is not Maven {VERSION}")
with zipfile.ZipFile(archive) as files:
    files.extractall(folder)
(folder / f"apache-maven-{VERSION}/bin/mvn").chmod(0o755)

# Java trusts the authorities that this machine trusts, not a list of its own.
trusted = x509.load_pem_x509_certificates(Path(ssl.get_default_verify_paths().cafile or certifi.where()).read_bytes())
store = pkcs12.serialize_java_truststore([pkcs12.PKCS12Certificate(c, None) for c in trusted], NoEncryption())
(folder / "trusted.p12").write_bytes(store)
(folder / f"apache-maven-{VERSION}").rename(folder / "maven")

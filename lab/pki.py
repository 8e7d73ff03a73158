"""Makes the cluster's certificates with the openssl program, once; they are good for a year."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from lab.layout import API, API_SERVICE_ADDRESS, CLUSTER_DOMAIN, CONTEXT, NODE, NODE_ADDRESS, Layout
from lab.shell import run, succeeds

DAYS = 365
RENEW_SECONDS = 30 * 24 * 3600
NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
SERVICE_NAMES = (
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    f"kubernetes.default.svc.{CLUSTER_DOMAIN}",
)
SERVING_NAMES = ",".join(
    [f"IP:{NODE_ADDRESS}", f"IP:{API_SERVICE_ADDRESS}", f"DNS:{NODE}", *(f"DNS:{name}" for name in SERVICE_NAMES)]
)


@dataclass(frozen=True)
class Certificate:
    """A certificate of the lab: its file name, subject, and names when it serves."""

    name: str
    subject: str
    names: str = ""


CERTIFICATES = (
    Certificate("serving", "/CN=lab", names=SERVING_NAMES),
    Certificate("admin", "/O=system:masters/CN=lab-admin"),
    Certificate("kubelet-client", "/O=system:masters/CN=lab-apiserver"),
    Certificate("controller-manager", "/CN=system:kube-controller-manager"),
    Certificate("scheduler", "/CN=system:kube-scheduler"),
    Certificate("proxy", "/CN=system:kube-proxy"),
    Certificate("kubelet", f"/O=system:nodes/CN=system:node:{NODE}"),
    Certificate("prometheus", "/CN=lab-prometheus"),
    Certificate("dns", "/CN=lab-dns"),
)
KUBECONFIGS = ("admin", "controller-manager", "scheduler", "proxy", "kubelet", "prometheus", "dns")


def ensure(layout: Layout) -> None:
    """Make the certificates and kubeconfigs unless they are there and will last."""
    stamp = layout.pki / "stamp"
    key = hashlib.sha256(repr((CERTIFICATES, API)).encode()).hexdigest()
    lasting: list[str | Path] = [
        "openssl",
        "x509",
        "-checkend",
        str(RENEW_SECONDS),
        "-noout",
        "-in",
        layout.pki / "ca.crt",
    ]
    if stamp.exists() and stamp.read_text() == key and succeeds(lasting):
        return
    shutil.rmtree(layout.pki, ignore_errors=True)
    layout.pki.mkdir(parents=True, mode=0o700)
    _make_authority(layout.pki)
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda certificate: _make_certificate(layout.pki, certificate), CERTIFICATES))
    for name in KUBECONFIGS:
        _write_private(layout.pki / f"{name}.kubeconfig", kubeconfig(layout.pki, name))
    _write_private(layout.kubeconfig, kubeconfig(layout.pki, "admin"))
    stamp.write_text(key)


def kubeconfig(pki: Path, name: str) -> str:
    """Return a kubeconfig with everything inside, so that it can be copied anywhere; JSON is YAML too."""

    def inline(file: str) -> str:
        return base64.b64encode((pki / file).read_bytes()).decode()

    user = {"client-certificate-data": inline(f"{name}.crt"), "client-key-data": inline(f"{name}.key")}
    cluster = {"server": API, "certificate-authority-data": inline("ca.crt")}
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": CONTEXT, "cluster": cluster}],
        "users": [{"name": CONTEXT, "user": user}],
        "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": CONTEXT}}],
        "current-context": CONTEXT,
    }
    return json.dumps(content, indent=2) + "\n"


def _make_authority(pki: Path) -> None:
    # An own configuration: the system's adds extensions, which then collide with ours.
    (pki / "openssl.cnf").write_text("[req]\ndistinguished_name = dn\n[dn]\n")
    extensions = ["basicConstraints=critical,CA:true", "keyUsage=critical,keyCertSign,cRLSign,digitalSignature"]
    _request(pki, Certificate("ca", "/CN=lab-ca"), extensions, signer=[])
    accounts: list[str | Path] = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
    run(["openssl", "genpkey", *accounts, "-out", pki / "accounts.key"])
    run(["openssl", "pkey", "-pubout", "-in", pki / "accounts.key", "-out", pki / "accounts.pub"])


def _make_certificate(pki: Path, certificate: Certificate) -> None:
    extensions = [
        "basicConstraints=critical,CA:false",
        "keyUsage=critical,digitalSignature",
        f"extendedKeyUsage={'serverAuth' if certificate.names else 'clientAuth'}",
    ]
    if certificate.names:
        extensions.append(f"subjectAltName={certificate.names}")
    _request(pki, certificate, extensions, signer=["-CA", str(pki / "ca.crt"), "-CAkey", str(pki / "ca.key")])


def _request(pki: Path, certificate: Certificate, extensions: list[str], *, signer: list[str]) -> None:
    added = [word for extension in extensions for word in ("-addext", extension)]
    files: list[str | Path] = ["-keyout", pki / f"{certificate.name}.key", "-out", pki / f"{certificate.name}.crt"]
    made: list[str | Path] = ["openssl", "req", "-x509", "-config", pki / "openssl.cnf", "-days", str(DAYS), *NEW_KEY]
    run([*made, *files, "-subj", certificate.subject, *added, *signer])


def _write_private(path: Path, content: str) -> None:
    path.touch(mode=0o600)
    path.write_text(content)

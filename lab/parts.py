"""The table of the lab's parts: what each runs, what it waits for, and how to tell that it is ready."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lab.layout import (
    API,
    CGROUP,
    DOCKER_BRIDGE,
    NETWORK,
    NODE,
    NODE_ADDRESS,
    POD_NETWORK,
    PROMETHEUS,
    REGISTRY,
    SERVICE_NETWORK,
    Layout,
)

ETCD = "http://127.0.0.1:2379"


@dataclass(frozen=True)
class Probe:
    """Where a part says that it is ready: a URL, asked over a Unix socket if one is named; no URL, only connect."""

    url: str = ""
    socket: Path | None = None


@dataclass(frozen=True)
class Part:
    """One process of the lab."""

    name: str
    argv: tuple[str, ...]
    ready: Probe
    after: tuple[str, ...] = ()


def table(layout: Layout) -> dict[str, Part]:
    """Return the lab's parts by name; every part comes after those it waits for."""
    parts = (*_foundation(layout), *_control_plane(layout), *_node(layout), _dns(layout), _prometheus(layout))
    return {part.name: part for part in parts}


def _foundation(layout: Layout) -> tuple[Part, ...]:
    etcd = (
        *(f"{layout.bin}/etcd", "--name=lab", f"--data-dir={layout.state}/etcd", "--unsafe-no-fsync"),
        *(f"--listen-client-urls={ETCD}", f"--advertise-client-urls={ETCD}"),
        *("--listen-peer-urls=http://127.0.0.1:2380", f"--listen-metrics-urls=http://{NODE_ADDRESS}:2381"),
        *("--log-level=warn", "--initial-advertise-peer-urls=http://127.0.0.1:2380"),
        "--initial-cluster=lab=http://127.0.0.1:2380",
    )
    dockerd = (
        *("/usr/sbin/dockerd", f"--data-root={layout.docker}", "--exec-root=/run/docker", "--pidfile=/run/docker.pid"),
        *(f"--host=unix://{layout.docker_socket}", f"--containerd={layout.containerd_socket}"),
        *(f"--insecure-registry={NETWORK}", f"--bip={DOCKER_BRIDGE}", "--userland-proxy=false"),
        *(f"--cgroup-parent=/{CGROUP}", "--exec-opt=native.cgroupdriver=cgroupfs"),
        *("--log-level=warn", f"--config-file={layout.config}/docker.json"),
    )
    containerd = ("/usr/bin/containerd", f"--config={layout.config}/containerd.toml", "--log-level=warn")
    registry = ("/usr/bin/docker-registry", "serve", f"{layout.config}/registry.yaml")
    return (
        Part("etcd", etcd, Probe(f"http://{NODE_ADDRESS}:2381/health")),
        Part("registry", registry, Probe(f"http://{REGISTRY}/v2/")),
        Part("containerd", containerd, Probe(socket=layout.containerd_socket)),
        Part("dockerd", dockerd, Probe("http://docker/_ping", layout.docker_socket), after=("containerd",)),
    )


def _control_plane(layout: Layout) -> tuple[Part, ...]:
    bin_, pki = layout.bin, layout.pki
    serving = (f"--tls-cert-file={pki}/serving.crt", f"--tls-private-key-file={pki}/serving.key")
    apiserver = (
        *(f"{bin_}/kube-apiserver", f"--etcd-servers={ETCD}", f"--service-cluster-ip-range={SERVICE_NETWORK}"),
        *(f"--bind-address={NODE_ADDRESS}", f"--advertise-address={NODE_ADDRESS}", "--authorization-mode=Node,RBAC"),
        *(*serving, f"--client-ca-file={pki}/ca.crt", "--kubelet-preferred-address-types=InternalIP"),
        *(f"--kubelet-client-certificate={pki}/kubelet-client.crt", f"--kubelet-client-key={pki}/kubelet-client.key"),
        *(f"--kubelet-certificate-authority={pki}/ca.crt", f"--service-account-key-file={pki}/accounts.pub"),
        *(f"--service-account-signing-key-file={pki}/accounts.key", f"--service-account-issuer={API}"),
        *("--enable-priority-and-fairness=true", "--endpoint-reconciler-type=lease"),
    )
    return (
        Part("apiserver", apiserver, Probe(f"{API}/readyz"), after=("etcd",)),
        Part(
            "controller-manager",
            (
                *(f"{bin_}/kube-controller-manager", "--use-service-account-credentials", *serving),
                *(f"--bind-address={NODE_ADDRESS}", f"--cluster-cidr={POD_NETWORK}", "--leader-elect=false"),
                *(f"--root-ca-file={pki}/ca.crt", f"--service-account-private-key-file={pki}/accounts.key"),
                *_kubeconfig(pki / "controller-manager.kubeconfig", delegated=True),
            ),
            Probe(f"https://{NODE_ADDRESS}:10257/healthz"),
            after=("apiserver",),
        ),
        Part(
            "scheduler",
            (
                *(f"{bin_}/kube-scheduler", f"--bind-address={NODE_ADDRESS}", "--leader-elect=false", *serving),
                *_kubeconfig(pki / "scheduler.kubeconfig", delegated=True),
            ),
            Probe(f"https://{NODE_ADDRESS}:10259/healthz"),
            after=("apiserver",),
        ),
    )


def _node(layout: Layout) -> tuple[Part, ...]:
    kubelet = (
        *(f"{layout.bin}/kubelet", f"--config={layout.config}/kubelet.yaml", f"--root-dir={layout.state}/kubelet"),
        *(f"--cert-dir={layout.state}/kubelet-certs", f"--node-ip={NODE_ADDRESS}", f"--hostname-override={NODE}"),
        *_kubeconfig(layout.pki / "kubelet.kubeconfig"),
    )
    proxy = (f"{layout.bin}/kube-proxy", f"--config={layout.config}/kube-proxy.yaml", f"--hostname-override={NODE}")
    return (
        Part("kubelet", kubelet, Probe(f"http://{NODE_ADDRESS}:10248/healthz"), after=("apiserver", "containerd")),
        Part("kube-proxy", proxy, Probe(f"http://{NODE_ADDRESS}:10256/healthz"), after=("apiserver",)),
    )


def _dns(layout: Layout) -> Part:
    argv = (f"{layout.bin}/coredns", f"-conf={layout.config}/Corefile")
    return Part("dns", argv, Probe(f"http://{NODE_ADDRESS}:8181/ready"), after=("apiserver",))


def _prometheus(layout: Layout) -> Part:
    argv = (
        *(f"{layout.bin}/prometheus", f"--config.file={layout.config}/prometheus.yaml", "--web.enable-lifecycle"),
        *(f"--storage.tsdb.path={layout.state}/prometheus", "--storage.tsdb.retention.time=6h"),
        *(f"--web.listen-address={PROMETHEUS.removeprefix('http://')}", f"--web.external-url={PROMETHEUS}"),
        *("--scrape.discovery-reload-interval=200ms", "--log.level=info"),
    )
    return Part("prometheus", argv, Probe(f"{PROMETHEUS}/-/ready"), after=("apiserver",))


def _kubeconfig(path: Path, *, delegated: bool = False) -> tuple[str, ...]:
    names = ("kubeconfig", "authentication-kubeconfig", "authorization-kubeconfig") if delegated else ("kubeconfig",)
    return tuple(f"--{name}={path}" for name in names)

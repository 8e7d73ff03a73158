"""Renders the configuration of the lab's parts. It writes files and starts nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from lab.images import PAUSE
from lab.layout import (
    CGROUP,
    CLUSTER_DOMAIN,
    NODE_ADDRESS,
    POD_NETWORK,
    REGISTRY,
    REPOSITORY,
    Layout,
)

SCRAPE_JOBS = REPOSITORY / "charts" / "prometheus-scrape.yaml"
SCRAPE_INTERVAL = "1s"
MAX_PODS = 200


def write(layout: Layout) -> None:
    """Write every part's configuration."""
    layout.config.mkdir(parents=True, exist_ok=True)
    scrape = yaml.safe_load(SCRAPE_JOBS.read_text())
    for name, content in {
        "containerd.toml": containerd(layout),
        "docker.json": "{}",
        "Corefile": dns(kubeconfig=layout.pki / "dns.kubeconfig"),
        "registry.yaml": yaml.safe_dump(registry(layout)),
        "kubelet.yaml": yaml.safe_dump(kubelet(layout)),
        "kube-proxy.yaml": yaml.safe_dump(kube_proxy(layout)),
        "prometheus.yaml": yaml.safe_dump(prometheus(scrape, kubeconfig=layout.pki / "prometheus.kubeconfig")),
        "resolv.conf": "nameserver 127.0.0.1\n",
        "cni/10-lab.conflist": json.dumps(network()),
    }.items():
        target = layout.config / name
        target.parent.mkdir(exist_ok=True)
        # kube-proxy ends when its file is written, even with the same content.
        if not target.exists() or target.read_text() != content:
            target.write_text(content)


def containerd(layout: Layout) -> str:
    """Return containerd's configuration.

    ``restrict_oom_score_adj`` lets it run where lowering the score is not allowed, as in many containers.
    """
    return f"""\
version = 2
root = "{layout.state}/containerd"
state = "/run/containerd"
[grpc]
address = "{layout.containerd_socket}"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "{PAUSE}"
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "{layout.config}/cni"
[plugins."io.containerd.grpc.v1.cri".registry.mirrors."{REGISTRY}"]
endpoint = ["http://{REGISTRY}"]
"""


def network() -> dict[str, Any]:
    """Return the pods' network: one bridge, addresses from one range."""
    addresses = {
        "type": "host-local",
        "ranges": [[{"subnet": POD_NETWORK}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    bridge = {"type": "bridge", "bridge": "cni0", "isGateway": True, "hairpinMode": True, "ipam": addresses}
    ports = {"type": "portmap", "capabilities": {"portMappings": True}}
    return {"cniVersion": "0.4.0", "name": "lab", "plugins": [bridge, ports]}


def registry(layout: Layout) -> dict[str, Any]:
    """Return the registry's configuration: no password, and images can be deleted."""
    return {
        "version": 0.1,
        "log": {"level": "info", "accesslog": {"disabled": True}},
        "storage": {
            "filesystem": {"rootdirectory": str(layout.registry)},
            "delete": {"enabled": True},
        },
        "http": {"addr": REGISTRY},
    }


def kubelet(layout: Layout) -> dict[str, Any]:
    """Return the kubelet's configuration."""
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": NODE_ADDRESS,
        "healthzBindAddress": NODE_ADDRESS,
        "authentication": {"anonymous": {"enabled": False}, "x509": {"clientCAFile": str(layout.pki / "ca.crt")}},
        "tlsCertFile": str(layout.pki / "serving.crt"),
        "tlsPrivateKeyFile": str(layout.pki / "serving.key"),
        "containerRuntimeEndpoint": f"unix://{layout.containerd_socket}",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{CGROUP}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "oomScoreAdj": 0,
        "clusterDNS": [NODE_ADDRESS],
        "clusterDomain": CLUSTER_DOMAIN,
        "resolvConf": str(layout.config / "resolv.conf"),
        "volumePluginDir": str(layout.state / "kubelet-plugins"),
        "maxPods": MAX_PODS,
        "serializeImagePulls": False,
        "registryPullQPS": 0,
        "eventRecordQPS": 0,
        # The machine's disk is shared with everything else on it: neither evict nor collect because of others.
        "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
        "imageGCHighThresholdPercent": 100,
        "logging": {"format": "text"},
    }


def kube_proxy(layout: Layout) -> dict[str, Any]:
    """Return kube-proxy's configuration; it may not change the machine's connection tracking."""
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "iptables",
        "bindAddress": NODE_ADDRESS,
        "healthzBindAddress": f"{NODE_ADDRESS}:10256",
        "metricsBindAddress": f"{NODE_ADDRESS}:10249",
        "clientConnection": {"kubeconfig": str(layout.pki / "proxy.kubeconfig")},
        "clusterCIDR": POD_NETWORK,
        "oomScoreAdj": 0,
        "conntrack": {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
        "iptables": {"minSyncPeriod": "100ms", "syncPeriod": "30s"},
    }


def dns(*, kubeconfig: Path) -> str:
    """Return CoreDNS' configuration: names of Services, and nothing of the outside."""
    return f"""\
.:53 {{
    bind {NODE_ADDRESS}
    errors
    ready {NODE_ADDRESS}:8181
    cache 5
    kubernetes {CLUSTER_DOMAIN} in-addr.arpa {{
        kubeconfig {kubeconfig}
        ttl 1
    }}
}}
"""


def prometheus(scrape: dict[str, Any], *, kubeconfig: Path) -> dict[str, Any]:
    """Return Prometheus' configuration: the jobs that users get, with the lab's credentials for discovery."""
    jobs = [_with_kubeconfig(job, kubeconfig) for job in scrape["scrape_configs"]]
    return {
        "global": {"scrape_interval": SCRAPE_INTERVAL, "evaluation_interval": SCRAPE_INTERVAL},
        "scrape_configs": jobs,
    }


def _with_kubeconfig(job: dict[str, Any], kubeconfig: Path) -> dict[str, Any]:
    discovery = [{**source, "kubeconfig_file": str(kubeconfig)} for source in job.get("kubernetes_sd_configs", [])]
    return {**job, "kubernetes_sd_configs": discovery}

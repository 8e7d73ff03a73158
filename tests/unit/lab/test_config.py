"""Rendered configuration."""

import json
import tomllib
from pathlib import Path

import yaml

from lab import config
from lab.images import PAUSE
from lab.layout import Layout


def test_every_file_is_written_and_can_be_read(layout: Layout) -> None:
    config.write(layout)
    for name in ("registry.yaml", "kubelet.yaml", "kube-proxy.yaml", "prometheus.yaml"):
        assert isinstance(yaml.safe_load((layout.config / name).read_text()), dict)
    assert json.loads((layout.config / "cni" / "10-lab.conflist").read_text())["name"] == "lab"
    assert json.loads((layout.config / "docker.json").read_text()) == {}


def test_what_has_not_changed_is_not_written_again(layout: Layout) -> None:
    config.write(layout)
    files = [file for file in layout.config.rglob("*") if file.is_file()]
    before = {file: file.stat().st_mtime_ns for file in files}
    config.write(layout)
    assert {file: file.stat().st_mtime_ns for file in files} == before


def test_containerd_pulls_from_the_registry_without_tls(layout: Layout) -> None:
    cri = tomllib.loads(config.containerd(layout))["plugins"]["io.containerd.grpc.v1.cri"]
    assert cri["sandbox_image"] == PAUSE
    assert cri["restrict_oom_score_adj"] is True
    assert cri["registry"]["mirrors"]["198.18.255.2:5000"]["endpoint"] == ["http://198.18.255.2:5000"]


def test_the_kubelet_keeps_to_the_labs_control_group(layout: Layout) -> None:
    assert config.kubelet(layout)["cgroupRoot"] == "/cictl-lab"


def test_prometheus_runs_the_jobs_that_users_get() -> None:
    shipped = yaml.safe_load(config.SCRAPE_JOBS.read_text())
    (job,) = config.prometheus(shipped, kubeconfig=Path("/k"))["scrape_configs"]
    (discovery,) = job["kubernetes_sd_configs"]
    assert discovery.pop("kubeconfig_file") == "/k"
    assert {**job, "kubernetes_sd_configs": [discovery]} == shipped["scrape_configs"][0]


def test_the_shipped_job_says_which_pods_and_with_which_labels() -> None:
    (job,) = yaml.safe_load(config.SCRAPE_JOBS.read_text())["scrape_configs"]
    rules = job["relabel_configs"]
    kept = {rule["source_labels"][0]: rule["regex"] for rule in rules if rule.get("action") == "keep"}
    assert job["job_name"] == "cictl-pods"
    assert kept == {
        "__meta_kubernetes_pod_label_cictl_dev_metrics": "true",
        "__meta_kubernetes_pod_container_port_name": "metrics",
        "__meta_kubernetes_pod_phase": "Running",
    }
    assert [rule["target_label"] for rule in rules if "target_label" in rule] == [
        "namespace",
        "pod",
        "service",
        "container",
    ]


def test_dns_listens_inside_the_lab_only() -> None:
    text = config.dns(kubeconfig=Path("/k"))
    assert "bind 198.18.255.2\n" in text
    assert "forward" not in text

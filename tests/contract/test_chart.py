"""The service chart as Helm renders it: snapshots, policy, and errors that help.

`CICTL_UPDATE_SNAPSHOTS=1` writes the snapshots anew; the difference is what a change of the chart does to a cluster.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "charts" / "service"
SNAPSHOTS = Path(__file__).parent / "snapshots" / "chart"
IMAGE = {"repository": "registry.example.com/shop/checkout", "digest": "sha256:" + "5e1f" * 16}
MOVED = "deprecated"  # keys that the schema lets through, so that a template can name the new one

UPDATE = bool(os.environ.get("CICTL_UPDATE_SNAPSHOTS"))  # read here: fixtures may clear the environment

Values = dict[str, Any]

SETS: dict[str, Values] = {
    "default": {},
    "hpa": {"autoscaling": {"enabled": True, "maxReplicas": 8, "targetMemoryUtilizationPercentage": 80}},
    "config": {
        "replicas": 3,
        "env": {"LOG_LEVEL": "info", "ANSWER": "42"},
        "config": {"config.yaml": "greeting: hello\ncatalog_url: http://catalog\n", "empty.json": "{}"},
        "configMountPath": "/etc/checkout",
        "podAnnotations": {"example.com/note": "true"},
    },
    "secrets": {
        "image": {"pullSecrets": ["registry"]},
        "serviceAccount": {"create": False, "name": "existing"},
        "secrets": {
            "env": [{"name": "DB_PASSWORD", "secret": "checkout-db", "key": "password"}],
            "envFrom": ["checkout-env"],
            "files": [{"secret": "checkout-tls", "mountPath": "/etc/tls"}],
        },
    },
    "network-policy": {
        "networkPolicy": {
            "enabled": True,
            "httpFrom": [{"podSelector": {"matchLabels": {"app.kubernetes.io/name": "web"}}}],
            "metricsFrom": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}],
            "egress": {"enabled": True, "rules": [{"to": [{"podSelector": {}}], "ports": [{"port": 8080}]}]},
        }
    },
    "placement": {
        "labels": {"example.com/team": "shop"},
        "nodeSelector": {"kubernetes.io/arch": "arm64"},
        "tolerations": [{"key": "spot", "operator": "Exists", "effect": "NoSchedule"}],
        "affinity": {"nodeAffinity": {}},
        "priorityClassName": "business",
        "security": {"runAsUser": 1000650000, "runAsGroup": 3000, "fsGroup": 2000},
        "podDisruptionBudget": {"maxUnavailable": None, "minAvailable": "50%"},
        "topologySpread": {"whenUnsatisfiable": "DoNotSchedule"},
    },
    "worker": {
        "command": ["python3"],
        "args": ["-m", "worker"],
        "service": {"enabled": False},
        "metrics": {"enabled": False},
        "preStopSleepSeconds": 0,
        "probes": {"startup": {"enabled": False}, "readiness": {"enabled": False}, "liveness": {"enabled": False}},
        "podDisruptionBudget": {"enabled": False},
        "topologySpread": {"enabled": False},
        "writableDirs": [],
    },
}


def merged(below: Values, above: Values) -> Values:
    """Lay ABOVE over BELOW, as environments are laid over a service's values."""
    both = {**below, **above}
    shared = {key for key in below.keys() & above.keys() if isinstance(below[key], dict)}
    return both | {key: merged(below[key], above[key]) for key in shared if isinstance(above[key], dict)}


@pytest.fixture(scope="session")
def helm_path() -> str:
    found = os.environ.get("CICTL_HELM") or shutil.which("helm")
    if not found:
        pytest.fail("no helm: put it on PATH (python -m lab env) or name it in CICTL_HELM")
    return found


class Helm:
    """Helm on the chart of this repository, with values in a file as the tool gives them."""

    def __init__(self, path: str, directory: Path) -> None:
        self._path = path
        self._values = directory / "values.yaml"

    def run(self, *arguments: str, values: Values) -> subprocess.CompletedProcess[str]:
        self._values.write_text(yaml.safe_dump(values))
        command = [self._path, *arguments, "-f", str(self._values)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def template(self, values: Values, *, name: str = "checkout") -> subprocess.CompletedProcess[str]:
        arguments = ("template", name, str(CHART), "--namespace", "shop", "--no-hooks", "--kube-version", "1.34.4")
        return self.run(*arguments, values=values)

    def text(self, values: Values) -> str:
        done = self.template(merged({"image": IMAGE}, values))
        assert done.returncode == 0, done.stderr
        return done.stdout

    def objects(self, values: Values) -> dict[str, Values]:
        return {one["kind"]: one for one in yaml.safe_load_all(self.text(values)) if one}

    def pod(self, values: Values) -> Values:
        template: Values = self.objects(values)["Deployment"]["spec"]["template"]
        return template

    def error(self, values: Values) -> str:
        done = self.template(merged({"image": IMAGE}, values))
        assert done.returncode != 0
        return done.stderr


@pytest.fixture
def helm(helm_path: str, tmp_path: Path) -> Helm:
    return Helm(helm_path, tmp_path)


every_set = pytest.mark.parametrize("values", [pytest.param(values, id=name) for name, values in SETS.items()])


@pytest.mark.parametrize("name", SETS)
def test_renders_as_its_snapshot(helm: Helm, name: str) -> None:
    snapshot = SNAPSHOTS / f"{name}.yaml"
    text = helm.text(SETS[name])
    if UPDATE:
        snapshot.write_text(text)
    assert text == snapshot.read_text()


def test_every_snapshot_is_of_a_set() -> None:
    assert {one.stem for one in SNAPSHOTS.iterdir()} == set(SETS)


@every_set
def test_renders_the_same_twice(helm: Helm, values: Values) -> None:
    assert helm.text(values) == helm.text(values)


@every_set
def test_lints_strictly(helm: Helm, values: Values) -> None:
    done = helm.run("lint", "--strict", str(CHART), values=merged({"image": IMAGE}, values))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stdout


@every_set
def test_names_and_scope(helm: Helm, values: Values) -> None:
    objects = helm.objects(values)
    known = "ConfigMap Deployment HorizontalPodAutoscaler NetworkPolicy PodDisruptionBudget Service ServiceAccount"
    assert objects.keys() <= set(known.split())
    for one in objects.values():
        assert one["metadata"]["namespace"] == "shop"
        assert one["metadata"]["name"].startswith("checkout")
        assert "annotations" not in one["metadata"]


@every_set
def test_pods_pass_the_restricted_level(helm: Helm, values: Values) -> None:
    pod = helm.pod(values)["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()
    assert all({"configMap", "secret", "emptyDir"} & volume.keys() for volume in pod.get("volumes", []))


@every_set
def test_pods_carry_no_token_and_match_their_selectors(helm: Helm, values: Values) -> None:
    objects = helm.objects(values)
    deployment = objects["Deployment"]["spec"]
    assert deployment["template"]["spec"]["automountServiceAccountToken"] is False
    assert objects.get("ServiceAccount", {}).get("automountServiceAccountToken", False) is False
    selector = {"app.kubernetes.io/name": "checkout", "app.kubernetes.io/instance": "checkout"}
    assert deployment["selector"]["matchLabels"] == selector
    assert selector.items() <= deployment["template"]["metadata"]["labels"].items()


def test_runs_the_image_by_digest(helm: Helm) -> None:
    (container,) = helm.pod({})["spec"]["containers"]
    assert container["image"] == f"{IMAGE['repository']}@{IMAGE['digest']}"


def test_the_selector_stays_whatever_the_values_say(helm: Helm) -> None:
    selectors = [helm.objects(values)["Deployment"]["spec"]["selector"] for values in SETS.values()]
    assert all(one == selectors[0] for one in selectors)


def test_replicas_are_left_to_the_autoscaler(helm: Helm) -> None:
    assert "replicas" not in helm.objects(SETS["hpa"])["Deployment"]["spec"]
    assert helm.objects({"replicas": 0})["Deployment"]["spec"]["replicas"] == 0


def test_configuration_is_a_volume_that_names_the_config_map(helm: Helm) -> None:
    objects = helm.objects(SETS["config"])
    pod = objects["Deployment"]["spec"]["template"]
    (name,) = [one["configMap"]["name"] for one in pod["spec"]["volumes"] if "configMap" in one]
    assert name == objects["ConfigMap"]["metadata"]["name"]
    assert objects["ConfigMap"]["data"] == SETS["config"]["config"]
    assert pod["metadata"]["annotations"] == {"example.com/note": "true"}  # and no checksum: the tool renames instead
    (mount,) = [one for one in pod["spec"]["containers"][0]["volumeMounts"] if one["name"] == "config"]
    assert mount == {"name": "config", "mountPath": "/etc/checkout", "readOnly": True}


def test_a_change_of_configuration_leaves_the_pod_template_alone(helm: Helm) -> None:
    assert helm.pod({"config": {"a": "1"}}) == helm.pod({"config": {"a": "2"}})


def test_prometheus_finds_the_pods_by_label_and_port(helm: Helm) -> None:
    pod = helm.pod({})
    assert pod["metadata"]["labels"]["cictl.dev/metrics"] == "true"
    assert {"name": "metrics", "containerPort": 9102} in pod["spec"]["containers"][0]["ports"]
    assert "cictl.dev/metrics" not in helm.pod(SETS["worker"])["metadata"]["labels"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        pytest.param({"replicaCount": 3}, '"replicaCount" is called "replicas"', id="renamed"),
        pytest.param({"livenessProbe": {}}, '"livenessProbe" is called "probes.liveness"', id="renamed-nested"),
        pytest.param({"image": {"tag": "v1"}}, "image.tag is not accepted", id="tag"),
        pytest.param({"image": {"digest": "v1"}}, "'v1' does not match pattern", id="digest-that-is-none"),
        pytest.param({"image": {"digest": ""}}, "image.digest is required", id="no-digest"),
        pytest.param({"image": {"repository": ""}}, "image.repository is required", id="no-repository"),
        pytest.param({"image": {"repository": "shop/checkout:v1"}}, "/image/repository", id="tag-in-repository"),
        pytest.param({"replica": 3}, "additional properties 'replica' not allowed", id="unknown"),
        pytest.param({"probes": {"readiness": {"pth": "/"}}}, "additional properties 'pth'", id="unknown-deep"),
        pytest.param({"env": {"PORT": 80}}, "'/env/PORT': got number, want string", id="env-number"),
        pytest.param({"replicas": "3"}, "'/replicas': got string, want integer", id="type"),
        pytest.param({"strategy": {"maxSurge": "120%"}}, "'/strategy/maxSurge'", id="percentage"),
        pytest.param({"strategy": {"maxSurge": "0%"}}, "no update could ever move", id="strategy-that-stands-still"),
        pytest.param(
            {"autoscaling": {"enabled": True, "minReplicas": 20}}, "minReplicas is above", id="autoscaling-range"
        ),
        pytest.param(
            {"autoscaling": {"enabled": True, "targetCPUUtilizationPercentage": None}},
            "autoscaling needs target",
            id="autoscaling-without-metric",
        ),
        pytest.param({"podDisruptionBudget": {"minAvailable": 1}}, "takes one of", id="budget-with-both"),
        pytest.param({"terminationGracePeriodSeconds": 3}, "must be above preStopSleepSeconds", id="grace"),
    ],
)
def test_a_mistake_is_named(helm: Helm, values: Values, message: str) -> None:
    assert message in helm.error(values)


def test_a_name_too_long_for_labels_is_refused(helm: Helm) -> None:
    done = helm.template({"image": IMAGE}, name="c" * 51)
    assert "longer than 50 characters" in done.stderr


def schema() -> Values:
    loaded: Values = json.loads((CHART / "values.schema.json").read_text())
    return loaded


def open_objects(node: object, path: str = "") -> list[str]:
    """Return the paths of objects that list properties and yet take any other."""
    if isinstance(node, list):
        return [bad for index, one in enumerate(node) for bad in open_objects(one, f"{path}/{index}")]
    if not isinstance(node, dict):
        return []
    here = [path] if isinstance(node.get("properties"), dict) and node.get("additionalProperties") is not False else []
    return here + [bad for key, one in node.items() for bad in open_objects(one, f"{path}/{key}")]


def test_the_schema_is_valid_and_closed_everywhere() -> None:
    Draft202012Validator.check_schema(schema())
    assert open_objects(schema()) == []


def test_defaults_are_all_that_the_schema_knows() -> None:
    defaults = yaml.safe_load((CHART / "values.yaml").read_text())
    Draft202012Validator(schema()).validate(defaults)
    assert missing_defaults(schema(), defaults) == []


def missing_defaults(node: Values, defaults: Values, path: str = "") -> list[str]:
    """Return the keys of the schema that values.yaml does not show."""
    missing = []
    for key, below in node.get("properties", {}).items():
        if key not in defaults and MOVED not in below and path not in {".resources", ".affinity"}:
            missing.append(f"{path}.{key}")
        elif isinstance(defaults.get(key), dict):
            missing += missing_defaults(below, defaults[key], f"{path}.{key}")
    return missing


def test_every_value_is_explained() -> None:
    lines = (CHART / "values.yaml").read_text().splitlines()
    bare = [
        line
        for before, line in itertools.pairwise(lines)
        if ":" in line and not line.lstrip().startswith("#") and not before.lstrip().startswith("#")
    ]
    # Groups whose members are explained, one by one, stand bare.
    assert [line for line in bare if not line.rstrip().endswith(":") and "requests:" not in line] == [
        "  limits: {memory: 128Mi}"
    ]


@pytest.mark.parametrize("service", ["checkout", "catalog"])
@pytest.mark.parametrize("environment", ["staging", "production"])
def test_the_examples_render(helm: Helm, service: str, environment: str) -> None:
    declared = yaml.safe_load((ROOT / "examples" / service / "service.yaml").read_text())
    own = declared.get("environments", {}).get(environment, {}).get("values", {})
    values = merged(declared["chart"]["values"], own)
    objects = helm.objects(values)
    assert objects["Deployment"]["spec"]["replicas"] == values["replicas"]
    assert objects["ConfigMap"]["data"] == values["config"]

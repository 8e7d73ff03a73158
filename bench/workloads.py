"""The same five pods for every peer: the chart's Deployment and Service, and the same as an Argo Rollout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from bench.place import NAMESPACE, Place
from lab.layout import REPOSITORY

Json = dict[str, Any]
REPLICAS = 5
MAX_RATIO = 0.01
WINDOW_SECONDS = 10  # of the analysis; the gate counts since the step began
_KEPT = {"Deployment", "Service", "ServiceAccount"}
_VALUES: Json = {
    "replicas": REPLICAS,
    "resources": {"requests": {"cpu": "5m", "memory": "32Mi"}},
    "env": {"CATALOG_URL": "builtin"},
}
COUNT = "sum(increase(http_requests_total{%s}[%s]))"


@dataclass(frozen=True, slots=True)
class Step:
    """A weight in percent, and for how long it is held."""

    weight: int
    pause_seconds: int


def chart_objects(place: Place, name: str, image: str) -> list[Json]:
    """Return what the chart makes of a service called NAME, without what no peer changes."""
    repository, _, digest = image.partition("@")
    values = place.folder / f"{name}.yaml"
    values.write_text(yaml.safe_dump({**_VALUES, "image": {"repository": repository, "digest": digest}}))
    chart = str(REPOSITORY / "charts" / "service")
    text = place.run("helm", "template", name, chart, "--namespace", NAMESPACE, "--values", str(values))
    return [one for one in yaml.safe_load_all(text) if one and one["kind"] in _KEPT]


def as_rollout(deployment: Json, steps: tuple[Step, ...], analysis: str | None) -> Json:
    """Return a Deployment as an Argo Rollout with the same pods, the same surge, and STEPS; judged by ANALYSIS."""
    spec = {key: value for key, value in deployment["spec"].items() if key != "strategy"}
    rolling = deployment["spec"]["strategy"]["rollingUpdate"]
    canary: Json = {**rolling, "steps": [part for step in steps for part in _argo_step(step)]}
    if analysis is not None:
        latest = {"podTemplateHashValue": "Latest"}
        canary["analysis"] = {
            "templates": [{"templateName": analysis}],
            "args": [{"name": "hash", "valueFrom": latest}],
        }
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Rollout",
        "metadata": deployment["metadata"],
        "spec": {**spec, "strategy": {"canary": canary}},
    }


def _argo_step(step: Step) -> list[Json]:
    return [{"setWeight": step.weight}, {"pause": {"duration": f"{step.pause_seconds}s"}}]


def analysis_template(name: str, service: str, *, prometheus: str, every_seconds: int, failure_limit: int) -> Json:
    """Return Argo's way to judge the share of errors; no traffic yet is no error of the analysis."""
    pods = f'namespace="{NAMESPACE}",pod=~"{service}-{{{{args.hash}}}}-.*"'
    window = f"{WINDOW_SECONDS}s"
    bad, total = COUNT % (f'{pods},code=~"5.."', window), COUNT % (pods, window)
    metric = {
        "name": "error-rate",
        "interval": f"{every_seconds}s",
        "failureLimit": failure_limit,
        "successCondition": f"isNaN(result[0]) || result[0] <= {MAX_RATIO}",
        "provider": {"prometheus": {"address": prometheus, "query": f"({bad} / {total}) or on() vector(0)"}},
    }
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AnalysisTemplate",
        "metadata": {"name": name},
        "spec": {"args": [{"name": "hash"}], "metrics": [metric]},
    }


def cictl_config(place: Place, steps: tuple[Step, ...], *, every_seconds: int) -> Json:
    """Return cictl.yaml with the same steps, without a gate and with one of the same limit."""
    selector = "$selector"
    window = "$window"
    check = {
        "name": "error-rate",
        "bad": COUNT % (f'{selector},code=~"5.."', window),
        "total": COUNT % (selector, window),
        "max": f"{MAX_RATIO:.0%}",
    }
    held = [{"weight": step.weight, "pause": f"{step.pause_seconds}s"} for step in steps]
    return {
        "version": 1,
        "prometheus": {"url": place.prometheus},
        "strategies": {
            "direct": {},
            "paced": {"steps": held, "deadline": "1m"},
            "judged": {"steps": held, "gate": "errors", "deadline": "1m"},
        },
        "gates": {"errors": {"every": f"{every_seconds}s", "alpha": "1%", "checks": [check]}},
    }

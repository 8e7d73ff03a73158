from __future__ import annotations

from pathlib import Path

from bench.place import Place
from bench.workloads import Step, analysis_template, as_rollout, cictl_config

STEPS = (Step(20, 5), Step(60, 7))
DEPLOYMENT = {
    "metadata": {"name": "argo"},
    "spec": {
        "replicas": 5,
        "template": {"spec": {}},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}},
    },
}


def test_a_rollout_has_the_deployments_pods_surge_and_steps() -> None:
    rollout = as_rollout(DEPLOYMENT, STEPS, None)
    canary = rollout["spec"].pop("strategy")["canary"]
    assert rollout["spec"] == {"replicas": 5, "template": {"spec": {}}}
    assert canary == {
        "maxSurge": "25%",
        "maxUnavailable": 0,
        "steps": [{"setWeight": 20}, {"pause": {"duration": "5s"}}, {"setWeight": 60}, {"pause": {"duration": "7s"}}],
    }


def test_an_analysis_is_of_the_newest_pods() -> None:
    analysis = as_rollout(DEPLOYMENT, STEPS, "errors")["spec"]["strategy"]["canary"]["analysis"]
    assert analysis["templates"] == [{"templateName": "errors"}]
    assert analysis["args"] == [{"name": "hash", "valueFrom": {"podTemplateHashValue": "Latest"}}]


def test_both_judge_the_same_limit_as_often() -> None:
    made = analysis_template("errors", "argo", prometheus="http://p", every_seconds=3, failure_limit=0)
    metric = made["spec"]["metrics"][0]
    gate = cictl_config(Place({"CICTL_LAB_PROMETHEUS": "http://p"}, Path()), STEPS, every_seconds=3)["gates"]["errors"]
    assert metric["interval"] == gate["every"] == "3s"
    assert metric["successCondition"].endswith("<= 0.01")
    assert gate["checks"][0]["max"] == "1%"
    assert 'pod=~"argo-{{args.hash}}-.*"' in metric["provider"]["prometheus"]["query"]

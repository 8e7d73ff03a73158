from __future__ import annotations

import shlex
from dataclasses import replace
from typing import Any

import pytest

from cictl.core.evidence import Evidence
from cictl.core.report import CheckKind, Status
from cictl.core.report_building import build_report
from cictl.core.rollout_state import Phase, Reason
from tests.unit.report_cases import COMMIT, event, known
from tests.unit.rollout_cases import NOW, UNGATED, a_record

HELD = Evidence(
    (event(1, "wait", "stepping", 0, "pausing"), event(9, "stop", "stepping", 0, "insufficient; told to hold"))
)
FIRST = {"before": None, "record": a_record(stable_template=None, stable_release=None, environment="production")}


@pytest.mark.parametrize(
    ("changes", "status", "headline"),
    [
        pytest.param(
            {},
            Status.ROLLED_BACK,
            "Release 7 of shop was taken back to release 6: errors: 30 of 100",
            id="rolled-back",
        ),
        pytest.param(
            {"outcome": Phase.SUCCEEDED, "evidence": Evidence(), "why": "every pod is new"},
            Status.SUCCEEDED,
            "Release 7 of shop was rolled out to production: every pod is new",
            id="succeeded",
        ),
        pytest.param(
            {**FIRST, "outcome": Phase.ROLLED_BACK, "why": "it crashes"},
            Status.ROLLED_BACK,
            "Release 7 of shop was deleted again: it crashes",
            id="first-install-taken-back",
        ),
        pytest.param(
            {"outcome": None, "evidence": HELD, "why": "", "finished": ""},
            Status.HELD,
            "Release 7 of shop is held at step 1: insufficient; told to hold",
            id="held",
        ),
        pytest.param(
            {"outcome": None, "evidence": Evidence(), "why": "", "finished": ""},
            Status.UNDER_WAY,
            "Release 7 of shop is under way before its first act",
            id="not-begun",
        ),
        pytest.param(
            {"outcome": Phase.SUPERSEDED, "why": "the template was changed"},
            Status.SUPERSEDED,
            "Release 7 of shop was ended by another change: the template was changed",
            id="superseded",
        ),
        pytest.param(
            {"outcome": Phase.FAILED, "why": "timed out"},
            Status.FAILED,
            "Release 7 of shop failed, and nothing could be brought back: timed out",
            id="failed",
        ),
        pytest.param(
            {"outcome": Phase.SUCCEEDED, "evidence": Evidence(), "why": "", "record": a_record(undo_of=3)},
            Status.SUCCEEDED,
            "Release 7 of shop brought release 3 back",
            id="undo",
        ),
    ],
)
def test_the_verdict_is_one_sentence(changes: dict[str, Any], status: Status, headline: str) -> None:
    report = build_report(known(**changes))
    assert (report.status, report.headline) == (status, headline)


def test_facts() -> None:
    report = build_report(known())
    assert (report.commit, report.commit_told, report.approved_by) == (COMMIT.id, COMMIT, "grace")
    assert (report.release_before, report.image_before) == (6, "reg/shop@sha256:" + "b" * 64)
    assert (report.started, report.ended, report.seconds) == (NOW, NOW + 95, 95)
    assert report.reason == "gate-unhealthy"
    assert report.steps == ((20, 60.0), (60, 120.0))


def test_checks_have_their_rules_and_those_never_taken_are_there_too() -> None:
    gate = build_report(known()).gate
    assert gate is not None
    assert [(check.name, check.kind, check.limit, len(check.results)) for check in gate.checks] == [
        ("targets", CheckKind.TARGETS, None, 2),
        ("errors", CheckKind.RATIO, 0.01, 2),
        ("p99", CheckKind.VALUE, 0.3, 0),
    ]
    assert gate.checks[2].rule == "at most 300ms; bad when broken at 3 looks in a row"
    assert gate.checks[2].queries == ("q",)


def test_without_a_gate() -> None:
    assert build_report(known(record=a_record(strategy=UNGATED, gate=None))).gate is None


def test_a_release_before_that_is_not_kept() -> None:
    record = a_record(deployment_object={"kind": "Deployment"}, stable_release=6)
    assert build_report(known(record=record, before=None)).differences is None


def test_of_others_deployments_the_template_is_compared() -> None:
    assert build_report(known()).differences == ("spec.template.spec.containers[app].image: v1 → v2",)


RUNNING = {"outcome": Phase.SUCCEEDED, "reason": Reason.NONE, "running": 7}


@pytest.mark.parametrize(
    ("changes", "said", "command"),
    [
        pytest.param(RUNNING, "release 5 back", "cictl rollout undo shop --env production", id="runs"),
        pytest.param({**RUNNING, **FIRST, "undo_to": None}, "no earlier release that succeeded", None, id="first"),
        pytest.param(
            {**RUNNING, "undo_to": None},
            "Kubernetes may still have",
            "kubectl rollout undo deployment/shop -n prod",
            id="first-of-others",
        ),
        pytest.param(
            {**RUNNING, "running": 9},
            "at release 9 now",
            "cictl rollout undo shop --env production --to-revision 7",
            id="gone",
        ),
        pytest.param({}, "nothing to undo: the Deployment is at release 6", None, id="rolled-back"),
        pytest.param({"running": None}, "no release that is kept", None, id="nobody-knows"),
        pytest.param({**FIRST, "running": None}, "is deleted again", None, id="first-install-taken-back"),
        pytest.param(
            {"outcome": None, "evidence": HELD}, "takes it back", "cictl rollout abort shop --env production", id="held"
        ),
    ],
)
def test_how_to_undo(changes: dict[str, Any], said: str, command: str | None) -> None:
    undo = build_report(known(**changes)).undo
    assert said in undo.text
    assert undo.command == command


@pytest.mark.parametrize("changes", [{"undo_to": None}, {"running": 9}, {"outcome": None}])
@pytest.mark.parametrize("environment", [None, "production; reboot"])
def test_a_command_to_paste_runs_nothing_else(changes: dict[str, Any], environment: str | None) -> None:
    odd = a_record(service="x; reboot", deployment="x; reboot", namespace="$(reboot)", environment=environment)
    command = build_report(known(**{**RUNNING, **changes, "record": odd})).undo.command
    words = shlex.split(command or "")
    assert words[:2] in (["cictl", "rollout"], ["kubectl", "rollout"])
    assert {"reboot", "reboot;"}.isdisjoint(words)
    assert {"x; reboot", "deployment/x; reboot"} & set(words)


def test_an_image_of_several_containers_is_nobodys() -> None:
    stable = {"spec": {"containers": [{"name": "a", "image": "x"}, {"name": "b", "image": "y"}]}}
    report = build_report(known(before=None, record=replace(a_record(), stable_template=stable)))
    assert report.image_before is None

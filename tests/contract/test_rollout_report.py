"""The report as data is a contract with whoever reads the artefact: its shape, key by key."""

from __future__ import annotations

import json
from typing import Any

from cictl.commands.report_documents import report_document
from cictl.core.evidence import Evidence
from cictl.core.report_building import build_report
from tests.unit.report_cases import known

SHAPE = {
    "apiVersion": "str",
    "kind": "str",
    "service": "str",
    "environment": "str",
    "namespace": "str",
    "deployment": "str",
    "release": "int",
    "status": "str",
    "headline": "str",
    "why": "str",
    "reason": "str",
    "image": "str",
    "imageBefore": "str",
    "releaseBefore": "int",
    "firstInstall": "bool",
    "commit": "str",
    "dirty": "bool",
    "author": "str",
    "subject": "str",
    "strategy": "str",
    "steps": [{"weight": "int", "pauseSeconds": "float"}],
    "approvedBy": "str",
    "promotedFrom": "NoneType",
    "undoOf": "NoneType",
    "givenReason": "NoneType",
    "started": "str",
    "ended": "str",
    "seconds": "float",
    "made": "str",
    "phases": [
        {
            "phase": "str",
            "step": "NoneType",
            "weight": "NoneType",
            "began": "str",
            "ended": "str",
            "seconds": "float",
            "verdict": "NoneType",
            "why": "str",
        }
    ],
    "pods": [{"at": "str", "old": {"ready": "int", "wanted": "int"}, "new": {"ready": "int", "wanted": "int"}}],
    "gate": {
        "name": "str",
        "alpha": "float",
        "everySeconds": "float",
        "checks": [
            {
                "name": "str",
                "kind": "str",
                "rule": "str",
                "limit": "float",
                "unit": "str",
                "queries": ["str"],
                "results": [
                    {
                        "endOf": "str",
                        "at": "str",
                        "verdict": "str",
                        "value": "float",
                        "bad": "int",
                        "total": "int",
                        "eValue": "float",
                        "eNeeded": "float",
                        "low": "float",
                        "high": "float",
                        "reason": "str",
                    }
                ],
                "looks": [
                    {
                        "at": "str",
                        "verdict": "str",
                        "value": "float",
                        "bad": "int",
                        "total": "int",
                        "eValue": "float",
                        "eNeeded": "NoneType",
                        "low": "NoneType",
                        "high": "NoneType",
                        "reason": "str",
                    }
                ],
            }
        ],
    },
    "differences": ["str"],
    "undo": {"text": "str", "command": "NoneType"},
    "events": [{"at": "str", "where": "str", "what": "str", "why": "str", "verdict": "NoneType", "gateReason": "str"}],
    "notRecorded": [],
}


def shape(value: object) -> Any:  # noqa: ANN401 - JSON
    """Return the types in VALUE; of a list that of its first item."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value[:1]]
    return type(value).__name__


def test_shape() -> None:
    data: Any = json.loads(json.dumps(report_document(build_report(known()), written=None).envelope()))
    data["gate"]["checks"] = [check for check in data["gate"]["checks"] if check["kind"] == "ratio"]
    assert shape(data) == SHAPE


def test_figures_of_a_ratio() -> None:
    data: Any = report_document(build_report(known()), written=None).envelope()
    errors = data["gate"]["checks"][1]
    result = errors["results"][1]
    assert (errors["kind"], errors["limit"], errors["unit"]) == ("ratio", 0.01, "ratio")
    assert (result["endOf"], result["bad"], result["total"], result["eNeeded"]) == ("step 2", 30, 100, 400.0)
    assert 0 < result["low"] < 0.3 < result["high"] < 1


def test_what_is_not_recorded_is_named() -> None:
    missing = known(evidence=Evidence(), commit=None, finished="")
    data = report_document(build_report(missing), written=None).envelope()
    assert data["notRecorded"] == ["author", "subject", "ended", "pods", "events"]
    assert (data["author"], data["ended"], data["pods"], data["events"]) == (None, None, [], [])

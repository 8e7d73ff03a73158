"""What `cictl gate` shows: a verdict with its checks, and findings with their places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cictl.core.gate_rules import in_unit
from cictl.core.verdict import check_data
from cictl.output import Document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cictl.core.verdict import CheckResult
    from cictl.services.gate_lint import LocatedFinding
    from cictl.services.gates import CheckedRelease

_COLUMNS = ("CHECK", "VALUE", "LIMIT", "VERDICT", "REASON")


def checked_document(checked: CheckedRelease) -> Document:
    """Return one verdict."""
    target, result = checked.target, checked.result
    rows = tuple(_row(check) for check in result.checks) or (("-", "-", "-", result.verdict.value, result.reason),)
    wide = tuple((*row, _query(check)) for row, check in zip(rows, result.checks, strict=False))
    data = {
        "gate": result.gate,
        "verdict": result.verdict.value,
        "reason": result.reason,
        "at": result.at,
        "namespace": target.namespace,
        "service": target.service,
        "replicaSet": target.replica_set,
        "readyPods": [pod.name for pod in target.ready_pods],
        "checks": [check_data(check) for check in result.checks],
    }
    names = (f"gate/{result.gate} {result.verdict.value}",)
    return Document("GateResult", data, _COLUMNS, rows, (*_COLUMNS, "QUERY"), wide, names)


def lint_document(found: Sequence[LocatedFinding]) -> Document:
    """Return findings."""
    rows = tuple((str(item.place), _subject(item), item.finding.severity.value, _message(item)) for item in found)
    data = {"findings": [_finding(item) for item in found]}
    text = None if rows else "no findings"
    columns = ("WHERE", "WHAT", "SEVERITY", "FINDING")
    return Document("GateLint", data, columns, rows, names=tuple(_subject(item) for item in found), text=text)


def _row(check: CheckResult) -> tuple[str, ...]:
    return (
        check.name,
        _number(check.value, check.unit),
        _number(check.limit, check.unit),
        check.verdict.value,
        check.reason,
    )


def _number(value: float | None, unit: str) -> str:
    return "-" if value is None else in_unit(value, unit)


def _query(check: CheckResult) -> str:
    return str(check.evidence.get("query") or check.evidence.get("badQuery") or "-")


def _subject(item: LocatedFinding) -> str:
    finding = item.finding
    return ".".join(part for part in (finding.gate, finding.check, finding.field) if part)


def _message(item: LocatedFinding) -> str:
    """Return the message, with the text that it is about where the place alone does not show it."""
    near = item.finding.near
    return f"{item.finding.message}, near `{near}`" if near and not item.place.column else item.finding.message


def _finding(item: LocatedFinding) -> Mapping[str, object]:
    finding, place = item.finding, item.place
    return {
        "gate": finding.gate,
        "check": finding.check,
        "field": finding.field,
        "severity": finding.severity.value,
        "message": finding.message,
        "queryColumn": finding.column,
        "near": finding.near,
        "file": place.file,
        "line": place.line or None,
        "column": place.column or None,
    }

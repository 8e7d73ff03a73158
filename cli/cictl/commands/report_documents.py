"""A rollout's report for the terminal and for machines; the page for browsers is core's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cictl.output import Document, printable, table

if TYPE_CHECKING:
    from pathlib import Path

    from cictl.core.report import GateReport, Report


def report_document(report: Report, *, written: Path | None) -> Document:
    """Return REPORT; WRITTEN is where its page is, None where none was asked for."""
    from cictl.core.report_data import report_data  # noqa: PLC0415 - not needed for --help

    name = f"release/{report.service}.v{report.release}"
    text = "\n".join(_short(report, written) if written else _lines(report))
    return Document("RolloutReport", report_data(report), names=(name,), text=text)


def _short(report: Report, written: Path) -> Iterator[str]:
    yield printable(report.headline)
    yield f"report: {written}"


def _lines(report: Report) -> Iterator[str]:
    from cictl.core import report_words as words  # noqa: PLC0415 - not needed for --help

    yield printable(report.headline)
    yield ""
    facts = {
        "image": report.image,
        "before": words.before(report),
        "commit": words.commit_line(report),
        "approved by": report.approved_by or words.NOT_RECORDED,
        "strategy": words.strategy_line(report),
        "started": words.clock(report.started),
        "ended": words.ended(report),
    }
    yield from (f"{name:<11}  {printable(value)}" for name, value in facts.items())
    yield ""
    rows = [
        (span.label, words.since(report, span.began), words.took(report, span), span.verdict or "-", span.why or "-")
        for span in report.spans
    ]
    yield table(("PHASE", "BEGAN", "TOOK", "GATE", "WHY IT ENDED"), rows)
    if report.gate is not None:
        yield from ("", *_gate(report.gate))
    if report.differences:
        yield from ("", "changes to the release before:", *(f"  {printable(line)}" for line in report.differences))
    command = () if report.undo.command is None else (f"  {printable(report.undo.command)}",)
    yield from ("", printable(report.undo.text), *command)


def _gate(gate: GateReport) -> Iterator[str]:
    from cictl.core import report_words as words  # noqa: PLC0415 - not needed for --help

    rows = [
        (check.name, result.label, words.measured(check, result), check.rule, result.verdict)
        for check in gate.checks
        for result in check.results
    ]
    if rows:
        yield table(("CHECK", "END OF", "MEASURED", "RULE", "VERDICT"), rows)
    else:
        yield f"gate {gate.name}: what it measured is {words.NOT_RECORDED}"

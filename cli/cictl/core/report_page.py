"""A report as one HTML page that needs nothing else: no script, no request, every text escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cictl.core.markup import Markup, document, element, joined, stylesheet
from cictl.core.quantities import format_percentage
from cictl.core.report import CheckKind, CheckReport, GateReport, Measured, Report, Span, Status
from cictl.core.report_charts import check_chart, timeline_chart
from cictl.core.report_style import STYLE
from cictl.core.report_words import (
    KIND_WORDS,
    NOT_RECORDED,
    STATUS_WORDS,
    before,
    clock,
    commit_line,
    ended,
    interval,
    measured,
    proof,
    rule,
    since,
    strategy_line,
    took,
)

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_TONES = {
    Status.SUCCEEDED: ("good", "✔"),
    Status.ROLLED_BACK: ("bad", "✖"),
    Status.FAILED: ("bad", "✖"),
    Status.SUPERSEDED: ("warn", "▲"),
    Status.HELD: ("warn", "▲"),
    Status.UNDER_WAY: ("calm", "●"),
}
_VERDICT_TONES = {
    "healthy": ("good", "✔"),
    "unhealthy": ("bad", "✖"),
    "unknown": ("warn", "▲"),
    "insufficient": ("warn", "▲"),
}


def page(report: Report) -> str:
    """Return REPORT as HTML."""
    where = report.environment or report.namespace
    title = f"{report.service} in {where}, release {report.release}: {STATUS_WORDS[report.status]}"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        stylesheet(STYLE),
    )
    sections = (_verdict(report), _facts(report), _course(report), *_gate(report), _changes(report), _undo(report))
    body = element("main", element("h1", f"Rollout report: {title}"), *sections, _events(report), _footer(report))
    return document(head, element("body", body))


def _verdict(report: Report) -> Markup:
    tone, mark = _TONES[report.status]
    status = element("strong", f"{mark} {STATUS_WORDS[report.status]}")
    return element("div", status, element("p", report.headline), class_=f"verdict {tone}")


def _facts(report: Report) -> Markup:
    facts = [pair for pair in _pairs(report) if pair[1] is not None]
    return element("dl", *(part for name, value in facts for part in (element("dt", name), element("dd", value))))


def _pairs(report: Report) -> Iterator[tuple[str, str | None]]:
    yield "Service", report.service
    yield "Environment", report.environment or NOT_RECORDED
    yield "Deployment", f"{report.deployment} in namespace {report.namespace}"
    yield "Release", f"{report.release}, undo to {report.undo_of}" if report.undo_of else str(report.release)
    yield "Image", element("code", report.image)
    yield "Ran before", before(report)
    yield "Commit", _commit(report)
    yield "Promoted from", report.promoted_from
    yield "Approved by", report.approved_by or NOT_RECORDED
    yield "Reason given", report.given_reason
    yield "Reason", report.reason
    yield "Strategy", strategy_line(report)
    yield "Started", clock(report.started)
    yield "Ended", ended(report)


def _commit(report: Report) -> Markup:
    told = report.commit_told
    if told is None or report.commit is None:
        return element("span", commit_line(report))
    return joined([commit_line(report), element("br"), element("code", report.commit)])


def _course(report: Report) -> Markup:
    pods = None if report.pods else element("p", f"Pods over time: {NOT_RECORDED}.", class_="faint")
    columns = ("Phase", "Weight", "Began", "Took", "Gate at last", "Why it ended")
    table = _table("Phases and steps", columns, [_span_row(report, span) for span in report.spans], {"Weight", "Took"})
    return joined([element("h2", "Course"), timeline_chart(report), pods, table])


def _span_row(report: Report, span: Span) -> tuple[Markup, ...]:
    return (
        element("th", span.label, scope="row"),
        element("td", "" if span.weight is None else f"{span.weight} %", class_="number"),
        element("td", since(report, span.began), class_="time"),
        element("td", took(report, span), class_="number"),
        element("td", _mark(span.verdict) if span.verdict else ""),
        element("td", span.why, class_="wide"),
    )


def _mark(verdict: str) -> Markup:
    tone, mark = _VERDICT_TONES.get(verdict, ("", ""))
    return element("span", f"{mark} {verdict}".strip(), class_=f"mark {tone}".strip())


def _table(caption: str, columns: Sequence[str], rows: Sequence[Sequence[Markup]], numbers: set[str]) -> Markup:
    header = (element("th", name, scope="col", class_="number" if name in numbers else None) for name in columns)
    table = element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *header)),
        element("tbody", *(element("tr", *cells) for cells in rows)),
    )
    return element("div", table, class_="scroll", tabindex=0, role="group", aria_label=caption)


def _gate(report: Report) -> Iterator[Markup]:
    yield element("h2", "Gate")
    gate = report.gate
    if gate is None:
        yield element("p", "This release had no gate: its pods alone were looked at.")
        return
    chance = format_percentage(float(f"{gate.alpha:.3g}"))
    yield element("p", f"Gate {gate.name}; the chance to abort a release that meets its limits is at most {chance}.")
    yield _overview(gate)
    for check in gate.checks:
        if check.kind is not CheckKind.TARGETS:
            yield from _check(report, check)


def _overview(gate: GateReport) -> Markup:
    columns = ("Check", "Verdict", "Measured at last", "Rule", "Kind", "Reason")
    return _table("Checks, and what they said last", columns, [_check_row(check) for check in gate.checks], set())


def _check_row(check: CheckReport) -> tuple[Markup, ...]:
    last = check.results[-1] if check.results else (check.looks[-1] if check.looks else None)
    return (
        element("th", check.name, scope="row"),
        element("td", NOT_RECORDED if last is None else _mark(last.verdict)),
        _plain(NOT_RECORDED if last is None else measured(check, last)),
        element("td", check.rule, class_="rule"),
        element("td", KIND_WORDS[check.kind], class_="rule"),
        element("td", "" if last is None else last.reason, class_="wide"),
    )


def _check(report: Report, check: CheckReport) -> Iterator[Markup]:
    yield element("h3", check.name)
    yield element("p", rule(check), class_="faint")
    chart = check_chart(check, report)
    yield chart or element("p", f"Single looks: {NOT_RECORDED}, or nothing was measured.", class_="faint")
    if check.results:
        yield _results(report, check)
    if check.queries:
        yield element(
            "details",
            element("summary", "Queries"),
            *(element("pre", query) for query in check.queries),
        )


def _results(report: Report, check: CheckReport) -> Markup:
    is_ratio = check.kind is CheckKind.RATIO
    columns = ["At the end of", "When", "Verdict", "Measured", *(["95 % interval", "Evidence"] if is_ratio else [])]
    rows = [_result_row(report, check, result, is_ratio=is_ratio) for result in check.results]
    return _table(f"{check.name} at each step's end", [*columns, "Reason"], rows, set())


def _result_row(report: Report, check: CheckReport, result: Measured, *, is_ratio: bool) -> tuple[Markup, ...]:
    proofs = (_plain(interval(check, result)), _plain(proof(result))) if is_ratio else ()
    return (
        element("th", result.label, scope="row"),
        element("td", since(report, result.at), class_="time"),
        element("td", _mark(result.verdict)),
        _plain(measured(check, result)),
        *proofs,
        element("td", result.reason or NOT_RECORDED, class_="wide"),
    )


def _plain(figures: str) -> Markup:
    return element("td", figures, class_="time")


def _changes(report: Report) -> Markup:
    heading = element("h2", "Changes to the release before")
    if report.differences is None:
        return joined([heading, element("p", f"The release before: {NOT_RECORDED}, or no longer kept.")])
    if not report.differences:
        return joined([heading, element("p", "Nothing differs.")])
    return joined([heading, element("pre", "\n".join(report.differences))])


def _undo(report: Report) -> Markup:
    command = None if report.undo.command is None else element("pre", report.undo.command)
    return joined([element("h2", "How to undo"), element("p", report.undo.text), command])


def _events(report: Report) -> Markup:
    heading = element("h2", "What happened")
    if not report.happenings:
        return joined([heading, element("p", f"Events: {NOT_RECORDED}.")])
    rows = [
        (
            element("td", since(report, each.at), class_="time"),
            element("td", each.where),
            element("td", each.what),
            element("td", each.why, class_="wide"),
            element("td", "" if each.verdict is None else _mark(each.verdict)),
            element("td", each.gate, class_="wide"),
        )
        for each in report.happenings
    ]
    table = _table("Events, oldest first", ("When", "Where", "What", "Why", "Gate", "Gate's reason"), rows, set())
    return joined([heading, element("details", element("summary", f"{len(rows)} events"), table)])


def _footer(report: Report) -> Markup:
    note = (
        f"Made by cictl at {clock(report.made)}. Times that begin with + count from the start. Evidence is that of the"
        " sequential test: the limit counts as broken when it reaches what it needs; the interval holds the true ratio"
        " however often one looked."
    )
    return element("footer", note)

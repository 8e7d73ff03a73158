"""Charts of a report as inline SVG: when which phase was, how many pods each release had, what was measured.

Colours stand in attributes, too: where a viewer refuses styles, as Jenkins does for artefacts, a chart can be read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from cictl.core.gate_rules import in_unit
from cictl.core.markup import Markup, element, joined
from cictl.core.report import CheckReport, Measured, Pods, Report, Span
from cictl.core.report_axes import Axis, time_axis, time_ticks, value_axis
from cictl.core.report_words import lasted

_WIDTH, _LEFT, _RIGHT = 760, 64.0, 744.0
_BAR_TOP, _BAR_HEIGHT = 8.0, 26.0
_PODS_TOP, _PODS_BOTTOM = 58.0, 158.0
_CHECK_TOP, _CHECK_BOTTOM = 14.0, 124.0
_LETTER = 7.2  # about how wide one is
_INK, _LINE, _OLD, _NEW, _BAD = "#1b1f24", "#8c959f", "#6e7781", "#0969da", "#cf222e"
_PHASE_FILLS = {
    "preparing": "#d0d7de",
    "stepping": "#b6d7ff",
    "promoting": "#b4e6c1",
    "watching": "#e4d4f8",
    "aborting": "#ffc9c9",
}
_POINT_FILLS = {"healthy": "#1a7f37", "unhealthy": _BAD, "unknown": "#9a6700", "insufficient": "#9a6700"}


def timeline_chart(report: Report) -> Markup:
    """Return the phases and steps, and below them the ready pods of both releases."""
    axis = time_axis(report.started, _last_time(report), _LEFT, _RIGHT)
    has_pods = bool(report.pods)
    bottom = _PODS_BOTTOM if has_pods else _BAR_TOP + _BAR_HEIGHT + 4
    content = [*_bars(report, axis), *_time_marks(axis, _BAR_TOP + _BAR_HEIGHT, bottom)]
    if has_pods:
        content += _pods_lines(report.pods, axis)
    labels = [_named(span) for span in report.spans]
    told = f"Phases: {'; '.join(labels)}." + (f" {_pods_told(report.pods)}" if has_pods else "")
    return _svg(bottom + 24, "Phases and pods over time", told, content)


def _last_time(report: Report) -> float:
    """Return when the rollout ended; of one that has not, the newest moment that the record knows of."""
    if report.ended is not None:
        return report.ended
    checks = () if report.gate is None else report.gate.checks
    looks = [look.at for check in checks for look in check.looks]
    events = [each.at for each in report.happenings]
    return max([report.started, *looks, *events, *(each.at for each in report.pods)])


def _named(span: Span) -> str:
    weight = "" if span.weight is None else f" with weight {span.weight} %"
    return f"{span.label}{weight}, {'not ended' if span.seconds is None else lasted(span.seconds)}"


def _bars(report: Report, axis: Axis) -> Iterator[Markup]:
    for span in report.spans:
        left, right = axis.at(span.began), axis.at(axis.high if span.ended is None else span.ended)
        width = max(right - left, 1.5)
        yield element(
            "g",
            element("title", _named(span)),
            _rect(left, _BAR_TOP, width, _BAR_HEIGHT, f"bar {span.phase}", _PHASE_FILLS.get(span.phase, "#d0d7de")),
            _bar_label(span, left, width),
        )


def _rect(left: float, top: float, width: float, height: float, class_: str, fill: str) -> Markup:
    return element(
        "rect", x=left, y=top, width=width, height=height, class_=class_, fill=fill, stroke="#ffffff", rx=2.0
    )


def _bar_label(span: Span, left: float, width: float) -> Markup | None:
    weight = "" if span.weight is None else f" · {span.weight} %"
    for label in (f"{span.label}{weight}", span.label, str(span.step or "")):
        if label and len(label) * _LETTER + 6 <= width:
            return _text(label, left + width / 2, _BAR_TOP + 17, anchor="middle", class_="on-bar")
    return None


def _pods_lines(pods: Sequence[Pods], axis: Axis) -> list[Markup]:
    most = max(max(each.old_ready, each.new_ready, each.old_wanted, each.new_wanted) for each in pods)
    up = Axis(0.0, float(max(most, 1)), _PODS_BOTTOM, _PODS_TOP + 10)
    series = [
        ("old", _OLD, "6 4", [(each.at, float(each.old_ready)) for each in pods]),
        ("new", _NEW, None, [(each.at, float(each.new_ready)) for each in pods]),
    ]
    marks = list(_value_marks(up, [(0.0, "0"), (float(most), f"{most} pods")] if most else [(0.0, "0")]))
    for name, stroke, dash, points in series:
        if name == "old" and not any(value for _, value in points):
            continue  # a first install
        left = _LEFT + (112.0 if name == "old" else 0.0)
        marks += [
            _stairs(points, axis, up, class_=name, stroke=stroke, dash=dash),
            _line((left, 50.0, left + 24, 50.0), class_=name, stroke=stroke, width=2.5, dash=dash),
            _text(f"{name}, ready", left + 30, 54.0),
        ]
    return marks


def _pods_told(pods: Sequence[Pods]) -> str:
    first, last = pods[0], pods[-1]
    return (
        f"Ready pods: old {first.old_ready} at first and {last.old_ready} at last,"
        f" new {first.new_ready} at first and {last.new_ready} at last."
    )


def _stairs(
    points: Sequence[tuple[float, float]], axis: Axis, up: Axis, *, class_: str, stroke: str, dash: str | None = None
) -> Markup:
    """Return a line that stays where it is until the next point, and to the end of the axis."""
    places = [f"M{axis.at(points[0][0]):.1f} {up.at(points[0][1]):.1f}"]
    places += [f"H{axis.at(at):.1f}V{up.at(value):.1f}" for at, value in points[1:]]
    path = "".join([*places, f"H{axis.last:.1f}"])
    return _path(path, class_=class_, stroke=stroke, dash=dash)


def check_chart(check: CheckReport, report: Report) -> Markup | None:
    """Return what was measured at each look against the limit; None where no look has a value."""
    looks = [look for look in check.looks if look.value is not None]
    if not looks:
        return None
    axis = time_axis(report.started, _last_time(report), _LEFT, _RIGHT)
    up = value_axis([look.value for look in looks if look.value is not None], check.limit, _CHECK_BOTTOM, _CHECK_TOP)
    content = [
        *_time_marks(axis, _CHECK_TOP, _CHECK_BOTTOM),
        *_value_marks(up, [(up.low, in_unit(up.low, check.unit)), (up.high, in_unit(_rounded(up.high), check.unit))]),
        *_limit(check, up),
        *_steps(report.spans, axis),
        *_measured_lines(check.looks, report.spans, axis, up),
        *(_point(look, check, axis, up) for look in looks),
    ]
    return _svg(_CHECK_BOTTOM + 24, f"{check.name} against its limit", _check_told(check, looks), content)


def _rounded(value: float) -> float:
    return float(f"{value:.2g}")


def _check_told(check: CheckReport, looks: Sequence[Measured]) -> str:
    values = [look.value for look in looks if look.value is not None]
    least, most = in_unit(min(values), check.unit), in_unit(max(values), check.unit)
    return f"{len(looks)} looks, from {least} to {most}; the rule is: {check.rule}."


def _limit(check: CheckReport, up: Axis) -> Iterator[Markup]:
    if check.limit is not None:
        y = up.at(check.limit)
        yield _line((_LEFT, y, _RIGHT, y), class_="limit", stroke=_BAD, width=1.5, dash="3 3")
        word = "at least" if check.is_minimum else "at most"
        above = y - 5 if y - 5 > _CHECK_TOP else y + 13
        yield _text(f"{word} {in_unit(check.limit, check.unit)}", _RIGHT, above, anchor="end", class_="limit-text")


def _steps(spans: Sequence[Span], axis: Axis) -> Iterator[Markup]:
    for span in spans[1:]:
        x = axis.at(span.began)
        yield _line((x, _CHECK_TOP, x, _CHECK_BOTTOM), class_="grid", stroke="#d0d7de", width=1.0)


def _measured_lines(looks: Sequence[Measured], spans: Sequence[Span], axis: Axis, up: Axis) -> Iterator[Markup]:
    """Yield lines between looks that follow each other in one step: counts begin anew with each."""
    began = [span.began for span in spans]
    for one, other in pairwise(looks):
        if one.value is None or other.value is None or any(one.at < at <= other.at for at in began):
            continue
        ends = (axis.at(one.at), up.at(one.value), axis.at(other.at), up.at(other.value))
        yield _line(ends, class_="new", stroke=_NEW, width=2.0)


def _point(look: Measured, check: CheckReport, axis: Axis, up: Axis) -> Markup:
    value = look.value or 0.0
    told = f"+{lasted(max(0.0, look.at - axis.low))}: {in_unit(value, check.unit)}, {look.verdict}"
    if look.bad is not None and look.total is not None:
        told += f" ({look.bad} of {look.total})"
    circle = element(
        "circle",
        cx=axis.at(look.at),
        cy=up.at(value),
        r=3.2,
        class_=f"point {look.verdict}",
        fill=_POINT_FILLS.get(look.verdict, _LINE),
    )
    return element("g", element("title", told), circle)


def _time_marks(axis: Axis, top: float, bottom: float) -> Iterator[Markup]:
    yield _line((_LEFT, bottom, _RIGHT, bottom), class_="axis", stroke=_LINE, width=1.0)
    for x, label in time_ticks(axis):
        yield _line((x, top, x, bottom + 4), class_="grid", stroke="#eaeef2", width=1.0)
        yield _text(label, x, bottom + 17, anchor="middle", class_="tick")


def _value_marks(up: Axis, marks: Sequence[tuple[float, str]]) -> Iterator[Markup]:
    for value, label in marks:
        yield _text(label, _LEFT - 6, up.at(value) + 4, anchor="end", class_="tick")


def _line(
    ends: tuple[float, float, float, float], *, class_: str, stroke: str, width: float, dash: str | None = None
) -> Markup:
    x1, y1, x2, y2 = ends
    style: dict[str, str | float | None] = {"stroke": stroke, "stroke_width": width, "stroke_dasharray": dash}
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_, **style)


def _path(path: str, *, class_: str, stroke: str, dash: str | None) -> Markup:
    return element("path", d=path, class_=class_, fill="none", stroke=stroke, stroke_width=2.5, stroke_dasharray=dash)


def _text(content: str, x: float, y: float, *, anchor: str = "start", class_: str = "label") -> Markup:
    return element("text", content, x=x, y=y, text_anchor=anchor, class_=class_, fill=_INK)


def _svg(height: float, title: str, told: str, content: Sequence[Markup]) -> Markup:
    drawing = element(
        "svg",
        element("title", title),
        element("desc", told),
        joined(content),
        viewBox=f"0 0 {_WIDTH} {height:g}",
        width=_WIDTH,
        height=height,
        role="img",
        aria_label=f"{title}. {told}",
        font_family="system-ui, sans-serif",
        font_size=12,
    )
    return element("div", drawing, class_="chart", tabindex=0, role="group", aria_label=title)

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cictl.core.commits import Commit
from cictl.core.evidence import Evidence
from cictl.core.markup import text
from cictl.core.report import Report
from cictl.core.report_building import build_report
from cictl.core.report_page import page
from cictl.core.rollout_state import Phase
from tests.unit.report_cases import event, gate, known
from tests.unit.rollout_cases import UNGATED, a_record

TAGS = {
    *("html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "h3", "div", "p", "strong", "span", "br"),
    *("dl", "dt", "dd", "code", "pre", "table", "caption", "thead", "tbody", "tr", "th", "td", "details", "summary"),
    *("footer", "svg", "desc", "g", "rect", "line", "path", "circle", "text"),
}
ATTRIBUTES = {
    *("lang", "charset", "http-equiv", "content", "name", "class", "scope", "tabindex", "role", "aria-label"),
    *("viewBox", "width", "height", "font-family", "font-size", "x", "y", "x1", "x2", "y1", "y2", "d", "cx", "cy", "r"),
    *("rx", "fill", "stroke", "stroke-width", "stroke-dasharray", "text-anchor"),
}


def parsed(html: str) -> ET.Element:
    """Return the page as a tree: written so that it is well-formed, apart from what HTML leaves open."""
    body = html.removeprefix("<!doctype html>\n")
    return ET.fromstring(re.sub(r"<(meta|br)([^>]*)>", r"<\1\2/>", body))  # noqa: S314 - our own


def texts(tree: ET.Element, *tags: str) -> list[str]:
    return ["".join(found.itertext()) for tag in tags for found in tree.iter(tag)]


def a_page(**changes: Any) -> ET.Element:  # noqa: ANN401 - of any field
    return parsed(page(build_report(known(**changes))))


def test_the_verdict_comes_first() -> None:
    tree = a_page()
    assert texts(tree, "title")[0] == "shop in production, release 7: rolled back"
    said = "".join(tree.find("body/main/div").itertext())  # type: ignore[union-attr]
    assert said == "✖ rolled backRelease 7 of shop was taken back to release 6: errors: 30 of 100"


def test_facts_are_there() -> None:
    facts = dict(zip(texts(a_page(), "dt"), texts(a_page(), "dd"), strict=True))
    assert facts["Commit"] == "feat: greet <everybody> (Ada)" + "c" * 40
    assert facts["Approved by"] == "grace"
    assert facts["Ended"] == "2023-11-14 22:14:55 UTC, after 1m35s"
    assert facts["Ran before"] == "release 6, shop@sha256:bbbbbbbbbbbb"
    assert "Promoted from" not in facts


def test_what_nobody_knows_is_said() -> None:
    record = a_record(stable_template={"spec": {}}, deployment_object={"kind": "Deployment"})
    tree = a_page(record=record, before=None, commit=None, evidence=Evidence(), finished="", outcome=None)
    facts = dict(zip(texts(tree, "dt"), texts(tree, "dd"), strict=True))
    assert {name for name, said in facts.items() if said == "not recorded"} == {"Environment", "Commit", "Approved by"}
    assert facts["Ran before"] == "no release that is known"
    said = texts(tree, "p")
    assert "Pods over time: not recorded." in said
    assert "Events: not recorded." in said
    assert "The release before: not recorded, or no longer kept." in said


def test_each_check_has_its_figures() -> None:
    rows = texts(a_page(), "tr")
    assert any(row.startswith("step 2+1m30s✖ unhealthy30% (30 of 100)") for row in rows)
    assert any("0.5 of 400" in row and " to " in row for row in rows)


def test_charts_are_drawn_and_told() -> None:
    drawings = list(a_page().iter("svg"))
    labels = [drawing.get("aria-label", "") for drawing in drawings]
    assert labels[0].startswith("Phases and pods over time. Phases: preparing, 1s; step 1 with weight 20 %, 1m;")
    assert "Ready pods: old 5 at first and 5 at last, new 0 at first and 0 at last." in labels[0]
    assert labels[1] == "errors against its limit. 4 looks, from 0% to 30%; the rule is: at most 1% of all events."
    points = list(drawings[1].iter("circle"))
    assert [each.get("class") for each in points] == [
        "point healthy", "point healthy", "point insufficient", "point unhealthy",
    ]  # fmt: skip
    heights = [float(each.get("cy", "")) for each in points]
    assert heights[0] == heights[1] > heights[2] > heights[3]


def test_lines_join_the_looks_of_one_step_alone() -> None:
    lines = [each for each in list(a_page().iter("svg"))[1].iter("line") if each.get("class") == "new"]
    assert len(lines) == 2


def test_tables_have_headers_and_captions() -> None:
    for table in a_page().iter("table"):
        assert table.find("caption") is not None
        assert {cell.get("scope") for cell in table.iter("th")} <= {"row", "col"}
        assert table.find("thead/tr/th") is not None
        width = len(table.findall("thead/tr/th"))
        assert {len(list(row)) for row in table.findall("tbody/tr")} == {width}


def test_headings_and_landmarks() -> None:
    tree = a_page()
    assert len(texts(tree, "h1")) == 1
    assert texts(tree, "h2") == ["Course", "Gate", "Changes to the release before", "How to undo", "What happened"]
    assert len(list(tree.iter("main"))) == 1


def test_it_needs_nothing_else() -> None:
    html = page(build_report(known()))
    assert re.search(r"<script|<link|<img|<iframe|src=|href=|url\(|@import|https?:", html) is None
    assert "default-src 'none'" in html.replace("&#x27;", "'")


@pytest.mark.parametrize(
    ("outcome", "said", "took"),
    [
        pytest.param(None, "not yet", "goes on", id="goes-on"),
        pytest.param(Phase.SUPERSEDED, "not recorded", "not recorded", id="nobody-knows"),
    ],
)
def test_a_rollout_without_an_end(outcome: Phase | None, said: str, took: str) -> None:
    tree = a_page(outcome=outcome, finished="", evidence=Evidence((event(1, "wait", "stepping", 0, "pausing"),)))
    assert dict(zip(texts(tree, "dt"), texts(tree, "dd"), strict=True))["Ended"] == said
    assert any(row == f"step 120 %+1s{took}" for row in texts(tree, "tr"))


def test_without_a_gate_it_says_so() -> None:
    tree = a_page(record=a_record(strategy=UNGATED, gate=None))
    assert "This release had no gate: its pods alone were looked at." in texts(tree, "p")


def test_a_first_install_draws_no_old_pods() -> None:
    pods = ({"at": 1_700_000_001, "old": [0, 0], "new": [0, 3]}, {"at": 1_700_000_002, "old": [0, 0], "new": [3, 3]})
    tree = a_page(evidence=Evidence(pods=pods))
    assert {each.get("class") for each in tree.iter("path")} == {"new"}


def hostile(content: str) -> Report:
    """Return a report in which CONTENT stands wherever a person, an image or a cluster can put text."""
    events = (
        event(1, content, "stepping", 0, content, gate(1, content, reason=content)),
        event(2, "write", content, 1, content),
    )
    record = a_record(
        service=content,
        namespace=content,
        deployment=content,
        image=content,
        environment=content,
        commit=content,
        promoted_from=content,
        approved_by=content,
        reason=content,
    )
    commit = Commit(content, content, content, content)
    checked = {"at": 1_700_000_003, "checks": [{"name": content, "verdict": content, "value": 1.0}] * 3}
    looks = (checked, {**checked, "at": 1_700_000_009})
    evidence = Evidence(events, looks)
    return build_report(known(record=record, commit=commit, evidence=evidence, why=content, before=None))


@settings(max_examples=40, deadline=None)
@given(
    st.text(st.characters(), min_size=1, max_size=30)
    | st.sampled_from(["</style>", "<svg/onload=x>", "--><script>", "&lt;", '"'])
)
def test_no_text_breaks_out_of_the_page(content: str) -> None:
    html = page(hostile(content))
    tree = parsed(html)
    assert {found.tag for found in tree.iter()} <= TAGS
    assert {name for found in tree.iter() for name in found.attrib} <= ATTRIBUTES
    reference = parsed(page(hostile("x")))
    assert [found.tag for found in tree.iter() if found.tag != "text"] == [
        found.tag for found in reference.iter() if found.tag != "text"
    ]
    html.encode()


def test_a_hostile_text_is_shown_as_it_is() -> None:
    content = '<script>alert("x")</script>'
    tree = parsed(page(hostile(content)))
    assert texts(tree, "script") == []
    assert content in texts(tree, "dd")
    assert text(content) in page(hostile(content))


@pytest.mark.parametrize("phase", list(Phase))
def test_every_outcome_has_a_page(phase: Phase) -> None:
    outcome = phase if phase.is_terminal else None
    assert parsed(page(build_report(known(outcome=outcome)))).tag == "html"

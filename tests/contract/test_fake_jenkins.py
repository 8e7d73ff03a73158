"""The fake Jenkins is held to recordings of a real one: what cictl can send is answered as it was.

What is left out stands in `LEFT_OUT`, with the reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.fake_jenkins.plugin_versions import PLUGINS
from tests.fake_jenkins.replay import RECORDINGS, differences, exchanges, normalised
from tests.fake_jenkins.saved_xml import saved
from tests.fake_jenkins.scenarios import SCENARIOS
from tests.fake_jenkins.xml_tree import read

pytestmark = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not beside this clone")

SCRIPT = "the script console, which is never needed"
GROOVY = "what a pipeline's own code printed or resulted in: no Groovy runs in a fake, tests script their builds"
GIT = "what git printed while branches were looked for"
ACTIONS = "what each plugin adds to a build's actions; a fake shows causes, parameters, inputs and the usual shape"
PAGE = "a page for people"
AS_ASKED = "a URL that repeats how the client encoded the branch; clients encode twice"
BRANCH_FORM = "the configuration that the plugin makes of a branch, which is never compared"
MOMENT = "a moment while something waited that a fake does at once; tests set `queue_looks`"

LEFT_OUT: Mapping[str, Mapping[str, tuple[int, ...]]] = {
    "builds": {"its size counts four bytes more than its text shows": (9,)},
    "folder-library": {
        SCRIPT: (105,),
        GROOVY: (*range(6, 8), *range(9, 105), *range(106, 114), 115, 116, 122, 125),
        "which stores a credentials action links to": (3,),
    },
    "folder-update-wipes": {SCRIPT: (1, 7, 12, 15, 19, 22, 25, 27, 31, 33, 36, 39, 42, 45)},
    "input-approval": {SCRIPT: (19,), ACTIONS: (2, 17, 18), GROOVY: (25, 46, 50)},
    "jjb-round-trip": {SCRIPT: (2, 7, 12, 17, 22)},
    "multibranch": {
        SCRIPT: (17,),
        GIT: (2, 4, 19, 30, 33, 37, 40, 42),
        AS_ASKED: (9, 14),
        BRANCH_FORM: (20, 24),
        MOMENT: (29,),
    },
    "permissions": {SCRIPT: (48,), "icons and texts of the kinds of items; who may see them is replayed": (36,)},
    "pipeline-linter": {SCRIPT: (8, 9, 10)},
    "push-triggers": {
        SCRIPT: (11,),
        PAGE: (28, 62, 77),
        "a log that the plugin doesn't have": (39,),
        ACTIONS: (26, 30, 36, 37, 44, 46, 48, 50, 59, 64, 67, 70, 72, 74, 76),
        GROOVY: (38, 51),
        GIT: (68,),
        MOMENT: (35,),
    },
    "script-console": {SCRIPT: tuple(range(5))},
    "tokens": {SCRIPT: (18,)},
    "wizard": {SCRIPT: (25, 44)},
    "wizard-skip": {SCRIPT: (2,)},
}


def left_out(name: str) -> dict[int, str]:
    return {number: reason for reason, numbers in LEFT_OUT.get(name, {}).items() for number in numbers}


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_answers_as_recorded(name: str) -> None:
    assert differences(SCENARIOS[name], left_out(name)) == {}


def test_every_recording_is_replayed_or_left_out_with_a_reason() -> None:
    recorded = {path.stem for path in RECORDINGS.glob("*.json")} - {"ui-edits"}
    assert recorded == {*SCENARIOS, "script-console"}


def test_what_is_left_out_exists() -> None:
    for name, reasons in LEFT_OUT.items():
        numbers = [number for listed in reasons.values() for number in listed]
        assert len(numbers) == len(set(numbers)), name
        assert set(numbers) <= set(range(len(exchanges(name)))), name


def test_what_is_left_out_as_script_console_is_that() -> None:
    for name, reasons in LEFT_OUT.items():
        paths = {exchanges(name)[number]["request"]["path"] for number in reasons.get(SCRIPT, ())}
        assert paths <= {"/scriptText"}, name


def test_most_is_replayed() -> None:
    total = sum(len(exchanges(name)) for name in (*SCENARIOS, "script-console"))
    skipped = sum(len(left_out(name)) for name in LEFT_OUT)
    assert total == 728
    assert total - skipped >= 520


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        pytest.param(201, [], "", id="status"),
        pytest.param(200, [("X-Error", "no")], "", id="header"),
        pytest.param(200, [], "text", id="body"),
    ],
)
def test_a_difference_is_seen(status: int, headers: list[tuple[str, str]], body: str) -> None:
    recorded = {"status": 200, "headers": {}, "body": ""}
    assert normalised(status, headers, body, recorded) != normalised(200, [], "", recorded)


# -- config.xml as Jenkins itself saves it


def _saved_documents() -> Iterator[str]:
    for entry in json.loads((RECORDINGS / "ui-edits.json").read_text())["entries"]:
        yield from (entry["before"], entry["after"])
    for path in sorted(Path(RECORDINGS).glob("*.json")):
        for each in json.loads(path.read_text()).get("exchanges", []):
            if not each["response"].get("body_cut_at"):
                yield each["response"].get("body") or ""


def test_what_jenkins_saved_is_saved_the_same_again() -> None:
    documents = {each.rstrip("\n") for each in _saved_documents() if each.startswith("<?xml version='1.1'")}
    assert len(documents) > 100
    again = {each: saved(read(each)[1], PLUGINS)[0] for each in documents}
    assert [each for each in sorted(documents) if sealed(again[each]) != sealed(each)] == []


def sealed(document: str) -> str:
    """Make secrets equal: each server encrypts in its own way, and encrypts what another one did."""
    return re.sub(r"<(secret|password)>[^<]*<", r"<\1>…<", document)


def _first_saves() -> list[dict[str, str]]:
    if not RECORDINGS.is_dir():
        return []
    entries = json.loads((RECORDINGS / "ui-edits.json").read_text())["entries"]
    return [entry for entry in entries if entry["why"] in {"first save by Jenkins", "and saved"}]


@pytest.mark.parametrize("entry", _first_saves(), ids=lambda entry: f"{entry['why']}: {entry['job']}")
def test_a_generated_configuration_is_saved_as_jenkins_does(entry: dict[str, str]) -> None:
    assert saved(read(entry["before"])[1], PLUGINS)[0] == entry["after"].rstrip("\n")

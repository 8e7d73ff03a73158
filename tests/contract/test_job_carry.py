"""What recorded servers refused, wiped and redacted: names, parts of folders, secrets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from cictl.core.job_carry import Carried, Redacted, carry_over, redacted_fields
from cictl.core.job_names import refusal_of
from cictl.core.job_xml import Element, parse_config, serialise

CONTRACT = Path(__file__).parents[3] / "shared" / "jenkins-contract" / "2.516.2"
FOLDER = "com.cloudbees.hudson.plugins.folder.Folder"
GENERATED = f"<{FOLDER}><description>team</description><properties/></{FOLDER}>"


def _exchanges(scenario: str) -> list[dict[str, Any]]:
    text = (CONTRACT / f"{scenario}.json").read_text(encoding="utf-8")
    found: list[dict[str, Any]] = json.loads(text)["exchanges"]
    return found


def _folder(why: str) -> Element:
    bodies = [each["response"]["body"] for each in _exchanges("folder-update-wipes") if each["why"] == why]
    return parse_config(bodies[0])


def test_what_a_generators_folder_would_wipe_is_carried_over() -> None:
    live = _folder("its configuration as admin")
    result = carry_over(parse_config(GENERATED), live)
    assert isinstance(result, Carried)
    assert result.kept == ("libraries", "rights", "credentials", "views")
    for part in ("properties", "folderViews", "icon"):
        assert result.root.child(part) == live.child(part)
    assert serialise(result.root).count("{AQAAABAAAAAQ") == 2


def test_what_a_viewer_is_shown_is_never_sent() -> None:
    live = _folder("as viewer, Extended Read turned on: redacted")
    assert redacted_fields(live) == ("credentials team-token secret", "credentials registry password")
    assert isinstance(carry_over(parse_config(GENERATED), live), Redacted)


def _names() -> list[Any]:
    """Return each name that the recording tries to create with a document that Jenkins can load."""
    documents = {"broken XML", "empty body", "unknown root element", "no content type", "json content type", "no name"}
    tried = [each for each in _exchanges("create-refused") if "createItem" in each["request"]["path"]]
    kept = [each for each in tried if each["why"] not in documents and each["request"]["auth"] == "token"]
    return [pytest.param(each, id=each["why"]) for each in kept]


@pytest.mark.parametrize("exchange", _names())
def test_names_are_refused_as_jenkins_does(exchange: dict[str, Any]) -> None:
    query = parse_qs(urlsplit(exchange["request"]["path"]).query, keep_blank_values=True)
    taken = exchange["response"]["headers"].get("X-Error", "").startswith("A job already exists")
    assert (refusal_of(query["name"][0]) is None) == (exchange["response"]["status"] == 200 or taken)

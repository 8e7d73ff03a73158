"""The comparer on config.xml documents that a real Jenkins wrote before and after an edit, or a save without one."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cictl.core.job_changes import changes, compare_configs
from cictl.core.job_xml import parse_config, serialise

CONTRACT = Path(__file__).parents[3] / "shared" / "jenkins-contract" / "2.516.2"
PAIRS: list[dict[str, Any]] = json.loads((CONTRACT / "ui-edits.json").read_text(encoding="utf-8"))["entries"]
# What was edited, as the recording says it, and the field that must be named. Nothing else may be.
FIELDS = {
    "form: another description": ["description"],
    "form: sandbox on again": ["sandbox"],
    "form: enabled, and the script back": ["script", "disabled"],
    "description emptied": ["description"],
    "enabled again": ["disabled"],
    "display name taken away": ["display name"],
    "repository URL": ["scm/repository/url"],
    "branch": ["scm/branches"],
    "lightweight checkout off": ["lightweight"],
    "a second branch": ["scm/branches"],
    "checkout extensions: shallow clone added": ["scm/extensions/clone option"],
    "default of a parameter": ["parameters/VERSION/default value"],
    "a choice added": ["parameters/TO/choices"],
    "a choice removed": ["parameters/TO/choices"],
    "a parameter added": ["parameters/WHY"],
    "parameters in another order": ["parameters/order"],
    "a parameter renamed": ["parameters/DRY_RUN/name"],
    "keep 50 builds": ["build discarder/builds to keep"],
    "build discarder removed": ["build discarder"],
    "cron schedule": ["triggers/cron"],
    "an upstream trigger added": ["triggers/upstream jobs"],
    "quiet period": ["quiet period"],
    "concurrent builds not allowed, abort the older": ["concurrent builds not allowed"],
    "speed over durability": ["durability"],
    "script": ["script"],
    "sandbox off": ["sandbox"],
    "remote trigger token": ["remote trigger token"],
    "label": ["label"],
    "a step's command": ["steps/shell/command"],
    "steps in another order": ["steps/order"],
    "a batch step added": ["steps/batch"],
    "a publisher added": ["publishers/JUnit result archiver"],
    "publishers in another order": ["publishers/order"],
    "a wrapper removed": ["wrappers/timestamper"],
    "retry count": ["checkout retries"],
    "concurrent builds": ["concurrent builds"],
    "a custom workspace": ["workspace"],
    "cron changed": ["triggers/cron"],
    "a parameter": ["parameters/A"],
    "disabled": ["disabled"],
    "display name": ["display name"],
    "a view's pattern": ["views/deploys/recurse", "views/deploys/pattern"],
    "primary view": ["primary view"],
    "a health metric": ["health metrics/worst child health metric"],
    "rights": ["rights"],
    "a trait removed": ["sources/source/traits/tag discovery", "sources/source/traits/wipe workspace"],
    "a second source": ["sources/source"],
    "indexing interval": ["triggers/periodic scan/interval"],
}
SEVERAL = {
    ("credentials", "rt-pipeline"): ["scm/repository/credentials"],
    ("credentials", "rt-multibranch"): ["sources/source/remote", "sources/source/credentials"],
}


def _expected(pair: dict[str, Any]) -> list[str]:
    if pair["kind"] != "edit":
        return []
    return SEVERAL.get((pair["why"], pair["job"])) or FIELDS[pair["why"]]


@pytest.mark.parametrize(
    "pair", [pytest.param(each, id=f"{n}-{each['job']}-{each['why']}") for n, each in enumerate(PAIRS)]
)
def test_edits_are_found_by_field_and_saves_are_none(pair: dict[str, Any]) -> None:
    found = compare_configs(pair["before"], pair["after"])
    assert ["/".join(each.path) for each in found] == _expected(pair)
    assert bool(compare_configs(pair["after"], pair["before"])) == bool(found)


@pytest.mark.parametrize("side", ["before", "after"])
def test_what_jenkins_wrote_survives_a_round_trip(side: str) -> None:
    for pair in PAIRS:
        tree = parse_config(pair[side])
        assert parse_config(serialise(tree)) == tree
        assert changes(tree, tree) == ()


def test_what_is_sent_is_laid_out_as_jenkins_does() -> None:
    saved = [each["after"] for each in PAIRS if each["after"].startswith("<?xml version='1.1'")]
    assert len(saved) > 50
    for text in saved:
        assert serialise(parse_config(text)).strip() == _in_one_spelling(text).strip()


def _in_one_spelling(text: str) -> str:
    """Write empty elements and apostrophes as the serialiser does; both mean the same."""
    return re.sub(r"<([\w.$-]+)([^<>]*)></\1>", r"<\1\2/>", text).replace("&apos;", "'")

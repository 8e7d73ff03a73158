"""The comparer on what plugins put into a config.xml: what they add and respell on a save, and edits of their fields.

`job_pairs.yaml` has the pairs. What differs in them is known from how Jenkins and the plugins load, save and offer it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from cictl.core.job_changes import changes, compare_configs
from cictl.core.job_fingerprint import fingerprint
from cictl.core.job_graft import graft
from cictl.core.job_xml import parse_config
from cictl.core.job_xml_diff import xml_diff

_PAIRS: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("job_pairs.yaml").read_text(encoding="utf-8"))
PAIRS = [pytest.param(each, id=each["what"].replace(" ", "-")) for each in _PAIRS]
EDITS = [pytest.param(each, id=each["what"].replace(" ", "-")) for each in _PAIRS if each["fields"]]


def _paths(before: str, after: str) -> list[str]:
    return sorted("/".join(each.path) for each in compare_configs(before, after))


@pytest.mark.parametrize("pair", PAIRS)
def test_a_save_is_no_change_and_an_edit_is_called_by_its_field(pair: dict[str, Any]) -> None:
    assert pair["before"] != pair["after"]
    assert _paths(pair["before"], pair["after"]) == sorted(pair["fields"])
    assert bool(_paths(pair["after"], pair["before"])) == bool(pair["fields"])


@pytest.mark.parametrize("pair", EDITS)
def test_an_edit_after_the_plan_is_noticed(pair: dict[str, Any]) -> None:
    assert fingerprint(pair["before"]) != fingerprint(pair["after"])


@pytest.mark.parametrize("pair", PAIRS)
def test_what_differs_can_be_carried_over_and_back(pair: dict[str, Any]) -> None:
    old, new = parse_config(pair["before"]), parse_config(pair["after"])
    for one, other in ((old, new), (new, old)):
        assert changes(graft(one, other, [each.steps for each in changes(one, other)]), other) == ()


@pytest.mark.parametrize("pair", EDITS)
def test_an_edit_is_seen_in_the_difference_of_lines(pair: dict[str, Any]) -> None:
    assert xml_diff(pair["before"], pair["after"], name="a")

"""Jobs that people edit: the folder `job_edits`, read.

It has a config.xml for each type of job, and beside it what is done to it: a piece of text, what stands in its place
afterwards, and the fields that must be named, none for what nobody edited.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from cictl.core.job_changes import compare_configs
from cictl.core.job_xml import Element, parse_config, serialise

EDITS = Path(__file__).parent / "job_edits"
JOBS = sorted(each.stem for each in EDITS.glob("*.xml"))
CASES_OF: dict[str, list[dict[str, Any]]] = {
    job: yaml.safe_load((EDITS / f"{job}.yaml").read_text(encoding="utf-8")) for job in JOBS
}
REPLACING = ("another", "second", "timeout of another")
TEXTS = frozenset({"defaultValue", "script", "string"})


@cache
def base(job: str) -> str:
    return (EDITS / f"{job}.xml").read_text(encoding="utf-8")


def edited(job: str, case: dict[str, Any]) -> str:
    assert case["from"] in base(job)
    return base(job).replace(case["from"], case["to"], 1)


def paths(before: str, after: str) -> list[str]:
    return ["/".join(each.path) for each in compare_configs(before, after)]


def lean(element: Element) -> Element:
    """Leave out what a generator leaves out: versions of plugins, fields that are false or empty."""
    inner = [lean(each) for each in element.children]
    attributes = tuple((name, value) for name, value in element.attributes if name != "plugin")
    return Element(element.tag, attributes, element.text, tuple(each for each in inner if not _goes_unsaid(each)))


def _goes_unsaid(leaf: Element) -> bool:
    is_bare = not leaf.children and not leaf.attributes and "." not in leaf.tag and leaf.tag not in TEXTS
    return is_bare and leaf.text.strip() in {"", "false"}


@cache
def generated(job: str) -> str:
    """Write JOB as a generator does, which knows nothing of plugins' versions and says no default."""
    text = serialise(lean(parse_config(base(job)))).partition("\n")[2]
    return '<?xml version="1.0" encoding="UTF-8"?>' + text.replace("\n", "\r\n")


def are_apart(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two edits are of different places, and neither gives the other's place another name or class."""
    is_other_place = not set(one["fields"]) & set(other["fields"]) and one["from"] not in other["from"]
    return is_other_place and not any(each["what"].startswith(REPLACING) for each in (one, other))

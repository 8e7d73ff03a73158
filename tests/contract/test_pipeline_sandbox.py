"""The sandbox of the pipeline runner refuses and permits, call by call, what that of a real Jenkins did."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from cictl.core.pipeline_events import LogLine
from tests.contract.pipeline_cases import Batch, batch_of_the_runner, seen
from tests.shared_library import RECORDINGS

_REFUSED = re.compile(r"Scripts not permitted to use (.+?)\. Administrators")
# Plugins that the recorded server lacked, whose steps the runner has.
_STEPS_OF_PLUGINS = {"readJson", "readYamlText", "lockStep"}
_LIBRARY = {
    "src/org/cictl/Plan.groovy": """package org.cictl
class Plan implements Serializable {
  String name
  Plan(String name) { this.name = name }
  String label() { "plan of ${name}" }
}""",
    "src/org/cictl/Speaker.groovy": """package org.cictl
class Speaker implements Serializable {
  def steps
  Speaker(steps) { this.steps = steps }
  def say(String text) { steps.echo text }
}""",
    "resources/cictl/note.txt": "a note",
}


class Recorded(NamedTuple):
    """One call of a library's step, and the log that it gave."""

    name: str
    code: str
    log: str


def _recorded() -> list[Recorded]:
    exchanges = json.loads((RECORDINGS / "folder-library.json").read_text(encoding="utf-8"))["exchanges"]
    found = [each for each in exchanges if each["request"]["path"].endswith("/consoleText")]
    calls = [each for each in found if each["why"].startswith("library code: ")]
    parts = [(each["why"].split(": ", 2), each["response"]["body"]) for each in calls]
    return [Recorded(name, code, log) for (_, name, code), log in parts]


_CALLS = [each for each in _recorded() if each.name not in _STEPS_OF_PLUGINS]


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Batch]:
    with batch_of_the_runner(tmp_path_factory.mktemp("events") / "pipe") as running:
        yield running


def test_there_are_calls_of_each_kind() -> None:
    assert len(_CALLS) > 40
    assert sum(_REFUSED.search(each.log) is not None for each in _CALLS) > 12


@pytest.mark.parametrize("call", _CALLS, ids=lambda call: call.name)
def test_a_call_ends_as_in_jenkins(batch: Batch, tmp_path: Path, call: Recorded) -> None:
    library, scratch = tmp_path / "library", tmp_path / "scratch"
    step = f"my{call.name[0].upper()}{call.name[1:]}"
    argument = "app: 'a1'" if "declarative" in call.name else ""
    for path, text in {**_LIBRARY, f"vars/{step}.groovy": call.code}.items():
        (library / path).parent.mkdir(parents=True, exist_ok=True)
        (library / path).write_text(text, encoding="utf-8")
    scratch.mkdir()
    (tmp_path / "Jenkinsfile").write_text(f"@Library('team') _\n{step}({argument})\n", encoding="utf-8")
    events = batch.run(
        {
            "jenkinsfile": str(tmp_path / "Jenkinsfile"),
            "workspace": str(tmp_path / "workspace"),
            "scratch": str(scratch),
            "job": "team/app",
            "folder": str(tmp_path),
            "libraries": {"team": str(library)},
            "variables": {"JOB_NAME": "team/app"},
            "credentials": {"team-token": "s3cret"},
            "sandbox": True,
        }
    )
    lines = [event.text for event in events if isinstance(event, LogLine)]
    errors = [str(error) for error in seen(events).errors]
    assert _outcome("\n".join([*lines, *errors])) == _outcome(call.log), lines


def _outcome(log: str) -> tuple[str, ...]:
    if refused := _REFUSED.search(log):
        return ("refused", refused[1])
    if "NotSerializableException" in log:
        return ("not serializable",)
    if missing := re.search(r"No such DSL method '(\w+)'", log):
        return ("no step", missing[1])
    failed = re.search(r"^ERROR: (.*?)(:| \(|$)", log, re.MULTILINE)
    return ("failed", failed[1]) if failed else ("went well",)

"""Builds as results: tables for people, data for machines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cictl.core.job_names import branch_of, folded, parent_of
from cictl.core.quantities import format_duration
from cictl.output import Document

if TYPE_CHECKING:
    from cictl.core.jenkins_builds import Build
    from cictl.services.build_answers import Answered

_COLUMNS = ("BUILD", "BRANCH", "RESULT", "STARTED", "DURATION", "CAUSE")
RUNNING = "RUNNING"


def builds_document(builds: Sequence[Build], *, project: str, now: float) -> Document:
    """Return BUILDS of the job or multibranch project called PROJECT, looked at NOW (seconds since the epoch)."""
    rows = tuple(
        (
            str(build.number),
            _branch(build, project) or "-",
            build.result or RUNNING,
            _time(build.started_at),
            format_duration(round(_duration(build, now))),
            "; ".join(build.causes) or "-",
        )
        for build in builds
    )
    items = [build_data(build, project=project, now=now) for build in builds]
    return Document("Builds", {"items": items}, columns=_COLUMNS, rows=rows, names=tuple(map(_name, builds)))


def build_document(build: Build, *, project: str, now: float) -> Document:
    """Return one build."""
    listed = builds_document([build], project=project, now=now)
    data = build_data(build, project=project, now=now)
    return Document("Build", data, columns=listed.columns, rows=listed.rows, names=listed.names)


def build_data(build: Build, *, project: str, now: float) -> dict[str, object]:
    """Return what machines read of BUILD; duration in seconds."""
    return {
        "job": build.full_name,
        "number": build.number,
        "branch": _branch(build, project),
        "result": build.result,
        "isBuilding": build.is_building,
        "started": _time(build.started_at),
        "durationSeconds": round(_duration(build, now), 3),
        "causes": list(build.causes),
        "parameters": dict(build.parameters),
    }


def answer_document(answered: Answered, *, project: str, outcome: str) -> Document:
    """Return an answer, and what Jenkins' log says of it."""
    question, build = answered.question, answered.build
    state = build.result or RUNNING
    return Document(
        "BuildAnswer",
        {
            "job": build.full_name,
            "number": build.number,
            "branch": _branch(build, project),
            "input": question.asked.input_id,
            "outcome": outcome,
            "said": answered.said or None,
            "result": build.result,
        },
        columns=("BUILD", "INPUT", "OUTCOME", "JENKINS SAYS", "RESULT"),
        rows=((str(build.number), question.asked.input_id, outcome, answered.said or "-", state),),
        names=(_name(build),),
    )


def _branch(build: Build, project: str) -> str | None:
    """Return the branch that BUILD is of, None for a job that is no branch's."""
    if folded(parent_of(build.full_name)) != folded(project):
        return None
    return branch_of(build.full_name.rpartition("/")[2])


def _duration(build: Build, now: float) -> float:
    return max(0.0, now - build.started_at) if build.is_building else build.duration_seconds


def _time(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%FT%TZ}"


def _name(build: Build) -> str:
    return f"build/{build.full_name}/{build.number}"

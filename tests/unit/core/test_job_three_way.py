"""Who moved what, where Git and a person meet in one list, one member of it or one text."""

from __future__ import annotations

import pytest

from cictl.core.job_plan import Action, ItemKey, JobPlan, plan_job
from cictl.core.job_three_way import Base, Side
from cictl.core.job_write import CannotSend, text_to_send
from cictl.core.job_xml import parse_config, serialise
from tests.unit.job_documents import CRON, POLL, SHELL, parameter, parameters_property

OWNER = "platform"
KEY = ItemKey("shop/checkout")
BATCH = "<hudson.tasks.BatchFile><command>%s</command></hudson.tasks.BatchFile>"


def _job(triggers: str = "", builders: str = "", parameters: str = "") -> str:
    held = parameters_property(parameters)
    return (
        f"<project><description>&lt;!-- cictl: owned by {OWNER} --&gt;</description><properties>{held}</properties>"
        f"<triggers>{triggers}</triggers><builders>{builders}</builders></project>"
    )


def _parameter(name: str, default: str = "1") -> str:
    return parameter(name, f"<defaultValue>{default}</defaultValue>")


def _saved(job: str) -> str:
    """Write JOB as Jenkins does."""
    return serialise(parse_config(job.replace("<project>", "<project><keepDependencies>false</keepDependencies>")))


def _plan(base: str, git: str, jenkins: str) -> tuple[JobPlan, str | CannotSend]:
    record, live = Base(base, _saved(base)), _saved(jenkins)
    plan = plan_job(KEY, desired=git, base=record, live=live, owner=OWNER)
    return plan, text_to_send(plan, base=record, live=live, owner=OWNER)


A, B = _parameter("A"), _parameter("B")
OTHER_A = _parameter("A", "2")
TWO_STEPS = SHELL % "make" + BATCH % "dir"

SIDES = [
    pytest.param(
        _job(CRON % "H 1 * * *" + POLL % "H 2 * * *"),
        _job(CRON % "H 3 * * *" + POLL % "H 2 * * *"),
        _job(POLL % "H 2 * * *" + CRON % "H 1 * * *"),
        {"triggers/cron": Side.GIT},
        id="jenkins-stored-triggers-in-another-order",
    ),
    pytest.param(
        _job(CRON % "H 1 * * *" + POLL % "H 2 * * *"),
        _job(CRON % "H 3 * * *" + POLL % "H 2 * * *"),
        _job(POLL % "H 4 * * *" + CRON % "H 1 * * *"),
        {"triggers/cron": Side.GIT, "triggers/SCM polling": Side.JENKINS},
        id="each-another-trigger",
    ),
    pytest.param(
        _job(builders=TWO_STEPS),
        _job(builders=SHELL % "make all" + BATCH % "dir"),
        _job(builders=BATCH % "dir" + SHELL % "make"),
        {"steps/shell/command": Side.BOTH},
        id="a-step-that-a-person-moved",
    ),
    pytest.param(
        _job(builders=SHELL % "one\ntwo"),
        _job(builders=SHELL % "one\nthree"),
        _job(builders=SHELL % "one&#xd;\ntwo&#xd;\n"),
        {"steps/shell/command": Side.GIT},
        id="a-form-sent-the-step-with-its-line-ends",
    ),
    pytest.param(
        _job(builders=SHELL % "one\ntwo"),
        _job(builders=SHELL % "one\nthree"),
        _job(builders=SHELL % "one&#xd;\nthree"),
        {"steps/shell/command": Side.ALIKE},
        id="both-made-the-same-edit",
    ),
    pytest.param(
        _job(builders=SHELL % "one\ntwo"),
        _job(builders=SHELL % "one\nthree"),
        _job(builders=SHELL % "one&#xd;\nfour"),
        {"steps/shell/command": Side.BOTH},
        id="another-edit-of-one-text",
    ),
    pytest.param(
        _job(parameters=A),
        _job(parameters=A + _parameter("C")),
        _job(parameters=OTHER_A),
        {"parameters/C": Side.GIT, "parameters/A/default value": Side.JENKINS},
        id="one-added-a-parameter-and-one-edited-another",
    ),
    pytest.param(
        _job(parameters=A + B),
        _job(parameters=A + B + _parameter("C")),
        _job(parameters=B + A),
        {"parameters/C": Side.BOTH},
        id="a-parameter-in-a-list-that-a-person-sorted",
    ),
    pytest.param(
        _job(parameters=A + B),
        _job(parameters=B),
        _job(parameters=A.replace(">A<", ">TAG<") + B),
        {"parameters/A": Side.BOTH},
        id="git-deleted-what-a-person-renamed",
    ),
    pytest.param(
        _job(parameters=A + B),
        _job(parameters=B),
        _job(parameters=OTHER_A + B),
        {"parameters/A": Side.BOTH},
        id="git-deleted-what-a-person-edited",
    ),
    pytest.param(
        _job(parameters=A + B),
        _job(parameters=B),
        _job(parameters=B),
        {"parameters/A": Side.ALIKE},
        id="both-deleted-it",
    ),
]


@pytest.mark.parametrize(("base", "git", "jenkins", "expected"), SIDES)
def test_each_field_is_called_by_who_moved_it(base: str, git: str, jenkins: str, expected: dict[str, Side]) -> None:
    plan, _ = _plan(base, git, jenkins)
    assert {"/".join(each.path): each.side for each in plan.fields} == expected


@pytest.mark.parametrize(("base", "git", "jenkins", "expected"), SIDES)
def test_nothing_is_written_over_where_both_moved_one_thing(
    base: str, git: str, jenkins: str, expected: dict[str, Side]
) -> None:
    plan, text = _plan(base, git, jenkins)
    sides = set(expected.values())
    if Side.BOTH in sides:
        assert plan.action is Action.CONFLICT
    assert isinstance(text, CannotSend) == (Side.GIT not in sides)

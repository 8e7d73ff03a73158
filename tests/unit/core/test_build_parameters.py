from __future__ import annotations

import pytest

from cictl.core.build_parameters import checked_values
from cictl.core.jenkins_builds import BuildableJob, Parameter
from cictl.errors import UsageProblem

_JOB = BuildableJob(
    "shop/deploy",
    "x",
    is_buildable=True,
    parameters=(
        Parameter("VERSION", "String"),
        Parameter("NOTES", "Text"),
        Parameter("FORCE", "Boolean"),
        Parameter("TO", "Choice", choices=("staging", "production")),
        Parameter("KEY", "Password"),
        Parameter("DUMP", "File"),
        Parameter("REVISION", "PT_REVISION"),
    ),
)

_TAKEN = [
    ("VERSION", "1.2 = x", "1.2 = x"),
    ("VERSION", "", ""),
    ("NOTES", "a\nb", "a\nb"),
    ("FORCE", "TRUE", "true"),
    ("FORCE", "off", "false"),
    ("TO", "production", "production"),
    ("KEY", "secret", "secret"),
    pytest.param("REVISION", "main", "main", id="of-a-plugin"),
]


@pytest.mark.parametrize(("name", "given", "sent"), _TAKEN)
def test_what_a_job_takes(name: str, given: str, sent: str) -> None:
    assert checked_values(_JOB, {name: given}) == {name: sent}


_REFUSED = [
    ("VERSIN", "1", "did you mean 'VERSION'"),
    ("VERSION", "a\nb", "text"),
    ("FORCE", "maybe", "true or false"),
    ("FORCE", "", "true or false"),
    ("TO", "Production", "did you mean 'production'"),
    ("DUMP", "/tmp/x", "start this build in Jenkins"),  # noqa: S108 - a value
]


@pytest.mark.parametrize(("name", "given", "hint"), _REFUSED)
def test_what_it_does_not_take(name: str, given: str, hint: str) -> None:
    with pytest.raises(UsageProblem) as problem:
        checked_values(_JOB, {name: given})
    assert hint in (problem.value.hint or "")


def test_a_password_does_not_come_from_the_command_line_and_is_not_repeated() -> None:
    with pytest.raises(UsageProblem, match="KEY is a password") as problem:
        checked_values(_JOB, {"KEY": "hunter2"}, from_command_line={"KEY"})
    assert "hunter2" not in f"{problem.value.message}{problem.value.hint}"
    assert checked_values(_JOB, {"KEY": "hunter2"}, from_command_line={"VERSION"}) == {"KEY": "hunter2"}


def test_a_job_that_asks_for_nothing_says_when_a_branch_learns() -> None:
    with pytest.raises(UsageProblem) as problem:
        checked_values(BuildableJob("plain", "x", is_buildable=True), {"A": "1"})
    assert "first build" in (problem.value.hint or "")

"""What a build is given, checked against what its job asks for: Jenkins drops what it does not know without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cictl.core.spelling import suggestion
from cictl.errors import UsageProblem

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from cictl.core.jenkins_builds import BuildableJob, Parameter

_TRUE, _FALSE = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}


def checked_values(
    job: BuildableJob, given: Mapping[str, str], *, from_command_line: Collection[str] = ()
) -> dict[str, str]:
    """Return GIVEN as Jenkins takes it; UsageProblem for what JOB does not ask for, or not so.

    FROM_COMMAND_LINE are the names whose values other users of the machine can read.
    """
    known = {parameter.name: parameter for parameter in job.parameters}
    for name in given:
        if name not in known:
            raise UsageProblem(f"{job.full_name} asks for no parameter {name!r}", hint=_unknown_hint(name, known))
        if known[name].is_secret and name in from_command_line:
            hint = f"name where it stands: --param-from {name}=env:VARIABLE or {name}=file:PATH"
            raise UsageProblem(f"{name} is a password, and command lines are read by others", hint=hint)
    return {name: _checked(job, known[name], value) for name, value in given.items()}


def _unknown_hint(name: str, known: Mapping[str, Parameter]) -> str:
    if not known:
        return "it asks for none; a branch learns its Jenkinsfile's parameters by its first build"
    return suggestion(name, known)


def _checked(job: BuildableJob, parameter: Parameter, value: str) -> str:
    where = f"{parameter.name} of {job.full_name}"
    if parameter.kind == "Boolean":
        return _truth(where, value)
    if parameter.kind == "Choice" and value not in parameter.choices:
        raise UsageProblem(f"{where} cannot be {value!r}", hint=suggestion(value, parameter.choices))
    if parameter.kind == "File":
        raise UsageProblem(f"{where} is a file, which cictl does not send", hint="start this build in Jenkins")
    if parameter.kind == "String" and ("\n" in value or "\r" in value):
        raise UsageProblem(f"{where} is one line", hint="let the job ask for a text, which may have several")
    return value


def _truth(where: str, value: str) -> str:
    """Return VALUE as the one spelling that Jenkins does not take for false."""
    if value.lower() in _TRUE:
        return "true"
    if value.lower() in _FALSE:
        return "false"
    raise UsageProblem(f"{where} is true or false, not {value!r}", hint="write true or false")

"""Asks a Jenkins what it says of a Jenkinsfile; one that says nothing neither passes it nor fails it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from cictl.core.pipeline_verdict import Validity, Verdict
from cictl.errors import CictlError


class Validator(Protocol):
    """What judges Jenkinsfiles by the plugins of one Jenkins."""

    def validate(self, jenkinsfile: str) -> Verdict:
        """Return what it says of the text JENKINSFILE."""
        ...


def ask(connect: Callable[[], Validator], jenkinsfile: str, *, is_demanded: bool) -> Verdict:
    """Return what it says of the text JENKINSFILE; an error, also of CONNECT, is raised only if IS DEMANDED."""
    try:
        return connect().validate(jenkinsfile)
    except CictlError as error:
        if is_demanded:
            raise
        return Verdict(Validity.UNKNOWN, reason=error.message)

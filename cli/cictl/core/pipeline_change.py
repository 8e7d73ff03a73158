"""What a multibranch job builds besides branches: tags and change requests, as the variables that Jenkins sets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self

from cictl.core.spelling import suggestion

_VARIABLES = {
    "target": "CHANGE_TARGET",
    "branch": "CHANGE_BRANCH",
    "fork": "CHANGE_FORK",
    "url": "CHANGE_URL",
    "title": "CHANGE_TITLE",
    "author": "CHANGE_AUTHOR",
    "authorDisplayName": "CHANGE_AUTHOR_DISPLAY_NAME",
    "authorEmail": "CHANGE_AUTHOR_EMAIL",
}
# A comma separates only where a field follows, so that titles may have commas.
_SEPARATOR = re.compile(r",(?=[A-Za-z]+=)")


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """A pull or merge request by its ID; FIELDS are named as in `when { changeRequest … }`."""

    id: str
    fields: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what TEXT, an id and `,NAME=VALUE`s, says; ValueError for a field that no change request has."""
        id_, *pairs = _SEPARATOR.split(text)
        if not id_ or "=" in id_:
            message = f"{text!r} begins with no id"
            raise ValueError(message)
        fields = {name: value for name, _, value in (pair.partition("=") for pair in pairs)}
        for name in fields:
            if name not in _VARIABLES:
                message = f"a change request has no {name!r}; {suggestion(name, _VARIABLES)}"
                raise ValueError(message)
        return cls(id_, fields)

    def variables(self, *, branch: str | None) -> dict[str, str]:
        """Return Jenkins' variables; BRANCH is what the change is made of where no field says so."""
        usual = {"target": "main", **({"branch": branch} if branch is not None else {})}
        fields = {**usual, **self.fields}
        return {
            "BRANCH_NAME": f"PR-{self.id}",
            "GIT_BRANCH": f"PR-{self.id}",
            "CHANGE_ID": self.id,
            **{_VARIABLES[name]: value for name, value in fields.items()},
        }

    @property
    def target(self) -> str:
        """The branch that the change is for."""
        return self.fields.get("target", "main")


def tag_variables(tag: str, made_at: int | None) -> dict[str, str]:
    """Return Jenkins' variables of a build of TAG, made at MADE AT in epoch seconds; None if nobody knows."""
    named = {"BRANCH_NAME": tag, "GIT_BRANCH": tag, "TAG_NAME": tag}
    if made_at is None:
        return named
    date = datetime.fromtimestamp(made_at, UTC).strftime("%a %b %d %H:%M:%S UTC %Y")
    return {**named, "TAG_TIMESTAMP": str(made_at * 1000), "TAG_UNIXTIME": str(made_at), "TAG_DATE": date}

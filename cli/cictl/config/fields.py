"""The types of single values: durations and percentages with their unit, names, addresses, secrets by name only."""

from __future__ import annotations

import re
from typing import Annotated, Literal, NamedTuple, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)

from cictl.core.branch_names import refusal_of_branch, refusal_of_revision
from cictl.core.job_marks import can_mark
from cictl.core.job_names import refusal_of_path
from cictl.core.quantities import (
    DURATION_PATTERN,
    PERCENTAGE_PATTERN,
    format_duration,
    format_percentage,
    parse_duration,
    parse_percentage,
)
from cictl.core.text_secrets import has_secret

_HIGHEST_WEIGHT = 99
_PASSWORD_BEFORE_HOST = re.compile(r"[^/@:\s]+:[^/@\s]+@[^/@:\s]+[:/]")
Unit = Literal["seconds", "ratio", ""]


class Strict(BaseModel):
    """Frozen, and a key that is not known is an error."""

    # What was given is not repeated: it may be a secret that stands where its place belongs.
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, hide_input_in_errors=True)


class Limit(NamedTuple):
    """What a check compares with, and the unit it was written in."""

    value: float
    unit: Unit

    def __str__(self) -> str:
        """Return it as it is written in the file."""
        if self.unit == "seconds":
            return format_duration(self.value)
        return format_percentage(self.value) if self.unit == "ratio" else f"{self.value:g}"


def _duration(value: object) -> float:
    if not isinstance(value, str):
        message = f"{value!r} has no unit; write a duration, as in 300ms, 10s, 2m or 1h30m"
        raise ValueError(message)  # noqa: TRY004 - pydantic collects ValueError only
    return parse_duration(value)


def _percentage(value: object) -> float:
    if not isinstance(value, str):
        message = f"{value!r} has no unit; write a percentage, as in 1% or 0.5%"
        raise ValueError(message)  # noqa: TRY004 - pydantic collects ValueError only
    return parse_percentage(value)


def _weight(value: object) -> int:
    percent = round(parse_percentage(value) * 100, 6) if isinstance(value, str) else value
    whole = isinstance(percent, int | float) and not isinstance(percent, bool) and percent == int(percent)
    if not whole or not 1 <= percent <= _HIGHEST_WEIGHT:  # type: ignore[operator] # `whole` says that it is a number
        message = f"{value!r} is not a weight; write a share of pods in whole percent, from 1 to 99"
        raise ValueError(message)
    return int(percent)  # type: ignore[call-overload,no-any-return] # as above


def _limit(value: object) -> Limit:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        message = f"{value!r} is not a limit; write 1%, 300ms or a plain number"
        raise ValueError(message)  # noqa: TRY004 - pydantic collects ValueError only
    if not isinstance(value, str):
        return Limit(float(value), "")
    if value.endswith("%"):
        return Limit(parse_percentage(value), "ratio")
    return Limit(parse_duration(value), "seconds")


def _web_address(value: str) -> str:
    if "@" in value:
        message = "holds a user or password; secrets are named instead, as in token: {env: NAME}"
        raise ValueError(message)
    parts = urlsplit(value)
    if parts.query or parts.fragment:
        message = "holds more than an address; leave out what begins with '?' or '#'"
        raise ValueError(message)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        message = f"{value!r} is not an address; write http://host:port or https://host"
        raise ValueError(message)
    return value.rstrip("/")


def _git_address(value: str) -> str:
    authority = value.partition("://")[2].partition("/")[0]
    user, at, host = authority.rpartition("@")
    is_odd_port = not at and not re.fullmatch(r"[^:\[]*(?::\d*)?|\[[^\]]*\](?::\d*)?", host)  # `user:pass/word@host`
    if ":" in user or is_odd_port or _PASSWORD_BEFORE_HOST.match(value) or has_secret(value):
        message = "holds a password or token; name the id of credentials in Jenkins in `credentials` instead"
        raise ValueError(message)
    return value


def _registry_host(value: str) -> str:
    if "@" in value:
        message = "holds a user or password; write host:port, and log in with 'docker login'"
        raise ValueError(message)
    if "://" in value or "/" in value:
        message = f"{value!r} is not host:port; leave out the scheme (http needs insecure: true) and the path"
        raise ValueError(message)
    return value


def _object_name(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", value):
        message = f"{value!r} is not a name that Kubernetes takes: lower-case letters, digits and '-', at most 63"
        raise ValueError(message)
    return value


def _folder_path(value: str) -> str:
    path = value.strip("/")
    if path and (reason := refusal_of_path(path)):
        message = f"Jenkins takes no folder {value!r}: {reason}"
        raise ValueError(message)
    return value


def _owner_name(value: str) -> str:
    if value and not can_mark(value):
        message = f"owner {value!r} cannot stand in a comment: use letters, digits, '.', '/', ':', single '-'"
        raise ValueError(message)
    return value


def _branch(value: str) -> str:
    if reason := refusal_of_branch(value):
        message = f"{value!r} is no branch: {reason}"
        raise ValueError(message)
    return value


def _revision(value: str) -> str:
    if reason := refusal_of_revision(value):
        message = f"{value!r} is no tag, branch or commit: {reason}"
        raise ValueError(message)
    return value


def _time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        message = f"{value!r} is no time zone; write it as in Europe/Berlin, or UTC"
        raise ValueError(message) from error
    return value


def _as_duration(seconds: float) -> str:
    return format_duration(seconds)


Duration = Annotated[
    float,
    BeforeValidator(_duration),
    PlainSerializer(_as_duration, return_type=str),
    WithJsonSchema({"type": "string", "pattern": DURATION_PATTERN, "examples": ["300ms", "10s", "2m", "1h30m"]}),
]
Percentage = Annotated[
    float,
    BeforeValidator(_percentage),
    PlainSerializer(format_percentage, return_type=str),
    WithJsonSchema({"type": "string", "pattern": PERCENTAGE_PATTERN, "examples": ["1%", "0.5%"]}),
]
Weight = Annotated[
    int,
    BeforeValidator(_weight),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": _HIGHEST_WEIGHT}),
]
LimitValue = Annotated[
    Limit,
    BeforeValidator(_limit),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": ["string", "number"], "examples": ["1%", "300ms", 50]}),
]
WebAddress = Annotated[str, AfterValidator(_web_address), Field(examples=["http://localhost:9090"])]
GitAddress = Annotated[str, AfterValidator(_git_address), Field(examples=["https://git.example.com/shop/checkout.git"])]
RegistryHost = Annotated[str, AfterValidator(_registry_host), Field(examples=["localhost:5000"])]
FolderPath = Annotated[str, AfterValidator(_folder_path), Field(examples=["shop", "teams/shop"])]
OwnerName = Annotated[str, AfterValidator(_owner_name), Field(examples=["shop"])]
BranchName = Annotated[str, AfterValidator(_branch), Field(examples=["main"])]
RevisionName = Annotated[str, AfterValidator(_revision), Field(examples=["main", "v1.4.0"])]
TimeZone = Annotated[str, AfterValidator(_time_zone), Field(examples=["Europe/Berlin", "UTC"])]
ObjectName = Annotated[str, AfterValidator(_object_name)]


class SecretReference(Strict):
    """Where a secret is: an environment variable or a file; never the secret itself."""

    env: str | None = Field(default=None, description="The environment variable that holds it.")
    file: str | None = Field(default=None, description="The file that holds it; from the configuration's folder on.")

    @model_validator(mode="after")
    def _names_one_place(self) -> Self:
        if (self.env is None) == (self.file is None):
            message = "name one place, as {env: NAME} or {file: PATH}"
            raise ValueError(message)
        return self

"""What a Jenkins says of itself and of who asks; frozen values that clients fill and services judge."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class WhoAmI:
    """Who asks, as Jenkins knows them."""

    name: str
    is_anonymous: bool


@dataclass(frozen=True, slots=True)
class Pulse:
    """That Jenkins serves: its VERSION, and SESSION, which changes with each start; "" where a proxy drops them."""

    version: str
    session: str


@dataclass(frozen=True, slots=True)
class ServerState:
    """What the top page's API says; it takes Overall/Read. `root_url` is what Jenkins builds its own links from."""

    has_security: bool
    has_crumbs: bool
    controller_executors: int
    is_quieting: bool
    root_url: str


class Right(StrEnum):
    """What a probe found: HIDDEN is an answer too, since Jenkins shows nothing of what one may not even see."""

    ALLOWED = "allowed"
    REFUSED = "refused"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Probed:
    """The right that was probed, and the permission that Jenkins names where it refuses ("Job/Create"; else "")."""

    right: Right
    permission: str = ""


class Wizard(StrEnum):
    """How far the setup wizard is."""

    LOCKED = "locked"  # it waits for the initial password
    OPEN = "open"  # somebody is in it, or left it before its end
    OVER = "over"


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A user's API token; `uuid` names it when it is revoked."""

    uuid: str
    name: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeptToken:
    """An API token that this machine keeps; `uuid` is "" until Jenkins has answered, `made_at` in seconds."""

    url: str
    user: str
    value: str = field(repr=False)
    name: str
    uuid: str = ""
    made_at: float = 0.0


OLDEST_GOOD_LTS = (2, 516)
_NUMBERS = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")


def is_old_lts(version: str) -> bool:
    """Whether VERSION ("2.504.1") is older than what still gets fixes; what cannot be read is not called old."""
    found = _NUMBERS.match(version)
    return found is not None and (int(found[1]), int(found[2])) < OLDEST_GOOD_LTS


def is_loopback(host: str) -> bool:
    """Whether HOST is this machine itself, so that plain HTTP passes no network."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


TOKEN_VERSION = "11"  # noqa: S105 - how every API token begins
_TOKEN_SHAPE = re.compile(r"(11)?[0-9a-f]{32}")


def looks_like_token(secret: str) -> bool:
    """Whether SECRET has the shape of an API token; what has not is sent as a password, with a crumb."""
    return _TOKEN_SHAPE.fullmatch(secret) is not None

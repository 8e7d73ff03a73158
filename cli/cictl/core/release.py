"""A release's record: what it is called, how it is packed into a ConfigMap, and which records are kept."""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import re
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cictl.core.rollout_state import Phase
from cictl.core.workload import canonical_json
from cictl.errors import ConfigInvalid, Conflict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

STATE_VERSION = 1
PACKED_KEY = "release.json.gz"
MAX_PACKED_BYTES = 900 * 1024  # a ConfigMap holds 1 MiB; the rest is for metadata and annotations
LAST_SECOND = 253_402_300_799.0  # of the year 9999
_MAX_UNPACKED_BYTES = 64 * 1024 * 1024  # a small record can unpack to gigabytes
_GZIP_WINDOW = 16 + zlib.MAX_WBITS
_RELEASE_NAME = re.compile(r"^cictl\.(?P<service>.+)\.v(?P<revision>[1-9][0-9]*)$")


class ReleaseTooLarge(ConfigInvalid):
    """What is to be released does not fit into a ConfigMap."""

    def __init__(self, packed_bytes: int) -> None:
        """Say how large it is and how large it may be."""
        super().__init__(
            f"the release's record is {packed_bytes / 1024:.0f} KiB compressed, more than the"
            f" {MAX_PACKED_BYTES // 1024} KiB that a ConfigMap safely holds",
            hint="move large files out of the ConfigMaps, for example into the image",
        )
        self.packed_bytes = packed_bytes


class ReleaseUnreadable(ConfigInvalid):
    """A release's record is damaged."""

    def __init__(self, reason: str) -> None:
        """Say what is wrong with it."""
        super().__init__(
            f"the release's record cannot be read: {reason}",
            hint="somebody changed the ConfigMap; undo to another revision, or start a new rollout",
        )


class NewerState(Conflict):
    """A newer cictl wrote this record."""

    def __init__(self, found: object) -> None:
        """Say which version was found and which is understood."""
        super().__init__(
            f"the release's record has stateVersion {found}, this cictl understands up to {STATE_VERSION}",
            hint="upgrade cictl",
        )


def release_name(service: str, revision: int) -> str:
    """Return the name of the ConfigMap that holds REVISION of SERVICE."""
    return f"cictl.{service}.v{revision}"


def parse_release_name(name: str) -> tuple[str, int] | None:
    """Return service and revision that NAME stands for, None where it is no release's."""
    match = _RELEASE_NAME.match(name)
    return (match["service"], int(match["revision"])) if match else None


def pack(document: Mapping[str, Any]) -> dict[str, str]:
    """Return DOCUMENT as a ConfigMap's `binaryData`; raise `ReleaseTooLarge` where it does not fit."""
    text = canonical_json({**document, "stateVersion": STATE_VERSION})
    packed = gzip.compress(text.encode(), mtime=0)
    if len(packed) > MAX_PACKED_BYTES:
        raise ReleaseTooLarge(len(packed))
    return {PACKED_KEY: base64.b64encode(packed).decode()}


def unpack(binary_data: Mapping[str, str]) -> dict[str, Any]:
    """Return what `pack` was given; refuse what is damaged or was written by a newer cictl."""
    document = _parse(binary_data.get(PACKED_KEY))
    version = document.pop("stateVersion", None)
    if not isinstance(version, int) or version < 1:
        raise ReleaseUnreadable("it has no stateVersion")
    if version > STATE_VERSION:
        raise NewerState(version)
    return document


def _parse(packed: str | None) -> dict[str, Any]:
    """Return the JSON object inside PACKED."""
    if packed is None:
        raise ReleaseUnreadable(f"it has no {PACKED_KEY}")
    try:
        document = json.loads(_decompress(base64.b64decode(packed, validate=True)))
    except (binascii.Error, zlib.error, ValueError) as error:
        raise ReleaseUnreadable(str(error)) from error
    if not isinstance(document, dict):
        raise ReleaseUnreadable("it is not an object")
    return document


def _decompress(packed: bytes) -> bytes:
    """Return the bytes inside PACKED, never more than is sane."""
    stream = zlib.decompressobj(_GZIP_WINDOW)
    content = stream.decompress(packed, _MAX_UNPACKED_BYTES)
    if not stream.eof:
        raise ReleaseUnreadable("it is cut short, or unpacks to more than 64 MiB")
    return content


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """What decides whether a record is kept; `outcome` is the last phase, None while nothing is known."""

    revision: int
    outcome: Phase | None
    is_current: bool = False
    is_previous: bool = False
    is_active: bool = False

    @property
    def is_in_use(self) -> bool:
        """Whether something on the cluster may still need it."""
        return self.is_current or self.is_previous or self.is_active


def to_delete(releases: Sequence[ReleaseFacts], *, keep_succeeded: int, keep_failed: int) -> tuple[int, ...]:
    """Return the revisions to delete, oldest first.

    Kept are the last KEEP_SUCCEEDED that succeeded, the last KEEP_FAILED that did not, and whatever is in use. The
    newest record stays too: its number would be given again, and a rollout that is just beginning is not active yet.
    """
    succeeded = (r.revision for r in releases if r.outcome is Phase.SUCCEEDED)
    failed = (r.revision for r in releases if r.outcome is not Phase.SUCCEEDED and not r.is_in_use)
    kept = {r.revision for r in releases if r.is_in_use}
    kept |= _newest(succeeded, keep_succeeded) | _newest(failed, keep_failed)
    kept |= _newest((r.revision for r in releases), 1)
    return tuple(sorted({r.revision for r in releases} - kept))


def _newest(revisions: Iterable[int], count: int) -> set[int]:
    """Return the COUNT highest of REVISIONS."""
    return set(sorted(revisions, reverse=True)[: max(0, count)])


def time_of(text: str) -> float | None:
    """Return the seconds since the epoch that TEXT (RFC 3339) means, None where it means none: anybody may edit it."""
    try:
        seconds = datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
    return seconds if 0 <= seconds <= LAST_SECOND else None

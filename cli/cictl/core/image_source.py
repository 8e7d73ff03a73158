"""What an image is built from, and the tag and labels that say so."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit, urlunsplit

from cictl.core.commits import SHORT_COMMIT, built_from

_SHORT_HASH = 8
_LABEL = "org.opencontainers.image."
_REVISION, _VERSION = f"{_LABEL}revision", f"{_LABEL}version"
_CHANGES = "dev.cictl.changes"
_DIRTY_TAG = re.compile(rf"-dirty-[0-9a-f]{{{_SHORT_HASH}}}$")


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """The commit that the files come from; `changes` is a hash of what was not committed, None where all is."""

    commit: str
    committed_at: int
    remote: str | None = None
    changes: str | None = None

    @property
    def is_dirty(self) -> bool:
        """Whether files differ from the commit."""
        return self.changes is not None

    @property
    def tag(self) -> str:
        """The image's tag: the same files always give the same one."""
        short = self.commit[:SHORT_COMMIT]
        return short if self.changes is None else f"{short}-dirty-{self.changes[:_SHORT_HASH]}"

    @property
    def created(self) -> str:
        """When the commit was made: a build of the same commit tomorrow says the same."""
        return f"{datetime.fromtimestamp(self.committed_at, UTC):%Y-%m-%dT%H:%M:%SZ}"


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """One file that is not as the commit has it; `content` is None where it was deleted."""

    path: str
    mode: str
    content: bytes | None


@dataclass(frozen=True, slots=True)
class BuildPlan:
    """One build: absolute paths, and what the image is called."""

    context: str
    dockerfile: str
    reference: str
    target: str | None = None
    args: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    committed_at: int = 0


def hash_changes(files: Iterable[ChangedFile]) -> str | None:
    """Return one hash of FILES, whatever their order; None if there are none."""
    sums = sorted(f"{file.path}\0{file.mode}\0{_content_hash(file)}" for file in files)
    return hashlib.sha256("\n".join(sums).encode(errors="surrogateescape")).hexdigest() if sums else None


def _content_hash(file: ChangedFile) -> str:
    return "-" if file.content is None else hashlib.sha256(file.content).hexdigest()


def image_labels(facts: SourceFacts, *, version: str, source: str | None = None) -> dict[str, str]:
    """Return the OCI labels of an image of FACTS; SOURCE is the repository's address, by default the Git remote."""
    address = without_credentials(source or facts.remote or "")
    labels = {"revision": facts.commit, "created": facts.created, "version": version, "source": address}
    changes = {} if facts.changes is None else {_CHANGES: facts.changes}
    return {f"{_LABEL}{name}": value for name, value in labels.items() if value} | changes


def commit_of_labels(labels: Mapping[str, str]) -> str | None:
    """Return the commit that an image with LABELS was built from, marked where files differed; None: nobody says."""
    commit = labels.get(_REVISION)
    is_dirty = _CHANGES in labels or _DIRTY_TAG.search(labels.get(_VERSION, "")) is not None
    return built_from(commit, is_dirty=is_dirty) if commit else None


def without_credentials(url: str) -> str:
    """Return URL without user and password: labels are read by everybody who may pull."""
    parts = urlsplit(url)
    if not parts.scheme or "@" not in parts.netloc:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))

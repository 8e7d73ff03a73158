"""What the command line says of a local run of a Jenkinsfile, as it says it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cictl.core.pipeline_request import Manner

if TYPE_CHECKING:
    from pathlib import Path

    from cictl.core.pipeline_change import ChangeRequest


@dataclass(frozen=True, slots=True)
class Head:
    """What is built; without a word it is the branch that is checked out."""

    branch: str | None = None
    tag: str | None = None
    change_request: ChangeRequest | None = None


@dataclass(frozen=True, slots=True)
class PipelineWishes:
    """What is run of which Jenkinsfile, where, how, and how much of its log is kept, in MiB."""

    jenkinsfile: Path
    parameters: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    credentials: tuple[str, ...] = ()
    head: Head = field(default_factory=Head)
    workspace: Path | None = None
    manner: Manner = field(default_factory=Manner)
    most_log_mib: int | None = None

"""What a local run of a Jenkinsfile is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

EVERY_LIBRARY = "*"


class Answer(StrEnum):
    """What becomes of `input`: answered beforehand, or asked."""

    APPROVE = "approve"
    REJECT = "reject"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Manner:
    """How much is run, and how: of STAGE alone or beginning FROM one; APPROVER is who answers `input`."""

    stage: str | None = None
    from_stage: str | None = None
    answer: Answer | None = None
    approver: str | None = None
    is_dry_run: bool = False
    is_lint: bool = False
    is_sandboxed: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether no stage is left out."""
        return self.stage is None and self.from_stage is None

    @property
    def runs_nothing(self) -> bool:
        """Whether nothing comes of it but words."""
        return self.is_dry_run or self.is_lint

    def message(self) -> dict[str, object]:
        """Return what the runner reads of it."""
        return {
            "stage": self.stage,
            "from": self.from_stage,
            "answer": self.answer,
            "approver": self.approver,
            "dryRun": self.is_dry_run,
            "lint": self.is_lint,
            "sandbox": self.is_sandboxed,
        }


@dataclass(frozen=True, slots=True)
class PipelineRequest:
    """What is run, where, with what and how.

    Paths are absolute, and shown from FOLDER on. SOURCE is the working tree where WORKSPACE is another folder;
    ARCHIVE is where artefacts go; COMMIT is what is built, None where it is not all that there is. Secrets are their
    contents.
    """

    jenkinsfile: str
    workspace: str
    job: str
    folder: str = "/"
    source: str | None = None
    number: int = 1
    archive: str | None = None
    commit: str | None = None
    previous_result: str | None = None
    libraries: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    changed_files: tuple[str, ...] | None = None
    commit_messages: tuple[str, ...] = ()
    manner: Manner = field(default_factory=Manner)

    def message(self, *, scratch: str) -> dict[str, object]:
        """Return what the runner reads; SCRATCH is a folder for its temporary files."""
        return {
            "jenkinsfile": self.jenkinsfile,
            "workspace": self.workspace,
            "source": self.source,
            "scratch": scratch,
            "job": self.job,
            "folder": self.folder,
            "number": self.number,
            "archive": self.archive,
            "previousResult": self.previous_result,
            "libraries": dict(self.libraries),
            "parameters": dict(self.parameters),
            "variables": dict(self.variables),
            "credentials": dict(self.credentials),
            "changedFiles": None if self.changed_files is None else list(self.changed_files),
            "commitMessages": list(self.commit_messages),
            **self.manner.message(),
        }

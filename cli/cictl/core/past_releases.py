"""What an environment remembers of a service: which releases came, how they ended, and which of them runs."""

from __future__ import annotations

from dataclasses import dataclass

from cictl.core.commits import SHORT_COMMIT, built_from, short_commit
from cictl.core.rollout_state import Phase, Reason

WITHOUT_VERDICT = frozenset({Reason.GATE_UNKNOWN, Reason.GATE_INSUFFICIENT})


@dataclass(frozen=True, slots=True)
class PastRelease:
    """A release as its environment remembers it: `image` is repository@digest, times in seconds since the epoch.

    `outcome` is None while it is being rolled out, `ended` when that ended; `reason` is None where it was not kept.
    With `is_dirty`, files of the image differed from `commit`.
    """

    revision: int
    image: str
    commit: str | None
    outcome: Phase | None
    began: float
    ended: float | None = None
    reason: Reason | None = None
    undo_of: int | None = None
    why: str = ""
    gate: str | None = None
    is_dirty: bool = False

    @property
    def digest(self) -> str:
        """What names the image's content."""
        return self.image.partition("@")[2]

    @property
    def label(self) -> str:
        """How people tell it from others."""
        return f"release {self.revision} ({self.short_commit or self.digest[:SHORT_COMMIT]})"

    @property
    def short_commit(self) -> str | None:
        """The commit as people want to see it."""
        return None if self.commit is None else short_commit(built_from(self.commit, is_dirty=self.is_dirty))

    @property
    def health(self) -> str:
        """What is known of one that succeeded, in a word."""
        if self.reason in WITHOUT_VERDICT:
            return "unproven"
        return "healthy" if self.gate else "ungated"


@dataclass(frozen=True, slots=True)
class Past:
    """What an environment remembers of a service, oldest first; `running` is the release whose pods run."""

    environment: str
    releases: tuple[PastRelease, ...] = ()
    running: int | None = None

    def get(self, revision: int | None) -> PastRelease | None:
        """Return release REVISION."""
        return next((each for each in self.releases if each.revision == revision), None)

    @property
    def verdict(self) -> str:
        """What is known of what runs, in a word or two."""
        release = self.get(self.running)
        if release is None:
            return "unknown to cictl" if self.releases else "-"
        if release.outcome is None:
            return "rolling out"
        if release.outcome is not Phase.SUCCEEDED:
            return release.outcome.value
        return release.health

    @property
    def note(self) -> str:
        """What came after what runs, and did not stay."""
        newest = self.releases[-1] if self.releases else None
        if newest is None or newest.revision == self.running:
            return ""
        return f"release {newest.revision} {newest.outcome.value if newest.outcome else 'under way'}"

"""Which rollout of a service is not finished, and what its Deployment shows of it; writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cictl.core.holding import aborting_fields, is_held, promoting_fields
from cictl.core.rollout_state import RolloutState
from cictl.core.workload import Deployment
from cictl.services.release_store import StoredRelease


@dataclass(frozen=True, slots=True)
class Standing:
    """A release whose rollout is not finished, and what is live of it."""

    stored: StoredRelease
    deployment: Deployment | None
    state: RolloutState | None

    @property
    def is_begun(self) -> bool:
        """Whether the first act was done."""
        return self.state is not None and self.state.release == self.stored.revision

    @property
    def is_removed(self) -> bool:
        """Whether a first install was being taken back and its Deployment is gone."""
        return self.deployment is None and self.stored.ending is not None

    @property
    def is_held(self) -> bool:
        """Whether the Deployment's rolling update is held."""
        return self.deployment is not None and is_held(self.deployment.held)

    @property
    def is_left_held(self) -> bool:
        """Whether the Deployment is held though its labels say nothing of it."""
        return not self.is_begun and self.is_held

    @property
    def is_left_behind(self) -> bool:
        """Whether it was begun, and the labels that said so are gone: the record alone knows what to give back."""
        record, live = self.stored.record, self.deployment
        if self.is_begun or live is None or self.stored.outcome is not None:
            return self.is_left_held
        written = {
            promoting_fields(record.new_own, may_double=record.may_double),
            aborting_fields(record.own, at_once=True),
            aborting_fields(record.own, at_once=False),
        }
        begun = record.rollout(0)
        has_canary = live.template_key == begun.canary_key != begun.stable_key
        return self.is_left_held or has_canary or live.held in written - {record.own}

    def next_token(self, now: float) -> int:
        """Return a token higher than any before; where the labels are gone, the seconds since the epoch are."""
        return self.state.token + 1 if self.is_begun and self.state is not None else int(now)


def active_release(releases: Sequence[StoredRelease], state: RolloutState | None) -> StoredRelease | None:
    """Return the release whose rollout is not finished: the one the labels name, else one that never began."""
    named = next((stored for stored in releases if state is not None and stored.revision == state.release), None)
    if named is not None and state is not None and (named.outcome is None or not state.phase.is_terminal):
        return named
    newest = releases[-1]
    return newest if newest.outcome is None and (state is None or newest.revision > state.release) else None

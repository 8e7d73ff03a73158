"""The writes that begin, take over and abort a rollout: by people's orders, not by the decision table."""

from __future__ import annotations

from dataclasses import replace

from cictl.core.decide import take_back
from cictl.core.holding import promoting_fields, stages
from cictl.core.record import ReleaseRecord
from cictl.core.rollout import Action, Rollout, Snapshot, Write
from cictl.core.rollout_state import Phase, Reason, RolloutState


def first_write(record: ReleaseRecord, token: int, now: float) -> Write:
    """Return the write that brings the new template in: held at the first step, or going on at once when direct.

    An undo goes as fast as quota allows: what runs is what somebody wants to be rid of.
    """
    if record.strategy.steps:
        state = RolloutState(record.revision, Phase.STEPPING, 0, now, token)
        return Write(state, "begin", fields=stages(record.strategy, 0)[0], template="canary")
    state = RolloutState(record.revision, Phase.PROMOTING, 0, now, token)
    fields = promoting_fields(record.new_own, may_double=record.may_double) if record.undo_of else record.new_own
    return Write(state, "begin", fields=fields, template="canary", replicas=record.replicas)


def take_over(state: RolloutState, token: int) -> Write:
    """Return the write of a higher token: with it alone, every request of the driver before fails."""
    return Write(replace(state, token=token), f"taken over with token {token}")


def resume_by_user(rollout: Rollout, now: Snapshot) -> Action | None:
    """Return the act that takes ROLLOUT over; None where its labels are gone, so that there is nothing to take over."""
    if now.state is None or now.state.release != rollout.release:
        return None
    return take_over(now.state, rollout.token)


def by_hand(why: str) -> str:
    """Return what the record says of an abort by people, with WHY they did it if they said so."""
    return f"aborted by hand: {why}" if why else "aborted by hand"


def abort_by_user(rollout: Rollout, now: Snapshot, *, why: str = "") -> Action:
    """Return the act that aborts, with the token of ROLLOUT; it takes over and turns round in one write.

    A Deployment that is held though its labels say nothing is brought back all the same. WHY is people's reason.
    """
    found = now.state if now.state is not None and now.state.release == rollout.release else None
    state = found or RolloutState(rollout.release, Phase.STEPPING, 0, now.now, rollout.token)
    mine = replace(state, token=rollout.token)
    return take_back(rollout, now, mine, Reason.BY_USER, by_hand(why))

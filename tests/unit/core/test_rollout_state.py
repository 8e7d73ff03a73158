from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.rollout_state import (
    PHASE,
    RELEASE,
    SINCE,
    STATE_LABELS,
    VERSION,
    Phase,
    Reason,
    RolloutState,
    StateNewer,
    StateUnreadable,
    as_far_as_readable,
    from_labels,
    to_labels,
)
from tests.unit.rollout_cases import a_state

STATES = st.builds(
    RolloutState,
    release=st.integers(1, 10**6),
    phase=st.sampled_from(Phase),
    step=st.integers(0, 20),
    since=st.integers(0, 2 * 10**10).map(lambda tenths: tenths / 10),
    token=st.integers(0, 2**40),
    reason=st.sampled_from(Reason),
)


@given(STATES, st.dictionaries(st.sampled_from(["app", "x/y"]), st.text()))
def test_labels_hold_a_state(state: RolloutState, others: dict[str, str]) -> None:
    labels = to_labels(state)
    assert set(labels) == set(STATE_LABELS)
    assert from_labels({**others, **labels}) == state
    assert all(len(value) <= 63 for value in labels.values()), "Kubernetes' limit"


def test_no_labels_no_state() -> None:
    assert from_labels({"app": "shop"}) is None
    assert as_far_as_readable({"app": "shop"}) is None


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({PHASE: "dancing"}, id="phase"),
        pytest.param({RELEASE: "x"}, id="release"),
        pytest.param({SINCE: ""}, id="since"),
        pytest.param({VERSION: ""}, id="no-version"),
    ],
)
def test_broken_labels(change: dict[str, str]) -> None:
    labels = {**to_labels(a_state()), **change}
    with pytest.raises(StateUnreadable):
        from_labels(labels)
    assert as_far_as_readable(labels) is None


def test_missing_labels() -> None:
    labels = to_labels(a_state())
    del labels[RELEASE]
    with pytest.raises(StateUnreadable):
        from_labels(labels)


def test_labels_of_a_newer_version_are_none_of_our_business() -> None:
    with pytest.raises(StateNewer, match="reads 1"):
        as_far_as_readable({**to_labels(a_state()), VERSION: "2"})


def test_phases_that_are_the_end() -> None:
    ends = {Phase.SUCCEEDED, Phase.ROLLED_BACK, Phase.SUPERSEDED, Phase.FAILED}
    assert {phase for phase in Phase if phase.is_terminal} == ends


def test_reasons_of_others() -> None:
    ours = {reason for reason in Reason if not reason.supersedes}
    assert Reason.BY_USER in ours
    assert {Reason.UNDONE, Reason.PAUSED, Reason.OTHER_TEMPLATE, Reason.GONE}.isdisjoint(ours)

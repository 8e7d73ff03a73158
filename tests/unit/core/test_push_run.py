"""Which run of a branch comes next, and what is forgotten."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.push_run import Choice, PushRun, State, folder_name, forgotten, next_run, parse_request

NOW = 1_000.0
A, B, C = "a" * 40, "b" * 40, "c" * 40


def queued(number: int, commit: str = A) -> PushRun:
    return PushRun(number, "main", commit, 1.0)


def ended(number: int, commit: str, *, at: float = 10.0) -> PushRun:
    return replace(queued(number, commit), state=State.ENDED, started_at=at, ended_at=at + 1, result="SUCCESS")


def left(number: int, commit: str, attempts: int = 1) -> PushRun:
    return replace(queued(number, commit), state=State.RUNNING, started_at=20.0, attempts=attempts)


@pytest.mark.parametrize(
    ("runs", "tip", "begun", "closed"),
    [
        pytest.param([], A, None, {}, id="nothing-at-all"),
        pytest.param([ended(1, A)], A, None, {}, id="nothing-to-do"),
        pytest.param([queued(1)], A, 1, {}, id="the-only-one"),
        pytest.param([queued(1, A), queued(2, B), queued(3, C)], C, 3, {1: 3, 2: 3}, id="older-ones-are-overtaken"),
        pytest.param([queued(1, B), queued(2, A)], B, 1, {2: 1}, id="hooks-recorded-in-the-other-order"),
        pytest.param([ended(1, B), queued(2, A)], B, None, {2: 1}, id="an-older-one-recorded-after-the-newest-ran"),
        pytest.param([queued(1, A)], B, 1, {}, id="what-the-branch-is-at-was-never-recorded"),
        pytest.param([ended(1, A), ended(2, B, at=30.0), queued(3, A)], A, 3, {}, id="an-old-commit-pushed-again"),
        pytest.param([ended(1, A), queued(2, A)], A, 2, {}, id="the-same-commit-once-more"),
        pytest.param([left(1, A)], A, 1, {}, id="broken-off-and-begun-again"),
        pytest.param([left(1, A), queued(2, B)], B, 2, {1: 2}, id="broken-off-and-overtaken"),
        pytest.param([left(1, A, attempts=3)], A, None, {1: None}, id="broken-off-too-often"),
        pytest.param([queued(1), left(2, A)], None, None, {1: None, 2: None}, id="the-branch-is-gone"),
    ],
)
def test_next_run(runs: list[PushRun], tip: str | None, begun: int | None, closed: dict[int, int | None]) -> None:
    choice = next_run(runs, tip, now=NOW)
    assert (choice.run.number if choice.run else None) == begun
    assert {run.number: run.by for run in choice.closed} == closed
    assert all(run.is_over and run.why and run.ended_at == NOW for run in choice.closed)


@given(st.lists(st.tuples(st.sampled_from([A, B, C]), st.sampled_from([queued, left, ended])), max_size=8), st.data())
def test_a_queue_is_always_worked_off(steps: list[tuple[str, object]], data: st.DataObject) -> None:
    kinds = {queued: queued, left: left, ended: ended}
    runs = {n: kinds[make](n, commit) for n, (commit, make) in enumerate(steps, 1)}  # type: ignore[index,operator]
    tip = data.draw(st.sampled_from([A, B, C, None]))
    while (choice := next_run(runs.values(), tip, now=NOW)) != Choice():
        before = sum(not run.is_over for run in runs.values())
        done = [replace(choice.run, state=State.ENDED, ended_at=NOW)] if choice.run else []
        for run in (*choice.closed, *done):
            assert not runs[run.number].is_over
            runs[run.number] = run
        assert sum(not run.is_over for run in runs.values()) < before
    assert all(run.is_over for run in runs.values())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(f"{B} {A} refs/heads/x/ü\n1700000000\n", PushRun(7, "x/ü", A, 1.7e9), id="as-the-hook-writes-it"),
        pytest.param(f"{B} {A} refs/heads/$(touch x)\n1\n", PushRun(7, "$(touch x)", A, 1.0), id="hostile"),
        pytest.param(f"{B} {A} refs/tags/v1\n1\n", None, id="a-tag"),
        pytest.param(f"{B} {A}", None, id="half-of-one"),
        pytest.param("", None, id="empty"),
        pytest.param(f"{B} {A} refs/heads/main\nnow\n", None, id="no-time"),
    ],
)
def test_requests(text: str, expected: PushRun | None) -> None:
    assert parse_request(7, text) == expected


def test_what_is_forgotten_is_over_and_old() -> None:
    runs = [ended(n, A) for n in range(1, 6)] + [queued(6), left(7, A)]
    assert [run.number for run in forgotten(runs, keep=3)] == [4, 3, 2, 1]
    assert forgotten(runs, keep=7) == ()
    others = [replace(ended(n, A), branch=f"b{n}") for n in range(1, 15)]
    assert [run.number for run in forgotten(others, keep=1)] == [4, 3, 2, 1]


@pytest.mark.parametrize(
    "branch", ["main", "-x", ".x", "x/y", "ü", "$(touch x)", "a%2Fb", "\udcff", "x" * 250, "/" * 99]
)
def test_a_folder_s_name_is_harmless(branch: str) -> None:
    name = folder_name(branch)
    assert name.isascii()
    assert "/" not in name
    assert name[0] not in "-.~"
    assert len(name) < 200


@given(st.text(min_size=1), st.text(min_size=1))
def test_two_branches_never_share_a_folder(one: str, other: str) -> None:
    assert (folder_name(one) == folder_name(other)) is (one == other)

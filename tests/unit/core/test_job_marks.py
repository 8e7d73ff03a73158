"""The owner mark: Job Builder must not take such a job for its own, and two owners not each other's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.job_marks import BUILDER_MARK, is_job_builders, owner_of, put_mark, without_mark, written_text

OWNERS = st.from_regex(r"[A-Za-z0-9./:_]{1,20}", fullmatch=True)
DESCRIPTIONS = st.text(max_size=40).filter(lambda each: "<!-- cictl:" not in each and each[-1:] != "\r")


@given(DESCRIPTIONS, OWNERS)
def test_a_mark_is_put_once_and_taken_away_without_a_trace(description: str, owner: str) -> None:
    marked = put_mark(description, owner)
    assert owner_of(marked) == owner
    assert put_mark(marked, owner) == marked
    assert without_mark(marked) == description


@given(DESCRIPTIONS, OWNERS, OWNERS)
def test_another_owner_takes_the_place_of_the_first(description: str, first: str, second: str) -> None:
    assert put_mark(put_mark(description, first), second) == put_mark(description, second)


def test_job_builder_does_not_take_a_marked_job_for_its_own() -> None:
    built = f"Deploys checkout{BUILDER_MARK}"
    assert is_job_builders(built)
    marked = put_mark(built, "platform/jobs")
    assert marked.startswith(built)
    assert not is_job_builders(marked)


def test_a_mark_survives_an_edit_around_it_and_line_ends_of_browsers() -> None:
    edited = put_mark("old", "platform").replace("old", "new").replace("\n", "\r\n") + "\r\nmore"
    assert owner_of(edited) == "platform"
    assert without_mark(edited) == "new\r\nmore"


def test_no_mark_no_owner() -> None:
    assert owner_of("<!-- cictl -->") is None
    assert owner_of("") is None


@pytest.mark.parametrize("owner", ["", " a", "a-->b", "a--b", "<a>", "a\nb"])
def test_an_owner_that_a_comment_cannot_hold_is_refused(owner: str) -> None:
    with pytest.raises(ValueError, match="cannot stand in a comment"):
        put_mark("", owner)


@pytest.mark.parametrize("written", ["", "Ours.", "Two\nlines."])
def test_what_a_person_wrote_is_without_any_mark(written: str) -> None:
    assert written_text(put_mark(f"{written}{BUILDER_MARK}", "shop")) == written
    assert written_text(f"{written}\n\n{BUILDER_MARK}") == written

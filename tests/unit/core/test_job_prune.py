"""What may be pruned: ours alone, what Git no longer makes, and nothing that takes others' with it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.job_names import ancestors_of, folded, parent_of
from cictl.core.job_plan import ItemKey
from cictl.core.job_prune import Found, Ownership, leftovers, listed, most_deletions, owned_count

OURS, THEIRS, BOOTSTRAP = "shop", "other", "cictl bootstrap"


def _key(name: str) -> ItemKey:
    return ItemKey(name.removeprefix("view:"), is_view=name.startswith("view:"))


def _found(*names: str, owner: str | None = OURS) -> list[Found]:
    """Return what is called NAMES; a slash at the end makes a folder."""
    return [Found(_key(name.rstrip("/")), owner, is_folder=name.endswith("/")) for name in names]


def _judged(
    found: list[Found], *wanted: str, written: list[str] | None = None, chosen: str | None = None
) -> dict[str, str | None]:
    keys = [each.key for each in found] if written is None else [_key(each) for each in written]
    us = Ownership(OURS, keys, {BOOTSTRAP}, {"shop/admin/cictl-state"})
    found_left = leftovers(
        found, map(_key, wanted), us, is_chosen=lambda name: chosen is None or name.startswith(chosen)
    )
    return {each.key.full_name: each.stays for each in found_left}


@pytest.mark.parametrize(
    ("found", "wanted", "goes"),
    [
        pytest.param(_found("shop/ci/a"), ["shop/ci/a"], [], id="rendered"),
        pytest.param(_found("shop/ci/A"), ["shop/ci/a"], [], id="rendered-in-other-capitals"),
        pytest.param(_found("shop/ci/a"), ["shop/ci/b"], ["shop/ci/a"], id="not-rendered"),
        pytest.param(_found("shop/ci/a", owner=None), [], [], id="nobody-s"),
        pytest.param(_found("shop/ci/a", owner=THEIRS), [], [], id="another-owner-s"),
        pytest.param(_found("shop/ci/a", owner=BOOTSTRAP), [], [], id="bootstrap-s"),
        pytest.param(_found("a") + _found("b", owner=None), [], ["a"], id="the-root-is-no-folder"),
        pytest.param(_found("x/", "x/a", "x/b/", "x/b/c"), [], ["x/b/c", "x/a", "x/b", "x"], id="innermost-first"),
        pytest.param(_found("x/a", "view:v"), [], ["v", "x/a"], id="views-first"),
        pytest.param(_found("view:shop/v"), ["shop/v"], ["shop/v"], id="a-job-is-no-view"),
        pytest.param(_found("view:shop/V"), ["view:shop/v"], ["shop/V"], id="views-tell-capitals"),
        pytest.param(
            _found("shop/a") + _found("shop/smoke", owner=BOOTSTRAP) + _found("shop/admin/cictl-state", owner=None),
            [],
            ["shop/a"],
            id="what-is-cictl-s-own-is-not-foreign",
        ),
    ],
)
def test_what_goes(found: list[Found], wanted: list[str], goes: list[str]) -> None:
    assert [name for name, stays in _judged(found, *wanted).items() if stays is None] == goes


@pytest.mark.parametrize(
    ("found", "wanted", "name", "words"),
    [
        pytest.param(
            _found("shop/ci/a") + _found("shop/CI/theirs", owner=None),
            [],
            "shop/ci/a",
            "its folder shop/ci holds jobs of others: shop/CI/theirs",
            id="beside-a-foreign-job",
        ),
        pytest.param(
            _found("x/") + _found("x/theirs", owner=THEIRS), [], "x", "it holds jobs of others: x/theirs", id="around"
        ),
        pytest.param(_found("x/", "x/a"), ["x/a"], "x", "jobs that Git makes belong into it", id="around-a-rendered"),
        pytest.param(_found("x/"), ["x/new"], "x", "jobs that Git makes belong into it", id="before-it-is-made"),
        pytest.param(
            _found("x/", "x/y/") + _found("x/y/theirs", owner=None), [], "x", "it holds what stays: x/y", id="far-in"
        ),
    ],
)
def test_what_stays_and_why(found: list[Found], wanted: list[str], name: str, words: str) -> None:
    assert _judged(found, *wanted)[name] == words


def test_a_copy_bears_the_mark_and_was_never_written() -> None:
    """People copy jobs in Jenkins; the copy has the whole description."""
    judged = _judged(_found("shop/a", "shop/copy-of-a"), written=["shop/a"])
    assert judged["shop/a"] is None
    assert "may be a copy" in (judged["shop/copy-of-a"] or "")


def test_a_folder_stays_around_what_is_not_chosen() -> None:
    judged = _judged(_found("x/", "x/a", "x/b"), chosen="x/a")
    assert judged == {"x/a": None}
    everything = _judged(_found("x/", "x/a", "y"), chosen="x")
    assert everything == {"x/a": None, "x": None}


def test_the_primary_view_stays() -> None:
    found = [Found(ItemKey("shop/v", is_view=True), OURS, is_primary_view=True)]
    assert "primary view" in (_judged(found)["shop/v"] or "")


@pytest.mark.parametrize(
    ("asked", "owned", "most"),
    [
        pytest.param(None, 0, 1, id="at-least-one"),
        pytest.param(None, 9, 1, id="few"),
        pytest.param(None, 30, 3, id="ten-percent"),
        pytest.param(None, 50, 5, id="five"),
        pytest.param(None, 5000, 5, id="never-more"),
        pytest.param("20", 30, 20, id="number"),
        pytest.param("0", 30, 0, id="none"),
        pytest.param("25%", 30, 7, id="percent-is-rounded-down"),
        pytest.param("100%", 30, 30, id="all"),
    ],
)
def test_how_many_at_most(asked: str | None, owned: int, most: int) -> None:
    assert most_deletions(asked, owned) == most


@pytest.mark.parametrize("asked", ["", "-1", "5 %", "1.5", "all", "%"])
def test_a_limit_that_is_none(asked: str) -> None:
    with pytest.raises(ValueError, match="neither a number nor a percentage"):
        most_deletions(asked, 10)


def test_lists_are_short() -> None:
    assert listed(["b", "a"]) == "a, b"
    assert listed(["d", "b", "a", "c", "e"]) == "a, b, c and 2 more"


_NAMES = st.lists(st.sampled_from(["a", "B", "b", "c"]), min_size=1, max_size=3).map("/".join)
_OWNERS = st.sampled_from([OURS, THEIRS, BOOTSTRAP, None])


@st.composite
def _jenkins(draw: st.DrawFn) -> list[Found]:
    """Return a tree as Jenkins may have: every folder around a job is there, no two names are the same to it."""
    names = {folded(name): name for name in draw(st.lists(_NAMES, max_size=8))}
    folders = {folded(above): above for name in names.values() for above in ancestors_of(name)}
    return [
        Found(ItemKey(name), draw(_OWNERS), is_folder=folded(name) in folders) for name in (names | folders).values()
    ]


@given(_jenkins(), st.sets(_NAMES, max_size=4))
def test_nothing_goes_that_is_not_ours_or_holds_what_is_not(found: list[Found], wanted: set[str]) -> None:
    us = Ownership(OURS, [each.key for each in found], {BOOTSTRAP})
    left = leftovers(found, [ItemKey(name) for name in wanted], us)
    going = [each.key.full_name for each in left if each.stays is None]
    owners = {folded(each.key.full_name): each.owner for each in found}
    for at, name in enumerate(going):
        assert owners[folded(name)] == OURS
        assert folded(name) not in {folded(each) for each in wanted}
        inside = {each for each in owners if each.startswith(f"{folded(name)}/")}
        assert inside <= {folded(each) for each in going[:at]}, "what is in a folder goes before it"
        siblings = [each for each in owners if parent_of(each) == folded(parent_of(name)) and parent_of(name)]
        assert not any(owners[each] in {THEIRS, None} for each in siblings)
    assert owned_count(found, us) >= len(going)

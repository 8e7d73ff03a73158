"""Whose a tree's jobs are: the same on every machine, another one for each tree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.job_marks import can_mark, owner_of, put_mark
from cictl.core.job_owner import Owner, TreePlace, owner_of_trees
from cictl.core.repository_address import repository_name

HTTPS = "https://me:secret@git.example.com/shop/ci.git"
PLATFORM = "git.example.com/shop/ci"


@pytest.mark.parametrize(
    ("trees", "team", "expected"),
    [
        pytest.param([], ("", "shop"), Owner("shop"), id="its-own"),
        pytest.param([], ("", ""), Owner("cictl"), id="its-own-at-the-top"),
        pytest.param([], ("a", "shop"), Owner("a", ("shop",)), id="named"),
        pytest.param(
            [TreePlace("jobs", HTTPS, "jobs")],
            ("", ""),
            Owner(f"cictl: {PLATFORM}//jobs", ("cictl: jobs",)),
            id="in-a-repository",
        ),
        pytest.param([TreePlace("ci", HTTPS)], ("", "shop"), Owner(f"shop: {PLATFORM}", ("shop: ci",)), id="its-root"),
        pytest.param(
            [TreePlace("a", HTTPS, "a"), TreePlace("b")],
            ("x", "shop"),
            Owner(f"x: {PLATFORM}//a b", ("shop: a b",)),
            id="two",
        ),
        pytest.param([TreePlace("jobs")], ("", ""), Owner("cictl: jobs", is_common=True), id="nowhere"),
        pytest.param([TreePlace("jobs", "/srv/git/ci.git", "jobs")], ("", "shop"), Owner("shop: jobs"), id="on-a-disk"),
        pytest.param([TreePlace("my--jobs")], ("", "shop"), Owner("shop: my-%2Djobs"), id="no-double-hyphen"),
    ],
)
def test_owner(trees: list[TreePlace], team: tuple[str, str], expected: Owner) -> None:
    assert owner_of_trees(trees, owner=team[0], folder=team[1]) == expected


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (HTTPS, PLATFORM),
        ("https://git.example.com/shop/ci", PLATFORM),
        ("https://git.example.com:443/shop/ci", PLATFORM),
        ("http://git.example.com:80/shop/ci", PLATFORM),
        ("http://me@git.example.com:3000/shop/ci.git", PLATFORM),
        ("http://[::1]:3000/ci", "::1/ci"),
        ("http://git.example.com:99999/shop/ci", PLATFORM),
        ("ssh://git@GIT.example.com:2222/shop/ci.git/", PLATFORM),
        ("git@git.example.com:shop/ci.git", PLATFORM),
        ("git.example.com:/shop//ci.git", PLATFORM),
        ("ssh://git@[::1]/a b.git", "::1/a b"),
        ("git@[::1]:a%20b.git", "::1/a b"),
        ("file:///srv/git/ci.git", None),
        ("../ci.git", None),
        ("C:/ci.git", None),
        ("", None),
    ],
)
def test_a_repository_is_called_the_same_however_it_is_cloned(address: str, name: str | None) -> None:
    assert repository_name(address) == name


_words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


@given(st.lists(_words, min_size=1, max_size=3), _words)
def test_whatever_a_folder_is_called_its_owner_can_stand_in_a_mark(names: list[str], below: str) -> None:
    owner = owner_of_trees([TreePlace(name, HTTPS, below) for name in names], owner="", folder="shop").name
    assert can_mark(owner)
    assert owner_of(put_mark("Made.", owner)) == owner

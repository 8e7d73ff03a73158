"""Names that Jenkins takes and refuses, and how they stand in URLs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.job_names import (
    ancestors_of,
    branch_item,
    branch_of,
    collisions,
    full_name_of,
    item_path,
    level_of,
    parent_of,
    refusal_of,
    refusal_of_path,
    view_path,
)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        pytest.param("", "empty", id="empty"),
        pytest.param("  ", "empty", id="blanks"),
        pytest.param(".", "'.' is not an allowed name", id="dot"),
        pytest.param(" .. ", "'..' is not an allowed name", id="dots-in-blanks"),
        pytest.param("a/b", "'/' is an unsafe character", id="slash"),
        pytest.param("a*b", "'*' is an unsafe character", id="star"),
        pytest.param("a%b", "'%' is an unsafe character", id="percent"),
        pytest.param("a;b", "';' is an unsafe character", id="semicolon"),
        pytest.param("a.", "cannot end with '.'", id="trailing-dot"),
        pytest.param("a\tb", "control character", id="tab"),
        pytest.param("a\x85b", "control character", id="next-line"),
        pytest.param(" a", "begins or ends with a blank", id="leading-blank"),
        pytest.param("n" * 300, "300 bytes", id="too-long"),
        pytest.param("결" * 90, "270 bytes", id="bytes-and-not-characters-count"),
    ],
)
def test_what_jenkins_refuses_is_refused_with_its_reason(name: str, reason: str) -> None:
    assert reason in (refusal_of(name) or "")


@pytest.mark.parametrize(
    "name", ["a", "a b", "결제", "a.b", ".a", "a-b_c", "a(b)", "a,b", "a'b", "n" * 255, "a~b", "a+b", "a=b"]
)
def test_what_jenkins_takes_is_taken(name: str) -> None:
    assert refusal_of(name) is None


def test_the_part_of_a_path_that_is_refused_is_named() -> None:
    assert refusal_of_path("shop/ci/check*out") == "'check*out': '*' is an unsafe character"
    assert refusal_of_path("shop//checkout") == "'': it is empty"
    assert refusal_of_path("shop/ci/checkout") is None


@pytest.mark.parametrize(
    ("full_name", "path"),
    [
        pytest.param("checkout", "job/checkout", id="root"),
        pytest.param("shop/ci/checkout", "job/shop/job/ci/job/checkout", id="nested"),
        pytest.param("a b/결", "job/a%20b/job/%EA%B2%B0", id="blank-and-korean"),
        pytest.param("shop/ci/checkout/feature%2Fx", "job/shop/job/ci/job/checkout/job/feature%252Fx", id="branch"),
        pytest.param("", "", id="jenkins-itself"),
    ],
)
def test_paths_of_items(full_name: str, path: str) -> None:
    assert item_path(full_name) == path


def test_paths_of_views() -> None:
    assert view_path("all jobs") == "view/all%20jobs"
    assert view_path("shop/ci/red") == "job/shop/job/ci/view/red"


@pytest.mark.parametrize(
    ("location", "full_name"),
    [
        pytest.param("http://wrong.example.com/other/job/shop/job/ci/", "shop/ci", id="other-host-and-prefix"),
        pytest.param("/jenkins/job/a%20b/42/", "a b", id="build"),
        pytest.param("../job/shop/config.xml", "shop", id="relative"),
        pytest.param("/job/p/job/feature%252Fx/", "p/feature%2Fx", id="branch"),
        pytest.param("/view/all/job/x/", "x", id="in-a-view"),
        pytest.param("/job/job/job/job/", "job/job", id="called-job"),
        pytest.param("http://h/queue/item/12/", None, id="queue-item"),
        pytest.param("/job/", None, id="no-name"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_only_the_tail_of_a_location_counts(location: str, full_name: str | None) -> None:
    assert full_name_of(location) == full_name


@given(
    st.lists(
        st.text(st.sampled_from("aZ 결-._~+(é"), min_size=1, max_size=8).filter(lambda each: refusal_of(each) is None),
        min_size=1,
        max_size=4,
    )
)
def test_an_item_is_found_again_in_its_path(parts: list[str]) -> None:
    full_name = "/".join(parts)
    assert full_name_of(f"http://jenkins/prefix/{item_path(full_name)}/") == full_name


@given(st.text())
def test_a_branch_becomes_an_item_that_tells_it(branch: str) -> None:
    item = branch_item(branch)
    assert "/" not in item
    assert branch_of(item) == branch


def test_branches_with_slashes_are_items_in_percent() -> None:
    assert branch_item("feature/50%") == "feature%2F50%25"


def test_names_that_differ_in_capitals_alone_collide() -> None:
    assert collisions(["Shop/a", "shop/A", "shop/b"]) == (("Shop/a", "shop/A"),)
    assert collisions(["shop/a", "shop/a"]) == ()


def test_where_an_item_is() -> None:
    assert parent_of("shop/ci/x") == "shop/ci"
    assert ancestors_of("shop/ci/x") == ("shop", "shop/ci")
    assert [level_of(each) for each in ("x", "shop/x")] == [0, 1]

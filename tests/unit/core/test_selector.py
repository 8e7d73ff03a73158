"""`$selector` and `$window`: this release's pods and nobody else's, whatever their names."""

from __future__ import annotations

import re

import promql_parser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.release_target import ReadyPod, ReleaseTarget
from cictl.core.selector import (
    expand,
    promql_string,
    regex_literal,
    selector_of,
    substitute,
    variables_in,
    window_text,
)

LONG = "a" * 60


def _target(replica_set: str, *, others: tuple[str, ...] = (), pods: tuple[str, ...] = ()) -> ReleaseTarget:
    return ReleaseTarget("shop", "checkout", replica_set, (), pods, others)


def _pod_of(replica_set: str, random_part: str) -> str:
    return f"{replica_set}-"[:58] + random_part


def _regex_in(selector: str) -> str:
    found = promql_parser.parse(f"up{{{selector}}}")
    assert isinstance(found, promql_parser.VectorSelector)
    return next(matcher.value for matcher in found.matchers.matchers if matcher.name == "pod")


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        pytest.param(_target("checkout-5d6b"), 'namespace="shop",pod=~"checkout-5d6b-[a-z0-9]{5}"', id="usual"),
        pytest.param(_target("a.b-1"), 'namespace="shop",pod=~"a\\\\.b-1-[a-z0-9]{5}"', id="dot"),
        pytest.param(_target("b" * 58), f'namespace="shop",pod=~"{"b" * 58}[a-z0-9]{{5}}"', id="dash-is-lost"),
        pytest.param(
            _target("new", others=("old",)), 'namespace="shop",pod=~"new-[a-z0-9]{5}"', id="other-release-differs"
        ),
        pytest.param(
            _target(f"{LONG}-1", others=(f"{LONG}-2",), pods=("p1", "p2")),
            'namespace="shop",pod=~"p1|p2"',
            id="hash-is-lost-so-names",
        ),
        pytest.param(
            _target(f"{LONG}-1", others=(f"{LONG}-2",)), 'namespace="shop",pod="/"', id="hash-is-lost-and-no-pod-yet"
        ),
        pytest.param(
            _target(f"{LONG}-1"), f'namespace="shop",pod=~"{LONG[:58]}[a-z0-9]{{5}}"', id="hash-is-lost-but-alone"
        ),
    ],
)
def test_selector_of_pods(target: ReleaseTarget, expected: str) -> None:
    assert selector_of(target) == expected


def test_ready_pods_are_among_the_names() -> None:
    target = ReleaseTarget("shop", "x", f"{LONG}-1", (ReadyPod("ready", 0.0),), ("all",), (f"{LONG}-2",))
    assert 'pod=~"all|ready"' in selector_of(target)


_NAMES = st.from_regex(r"[a-z0-9]([-a-z0-9.]{0,70}[a-z0-9])?", fullmatch=True)


@given(_NAMES, _NAMES, st.from_regex(r"[a-z0-9]{5}", fullmatch=True))
def test_a_release_matches_its_own_pods_and_never_the_other_ones(mine: str, other: str, random_part: str) -> None:
    pod, others_pod = _pod_of(mine, random_part), _pod_of(other, random_part)
    regex = re.compile(_regex_in(selector_of(_target(mine, others=(other,), pods=(pod,)))))
    assert regex.fullmatch(pod)
    assert pod == others_pod or not regex.fullmatch(others_pod)


@given(st.text(min_size=1))
def test_regex_literal_matches_that_text_alone(text: str) -> None:
    assert re.fullmatch(regex_literal(text), text)


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00")))
def test_a_string_is_one_string_to_the_parser(text: str) -> None:
    found = promql_parser.parse(promql_string(text))
    assert isinstance(found, promql_parser.StringLiteral)
    assert found.val == text


@pytest.mark.parametrize(
    ("matcher", "expected"),
    [
        pytest.param('version="$release"', 'version="a.b-1"', id="equal"),
        pytest.param('pod=~"$release-.*"', 'pod=~"a\\\\.b-1-.*"', id="regex-is-escaped"),
        pytest.param("pod=~'${release}.+',ns=\"$namespace\"", "pod=~'a\\\\.b-1.+',ns=\"shop\"", id="both"),
        pytest.param('app="$service",x="$unknown"', 'app="checkout",x="$unknown"', id="unknown-stays"),
    ],
)
def test_configured_matcher(matcher: str, expected: str) -> None:
    assert selector_of(_target("a.b-1"), matcher) == expected


def test_expand_fills_in_both_variables_only() -> None:
    query = "sum(x{$selector}[$window]) + ${window} + $other"
    assert expand(query, selector='a="$b"', window="5s") == 'sum(x{a="$b"}[5s]) + 5s + $other'


def test_a_longer_name_is_another_variable() -> None:
    assert substitute("$windowed $window", {"window": "1s"}) == "$windowed 1s"


def test_variables_in_says_where() -> None:
    assert variables_in("a{$x}[${y}]$") == [(2, "x"), (6, "y")]


@pytest.mark.parametrize(("seconds", "expected"), [(-3.0, "1s"), (0.2, "1s"), (59.9, "59s"), (3600.0, "3600s")])
def test_window_never_reaches_further_back(seconds: float, expected: str) -> None:
    assert window_text(seconds) == expected

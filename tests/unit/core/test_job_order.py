from __future__ import annotations

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.job_order import alphanumeric_key

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from jenkins_jobs.alphanum import AlphanumSort

_NAMES = st.lists(st.text("aBz-/_ .0129é", max_size=6), max_size=8, unique=True)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param(["a10", "a2", "a"], ["a", "a2", "a10"], id="numbers-count-as-numbers"),
        pytest.param(["a01", "a1"], ["a01", "a1"], id="leading-zeros-keep-their-order"),
        pytest.param(["a1", "a01"], ["a1", "a01"], id="leading-zeros-keep-their-order-reversed"),
        pytest.param(["b", "B", "a"], ["B", "a", "b"], id="case-counts"),
        pytest.param(["a/b", "a", "a-b"], ["a", "a-b", "a/b"], id="folders"),
    ],
)
def test_order(names: list[str], expected: list[str]) -> None:
    assert sorted(names, key=alphanumeric_key) == expected


@given(_NAMES)
def test_order_is_the_library_s(names: list[str]) -> None:
    assert sorted(names, key=alphanumeric_key) == sorted(names, key=AlphanumSort)

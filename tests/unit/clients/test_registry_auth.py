from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cictl.clients.registry_auth import Challenge, parse_challenges


@pytest.mark.parametrize(
    ("header", "challenges"),
    [
        pytest.param("", (), id="none"),
        pytest.param("Bearer", (Challenge("bearer", {}),), id="bare"),
        pytest.param('Basic realm="a, b"', (Challenge("basic", {"realm": "a, b"}),), id="comma-in-quotes"),
        pytest.param(
            'Bearer realm="https://a/t",service="s",scope="repository:x:pull,push"',
            (Challenge("bearer", {"realm": "https://a/t", "service": "s", "scope": "repository:x:pull,push"}),),
            id="bearer",
        ),
        pytest.param(
            'Negotiate, Basic realm="x", BEARER Realm = "y"',
            (Challenge("negotiate", {}), Challenge("basic", {"realm": "x"}), Challenge("bearer", {"realm": "y"})),
            id="several",
        ),
        pytest.param(r'Basic realm="say \"hi\""', (Challenge("basic", {"realm": 'say "hi"'}),), id="escaped"),
        pytest.param('Bearer realm="open', (Challenge("bearer", {}),), id="torn"),
    ],
)
def test_parse_challenges(header: str, challenges: tuple[Challenge, ...]) -> None:
    assert parse_challenges(header) == challenges


@settings(deadline=None)
@given(st.text(alphabet=st.characters(codec="latin-1"), max_size=60))
def test_no_header_is_too_strange(header: str) -> None:
    assert isinstance(parse_challenges(header), tuple)

from __future__ import annotations

import pytest

from cictl.core.spelling import nearest, suggestion


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        pytest.param("stagin", ["staging", "production"], "did you mean 'staging'?", id="near"),
        pytest.param("qa", ["staging", "production"], "known: production, staging", id="far"),
        pytest.param("qa", [], "there are none", id="none"),
    ],
)
def test_suggestion(name: str, known: list[str], expected: str) -> None:
    assert suggestion(name, known) == expected


def test_nearest_is_none_when_nothing_comes_near() -> None:
    assert nearest("qa", ["staging"]) is None

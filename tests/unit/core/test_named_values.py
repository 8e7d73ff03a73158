from __future__ import annotations

import pytest

from cictl.core.named_values import named_values
from cictl.errors import UsageProblem


def test_pairs() -> None:
    assert named_values(["A=1", "B=x=y", "C="], flag="-p") == {"A": "1", "B": "x=y", "C": ""}


@pytest.mark.parametrize("words", [["hunter2"], ["=hunter2"], ["A=1", "A=2"]])
def test_no_pairs(words: list[str]) -> None:
    with pytest.raises(UsageProblem, match="-p") as problem:
        named_values(words, flag="-p")
    assert "hunter2" not in problem.value.message

from __future__ import annotations

import pytest

from bench.figures import Figure, ratio_text, rotated


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param([3.0, 1.0, 2.0], "2.00 (1.00 to 3.00)", id="median-between-its-bounds"),
        pytest.param([4.0, 1.0], "2.50 (1.00 to 4.00)", id="even-number"),
        pytest.param([0.5], "0.50", id="one-value-has-no-bounds"),
        pytest.param([None, 1.0, None], "1.00", id="what-was-not-measured-is-left-out"),
        pytest.param([None], "not measured", id="nothing"),
    ],
)
def test_text(values: list[float | None], expected: str) -> None:
    assert Figure.of(values).text() == expected


def test_text_in_another_unit() -> None:
    assert Figure.of([0.0612, 0.0599, 0.07]).text(digits=0, scale=1000) == "61 (60 to 70)"


def test_nothing_has_no_median() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        _ = Figure(()).median


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        pytest.param([1.0, 3.0, 2.0], [4.0], "0.50", id="ratio-of-medians"),
        pytest.param([], [4.0], "-", id="we-measured-nothing"),
        pytest.param([1.0], [], "-", id="they-measured-nothing"),
        pytest.param([1.0], [0.0], "-", id="nothing-to-divide-by"),
    ],
)
def test_ratio_text(ours: list[float], theirs: list[float], expected: str) -> None:
    assert ratio_text(Figure.of(ours), Figure.of(theirs)) == expected


@pytest.mark.parametrize(
    ("turn", "expected"),
    [pytest.param(0, ["a", "b", "c"], id="first"), pytest.param(4, ["b", "c", "a"], id="round-and-round")],
)
def test_rotated(turn: int, expected: list[str]) -> None:
    assert rotated(["a", "b", "c"], turn) == expected


def test_nothing_can_be_rotated() -> None:
    assert rotated([], 3) == []

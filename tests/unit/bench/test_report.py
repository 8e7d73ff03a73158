from __future__ import annotations

import pytest

from bench.report import PREAMBLE, TITLE, Table, Topic, goal, merged, sections_of

ORDER = ("First", "Second")


def topic(title: str, figure: str) -> Topic:
    return Topic(title, ["Goal: less: met."], "How.", [Table(("what", "s"), [["it", figure]])], "Measured now.")


def test_a_section_has_goal_table_method_and_stamp() -> None:
    assert topic("First", "1.0").section() == (
        "## First\n\n- Goal: less: met.\n\n| what | s |\n| --- | --: |\n| it | 1.0 |\n\nHow.\n\nMeasured now.\n"
    )


@pytest.mark.parametrize(
    ("is_met", "expected"),
    [
        pytest.param(True, "Goal: less: met.", id="met"),
        pytest.param(False, "Goal: less: **missed**.", id="missed"),
        pytest.param(None, "Goal: less: not measured.", id="unknown"),
    ],
)
def test_goal(is_met: bool | None, expected: str) -> None:
    assert goal("less", is_met=is_met) == expected


def test_the_first_run_writes_the_whole_file() -> None:
    text = merged("", [topic("First", "1.0")], ORDER)
    assert text.startswith(f"{TITLE}\n\n{PREAMBLE}\n## First\n")


def test_a_topic_replaces_its_own_section_only() -> None:
    before = merged("", [topic("First", "1.0"), topic("Second", "2.0")], ORDER)
    after = merged(before, [topic("Second", "3.0")], ORDER)
    assert after == before.replace("| it | 2.0 |", "| it | 3.0 |")


def test_sections_stand_in_their_order_whatever_was_measured_first() -> None:
    text = merged(merged("", [topic("Second", "2.0")], ORDER), [topic("First", "1.0")], ORDER)
    assert list(sections_of(text)) == ["First", "Second"]


def test_a_topic_that_is_measured_no_more_goes() -> None:
    text = merged("## Gone\n\nwhat was\n", [topic("First", "1.0")], ORDER)
    assert "Gone" not in text

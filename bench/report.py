"""RESULTS.md: a section for each topic. A topic that is measured again replaces its own section and no other."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

TITLE = "# Measured"
PREAMBLE = """\
Written by `make bench`; `python -m bench NAME...` measures some of it again. Each figure is the median of its runs with
(lowest to highest). Runs of the peers alternate, on one machine that they share with the cluster, the load and the
registry: compare within a table, not between machines.
"""
_SECTION = re.compile(r"^## ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns; the first column names the row."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def lines(self) -> list[str]:
        """Return Markdown; figures stand to the right."""
        aligned = ["---", *("--:" for _ in self.columns[1:])]
        return [_line(cells) for cells in (self.columns, aligned, *self.rows)]


@dataclass(frozen=True, slots=True)
class Topic:
    """What was measured, of what it was to be, and how."""

    title: str
    goals: Sequence[str]
    method: str
    tables: Sequence[Table]
    stamp: str

    def section(self) -> str:
        """Return the topic as a section of Markdown."""
        goals = "\n".join(f"- {goal}" for goal in self.goals)
        tables = "\n\n".join("\n".join(table.lines()) for table in self.tables)
        return "\n\n".join(filter(None, (f"## {self.title}", goals, tables, self.method, f"{self.stamp}\n")))


def goal(text: str, *, is_met: bool | None) -> str:
    """Write a goal with what became of it; None where nothing can be said."""
    outcome = {True: "met", False: "**missed**", None: "not measured"}[is_met]
    return f"Goal: {text}: {outcome}."


def merged(old: str, topics: Sequence[Topic], order: Sequence[str]) -> str:
    """Return the whole file: TOPICS in place of their sections in OLD, all by the ORDER of their titles."""
    sections: Mapping[str, str] = {**sections_of(old), **{topic.title: topic.section() for topic in topics}}
    known = [sections[title] for title in order if title in sections]
    return "\n".join([f"{TITLE}\n\n{PREAMBLE}", *known])


def sections_of(text: str) -> dict[str, str]:
    """Return the sections of a file by their titles."""
    bodies = _SECTION.split(text)[1:]
    return {body.partition("\n")[0]: f"## {body.rstrip()}\n" for body in bodies}


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"

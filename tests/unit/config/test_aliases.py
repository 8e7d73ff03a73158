from __future__ import annotations

import pytest
import yaml

from cictl.config.aliases import may_unfold, unfolding_node

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 60)
)
MERGES = "a0: &a0 {k: v}\n" + "".join(
    f"a{level}: &a{level} {{<<: [{', '.join([f'*a{level - 1}'] * 9)}]}}\n" for level in range(1, 9)
)
SHARED = "list: &l [" + ", ".join(["x"] * 100) + "]\n" + "".join(f"k{at}: *l\n" for at in range(300))
MANY = "list: &l [" + ", ".join(["x"] * 20) + "]\n" + "".join(f"k{at}: *l\n" for at in range(10_000))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param(BOMB, 6, id="bomb"),
        pytest.param(MERGES, 6, id="bomb-of-merges"),
        pytest.param("a: 1\nb: [1, {c: d}]\n", None, id="no-alias"),
        pytest.param("", None, id="nothing"),
        pytest.param(SHARED, None, id="one-list-for-many"),
        pytest.param(MANY, None, id="a-long-file"),
        pytest.param("a: &a [*a, *a, *a]\n", None, id="circle"),
        pytest.param("a: &a {b: &b [*a, *a], c: [*b, *b, *a]}\n", None, id="circles"),
    ],
)
def test_what_unfolds_to_too_much(text: str, line: int | None) -> None:
    node = unfolding_node(yaml.compose(text, Loader=yaml.SafeLoader), at_most=100_000)
    assert (node and node.start_mark.line + 1) == line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: &x 1\nb: *x\n", True),
        ("[&a 1,*a]", True),
        ("a: '*.xml'\nb: 'x && y'\n", False),
        ("cron: '* * * * *'\n", False),
        ("a: &x 1\n", False),
    ],
)
def test_what_may_have_aliases(text: str, expected: bool) -> None:
    assert may_unfold(text) is expected

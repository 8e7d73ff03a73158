"""The line of YAML that says what somebody changed in Jenkins."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.job_acceptance import YamlEdit, quoted, yaml_edit

TEXT = """\
- job:
    name: a
    triggers:
      - timed: 'H 2 * * *'  # nightly
    description: Builds it.
    node: linux
    other: linux
    parameters: [x]
"""


@pytest.mark.parametrize(
    ("before", "after", "edit"),
    [
        pytest.param(
            "H 2 * * *",
            "H 9 * * *",
            YamlEdit(4, "      - timed: 'H 2 * * *'  # nightly", "      - timed: 'H 9 * * *'  # nightly"),
            id="quoted-with-a-comment",
        ),
        pytest.param(
            "Builds it.",
            "Tests it",
            YamlEdit(5, "    description: Builds it.", "    description: Tests it"),
            id="plain",
        ),
        pytest.param("linux", "mac", None, id="which-of-two"),
        pytest.param("windows", "mac", None, id="nowhere"),
        pytest.param("", "mac", None, id="empty"),
        pytest.param("Builds it.", "two\nlines", None, id="several-lines"),
    ],
)
def test_the_line_is_found_where_it_is_evident(before: str, after: str, edit: YamlEdit | None) -> None:
    assert yaml_edit(TEXT, before, after) == edit


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=30))
def test_what_is_quoted_is_yaml_for_the_same(value: str) -> None:
    assert str(yaml.safe_load(f"key: {quoted(value)}")["key"]).lower() == value.lower()

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.branch_names import refusal_of_branch, refusal_of_revision


@pytest.mark.parametrize(
    "name", ["main", "release/1.x", "feature/ä-b", "v1.4.0", "a@b", "HEAD~".rstrip("~"), "1a2b3c4"]
)
def test_one_branch(name: str) -> None:
    assert refusal_of_branch(name) is None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("*", "pattern", id="star"),
        pytest.param("**", "pattern", id="stars"),
        pytest.param("release/*", "pattern", id="part"),
        pytest.param("v?", "pattern", id="question-mark"),
        pytest.param("[ab]", "pattern", id="set"),
        pytest.param(":origin/(main|dev)", "Git has no branch", id="regular-expression"),
        pytest.param("${BRANCH}", "variable", id="variable"),
        pytest.param("refs/heads/main", "as in main", id="whole"),
        pytest.param("remotes/origin/main", "as in main", id="remote"),
        pytest.param("refs/", "as in main", id="half"),
        pytest.param("", "Git has no branch", id="empty"),
        pytest.param("a b", "Git has no branch", id="space"),
        pytest.param("-x", "Git has no branch", id="option"),
        pytest.param("main.lock", "Git has no branch", id="lock"),
        pytest.param("a..b", "Git has no branch", id="range"),
    ],
)
def test_no_branch(name: str, words: str) -> None:
    assert words in (refusal_of_branch(name) or "")


def test_a_tag_may_be_written_whole() -> None:
    assert refusal_of_revision("refs/tags/v1") is None


@given(st.text("a/.-@{~^:*[\\ \x01$ulock", min_size=1, max_size=8))
def test_what_is_taken_git_takes_too(name: str) -> None:
    if refusal_of_branch(name) is None:
        ended = subprocess.run(["git", "check-ref-format", "--branch", name], capture_output=True, check=False)
        assert ended.returncode == 0, name

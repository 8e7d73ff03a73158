"""The text of the hook that tells Jenkins, and settings that can be none."""

from __future__ import annotations

import shlex
from dataclasses import replace
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.push_hook import Hook, installed_settings, whose
from cictl.core.push_hook_text import HookSettings, hook_text, settings_problem

SETTINGS = HookSettings("https://ci.example.com/jenkins", "git@git.example.com:shop/checkout.git")


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1), st.text())
def test_settings_are_values_and_never_shell(repository: str, body: str) -> None:
    text = hook_text(body, replace(SETTINGS, repository_url=repository))
    assert whose(text) is Hook.OURS
    assert installed_settings(text)["repository"] == repository
    line = next(line for line in text.splitlines() if line.startswith("repository="))
    assert unquote(line.removeprefix("repository=").strip("'")) == repository
    assert len(shlex.split(line)) == 1


@pytest.mark.parametrize(
    "settings",
    [
        HookSettings("ftp://x", "r"),
        HookSettings("http://user:word@ci.example.com", "r"),
        HookSettings('http://x"', "r"),
        HookSettings("http://x?y", "r"),
        HookSettings("http://x/\ny", "r"),
        HookSettings("http://x", ""),
        HookSettings("http://x", "a\nb"),
        HookSettings("http://x", "https://me:word@git.example.com/app.git"),
    ],
)
def test_settings_that_cannot_be(settings: HookSettings) -> None:
    assert settings_problem(settings)


@pytest.mark.parametrize("url", ["http://[::1]:8080", "http://localhost:8080/a/b", "https://ci.example.com"])
def test_settings_that_can_be(url: str) -> None:
    assert settings_problem(replace(SETTINGS, jenkins=url)) is None

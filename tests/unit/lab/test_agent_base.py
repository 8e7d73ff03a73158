"""The base of the agent's image: made again when what it is made of changes, and only then."""

import json
from pathlib import Path

import pytest

from lab import agent_base
from lab.layout import Layout


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text('[project]\ndependencies = ["click"]\n')
    (tmp_path / "requirements.lock").write_text("click==8.5.1\npip==26.0\npip-tools==7.5\nsetuptools==81.0.0\n")
    monkeypatch.setattr(agent_base, "REPOSITORY", tmp_path)
    return tmp_path


def test_the_recipe_is_of_what_is_brought(repository: Path) -> None:
    before = agent_base.recipe()
    (repository / "pyproject.toml").write_text('[project]\nversion = "2"\ndependencies = ["click"]\n')
    assert agent_base.recipe() == before
    (repository / "requirements.lock").write_text("click==8.6.0\n")
    assert agent_base.recipe() != before


def test_what_is_there_is_not_made_again(repository: Path, layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    there = agent_base.recipe()
    built: list[Layout] = []
    monkeypatch.setattr(agent_base, "docker", lambda _layout, *_words: f"{there}\n")
    monkeypatch.setattr(agent_base, "_build", built.append)
    assert agent_base.ensure(layout) == agent_base.IMAGE
    assert built == []
    (repository / "requirements.lock").write_text("click==8.6.0\n")
    agent_base.ensure(layout)
    assert built == [layout]


@pytest.mark.usefixtures("repository")
def test_libraries_are_pinned_with_what_builds_them(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [{"metadata": {"name": name, "version": version}} for name, version in (("click", "8.5.1"), ("cictl", "1"))]
    monkeypatch.setattr(agent_base, "run", lambda _argv: json.dumps({"install": found}))
    assert agent_base._requirements() == ["click==8.5.1", "pip==26.0", "setuptools==81.0.0"]

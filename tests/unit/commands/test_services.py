from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from cictl.wiring.app import App
from tests.running import Run

CONFIG = """
version: 1
services:
  cart: {path: services/cart}
  checkout: {path: services/checkout, uses: [libs/common]}
"""


def git(folder: Path, *arguments: str) -> None:
    author = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    subprocess.run(["git", *author, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def app(tmp_path: Path) -> App:
    (tmp_path / "cictl.yaml").write_text(CONFIG, encoding="utf-8")
    for name in ("cart", "checkout"):
        folder = tmp_path / "services" / name
        folder.mkdir(parents=True)
        (folder / "service.yaml").write_text(f"name: {name}\n", encoding="utf-8")
        (folder / "Dockerfile").write_text("FROM scratch\n", encoding="utf-8")
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "first")
    return App(environ={"HOME": str(tmp_path)}, directory=tmp_path)


def changed(run: Run, app: App, *options: str) -> list[str]:
    result = run("services", "changed", "-o", "json", *options, app=app)
    assert result.status == 0, result.stderr
    services: list[str] = json.loads(result.stdout)["services"]
    return services


def test_what_a_service_uses_concerns_it(run: Run, app: App, tmp_path: Path) -> None:
    (tmp_path / "libs" / "common").mkdir(parents=True)
    (tmp_path / "libs" / "common" / "a.py").write_text("", encoding="utf-8")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "second")
    assert changed(run, app, "--since", "HEAD~1") == ["checkout"]
    assert changed(run, app, "--since", "HEAD") == []


def test_without_a_commit_or_with_one_that_is_gone_all_count(run: Run, app: App) -> None:
    assert changed(run, app) == ["cart", "checkout"]
    assert changed(run, app, "--since", "f" * 40) == ["cart", "checkout"]

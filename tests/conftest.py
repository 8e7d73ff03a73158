"""What all tests share: nothing of the user's environment, a clock that moves when told, a way to run cictl."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cictl import redaction
from cictl.root import main
from cictl.wiring.app import App
from tests.fake_jenkins.fixtures import fake_jenkins, make_fake_jenkins
from tests.running import FakeClock, Outcome, Run

__all__ = ["fake_jenkins", "make_fake_jenkins"]  # fixtures that stand beside what they start
_E2E = Path(__file__).parent / "e2e"
_OWN_PREFIXES = ("CICTL_", "JENKINS_", "XDG_", "DOCKER_", "KUBE", "NO_COLOR", "FORCE_COLOR")


@pytest.fixture(autouse=True)
def _own_environment(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the user's settings out of unit and contract tests."""
    if _E2E in request.path.parents:
        return
    for name in [name for name in os.environ if name.startswith(_OWN_PREFIXES) and name != "CICTL_HELM"]:
        monkeypatch.delenv(name)
    home = request.getfixturevalue("tmp_path_factory").mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    for kind in ("CONFIG", "CACHE", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(home / kind.lower()))


@pytest.fixture(autouse=True)
def _fresh_logging(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Forget registered secrets and log handlers after each test."""
    monkeypatch.setattr(redaction, "_secrets", set())
    root, own = logging.getLogger(), logging.getLogger("cictl")
    before = (root.handlers[:], root.level, own.level)
    yield
    root.handlers[:], root.level, own.level = before


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run_cictl(*argv: str, app: App | None = None) -> Outcome:
        capsys.readouterr()
        status = main(argv, app=app)
        captured = capsys.readouterr()
        return Outcome(int(status), captured.out, captured.err)

    return run_cictl

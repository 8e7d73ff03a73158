"""Packages that are installed, without starting their services."""

from pathlib import Path

import pytest

from lab import packages


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Write down what would be run, and check that services are refused meanwhile."""
    made: list[list[str]] = []
    policy = tmp_path / "policy-rc.d"

    def run(argv: list[str], **_: object) -> str:
        assert policy.exists() == ("install" in argv)
        made.append(argv)
        return ""

    monkeypatch.setattr(packages, "POLICY", policy)
    monkeypatch.setattr(packages, "run", run)
    return made


def test_only_what_is_missing() -> None:
    assert packages.missing({"there": "/proc/self/stat", "absent": "/nonexistent"}) == ["absent"]


def test_nothing_is_run_when_nothing_is_missing(calls: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "missing", lambda *_: [])
    packages.ensure()
    assert calls == []


def test_services_are_not_started_and_the_policy_is_gone_again(
    calls: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "missing", lambda *needed: [] if needed else ["docker.io", "runc"])
    packages.ensure()
    assert [argv[:2] for argv in calls] == [["apt-get", "update"], ["apt-get", "install"]]
    assert calls[1][-2:] == ["docker.io", "runc"]
    assert not packages.POLICY.exists()


def test_a_policy_of_the_machines_own_stays(calls: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    packages.POLICY.write_text("own")
    monkeypatch.setattr(packages, "missing", lambda *needed: [] if needed else ["runc"])
    packages._install(["runc"])
    assert packages.POLICY.read_text() == "own"
    assert len(calls) == 1


def test_the_client_is_installed_where_it_is_apart(calls: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "missing", lambda *needed: ["docker-cli"] if needed else ["docker.io"])
    packages.ensure()
    assert [argv[-1] for argv in calls[1:]] == ["docker.io", "docker-cli"]

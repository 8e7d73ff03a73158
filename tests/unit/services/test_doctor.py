from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from cictl.errors import CictlError, ExitCode, FarSideFailed, NotAllowed, NotFound, Unreachable
from cictl.services.doctor import (
    ClusterProbe,
    Finding,
    Probe,
    ProgramProbe,
    ServerProbe,
    Status,
    Versioned,
    diagnose,
    gravest,
)
from tests.running import FakeClock

_RIGHTS = (("get", "Deployment", ""), ("get", "Pod", "log"))


@dataclass
class FakeCluster:
    time: float
    refused: set[tuple[str, str, str]] = field(default_factory=set)
    is_there: bool = True

    def version(self) -> str:
        return "v1.34.4"

    def now(self) -> float:
        return self.time

    def check_namespace(self, namespace: str) -> None:
        if not self.is_there:
            raise NotFound(f"lab has no namespace {namespace!r}")

    def may(self, namespace: str, verb: str, kind: str, subresource: str = "") -> bool:
        assert namespace == "staging"
        return (verb, kind, subresource) not in self.refused


def _raise(error: CictlError) -> Versioned:
    raise error


def _probe(cluster: FakeCluster, clock: FakeClock) -> ClusterProbe:
    return ClusterProbe("environment staging", "staging", lambda: cluster, clock, _RIGHTS)


def test_a_cluster_that_allows_everything(clock: FakeClock) -> None:
    finding = _probe(FakeCluster(clock.wall()), clock).examine()
    assert (finding.status, finding.version, finding.exit_code) == (Status.OK, "v1.34.4", ExitCode.OK)


def test_a_missing_namespace_is_named(clock: FakeClock) -> None:
    [finding] = diagnose([_probe(FakeCluster(clock.wall(), is_there=False), clock)])
    assert (finding.status, finding.exit_code) == (Status.FAIL, ExitCode.NOT_FOUND)
    assert finding.detail == "lab has no namespace 'staging'"


def test_a_missing_right_is_named(clock: FakeClock) -> None:
    finding = _probe(FakeCluster(clock.wall(), {("get", "Pod", "log")}), clock).examine()
    assert finding.status is Status.FAIL
    assert "not allowed: get Pod/log" in finding.detail
    assert finding.exit_code == ExitCode.NOT_ALLOWED


@pytest.mark.parametrize(
    ("skew", "detail"),
    [
        pytest.param(5.0, "", id="tolerated"),
        pytest.param(90.0, "its clock is 1m30s ahead of this machine's", id="ahead"),
        pytest.param(-7.0, "its clock is 7s behind this machine's", id="behind"),
    ],
)
def test_clock_skew_is_a_warning(clock: FakeClock, skew: float, detail: str) -> None:
    finding = ServerProbe("prometheus", lambda: FakeCluster(clock.wall() + skew), clock).examine()
    assert finding.detail == detail
    assert finding.status is (Status.WARN if detail else Status.OK)


def test_findings_keep_the_probes_order_and_errors_become_rows(clock: FakeClock) -> None:
    probes: list[Probe] = [
        ProgramProbe("docker", lambda: _raise(Unreachable("no engine", hint="start it"))),
        ProgramProbe("git", lambda: FakeCluster(0.0)),
        _probe(FakeCluster(clock.wall()), clock),
    ]
    assert [f.system for f in diagnose(probes)] == ["docker", "git", "environment staging"]
    assert diagnose(probes)[0] == Finding("docker", Status.FAIL, "", "no engine", "start it", ExitCode.UNREACHABLE)
    assert diagnose([]) == []


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        pytest.param([], ExitCode.OK, id="none"),
        pytest.param([FarSideFailed("x")], ExitCode.FAR_SIDE_FAILED, id="other"),
        pytest.param([FarSideFailed("x"), NotAllowed("x")], ExitCode.NOT_ALLOWED, id="not-allowed"),
        pytest.param([NotAllowed("x"), Unreachable("x")], ExitCode.UNREACHABLE, id="unreachable"),
    ],
)
def test_the_gravest_decides(errors: list[CictlError], expected: ExitCode) -> None:
    probes = [ProgramProbe("x", lambda error=error: _raise(error)) for error in errors]  # type: ignore[misc] # bound early
    assert gravest(diagnose(probes)) == expected

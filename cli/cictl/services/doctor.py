"""Asks every system that cictl needs how it is, all at once; changes nothing on any of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from cictl.clock import Clock
from cictl.core.quantities import format_duration
from cictl.errors import CictlError, ExitCode

TOLERATED_SKEW_SECONDS = 5.0  # `Date` has whole seconds, and the answer was under way
_GRAVEST_FIRST = (ExitCode.UNREACHABLE, ExitCode.NOT_ALLOWED, ExitCode.CONFIG, ExitCode.NOT_FOUND)
Right = tuple[str, str, str]  # verb, kind, subresource


class Status(StrEnum):
    """How a system is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one system, and what to do about it."""

    system: str
    status: Status
    version: str = ""
    detail: str = ""
    next_step: str = ""
    exit_code: ExitCode = ExitCode.OK


@runtime_checkable
class Probe(Protocol):
    """Asks one system."""

    @property
    def system(self) -> str:
        """What the table calls it."""

    def examine(self) -> Finding:
        """Ask; a CictlError is a finding too."""


class Survey(Protocol):
    """Asks one system that has more to say than fits into one finding."""

    @property
    def system(self) -> str:
        """What the table calls it."""

    def survey(self) -> list[Finding]:
        """Ask; a CictlError is a finding too."""


class Versioned(Protocol):
    """What can say its version."""

    def version(self) -> str:
        """Return the version."""


class TimedServer(Versioned, Protocol):
    """What also says the time."""

    def now(self) -> float:
        """Return its time in seconds since the epoch."""


class Cluster(TimedServer, Protocol):
    """What also says who may do what."""

    def check_namespace(self, namespace: str) -> None:
        """Raise NotFound where there is no NAMESPACE, as far as the caller may look."""

    def may(self, namespace: str, verb: str, kind: str, subresource: str = "") -> bool:
        """Whether the caller may do VERB on KIND in NAMESPACE."""


@dataclass(frozen=True, slots=True)
class ProgramProbe:
    """A program or server that only needs to be there."""

    system: str
    connect: Callable[[], Versioned]
    detail: str = ""

    def examine(self) -> Finding:
        """Ask for its version."""
        return Finding(self.system, Status.OK, self.connect().version(), self.detail)


@dataclass(frozen=True, slots=True)
class ServerProbe:
    """A server whose clock matters."""

    system: str
    connect: Callable[[], TimedServer]
    clock: Clock
    detail: str = ""

    def examine(self) -> Finding:
        """Ask for version and time."""
        server = self.connect()
        return with_skew(Finding(self.system, Status.OK, server.version(), self.detail), server, self.clock)


@dataclass(frozen=True, slots=True)
class ClusterProbe:
    """An environment's cluster: rights are asked first, since that answers soonest when it is not there."""

    system: str
    namespace: str
    connect: Callable[[], Cluster]
    clock: Clock
    rights: Sequence[Right]

    def examine(self) -> Finding:
        """Ask for rights, version and time; one who may do all in any namespace may do it in one that is not there."""
        cluster = self.connect()
        missing = [right for right in self.rights if not cluster.may(self.namespace, *right)]
        if missing:
            return self._not_allowed(cluster, missing)
        cluster.check_namespace(self.namespace)
        detail = f"namespace {self.namespace}: all that a rollout needs is allowed"
        return with_skew(Finding(self.system, Status.OK, cluster.version(), detail), cluster, self.clock)

    def _not_allowed(self, cluster: Cluster, missing: Sequence[Right]) -> Finding:
        rights = ", ".join(f"{verb} {kind}{'/' if sub else ''}{sub}" for verb, kind, sub in missing)
        return Finding(
            system=self.system,
            status=Status.FAIL,
            version=cluster.version(),
            detail=f"namespace {self.namespace}: not allowed: {rights}",
            next_step="have the Role of docs/reference/permissions.md bound to your user there",
            exit_code=ExitCode.NOT_ALLOWED,
        )


def with_skew(finding: Finding, server: TimedServer, clock: Clock) -> Finding:
    """Return FINDING, or a warning where SERVER's clock is not this machine's."""
    skew = server.now() - clock.wall()
    if abs(skew) <= TOLERATED_SKEW_SECONDS:
        return finding
    direction = "ahead of" if skew > 0 else "behind"
    return Finding(
        system=finding.system,
        status=Status.WARN,
        version=finding.version,
        detail=f"its clock is {format_duration(round(abs(skew)))} {direction} this machine's",
        next_step="let both follow NTP; cictl itself goes by the servers' clocks",
    )


def diagnose(probes: Sequence[Probe | Survey]) -> list[Finding]:
    """Return what each of PROBES found, in their order; they are asked at the same time."""
    with ThreadPoolExecutor(max_workers=max(1, len(probes))) as pool:
        return [finding for findings in pool.map(_examined, probes) for finding in findings]


def _examined(probe: Probe | Survey) -> list[Finding]:
    try:
        return [probe.examine()] if isinstance(probe, Probe) else probe.survey()
    except CictlError as error:
        return [failure(probe.system, error)]


def failure(system: str, error: CictlError) -> Finding:
    """Return ERROR as what was found of SYSTEM."""
    return Finding(system, Status.FAIL, "", error.message, error.hint or "", error.exit_code)


def gravest(findings: Sequence[Finding]) -> ExitCode:
    """Return the exit code of the worst of FINDINGS."""
    codes = {finding.exit_code for finding in findings if finding.status is Status.FAIL}
    return next((code for code in (*_GRAVEST_FIRST, *sorted(codes)) if code in codes), ExitCode.OK)

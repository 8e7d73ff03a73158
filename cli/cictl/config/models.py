"""What cictl.yaml may say; the descriptions become the schema and the reference."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Literal, Self

from pydantic import Field, model_validator

from cictl.config.credentials import CredentialEntry
from cictl.config.fields import (
    BranchName,
    Duration,
    FolderPath,
    GitAddress,
    LimitValue,
    ObjectName,
    OwnerName,
    Percentage,
    RegistryHost,
    RevisionName,
    SecretReference,
    Strict,
    TimeZone,
    WebAddress,
    Weight,
)
from cictl.core.freeze import window_problem
from cictl.core.strategy import Capacity, OnInsufficient, OnUnknown


class PlatformRepository(Strict):
    """The platform's own repository, as Jenkins checks it out."""

    repo: GitAddress = Field(description="Its address for Git.")
    branch: BranchName = Field(default="main", description="The protected branch; nothing else deploys.")
    credentials: str | None = Field(default=None, description="The id of its credentials in Jenkins.")
    forge: Literal["git", "github"] = Field(
        default="git", description="What serves it; with `github`, its pull requests are planned in Jenkins."
    )


class SharedLibrary(Strict):
    """The shared library, registered on the folders."""

    name: str = Field(default="cictl", description="What `@Library` calls it.")
    version: RevisionName | None = Field(
        default=None, description="A tag, branch or commit; by default the platform's branch."
    )


class Jenkins(Strict):
    """The Jenkins that runs the pipelines."""

    url: WebAddress = Field(description="Its address; JENKINS_URL stands in for it.")
    folder: FolderPath = Field(default="", description="The team's folder; empty is the top.")
    owner: OwnerName = Field(default="", description="Whose mark the jobs bear; empty is the folder.")
    user: str | None = Field(default=None, description="Who signs in; JENKINS_USER_ID stands in for it.")
    token: SecretReference | None = Field(
        default=None, description="That user's API token; by default JENKINS_API_TOKEN."
    )
    platform: PlatformRepository | None = Field(default=None, description="Where jobs and pipelines come from.")
    library: SharedLibrary = Field(default=SharedLibrary(), description="The shared library of the pipelines.")
    agent_label: str = Field(default="", description="The label of the agents that build; empty is any agent.")
    credentials: tuple[CredentialEntry, ...] = Field(
        default=(), description="What Jenkins keeps for jobs; bootstrap writes them."
    )

    @model_validator(mode="after")
    def _ids_are_single(self) -> Self:
        ids = [entry.id for entry in self.credentials]
        if repeated := next((each for each in ids if ids.count(each) > 1), None):
            message = f"two credentials are called {repeated!r}; ids are one for all folders, as jobs name them alone"
            raise ValueError(message)
        return self


class Registry(Strict):
    """Where images are pushed and pulled; credentials are found as Docker finds them."""

    url: RegistryHost = Field(description="host:port of the registry.")
    repository: str = Field(default="", description="What stands before each service's name.")
    insecure: bool = Field(default=False, description="Whether it speaks plain http.")


class Prometheus(Strict):
    """Where gates measure."""

    url: WebAddress = Field(description="Its address, with the path prefix if it has one.")
    token: SecretReference | None = Field(default=None, description="A bearer token, where one is needed.")


class FreezeEntry(Strict):
    """When nothing is promoted: once, each week or each day, by the wall clock of its zone."""

    begins: str = Field(alias="from", description="As in `2026-12-20`, `2026-12-20 18:00`, `fri 16:00` or `22:00`.")
    ends: str = Field(alias="until", description="As `from`, and not part of the window any more.")
    zone: TimeZone = Field(description="The time zone, as in Europe/Berlin or UTC.")
    reason: str = Field(min_length=1, description="What people are told.")

    @model_validator(mode="after")
    def _is_a_window(self) -> Self:
        if problem := window_problem(self.begins, self.ends):
            raise ValueError(problem)
        return self


class ApprovalEntry(Strict):
    """Whose approval a promotion needs."""

    by: tuple[str, ...] = Field(default=(), description="Who of `people` may approve; empty: all of them.")
    four_eyes: bool = Field(default=False, description="Whether the author of the newest commit is not enough.")


class EnvironmentEntry(Strict):
    """A place that services run in."""

    context: str = Field(description="The kubeconfig context; the current one is never used by accident.")
    namespace: ObjectName = Field(description="The namespace of all services there.")
    strategy: str = Field(default="direct", description="How releases come in: a name of `strategies`.")
    after: str | None = Field(default=None, description="The environment that a release must have passed before.")
    gate: str | None = Field(default=None, description="A gate of its own, in place of the strategy's.")
    soak: Duration = Field(
        default="0s", validate_default=True, description="How long a release must have run in `after` before."
    )
    freeze: tuple[FreezeEntry, ...] = Field(default=(), description="When nothing is promoted into it.")
    approval: ApprovalEntry | None = Field(default=None, description="Who may promote into it; by default everybody.")


class StepEntry(Strict):
    """A share of pods, and how long at least to look at it."""

    weight: Weight = Field(description="The share of pods in percent, 1 to 99.")
    pause: Duration = Field(description="How long at least to look before the next step.")


class StrategyEntry(Strict):
    """How a release comes in; without steps it is `direct`."""

    steps: tuple[StepEntry, ...] = Field(default=(), description="Weights in ascending order, each with its pause.")
    capacity: Capacity = Field(
        default=Capacity.EXTRA, description="`extra`: the canary's pods come on top; `swapped`: in place of stable's."
    )
    gate: str | None = Field(default=None, description="What must hold before each next step: a name of `gates`.")
    watch: Duration = Field(
        default="0s", validate_default=True, description="How long to go on judging after promotion."
    )
    deadline: Duration = Field(
        default="30m", validate_default=True, description="How long each step may take beyond its pause."
    )
    abort_patience: Duration = Field(
        default="30s", validate_default=True, description="How long an abort waits for stable's pods before it insists."
    )
    on_unknown: OnUnknown = Field(default=OnUnknown.ABORT, description="At the deadline, with telemetry missing.")
    on_insufficient: OnInsufficient = Field(
        default=OnInsufficient.ABORT, description="At the deadline, with too little traffic to tell."
    )

    @model_validator(mode="after")
    def _weights_ascend(self) -> Self:
        weights = [step.weight for step in self.steps]
        if any(later <= earlier for earlier, later in pairwise(weights)):
            message = f"the weights of the steps must ascend: {weights}"
            raise ValueError(message)
        return self


class CheckEntry(Strict):
    """One measured thing: a ratio (`bad`, `total`, `max`) or a value (`query`, `max` or `min`, `for`)."""

    name: ObjectName = Field(description="What messages call it.")
    bad: str | None = Field(default=None, description="PromQL: how many events were bad.")
    total: str | None = Field(default=None, description="PromQL: how many events there were.")
    query: str | None = Field(default=None, description="PromQL: the value or quantile.")
    max: LimitValue | None = Field(default=None, description="The most it may be; a percentage for a ratio.")
    min: LimitValue | None = Field(default=None, description="The least it may be; for values only.")
    looks: int = Field(default=1, ge=1, alias="for", description="How many looks in a row must break the limit.")

    @property
    def is_ratio(self) -> bool:
        """Whether events are counted, instead of a value measured."""
        return self.query is None

    @model_validator(mode="after")
    def _is_one_kind(self) -> Self:
        problem = self._ratio_problem() if self.is_ratio else self._value_problem()
        if problem:
            raise ValueError(problem)
        return self

    def _ratio_problem(self) -> str | None:
        if self.bad is None or self.total is None:
            return "a check needs `bad` and `total` (a ratio), or `query` (a value)"
        if self.max is None or self.max.unit != "ratio":
            return "a ratio needs `max` as a percentage, as in max: 1%"
        if self.min is not None or "looks" in self.model_fields_set:
            return "`min` and `for` belong to checks with `query`; a ratio is judged on all counts since the step began"
        return None

    def _value_problem(self) -> str | None:
        if self.bad is not None or self.total is not None:
            return "`query` stands in place of `bad` and `total`, not beside them"
        if (self.max is None) == (self.min is None):
            return "a check with `query` needs either `max` or `min`"
        return None


class GateEntry(Strict):
    """A named set of checks."""

    every: Duration = Field(default="10s", validate_default=True, description="How often to look.")
    alpha: Percentage = Field(
        default="1%", validate_default=True, description="The chance to abort a release that meets its limits."
    )
    min_requests: int = Field(default=0, ge=0, description="Below this `traffic` there is too little to tell.")
    traffic: str | None = Field(default=None, description="PromQL: how many requests there were.")
    selector: str | None = Field(
        default=None,
        description="What `$selector` expands to; by default the pods of the release. "
        "`$release`, `$namespace` and `$service` are filled in.",
    )
    checks: tuple[CheckEntry, ...] = Field(min_length=1, description="What is measured.")

    @model_validator(mode="after")
    def _has_consistent_parts(self) -> Self:
        names = [check.name for check in self.checks]
        if repeated := next((name for name in names if names.count(name) > 1), None):
            message = f"two checks are called {repeated!r}"
            raise ValueError(message)
        if self.min_requests and self.traffic is None:
            message = "`min_requests` needs a `traffic` query to compare with"
            raise ValueError(message)
        return self


class ExemptionEntry(Strict):
    """A vulnerability that is put up with, for a time."""

    id: str = Field(min_length=1, description="As the scanner calls it, as in CVE-2024-1234.")
    package: str | None = Field(default=None, description="The package; by default all that have it.")
    until: date = Field(description="The last day that it counts, as in 2027-01-31.")
    reason: str = Field(min_length=1, description="Why it does no harm here.")


class ScanEntry(Strict):
    """What stops an image that was scanned for vulnerabilities."""

    fail_on: Literal["low", "medium", "high", "critical"] = Field(
        default="high", description="The least severity that stops it."
    )
    fail_on_unknown: bool = Field(default=True, description="Whether an unknown severity stops it, too.")
    ignore_unfixed: bool = Field(default=False, description="Whether what no version mends yet is let through.")
    ignore: tuple[ExemptionEntry, ...] = Field(default=(), description="What is put up with, until when and why.")


class ServiceItem(Strict):
    """A service of the catalogue."""

    path: str = Field(description="Its folder, with service.yaml; from this file's folder on.")
    repo: GitAddress | None = Field(
        default=None, description="Its Git repository; without one it has no job in Jenkins."
    )
    forge: Literal["git", "github"] = Field(
        default="git", description="`git`: its branches are built; `github`: pull requests, too."
    )
    team: ObjectName | None = Field(default=None, description="Who owns it; each team has a view.")
    credentials: str | None = Field(default=None, description="The id of the credentials in Jenkins for `repo`.")
    uses: tuple[str, ...] = Field(
        default=(), description="What else it is made of, as [libs/common]; a change there concerns it, too."
    )


class PlatformFile(Strict):
    """The platform's configuration."""

    version: Literal[1] = Field(description="The format of this file.")
    jenkins: Jenkins | None = Field(default=None, description="The Jenkins that runs the pipelines.")
    registry: Registry | None = Field(default=None, description="Where images are.")
    prometheus: Prometheus | None = Field(default=None, description="Where gates measure.")
    environments: dict[ObjectName, EnvironmentEntry] = Field(default={}, description="Where services run.")
    strategies: dict[ObjectName, StrategyEntry] = Field(default={}, description="How releases come in.")
    gates: dict[ObjectName, GateEntry] = Field(default={}, description="What must hold.")
    services: dict[ObjectName, ServiceItem] = Field(default={}, description="What runs.")
    scan: ScanEntry | None = Field(default=None, description="What stops an image that was scanned.")
    people: dict[str, str] = Field(default={}, description="Who can approve: Jenkins' user ids to Git addresses.")

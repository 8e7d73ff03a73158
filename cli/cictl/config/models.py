"""What cictl.yaml may say; the descriptions become the schema and the reference."""

from __future__ import annotations

from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from cictl.config.credentials import CredentialEntry
from cictl.config.fields import (
    BranchName,
    FolderPath,
    GitAddress,
    ObjectName,
    OwnerName,
    RegistryHost,
    RevisionName,
    SecretReference,
    Strict,
    WebAddress,
)
from cictl.config.gate_models import GateEntry
from cictl.config.release_models import EnvironmentEntry, StrategyEntry


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

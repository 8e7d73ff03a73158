"""Builds what people need to start, follow, stop and answer builds of the configured Jenkins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from cictl.clients.jenkins_branches import JenkinsBranches
from cictl.clients.jenkins_builds import JenkinsBuilds
from cictl.clients.jenkins_jobs import item_path
from cictl.core.jenkins_builds import Build
from cictl.core.named_values import named_values
from cictl.errors import ConfigInvalid, FarSideFailed, NotFound, UsageProblem
from cictl.redaction import redact
from cictl.services.build_answers import AnswerDesk
from cictl.services.build_following import BuildFollowing
from cictl.services.build_jobs import JobFinder, NamedJob
from cictl.services.build_patience import Patience
from cictl.services.build_scans import BranchScan
from cictl.services.builds import BuildDesk
from cictl.wiring.given_files import given_text
from cictl.wiring.jenkins import jenkins_connection

if TYPE_CHECKING:
    from cictl.clients.jenkins_connection import JenkinsConnection
    from cictl.wiring.app import App

_CI_FOLDER = "ci"


class BuildTools:
    """What works on the builds of one Jenkins, over one connection."""

    def __init__(self, app: App) -> None:
        """Speak as who is signed in; NotAllowed if nobody is."""
        self._app = app
        self._connection: JenkinsConnection = jenkins_connection(app)
        self._builds = JenkinsBuilds(self._connection)
        self._branches = JenkinsBranches(self._connection)
        self._patience = Patience(app.clock, app.output.progress)

    @cached_property
    def finder(self) -> JobFinder:
        """Who knows which job is meant."""
        return JobFinder(self._builds, self._branches)

    @cached_property
    def desk(self) -> BuildDesk:
        """Who starts and stops."""
        sign_in = self._connection.sign_in
        return BuildDesk(self._builds, self._app.clock, self._patience, sign_in.user if sign_in else None)

    @cached_property
    def following(self) -> BuildFollowing:
        """Who waits, and shows the log."""
        output = self._app.output
        return BuildFollowing(self._builds, self._app.clock, output.progress, output.log)

    @cached_property
    def answers(self) -> AnswerDesk:
        """Who answers inputs."""
        return AnswerDesk(self._builds, self._app.clock, self._patience)

    @cached_property
    def scan(self) -> BranchScan:
        """Who scans for branches."""
        return BranchScan(self._branches, self._builds, self._app.clock, self._patience, self._app.output.log)

    def named(self, service: str | None, job: str | None) -> NamedJob:
        """Return the job that a command line names: of SERVICE, or JOB itself."""
        if (service is None) == (job is None):
            hint = "one of both, as in --job shop/deploy/promote"
            raise UsageProblem("name a service, or any job with --job", hint=hint)
        if service is None:
            return NamedJob(_checked(job or ""))
        entry = self._app.config().service(service)
        if entry.repo is None:
            hint = f"add repo: to services.{service} in cictl.yaml, and run 'cictl jobs apply'"
            raise ConfigInvalid(f"the service {service} has no repository, so no job builds it", hint=hint)
        folder = self._app.config().jenkins.folder.strip("/")
        return NamedJob("/".join(filter(None, (folder, _CI_FOLDER, service))), service)

    def listed(self, named: NamedJob, branch: str | None, *, limit: int) -> tuple[Build, ...]:
        """Return the LIMIT newest builds: of BRANCH, or of all branches of a multibranch project."""
        item = self.finder.item(named)
        if branch is None and item.is_computed:
            return self._branches.builds_of_branches(item.full_name, limit=limit)
        return self._builds.builds(self.finder.find(named, branch), limit=limit)

    def address(self, named: NamedJob, branch: str | None, number: int | None) -> str:
        """Return where people look at the job, a branch's or a build; NotFound if nothing is there."""
        item = self.finder.item(named)
        is_project = branch is None and number is None
        full_name = item.full_name if is_project else self.finder.find(named, branch)
        if number is not None:
            self.desk.find(full_name, str(number))
        build = "" if number is None else f"{number}/"
        return f"{self._connection.url}{item_path(full_name)}/{build}"

    def now(self) -> float:
        """Return Jenkins' own time, seconds since the epoch; this machine's where Jenkins tells none."""
        try:
            return self._connection.now()
        except FarSideFailed:
            return self._app.clock.wall()


def _checked(job: str) -> str:
    full_name = job.strip("/")
    if {"", ".", ".."} & set(full_name.split("/")):
        hint = "write the folders and the name, as in shop/deploy/promote"
        raise UsageProblem(f"{job!r} is no job's full name", hint=hint)
    return full_name


def given_values(app: App, words: Sequence[str], places: Sequence[str]) -> tuple[dict[str, str], Mapping[str, str]]:
    """Return the values of WORDS (NAME=VALUE), and with those of PLACES (NAME=env:VARIABLE or NAME=file:PATH) all."""
    typed = named_values(words, flag="-p")
    found = named_values(places, flag="--param-from", form="NAME=env:VARIABLE or NAME=file:PATH")
    read = {name: _read(app, name, place) for name, place in found.items()}
    if both := next((name for name in read if name in typed), None):
        raise UsageProblem(f"{both!r} stands in -p and in --param-from", hint="name each parameter once")
    return typed, {**typed, **read}


def _read(app: App, name: str, place: str) -> str:
    kind, _, where = place.partition(":")
    if kind == "env" and where:
        if where not in app.environ:
            raise NotFound(f"{name}: the environment has no {where}", hint="set it, or name another place")
        return redact(app.environ[where])
    if kind == "file" and where:
        return redact(given_text(Path(where), f"{name}: {where}", hint="check its path and mode").removesuffix("\n"))
    hint = f"write --param-from {name}=env:VARIABLE or {name}=file:PATH"
    raise UsageProblem(f"--param-from does not say where {name} stands", hint=hint)

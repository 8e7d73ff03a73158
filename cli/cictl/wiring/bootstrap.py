"""Builds the parts of bootstrap over one connection: it begins with a password, goes on with the token made of it."""

from __future__ import annotations

import socket
import time
from functools import cache
from typing import TYPE_CHECKING

from cictl.clients.jenkins_account import JenkinsAccount
from cictl.clients.jenkins_builds import JenkinsBuilds
from cictl.clients.jenkins_connection import JenkinsConnection
from cictl.clients.jenkins_credentials import JenkinsCredentials
from cictl.clients.jenkins_jobs import JenkinsJobs
from cictl.clients.jenkins_nodes import JenkinsNodes
from cictl.clients.jenkins_plugins import JenkinsPlugins
from cictl.core.bootstrap_access import SignInSeen
from cictl.core.bootstrap_agent import wish_for
from cictl.core.bootstrap_folders import LEVELS, Repository
from cictl.core.bootstrap_plan import Part
from cictl.core.bootstrap_smoke import SMOKE_NAME, smoke_xml
from cictl.core.forge_hooks import Forge, forge_hook, notify_url
from cictl.core.jenkins_items import joined
from cictl.core.job_keeping import admin_folder
from cictl.errors import ConfigInvalid
from cictl.services.bootstrap import Bootstrap
from cictl.services.bootstrap_access import Access
from cictl.services.bootstrap_agent import Agent, AgentWait
from cictl.services.bootstrap_build import OneBuild
from cictl.services.bootstrap_credentials import Credentials
from cictl.services.bootstrap_folders import Folders
from cictl.services.bootstrap_jobs import JobsAndViews
from cictl.services.bootstrap_plugins import PluginList, PluginOptions
from cictl.services.bootstrap_smoke import Smoke
from cictl.services.bootstrap_triggers import Triggers
from cictl.services.build_following import BuildFollowing
from cictl.services.build_patience import Patience
from cictl.services.builds import BuildDesk
from cictl.services.jenkins_waiting import JenkinsWaiting
from cictl.wiring.bootstrap_credentials import read_credential, wanted_credentials
from cictl.wiring.bootstrap_jobs import PlatformJobs
from cictl.wiring.bootstrap_plugins import missing_list, wanted_plugins
from cictl.wiring.bootstrap_sign_in import SigningIn
from cictl.wiring.jenkins import jenkins_url, kept_file, push_token_file
from cictl.wiring.jobs import JobSource, rendered_jobs
from cictl.wiring.jobs_live import FELLOWS, LiveJobs, tree_owner

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cictl.config.platform import Config
    from cictl.core.jenkins_nodes import InboundAgent
    from cictl.core.rendered_job import RenderedJob
    from cictl.services.bootstrap import Work
    from cictl.services.bootstrap_access import FirstAdministrator
    from cictl.wiring.app import App
    from cictl.wiring.bootstrap_options import BootstrapOptions


def bootstrap(app: App, options: BootstrapOptions) -> Bootstrap:
    """Return the parts, signed in at a Jenkins that serves; waits for one that starts."""
    return _Parts(app, options).bootstrap()


class _Parts:
    def __init__(self, app: App, options: BootstrapOptions) -> None:
        self._app, self._options = app, options
        self._config: Config = app.config()
        self._url = jenkins_url(app)
        self._folder = self._config.jenkins.folder.strip("/")
        self._connection = JenkinsConnection(self._url, environ=app.environ, tell=app.output.progress)
        self._account = JenkinsAccount(self._connection)
        self._jobs = JenkinsJobs(self._connection)
        self._nodes = JenkinsNodes(self._connection)
        self._plugins = JenkinsPlugins(self._connection)
        self._render = cache(self._rendered)
        self._job_owner = tree_owner(app, JobSource())
        self._signing_in = SigningIn(app, options, self._connection)
        self._first: FirstAdministrator | None = None
        self._levels = frozenset(joined(self._folder, level) for level in LEVELS)
        self._made_before: frozenset[str] = frozenset()

    def bootstrap(self) -> Bootstrap:
        self._wait()
        signed_in = self._signing_in.find()
        self._connection.sign_in_as(signed_in.sign_in)
        self._first = signed_in.first
        selected = self._options.only or tuple(Part)
        self._made_before = self._levels if Part.FOLDERS in selected else frozenset()
        works = [self._work(part) for part in Part if part in selected]
        return Bootstrap(works, self._app.output.progress, self._wait)

    def _wait(self) -> None:
        waiting = JenkinsWaiting(self._account, self._app.clock, self._app.output.progress)
        waiting.until_ready(self._options.timeout_seconds)

    def _work(self, part: Part) -> Work:
        return {
            Part.ACCESS: self._access,
            Part.PLUGINS: self._plugin_list,
            Part.FOLDERS: self._folders,
            Part.CREDENTIALS: self._credentials,
            Part.AGENT: self._agent,
            Part.JOBS: self._platform_jobs,
            Part.TRIGGERS: self._triggers,
            Part.SMOKE: self._smoke,
        }[part]()

    # -- the parts

    def _access(self) -> Work:
        sign_in = self._connection.sign_in
        if sign_in is None:
            raise AssertionError
        seen = SignInSeen(sign_in.user, sign_in.origin, is_password=sign_in.is_password)
        return Access(self._account, self._jobs, seen, self._signing_in.exchange, self._folder, self._first)

    def _plugin_list(self) -> Work:
        options = PluginOptions(
            may_install=self._options.may_install_plugins and not self._options.is_check,
            may_restart=self._options.may_restart,
            timeout_seconds=self._options.timeout_seconds,
        )
        wanted = wanted_plugins(self._config)
        say = self._app.output.progress
        missing = missing_list(self._config)
        return PluginList(self._plugins, self._account, wanted, options, self._app.clock, say, missing)

    def _folders(self) -> Work:
        repositories = tuple(_repositories(self._config))
        owner = self._job_owner
        takes_from = (*owner.formers, *FELLOWS)
        return Folders(self._jobs, self._folder, owner.name, repositories, self._rendered_folders, takes_from)

    def _credentials(self) -> Work:
        wanted = wanted_credentials(self._config, self._app.environ, rotate=self._options.rotate)
        stores = JenkinsCredentials(self._connection)
        config, environ = self._config, self._app.environ
        return Credentials(
            stores, self._jobs, wanted, lambda each: read_credential(config, environ, each), self._options.rotate
        )

    def _agent(self) -> Work:
        wish = wish_for(self._config.jenkins.agent_label, folder=self._folder)
        seconds = self._options.agent_wait_seconds
        wait = AgentWait(self._app.clock, self._app.output.progress, seconds) if seconds else None
        return Agent(self._nodes, wish, self._keep_agent_secret, self._options.stops_controller_builds, wait)

    def _platform_jobs(self) -> Work:
        owner = self._job_owner
        live = LiveJobs(self._app, self._connection, owner.name, self._folder, formers=owner.formers)
        return JobsAndViews(PlatformJobs(live, self._render, self._made_before))

    def _triggers(self) -> Work:
        store = push_token_file(self._app, self._url)
        day = time.strftime("%Y-%m-%d", time.gmtime(self._app.clock.wall()))
        name = f"cictl on {socket.gethostname()}, {day}"
        return Triggers(self._plugins, self._account, store, name, tuple(self._forge_lines()))

    def _smoke(self) -> Work:
        jenkins = self._config.jenkins
        try:
            xml = smoke_xml(library=jenkins.library.name, label=jenkins.agent_label)
        except ValueError as error:
            hint = "rename it in cictl.yaml: jenkins.library.name, jenkins.agent_label"
            raise ConfigInvalid(f"no smoke build can be written: {error}", hint=hint) from error
        builds = JenkinsBuilds(self._connection)
        say = self._app.output.progress
        following = BuildFollowing(builds, self._app.clock, say, self._say_log)
        sign_in = self._connection.sign_in
        desk = BuildDesk(builds, self._app.clock, Patience(self._app.clock, say), sign_in.user if sign_in else None)
        run = OneBuild(desk, following, self._options.timeout_seconds).run
        name = joined(admin_folder(self._folder), SMOKE_NAME)
        return Smoke(
            self._jobs,
            builds,
            self._nodes,
            run,
            name,
            xml,
            jenkins.agent_label,
            is_asked=Part.SMOKE in self._options.only,
        )

    # -- what they need

    def _rendered(self) -> tuple[RenderedJob, ...]:
        return rendered_jobs(self._app, JobSource())

    def _rendered_folders(self) -> Sequence[RenderedJob]:
        return [each for each in self._render() if not each.is_view and each.full_name in self._levels]

    def _forge_lines(self) -> Iterator[str]:
        """Yield what people enter for each service: where, which address, which events, which secret."""
        for service in self._config.services():
            if service.repo is None:
                continue
            if service.forge == Forge.GITHUB:
                entry = forge_hook(Forge.GITHUB, jenkins=self._url)
                yield f"{service.name}: GitHub, {entry.where}: {entry.url} as {entry.content_type}"
                yield f"{service.name}: events {', '.join(entry.events)}; secret: {entry.secret}"
            else:
                yield f"{service.name}: {notify_url(jenkins=self._url, repository_url=service.repo)}"
        if any(service.repo for service in self._config.services()):
            yield "'cictl hook install' enters it at a Git server; 'cictl hook url' tells it for GitHub, GitLab, Gitea"

    def _say_log(self, lines: str) -> None:
        """Tell a build's log where progress is told: stdout is the result's alone."""
        for line in lines.splitlines():
            self._app.output.progress(f"  {line}")

    def _keep_agent_secret(self, agent: InboundAgent) -> str:
        file = kept_file(self._app, "agent", f"{self._url}\n{agent.name}", "secret")
        file.keep(agent.secret)
        return file.path


def _repositories(config: Config) -> Iterator[Repository]:
    if config.jenkins.platform is not None:
        yield Repository(config.jenkins.platform.repo, "jenkins.platform.repo")
    for service in config.services():
        if service.repo is not None:
            yield Repository(service.repo, f"services.{service.name}.repo")

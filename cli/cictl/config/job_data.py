"""What cictl.yaml says to the templates of `jobs/`: Job Builder projects, which name them and give them their values.

Nothing of this stands in a file: a service, team or environment in cictl.yaml is all that its jobs and views need.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cictl.core.repository_address import repository_problem
from cictl.errors import ConfigInvalid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cictl.config.models import PlatformRepository
    from cictl.config.platform import Config, ServiceEntry

Project = dict[str, object]

_EXAMPLE = '{repo: "https://git.example.com/platform.git", branch: main}'
_SSH_ADDRESS = re.compile(r"(?:[^@/]+@)?(?P<host>[^:/]+):(?P<path>[^:]+)")
_GITHUB = "github.com"


def job_data(config: Config) -> list[Project]:
    """Return the projects: one for the platform, one for each service with a repository, team and environment."""
    common = _common(config)
    projects = [
        _platform(config),
        *_review(config),
        *_deployments(config),
        *_services(config),
        *_teams(config),
        *_environments(config),
    ]
    return [_literal({**common, **project}) for project in projects]


def _common(config: Config) -> Project:
    jenkins, platform = config.jenkins, _platform_repository(config)
    return {
        "root": _prefix(jenkins.folder),
        "platform_repo": platform.repo,
        "platform_branch": platform.branch,
        "platform_credentials": platform.credentials or "",
        "library_name": jenkins.library.name,
        "library_version": jenkins.library.version or platform.branch,
        "agent_label": jenkins.agent_label,
    }


def _platform_repository(config: Config) -> PlatformRepository:
    if (platform := config.jenkins.platform) is None:
        message = f"{config.path} does not say which repository Jenkins runs jobs from"
        raise ConfigInvalid(message, hint=f"add, for example, jenkins.platform: {_EXAMPLE}")
    return platform


def _prefix(folder: str) -> str:
    return f"{folder.strip('/')}/" if folder.strip("/") else ""


def _platform(config: Config) -> Project:
    services, environments = list(config.model.services), list(config.model.environments)
    later = [name for name, entry in config.model.environments.items() if entry.after]
    jobs = ["ci-folder", "deploy-folder", "admin-folder", "seed", "plan", "drift"]
    if services and environments:
        jobs += ["rollback"]
        jobs += ["promote"] if later else []
    return {
        "name": "platform",
        "services": services,
        "environments": environments,
        "later_environments": later,
        "jobs": jobs,
    }


def _review(config: Config) -> Iterator[Project]:
    """Yield what builds pull requests of the platform's own repository, where its forge has some."""
    platform = _platform_repository(config)
    if platform.forge != "git":
        yield {
            "name": "review",
            **_github(config, "jenkins.platform.repo", platform.repo),
            "jobs": ["review"],
        }


def _deployments(config: Config) -> Iterator[Project]:
    """Yield a job for each service and first environment: milestones, which order builds, belong to a job."""
    first = _first_environments(config)
    if config.model.services and first:
        yield {
            "name": "deployments",
            "service": list(config.model.services),
            "environment": first,
            "jobs": ["deploy"],
        }


def _first_environments(config: Config) -> list[str]:
    return [name for name, entry in config.model.environments.items() if not entry.after]


def _services(config: Config) -> Iterator[Project]:
    for service in config.services():
        if service.repo:
            yield {
                "name": f"service-{service.name}",
                "service": service.name,
                "repo": service.repo,
                "credentials": service.credentials or "",
                "team": service.team or "no team",
                **_forge(config, service),
            }


def _forge(config: Config, service: ServiceEntry) -> Project:
    if service.forge == "git":
        return {"jobs": ["ci-git"]}
    return {**_github(config, f"services.{service.name}.repo", service.repo or ""), "jobs": ["ci-github"]}


def _github(config: Config, where: str, address: str) -> Project:
    host, owner, name = _github_parts(config, where, address)
    api = f"https://api.{_GITHUB}" if host == _GITHUB else f"https://{host}/api/v3"
    return {"github_owner": owner, "github_repo": name, "github_api": api}


def _github_parts(config: Config, where: str, address: str) -> tuple[str, str, str]:
    host, path = _host_and_path(address) if repository_problem(address) is None else ("", "")
    parts = path.strip("/").removesuffix(".git").split("/")
    if not host or len(parts) != 2 or not all(parts):  # noqa: PLR2004 - owner and repository
        message = f"{where} in {config.path} is no repository of GitHub: {address}"
        raise ConfigInvalid(message, hint="write https://github.com/OWNER/REPOSITORY.git, or leave out forge: github")
    return host, parts[0], parts[1]


def _host_and_path(address: str) -> tuple[str, str]:
    if "://" in address:
        url = urlsplit(address)
        return url.hostname or "", url.path
    match = _SSH_ADDRESS.fullmatch(address)
    return (match["host"], match["path"]) if match else ("", "")


def _teams(config: Config) -> Iterator[Project]:
    listed = [service for service in config.services() if service.repo and service.team]
    for team in dict.fromkeys(service.team for service in listed):
        jobs = [f"ci/{service.name}" for service in listed if service.team == team]
        yield {"name": f"team-{team}", "team": team, "view_jobs": jobs, "views": ["team-view"]}


def _environments(config: Config) -> Iterator[Project]:
    if not config.model.services:
        return
    for environment in config.environments():
        name = environment.name
        deploy = [f"deploy/{service}-{name}" for service in config.model.services]
        jobs = ["deploy/promote"] if environment.after else deploy
        jobs = [*jobs, "deploy/rollback"]
        yield {"name": f"environment-{name}", "environment": name, "view_jobs": jobs, "views": ["environment-view"]}


def _literal(project: Project) -> Project:
    """Return PROJECT with braces doubled, which Job Builder would take for parameters of its own."""
    return {key: _escaped(value) for key, value in project.items()}


def _escaped(value: object) -> object:
    if isinstance(value, str):
        return value.replace("{", "{{").replace("}", "}}")
    return [_escaped(item) for item in value] if isinstance(value, list) else value

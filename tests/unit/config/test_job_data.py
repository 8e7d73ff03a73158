from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cictl.config.job_data import job_data
from cictl.config.platform import load_config
from cictl.errors import ConfigInvalid

Data = Callable[[str], dict[str, dict[str, object]]]
HEAD = """\
version: 1
jenkins: {url: "http://localhost:8080", folder: shop, platform: {repo: "https://git/p.git", branch: trunk}}
environments:
  staging: {context: lab, namespace: staging}
  production: {context: lab, namespace: production, after: staging}
"""


@pytest.fixture
def data(tmp_path: Path) -> Data:
    def of(text: str) -> dict[str, dict[str, object]]:
        path = tmp_path / "cictl.yaml"
        path.write_text(text)
        return {str(project["name"]): project for project in job_data(load_config(path))}

    return of


def test_a_service_is_all_that_its_jobs_need(data: Data) -> None:
    before = data(HEAD + "services: {a: {path: a, repo: 'https://git/a.git', team: x}}")
    after = data(
        HEAD
        + "services: {a: {path: a, repo: 'https://git/a.git', team: x}, "
        + "b: {path: b, repo: 'https://git/b.git', team: x}}"
    )
    assert set(after) - set(before) == {"service-b"}
    assert after["service-b"]["jobs"] == ["ci-git"]
    assert after["service-b"]["root"] == "shop/"
    assert after["platform"]["services"] == ["a", "b"]
    assert after["team-x"]["view_jobs"] == ["ci/a", "ci/b"]


def test_a_service_without_repository_can_be_deployed_and_has_no_job(data: Data) -> None:
    projects = data(HEAD + "services: {a: {path: a, team: x}}")
    assert set(projects) == {"platform", "deployments", "environment-staging", "environment-production"}
    assert projects["platform"]["services"] == ["a"]


def test_pull_requests_of_the_platform_are_planned_where_there_are_some(data: Data) -> None:
    projects = data(
        HEAD.replace('repo: "https://git/p.git"', 'repo: "https://github.com/shop/platform.git", forge: github')
    )
    assert projects["review"]["jobs"] == ["review"]
    assert (projects["review"]["github_owner"], projects["review"]["github_repo"]) == ("shop", "platform")
    with pytest.raises(ConfigInvalid, match=r"jenkins\.platform\.repo in .* is no repository of GitHub"):
        data(HEAD.replace("branch: trunk", "branch: trunk, forge: github"))


def test_environments_know_what_changes_them(data: Data) -> None:
    projects = data(HEAD + "services: {a: {path: a}}")
    assert projects["environment-staging"]["view_jobs"] == ["deploy/a-staging", "deploy/rollback"]
    assert projects["environment-production"]["view_jobs"] == ["deploy/promote", "deploy/rollback"]
    assert projects["platform"]["later_environments"] == ["production"]


def test_without_services_there_is_nothing_to_deploy(data: Data) -> None:
    projects = data(HEAD)
    assert set(projects) == {"platform"}
    assert projects["platform"]["jobs"] == ["ci-folder", "deploy-folder", "admin-folder", "seed", "plan", "drift"]


def test_without_a_later_environment_there_is_nothing_to_promote(data: Data) -> None:
    text = HEAD.replace(", after: staging", "") + "services: {a: {path: a}}"
    assert "promote" not in str(data(text)["platform"]["jobs"])


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        pytest.param("https://github.com/o/r.git", ("o", "r", "https://api.github.com"), id="https"),
        pytest.param("https://github.com/o/r", ("o", "r", "https://api.github.com"), id="without-git"),
        pytest.param("git@github.com:o/r.git", ("o", "r", "https://api.github.com"), id="ssh"),
        pytest.param("github.com:o/r.git", ("o", "r", "https://api.github.com"), id="ssh-as-oneself"),
        pytest.param("ssh://git@github.com/o/r.git", ("o", "r", "https://api.github.com"), id="ssh-address"),
        pytest.param("https://hub.example.com/o/r.git", ("o", "r", "https://hub.example.com/api/v3"), id="enterprise"),
    ],
)
def test_addresses_of_github(data: Data, address: str, expected: tuple[str, str, str]) -> None:
    found = data(HEAD + f"services: {{a: {{path: a, forge: github, repo: '{address}'}}}}")["service-a"]
    assert (found["github_owner"], found["github_repo"], found["github_api"]) == expected
    assert found["jobs"] == ["ci-github"]


@pytest.mark.parametrize(
    "address", ["https://github.com/o", "https://github.com/o/r/x", "/srv/git/r.git", "x", "https://[github.com/r.git"]
)
def test_no_address_of_github(data: Data, address: str) -> None:
    with pytest.raises(ConfigInvalid, match=r"services\.a\.repo") as caught:
        data(HEAD + f"services: {{a: {{path: a, forge: github, repo: '{address}'}}}}")
    assert caught.value.hint


def test_braces_are_no_parameters(data: Data) -> None:
    assert (
        data(HEAD.replace("https://git/p.git", "https://git/{x}.git"))["platform"]["platform_repo"]
        == "https://git/{{x}}.git"
    )


def test_the_top_needs_no_folder(data: Data) -> None:
    assert data(HEAD.replace("folder: shop", "folder: /"))["platform"]["root"] == ""


def test_the_library_follows_the_branch_unless_it_is_pinned(data: Data) -> None:
    assert data(HEAD)["platform"]["library_version"] == "trunk"
    pinned = HEAD.replace("folder: shop", "folder: shop, library: {version: v1}")
    assert data(pinned)["platform"]["library_version"] == "v1"


def test_jobs_need_the_platform_s_repository(data: Data) -> None:
    with pytest.raises(ConfigInvalid, match="which repository"):
        data('version: 1\njenkins: {url: "http://localhost:8080"}\n')

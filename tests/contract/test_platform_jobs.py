"""The platform's own jobs/: what it makes of a configuration, beside the library, and held to the policy."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cictl.core.job_xml import Element, parse_config
from cictl.core.rendered_job import RenderedJob
from cictl.wiring.app import App
from cictl.wiring.jobs import JobSource, data_text, job_findings, rendered_jobs, write_jobs

ROOT = Path(__file__).parents[2]
CONFIG = """\
version: 1
jenkins:
  url: "http://localhost:8080/jenkins"
  folder: shop
  platform: {repo: "https://git.example.com/platform.git?a&b={x}", branch: trunk, credentials: git}
  library: {name: "lib<1>", version: v3}
environments:
  staging: {context: lab, namespace: staging}
  production: {context: lab, namespace: production, after: staging}
services:
  checkout: {path: checkout, repo: "https://git.example.com/checkout.git", team: payments, credentials: git}
  catalog: {path: catalog, repo: "git@github.com:shop/catalog.git", forge: github, team: shelf}
  worker: {path: worker}
"""
_DECLARES = re.compile(
    r"^\s*(?:(properties)\s*[(\[]|(parameters|triggers)\s*\{|(buildDiscarder|disableConcurrentBuilds)\b)"
)
_BLOCK_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
DEPLOYING = {"SERVICE": ["checkout", "catalog", "worker"], "ENVIRONMENT": ["staging", "production"]}


@pytest.fixture
def app(tmp_path: Path) -> App:
    shutil.copytree(ROOT / "jobs", tmp_path / "jobs")
    (tmp_path / "cictl.yaml").write_text(CONFIG)
    return App(environ={"XDG_CACHE_HOME": str(tmp_path / "cache")}, directory=tmp_path)


@pytest.fixture
def jobs(app: App) -> dict[str, RenderedJob]:
    return {job.full_name: job for job in rendered_jobs(app, JobSource())}


def test_all_that_the_configuration_needs(jobs: dict[str, RenderedJob]) -> None:
    assert {name for name, job in jobs.items() if not job.is_view} == {
        *("shop/ci", "shop/deploy", "shop/admin", "shop/ci/checkout", "shop/ci/catalog"),
        *("shop/deploy/checkout-staging", "shop/deploy/catalog-staging", "shop/deploy/worker-staging"),
        *("shop/deploy/promote", "shop/deploy/rollback", "shop/admin/seed", "shop/admin/plan"),
        "shop/admin/drift",
    }
    assert {name for name, job in jobs.items() if job.is_view} == {
        *("shop/team-payments", "shop/team-shelf", "shop/env-staging", "shop/env-production"),
    }


def test_nothing_breaks_the_policy(app: App, jobs: dict[str, RenderedJob]) -> None:
    assert [str(finding) for finding in job_findings(app, list(jobs.values()))] == []


def test_the_library_makes_the_same_of_the_data(app: App, tmp_path: Path) -> None:
    (tmp_path / "data.yaml").write_text(data_text(app))
    plugins = tmp_path / "plugins.yaml"
    (tmp_path / "jobs" / "plugins_info.yaml").rename(plugins)
    words = [
        str(Path(sys.executable).with_name("jenkins-jobs")),
        "test",
        "-p",
        str(plugins),
        f"{tmp_path}/jobs:{tmp_path}/data.yaml",
    ]
    subprocess.run([*words, "-o", str(tmp_path / "theirs"), "--config-xml"], check=True, capture_output=True)
    write_jobs(rendered_jobs(app, JobSource(plugins=plugins)), tmp_path / "ours")
    assert _files(tmp_path / "ours") == _files(tmp_path / "theirs")


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.xml")}


@pytest.mark.parametrize(
    ("name", "choices", "texts"),
    [
        pytest.param("worker-staging", {"SERVICE": ["worker"], "ENVIRONMENT": ["staging"]}, ["IMAGE"], id="deploy"),
        pytest.param("promote", {**DEPLOYING, "ENVIRONMENT": ["production"]}, ["RELEASE", "IMAGE"], id="promote"),
        pytest.param("rollback", DEPLOYING, ["REVISION", "REASON"], id="rollback"),
    ],
)
def test_parameters(jobs: dict[str, RenderedJob], name: str, choices: dict[str, list[str]], texts: list[str]) -> None:
    root = parse_config(jobs[f"shop/deploy/{name}"].xml)
    found = {
        each.text_of("name"): [text.text for text in _all(each, "string")]
        for each in _all(root, "hudson.model.ChoiceParameterDefinition")
    }
    assert found == choices
    assert [each.text_of("name") for each in _all(root, "hudson.model.StringParameterDefinition")] == texts
    assert all(each.text_of("trim") == "true" for each in _all(root, "hudson.model.StringParameterDefinition"))
    assert root.text_of("definition", "scriptPath") == f"pipelines/{'deploy' if '-' in name else name}.Jenkinsfile"
    assert _all(root, "url")[0].text == "https://git.example.com/platform.git?a&b={x}"
    assert _all(root, "hudson.plugins.git.BranchSpec")[0].text_of("name") == "refs/heads/trunk"


def _all(element: Element, tag: str) -> list[Element]:
    found = [each for child in element.children for each in _all(child, tag)]
    return [element, *found] if element.tag == tag else found


def test_seed_is_pushed_and_drift_looks_at_night(jobs: dict[str, RenderedJob]) -> None:
    triggers = {
        name: re.findall(r"<hudson\.triggers\.(\w+)>", jobs[f"shop/admin/{name}"].xml) for name in ("seed", "drift")
    }
    assert triggers == {"seed": ["SCMTrigger"], "drift": ["TimerTrigger"]}


@pytest.fixture
def review(app: App, tmp_path: Path) -> Element:
    platform = "{repo: 'git@github.com:shop/platform.git', forge: github, credentials: git}"
    (tmp_path / "cictl.yaml").write_text(re.sub(r"platform: \{.*", f"platform: {platform}", CONFIG))
    jobs = {job.full_name: job for job in rendered_jobs(app, JobSource())}
    assert [str(finding) for finding in job_findings(app, list(jobs.values()))] == []
    return parse_config(jobs["shop/review"].xml)


def test_pull_requests_of_the_platform_are_built_where_no_credentials_are(review: Element) -> None:
    (source,) = _all(review, "source")
    assert source.attribute("class") == "org.jenkinsci.plugins.github_branch_source.GitHubSCMSource"
    assert (source.text_of("repoOwner"), source.text_of("repository")) == ("shop", "platform")
    assert review.text_of("factory", "scriptPath") == "pipelines/review.Jenkinsfile"
    (traits,) = _all(source, "traits")
    discovered = [each.tag.rpartition(".")[2] for each in traits.children if "Discovery" in each.tag]
    assert discovered == ["OriginPullRequestDiscoveryTrait"], "no branch, and no fork"
    asked = (ROOT / "pipelines" / "review.Jenkinsfile").read_text()
    assert not re.search(r"@Library|node|credentials|\bsh\b", asked.partition("pipeline {")[2])


def test_a_change_is_planned_by_the_main_branch(jobs: dict[str, RenderedJob]) -> None:
    root = parse_config(jobs["shop/admin/plan"].xml)
    assert _all(root, "hudson.plugins.git.BranchSpec")[0].text_of("name") == "refs/heads/trunk"
    assert root.text_of("definition", "scriptPath") == "pipelines/plan.Jenkinsfile"
    assert "+refs/pull/*/head:refs/remotes/change/*" in _all(root, "refspec")[0].text.split()
    seed = parse_config(jobs["shop/admin/seed"].xml)
    assert _all(seed, "refspec")[0].text == "+refs/heads/*:refs/remotes/origin/*"
    script = (ROOT / "pipelines" / "plan.Jenkinsfile").read_text()
    assert re.findall(r"credentialsId: '([^']+)'", script) == ["cictl-jenkins-read"]


def test_folders_have_the_pinned_library(jobs: dict[str, RenderedJob]) -> None:
    for name, may_override in (("ci", "true"), ("deploy", "false"), ("admin", "false")):
        (library,) = _all(
            parse_config(jobs[f"shop/{name}"].xml), "org.jenkinsci.plugins.workflow.libs.LibraryConfiguration"
        )
        assert library.text_of("name") == "lib<1>"
        assert library.text_of("defaultVersion") == "v3"
        assert library.text_of("retriever", "libraryPath") == "shared-lib/"
        assert library.text_of("allowVersionOverride") == may_override


def test_views_name_jobs_relative_to_their_folder(jobs: dict[str, RenderedJob]) -> None:
    listed = {
        name: [each.text for each in _all(parse_config(job.xml), "string")] for name, job in jobs.items() if job.is_view
    }
    assert listed == {
        "shop/team-payments": ["ci/checkout"],
        "shop/team-shelf": ["ci/catalog"],
        "shop/env-staging": [
            "deploy/catalog-staging",
            "deploy/checkout-staging",
            "deploy/rollback",
            "deploy/worker-staging",
        ],
        "shop/env-production": ["deploy/promote", "deploy/rollback"],
    }
    assert all(f"shop/{name}" in jobs for names in listed.values() for name in names)


def _declared_properties(jenkinsfile: str) -> tuple[str, ...]:
    """Return which job properties a Jenkinsfile declares, which would rewrite those of its job on each run."""
    lines = (line.partition("//")[0] for line in _BLOCK_COMMENT.sub("", jenkinsfile).splitlines())
    return tuple(next(filter(None, match.groups())) for line in lines if (match := _DECLARES.match(line)))


@pytest.mark.parametrize(
    ("jenkinsfile", "expected"),
    [
        pytest.param("pipeline { options { timeout(1) } }", (), id="none"),
        pytest.param("properties([buildDiscarder(x)])", ("properties",), id="scripted"),
        pytest.param(
            "pipeline {\n  parameters {\n  }\n  triggers { cron('x') }\n}", ("parameters", "triggers"), id="declarative"
        ),
        pytest.param("options {\n  buildDiscarder(x)\n}", ("buildDiscarder",), id="option"),
        pytest.param("// properties([])\n/* parameters {\n triggers { */", (), id="comments"),
        pytest.param("echo 'properties'", (), id="text"),
    ],
)
def test_what_a_jenkinsfile_declares(jenkinsfile: str, expected: tuple[str, ...]) -> None:
    assert _declared_properties(jenkinsfile) == expected


def test_pipelines_declare_no_properties_of_their_jobs(jobs: dict[str, RenderedJob]) -> None:
    scripts = [parse_config(job.xml).text_of("definition", "scriptPath") for job in jobs.values() if not job.is_view]
    paths = [path for script in scripts if script and (path := ROOT / script).exists()]
    assert {path.name: _declared_properties(path.read_text()) for path in paths} == {path.name: () for path in paths}


def test_a_job_of_another_folder_may_not_use_what_deploys(app: App, tmp_path: Path) -> None:
    kept = "jenkins:\n  credentials: [{id: git, folder: deploy, kind: secret-text, secret: {env: X}}]"
    (tmp_path / "cictl.yaml").write_text(CONFIG.replace("jenkins:", kept))
    findings = job_findings(app, rendered_jobs(app, JobSource()))
    assert {(finding.rule, finding.job) for finding in findings} == {
        ("credential-scope", name) for name in ("shop/ci", "shop/admin", "shop/ci/checkout")
    } | {("credential-scope", f"shop/admin/{name}") for name in ("seed", "plan", "drift")}

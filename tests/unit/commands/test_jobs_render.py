from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from cictl.clients.jenkins_plugins import JenkinsPlugins
from cictl.core.jenkins_plugins import InstalledPlugin
from cictl.errors import ExitCode
from tests.running import Run

CONFIG = """\
version: 1
jenkins: {url: "http://localhost:8080", folder: shop, platform: {repo: "https://git/p.git"}}
environments: {staging: {context: lab, namespace: staging}}
services: {checkout: {path: checkout, repo: "https://git/c.git", team: pay}}
"""
PIPELINE = """\
- job-template:
    id: ci-git
    name: '{root}ci/{service}'
    project-type: multibranch
    prune-dead-branches: true
    days-to-keep: 3
    scm: [{git: {url: '{repo}'}}]
"""
OTHERS = """\
- job-template: {id: seed, name: '{root}admin/seed'}
- job-template: {id: drift, name: '{root}admin/drift'}
- job-template: {id: plan, name: '{root}admin/plan'}
- job-template: {id: deploy, name: '{root}deploy/{service}-{environment}'}
- job-template: {id: rollback, name: '{root}deploy/rollback'}
- job-template: {id: ci-folder, name: '{root}ci', project-type: folder}
- job-template: {id: deploy-folder, name: '{root}deploy', project-type: folder}
- job-template: {id: admin-folder, name: '{root}admin', project-type: folder}
- view-template: {id: team-view, name: '{root}team-{team}', view-type: all}
- view-template: {id: environment-view, name: '{root}env-{environment}', view-type: all}
"""


@pytest.fixture(autouse=True)
def _platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cictl.yaml").write_text(CONFIG)
    Path("jobs").mkdir()
    Path("jobs/ci.yaml").write_text(PIPELINE)
    Path("jobs/others.yaml").write_text(OTHERS)
    Path("jobs/plugins_info.yaml").write_text("- {shortName: git, version: 5.0.0}\n")


def test_render_prints_the_platform_s_jobs_and_tells_what_breaks_the_policy(run: Run) -> None:
    outcome = run("jobs", "render")
    assert outcome.status == ExitCode.OK
    assert outcome.stdout.startswith('<?xml version="1.0" encoding="utf-8"?>\n')
    assert outcome.stdout.count("<?xml") == 11
    assert "shop/admin/drift (jobs/others.yaml:2): keeps its builds for ever" in outcome.stderr


def test_render_strictly_fails_on_the_policy(run: Run) -> None:
    outcome = run("jobs", "render", "--strict")
    assert outcome.status == ExitCode.CONFIG
    assert "findings against the platform's policy" in outcome.stderr


def test_render_picks_jobs_and_lays_them_out(run: Run) -> None:
    outcome = run("jobs", "render", "--job", "*/ci/*", "--out", "out")
    assert (outcome.status, outcome.stdout, outcome.stderr) == (ExitCode.OK, "", "")
    assert [str(path) for path in Path("out").rglob("*.xml")] == ["out/shop/ci/checkout/config.xml"]


def test_render_shows_the_data(run: Run) -> None:
    projects = [item["project"] for item in yaml.safe_load(run("jobs", "render", "--data").stdout)]
    assert [project["name"] for project in projects] == [
        "platform", "deployments", "service-checkout", "team-pay", "environment-staging",
    ]  # fmt: skip


def test_render_lists_jobs_and_findings_for_machines(run: Run) -> None:
    assert run("jobs", "render", "--job", "*/ci/*", "-o", "name").stdout == "shop/ci/checkout\n"
    listed = json.loads(run("jobs", "render", "--job", "*/admin/*", "-o", "json").stdout)
    assert listed["jobs"][0] == {"fullName": "shop/admin/drift", "isView": False, "source": "jobs/others.yaml:2"}
    assert {(each["job"], each["rule"]) for each in listed["findings"]} == {
        *(("shop/admin/drift", rule) for rule in ("retention", "deploy-source")),
        *(("shop/admin/plan", rule) for rule in ("retention", "deploy-source")),
        *(("shop/admin/seed", rule) for rule in ("retention", "deploy-source")),
    }


def test_another_tree_needs_no_configuration_and_follows_no_policy(run: Run) -> None:
    Path("cictl.yaml").unlink()
    Path("other").mkdir()
    Path("more.yaml").write_text("- job: {name: b, builders: [shell: x]}\n")
    Path("other/a.yaml").write_text("- job: {name: a, description: 'password: hunter22'}\n")
    outcome = run("jobs", "render", "-r", "other:more.yaml")
    assert (outcome.status, outcome.stderr) == (ExitCode.OK, "")
    assert outcome.stdout.count("<project>") == 2
    assert "password: hunter22" in outcome.stdout, "a file of the user's is shown as it is"


def test_excluded_folders_are_left_out(run: Run) -> None:
    for name in ("a", "b"):
        Path("other", name).mkdir(parents=True)
        Path("other", name, "x.yaml").write_text(f"- job: {{name: {name}}}\n")
    run("jobs", "render", "-r", "other", "-x", "b", "--out", "out")
    assert [path.parent.name for path in Path("out").rglob("*.xml")] == ["a"]


@pytest.mark.parametrize(
    ("argv", "text", "status"),
    [
        pytest.param(("-r", "nowhere"), "there is no nowhere", ExitCode.NOT_FOUND, id="no-tree"),
        pytest.param(("-r", "broken.yaml"), "broken.yaml:1:8", ExitCode.CONFIG, id="broken"),
        pytest.param(("-r", "escapes.yaml", "--out", "out"), "outside out", ExitCode.CONFIG, id="name-that-leaves"),
        pytest.param(("--out", "cictl.yaml"), "cictl.yaml", ExitCode.NOT_ALLOWED, id="out-is-a-file"),
        pytest.param(("--plugins-info", "nowhere"), "nowhere", ExitCode.NOT_FOUND, id="no-plugins"),
    ],
)
def test_errors(run: Run, argv: tuple[str, ...], text: str, status: ExitCode) -> None:
    Path("broken.yaml").write_text("- job: {x: 1}\n")
    Path("escapes.yaml").write_text("- job: {name: ../../x}\n")
    outcome = run("jobs", "render", *argv)
    assert outcome.status == status
    assert text in outcome.stderr
    assert "hint: " in outcome.stderr
    assert outcome.stdout == ""


def test_plugin_versions_are_written_where_jobs_has_them(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JENKINS_USER_ID", "admin")
    monkeypatch.setenv("JENKINS_API_TOKEN", "11" + "ab" * 16)
    found = (InstalledPlugin("ws-cleanup", "0.49", is_active=True, is_enabled=True, title="Workspace: cleanup"),
             InstalledPlugin("git", "5.7.0", is_active=True, is_enabled=True))  # fmt: skip
    monkeypatch.setattr(JenkinsPlugins, "installed", lambda _: found)
    outcome = run("jobs", "plugins-info")
    assert outcome.stdout.endswith("jobs/plugins_info.yaml: 2 plugins\n")
    assert yaml.safe_load(Path("jobs/plugins_info.yaml").read_text()) == [
        {"shortName": "git", "version": "5.7.0"},
        {"shortName": "ws-cleanup", "longName": "Workspace: cleanup", "version": "0.49"},
    ]
    assert run("jobs", "render").status == ExitCode.OK

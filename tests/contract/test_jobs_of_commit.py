"""Jobs of authors who are not trusted: planned as data, whatever Job Builder would do with their files."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from cictl.clients.job_builder import JobBuilder, JobTree
from cictl.errors import CictlError, NotFound
from cictl.wiring.app import App
from cictl.wiring.jobs import JobSource, rendered_jobs, source_of_commit
from tests.files import replace_in
from tests.running import Run

ROOT = Path(__file__).parents[2]
SECRET = "the-token-of-this-build"
CONFIG = """\
version: 1
jenkins: {url: "http://jenkins.invalid", folder: shop, platform: {repo: "https://git.example.com/platform.git"}}
environments: {staging: {context: lab, namespace: staging}}
services: {checkout: {path: checkout}}
"""
_JOB = "- job:\n    name: evil\n    description: "
_ONE = "- project: {name: p, id: x, of: {a: b}, jobs: ['{id}-evil']}\n"
_TEMPLATE = f"- job-template:\n    name: '{{id}}-evil'\n    description: %s\n{_ONE}"


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    path = tmp_path / "outside" / "secret"
    path.parent.mkdir()
    path.write_text(SECRET)
    return path


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "change" / "jobs"
    folder.mkdir(parents=True)
    return folder


Evil = Callable[[Path, Path], str]
ATTACKS = [
    pytest.param(lambda _tree, mark: f'{_JOB}!!python/object/apply:os.system ["touch {mark}"]\n', id="python-object"),
    pytest.param(
        lambda _tree, mark: (
            _TEMPLATE % f"!j2: \"{{{{ cycler.__init__.__globals__.os.system('touch {mark}') }}}} {{{{ id }}}}\""
        ),
        id="template",
    ),
    pytest.param(
        lambda _tree, mark: _TEMPLATE % f"!j2-yaml: |\n        !!python/object/apply:os.system ['touch {mark}']\n",
        id="template-of-yaml",
    ),
    pytest.param(
        lambda _tree, _mark: _TEMPLATE % "'{of.__init__.__globals__[UserString].__init__.__globals__}'", id="format"
    ),
    pytest.param(lambda _tree, mark: f"{_JOB}!include-raw-verbatim: {mark.parent}/secret\n", id="absolute"),
    pytest.param(lambda _tree, _mark: f"{_JOB}!include-raw-verbatim: ../../outside/secret\n", id="above"),
    pytest.param(lambda _tree, mark: f"{_JOB}!include-jinja2: {mark.parent}/secret\n", id="template-file"),
    pytest.param(lambda _tree, mark: f"{_JOB}!include: {mark.parent}/secret\n", id="yaml-file"),
]


def _linked(tree: Path, target: Path) -> str:
    (tree / "near.txt").symlink_to(target)
    return f"{_JOB}!include-raw-verbatim: near.txt\n"


def _linked_templates(tree: Path, target: Path) -> str:
    (tree / "near.txt").symlink_to(target)
    return _TEMPLATE % "!j2: \"{% include 'near.txt' %}{{ id }}\""


def _linked_jobs(tree: Path, target: Path) -> str:
    (tree / "more.yaml").symlink_to(target)
    return ""


def _linked_plugins(tree: Path, target: Path) -> str:
    (tree / "plugins_info.yaml").symlink_to(target)
    return f"{_JOB}none\n"


LINKS = [
    pytest.param(_linked, id="text"),
    pytest.param(_linked_templates, id="template"),
    pytest.param(_linked_jobs, id="jobs"),
    pytest.param(_linked_plugins, id="plugins"),
]


def _refused(tree: Path, secret: Path) -> CictlError:
    plugins = tree / "plugins_info.yaml"
    confined = JobTree((tree,), plugins=plugins if plugins.exists() else None, confined_to=tree.parent)
    with pytest.raises(CictlError) as caught:
        JobBuilder({}).render(confined)
    assert SECRET not in f"{caught.value.message} {caught.value.hint}"
    assert [path.name for path in secret.parent.iterdir()] == ["secret"], "something of the tree was run"
    return caught.value


@pytest.mark.parametrize("evil", ATTACKS)
def test_what_would_run_or_read_more_is_refused(tree: Path, outside: Path, evil: Evil) -> None:
    (tree / "evil.yaml").write_text(evil(tree, outside.with_name("mark")))
    _refused(tree, outside)


@pytest.mark.parametrize("evil", LINKS)
def test_links_lead_nowhere(tree: Path, outside: Path, evil: Evil) -> None:
    (tree / "evil.yaml").write_text(evil(tree, outside))
    assert "only trusted files may read it" in _refused(tree, outside).message


@pytest.mark.parametrize("evil", ATTACKS)
def test_each_would_do_harm_if_it_were_trusted(tree: Path, outside: Path, evil: Evil) -> None:
    mark = outside.with_name("mark")
    (tree / "evil.yaml").write_text(evil(tree, mark))
    try:
        (job,) = JobBuilder({}).render(JobTree((tree,)))
        told = job.xml
    except CictlError as error:
        told = error.message
    assert mark.exists() or any(word in told for word in (SECRET, "__builtins__"))


def test_afterwards_trusted_files_are_trusted_again(tree: Path, outside: Path) -> None:
    (tree / "evil.yaml").write_text(f"{_JOB}!include-raw-verbatim: {outside}\n")
    _refused(tree, outside)
    (job,) = JobBuilder({}).render(JobTree((tree,)))
    assert SECRET in job.xml


class Repository:
    """The platform's repository, with a commit of somebody else's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        shutil.copytree(ROOT / "jobs", folder / "jobs")
        (folder / "cictl.yaml").write_text(CONFIG)
        self._git("init", "--quiet", "--initial-branch=main")
        self.main = self.commit()
        self.app = App(environ={"XDG_CACHE_HOME": str(folder.parent / "cache")}, directory=folder)

    def commit(self) -> str:
        """Commit all files and return the hash."""
        self._git("add", ".")
        self._git("commit", "--quiet", "-m", "change")
        return self._git("rev-parse", "HEAD").strip()

    def change(self, old: str, new: str) -> str:
        """Commit a cictl.yaml with NEW for OLD, leave the checkout as it was, and return the commit."""
        replace_in(self.folder / "cictl.yaml", old, new)
        commit = self.commit()
        self._git("reset", "--quiet", "--hard", self.main)
        return commit

    def _git(self, *words: str) -> str:
        git = ["git", "-c", "user.name=ann", "-c", "user.email=ann@example.com"]
        return subprocess.run([*git, *words], cwd=self.folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "platform")


def test_a_commit_is_rendered_as_the_checkout_would_be(repository: Repository) -> None:
    commit = repository.change("services: {checkout:", "services: {basket: {path: basket}, checkout:")
    here = {job.full_name: job.xml for job in rendered_jobs(repository.app, JobSource())}
    with source_of_commit(repository.app, JobSource(), repository.main) as source:
        assert {job.full_name: job.xml for job in rendered_jobs(repository.app, source)} == here
    with source_of_commit(repository.app, JobSource(), commit) as source:
        there = {job.full_name for job in rendered_jobs(repository.app, source)}
    assert there - set(here) == {"shop/deploy/basket-staging"}


def test_jenkins_and_the_rules_are_those_of_the_checkout(repository: Repository) -> None:
    commit = repository.change("jenkins.invalid", "elsewhere.invalid")
    with source_of_commit(repository.app, JobSource(), commit) as source:
        rendered_jobs(repository.app, source)
    assert repository.app.config().jenkins.url == "http://jenkins.invalid"


def test_a_configuration_that_is_a_link_is_none(repository: Repository, outside: Path) -> None:
    config = repository.folder / "cictl.yaml"
    config.unlink()
    config.symlink_to(outside)
    commit = repository.commit()
    config.unlink()
    config.write_text(CONFIG)
    with pytest.raises(NotFound, match=r"that commit has no cictl\.yaml"):  # noqa: SIM117 - the block is what raises
        with source_of_commit(repository.app, JobSource(), commit) as source:
            rendered_jobs(repository.app, source)


@pytest.mark.parametrize("words", [["--out", "plan.json"], ["-r", "jobs"]])
def test_a_commit_is_only_looked_at(repository: Repository, run: Run, words: list[str]) -> None:
    result = run("jobs", "plan", "--commit", repository.main, *words, app=repository.app)
    assert result.status == 2
    assert "--commit is of the platform's own jobs/" in result.stderr


def test_places_are_those_of_the_repository(repository: Repository) -> None:
    with source_of_commit(repository.app, JobSource(), repository.main) as source:
        sources = {str(job.source).partition(":")[0] for job in rendered_jobs(repository.app, source)}
    assert sources == {"jobs/folders.yaml", "jobs/platform.yaml", "jobs/views.yaml"}


def _problem(repository: Repository, commit: str) -> str:
    with source_of_commit(repository.app, JobSource(), commit) as source, pytest.raises(CictlError) as caught:
        rendered_jobs(repository.app, source)
    return caught.value.message


def test_places_in_errors_are_so_too(repository: Repository) -> None:
    (repository.folder / "jobs" / "evil.yaml").write_text(f"{_JOB}!!python/name:os.environ\n")
    message = _problem(repository, repository.commit())
    assert 'in "jobs/evil.yaml", line 3' in message
    assert "/cictl-" not in message


def test_a_configuration_with_a_typo_is_shown_as_one(repository: Repository) -> None:
    message = _problem(repository, repository.change("services:", "servces:"))
    assert message == "cictl.yaml:4: servces: unknown key; did you mean 'services'?"


@pytest.mark.parametrize(
    ("commit", "status", "words"),
    [
        pytest.param("main", 2, "git rev-parse", id="no-hash"),
        pytest.param("a" * 40, 4, "fetch origin", id="not-here"),
    ],
)
def test_a_commit_that_cannot_be_read(repository: Repository, run: Run, commit: str, status: int, words: str) -> None:
    result = run("jobs", "plan", "--commit", commit, app=repository.app)
    assert (result.status, words in result.stderr) == (status, True), result.stderr

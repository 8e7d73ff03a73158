from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import git
import pytest

from cictl.clients.git_repository import GitRepository
from cictl.core.image_source import SourceFacts
from cictl.errors import ConfigInvalid, FarSideFailed, NotFound


@pytest.fixture
def service(tmp_path: Path) -> Path:
    """Return a service's folder in a repository with one commit."""
    folder = tmp_path / "repo" / "checkout"
    folder.mkdir(parents=True)
    (folder / "app.py").write_text("1")
    (folder.parent / "README.md").write_text("hi")
    (folder.parent / ".gitignore").write_text("*.log\n")
    with git.Repo.init(folder.parent) as repository:
        repository.git.add(all=True)
        ann = git.Actor("Ann", "ann@example.com")
        repository.index.commit("first", author=ann, committer=ann, commit_date="1700000000 +0000")
    return folder


def facts(service: Path) -> SourceFacts:
    return GitRepository().facts(service, [service])


def test_a_clean_tree(service: Path) -> None:
    found = facts(service)
    assert len(found.commit) == 40
    assert (found.committed_at, found.remote, found.changes) == (1_700_000_000, None, None)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda folder: (folder / "app.py").write_text("2"), id="edited"),
        pytest.param(lambda folder: (folder / "app.py").unlink(), id="deleted"),
        pytest.param(lambda folder: (folder / "app.py").chmod(0o755), id="mode"),
        pytest.param(lambda folder: (folder / "nëw file.py").write_text(""), id="untracked"),
        pytest.param(lambda folder: (folder / "app.py").rename(folder / "b.py"), id="renamed"),
        pytest.param(lambda folder: (folder / "link").symlink_to("nowhere"), id="symlink"),
        pytest.param(lambda folder: git.Repo.init(folder / "inner").close(), id="repository-within"),
    ],
)
def test_what_makes_it_dirty(service: Path, change: Callable[[Path], object]) -> None:
    change(service)
    assert facts(service).is_dirty
    assert facts(service) == facts(service)


def test_each_edit_has_its_own_hash(service: Path) -> None:
    hashes = set()
    for text in ("2", "3", "2"):
        (service / "app.py").write_text(text)
        hashes.add(facts(service).changes)
    assert len(hashes) == 2


def test_staging_does_not_change_the_hash(service: Path) -> None:
    (service / "app.py").write_text("2")
    before = facts(service)
    with git.Repo(service.parent) as repository:
        repository.git.add(all=True)
    assert facts(service) == before


@pytest.mark.parametrize("name", ["../README.md", "noise.log"])
def test_what_does_not_make_it_dirty(service: Path, name: str) -> None:
    (service / name).write_text("else")
    assert not facts(service).is_dirty


def test_origin_is_the_remote(service: Path) -> None:
    with git.Repo(service.parent) as repository:
        repository.create_remote("backup", "/srv/backup.git")
        assert facts(service).remote == "/srv/backup.git"
        repository.create_remote("origin", "https://git.example.com/checkout.git")
    assert facts(service).remote == "https://git.example.com/checkout.git"


def test_no_repository(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="not in a Git repository"):
        facts(tmp_path)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="not in a Git repository"):
        facts(tmp_path / "gone")


def test_no_commit(tmp_path: Path) -> None:
    git.Repo.init(tmp_path).close()
    with pytest.raises(ConfigInvalid, match="no commit yet"):
        facts(tmp_path)


def test_no_git(service: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotFound, match="no git on PATH"):
        facts(service)


def test_a_path_outside_of_the_repository(service: Path, tmp_path: Path) -> None:
    with pytest.raises(FarSideFailed, match="outside repository"):
        GitRepository().facts(service, [tmp_path])


def test_a_repository_of_somebody_else(service: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "true")
    with pytest.raises(ConfigInvalid) as caught:
        facts(service)
    assert "safe.directory" in str(caught.value.hint)

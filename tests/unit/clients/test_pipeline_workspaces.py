"""A workspace is a new folder, an empty one, or one that a run here has made; never near the working tree."""

from __future__ import annotations

from pathlib import Path

import pytest

from cictl.clients.pipeline_workspaces import PipelineWorkspaces
from cictl.errors import NotAllowed, UsageProblem


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "home" / "tree"
    (folder / ".git").mkdir(parents=True)
    (folder / "empty").mkdir()
    (tmp_path / "link").symlink_to(folder)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").touch()
    return folder


@pytest.fixture
def workspaces(tmp_path: Path) -> PipelineWorkspaces:
    return PipelineWorkspaces(tmp_path / "state")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("home/tree", "is or holds", id="tree"),
        pytest.param("home/tree/../tree", "is or holds", id="dots"),
        pytest.param("home/none/../tree", "is or holds", id="dots-over-nothing"),
        pytest.param("link", "is or holds", id="link"),
        pytest.param("home", "is or holds", id="parent"),
        pytest.param("/", "is or holds", id="root"),
        pytest.param("home/tree/empty", "lies in", id="inside"),
        pytest.param("home/tree/new/folder", "lies in", id="new-inside"),
        pytest.param("link/new", "lies in", id="inside-by-a-link"),
        pytest.param("home/tree/.git", "lies in", id="git"),
        pytest.param("full", "not empty", id="somebodys"),
    ],
)
def test_what_a_run_could_harm_is_refused(
    tmp_path: Path, tree: Path, workspaces: PipelineWorkspaces, name: str, said: str
) -> None:
    with pytest.raises(UsageProblem, match=said) as caught:
        workspaces.checked(tmp_path / name, tree)
    assert "outside of the working tree" in str(caught.value.hint)


def test_a_tree_that_is_a_link_is_known(tmp_path: Path, tree: Path, workspaces: PipelineWorkspaces) -> None:
    with pytest.raises(UsageProblem, match="is or holds"):
        workspaces.checked(tree, tmp_path / "link")


def test_a_new_folder_is_made_and_known_again(tmp_path: Path, tree: Path, workspaces: PipelineWorkspaces) -> None:
    real = workspaces.checked(tmp_path / "new" / "folder", tree)
    with workspaces.used(real):
        real.rmdir()  # as `deleteDir` does
        real.mkdir()
        (real / "left").touch()
    assert workspaces.checked(real, tree) == real


def test_another_folder_of_the_same_name_is_not_known(
    tmp_path: Path, tree: Path, workspaces: PipelineWorkspaces
) -> None:
    real = workspaces.checked(tmp_path / "new", tree)
    with workspaces.used(real):
        pass
    real.rename(tmp_path / "moved")
    (tmp_path / "full").rename(real)
    with pytest.raises(UsageProblem, match="not empty"):
        workspaces.checked(real, tree)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path, workspaces: PipelineWorkspaces) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotAllowed, match="cannot be made"), workspaces.used(tmp_path / "file" / "below"):
        pass

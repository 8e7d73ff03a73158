"""Which repositories Jenkins can check out, and what becomes of a folder."""

from __future__ import annotations

import pytest

from cictl.core.bootstrap_folders import OWNER, folder_chain, folder_xml, foreign, has_libraries_of, updated_folder
from cictl.core.job_marks import owner_of
from cictl.core.job_xml import parse_config
from cictl.core.repository_address import repository_problem
from cictl.errors import NotAllowed

_FOLDER = "com.cloudbees.hudson.plugins.folder.Folder"
_LIBRARY = (
    "<org.jenkinsci.plugins.workflow.libs.FolderLibraries><libraries>"
    "<org.jenkinsci.plugins.workflow.libs.LibraryConfiguration><name>cictl</name>"
    "<defaultVersion>{version}</defaultVersion><includeInChangesets>false</includeInChangesets>"
    "</org.jenkinsci.plugins.workflow.libs.LibraryConfiguration></libraries>"
    "</org.jenkinsci.plugins.workflow.libs.FolderLibraries>"
)
_CREDENTIALS = (
    "<com.cloudbees.hudson.plugins.folder.properties.FolderCredentialsProvider_-FolderCredentialsProperty>"
    "<domainCredentialsMap><secret>{secret}</secret></domainCredentialsMap>"
    "</com.cloudbees.hudson.plugins.folder.properties.FolderCredentialsProvider_-FolderCredentialsProperty>"
)


def _folder(*properties: str) -> str:
    return f"<{_FOLDER}><description>d</description><properties>{''.join(properties)}</properties></{_FOLDER}>"


@pytest.mark.parametrize(
    "address",
    [
        "https://git.example.com/shop/platform.git",
        "http://git.example.com:3000/shop/platform",
        "ssh://git@git.example.com:2222/shop/platform.git",
        "git://git.example.com/platform",
        "git@git.example.com:shop/platform.git",
        "git.example.com:platform",
        "[::1]:platform",
    ],
)
def test_what_jenkins_can_check_out(address: str) -> None:
    assert repository_problem(address) is None


@pytest.mark.parametrize(
    "address",
    ["file:///srv/git/platform.git", "FILE:///srv", "/srv/git/platform.git", "../platform", ".", "platform.git",
     r"C:\git\platform", "C:/git/platform", "~/platform", "https:///platform", "ftp://git.example.com/p", "s3://bucket/x"],
)  # fmt: skip
def test_what_jenkins_cannot_check_out(address: str) -> None:
    assert repository_problem(address) is not None


@pytest.mark.parametrize(
    ("folder", "expected"), [("", ()), ("shop", ("shop",)), ("a/b/c", ("a", "a/b", "a/b/c")), ("/a//b/", ("a", "a/b"))]
)
def test_folder_chain(folder: str, expected: tuple[str, ...]) -> None:
    assert folder_chain(folder) == expected


def test_the_own_folder_is_marked() -> None:
    root = parse_config(folder_xml())
    assert (root.tag, owner_of(root.text_of("description"))) == (_FOLDER, OWNER)


@pytest.mark.parametrize(
    ("live", "expected"),
    [
        pytest.param(_folder(_LIBRARY.format(version="main")), True, id="same"),
        pytest.param(_folder(_LIBRARY.format(version="main"), _CREDENTIALS.format(secret="x")), True, id="and-more"),
        pytest.param(_folder(_LIBRARY.format(version="v2")), False, id="other-version"),
        pytest.param(_folder(), False, id="none"),
        pytest.param("", False, id="no-folder"),
    ],
)
def test_has_libraries_of(live: str, expected: bool) -> None:
    assert has_libraries_of(live, _folder(_LIBRARY.format(version="main"))) is expected


@pytest.mark.parametrize(
    ("live", "reason"),
    [
        pytest.param(updated_folder(_folder(), None, "shop"), None, id="ours"),
        pytest.param(updated_folder(_folder(), None, "former"), None, id="called-otherwise-before"),
        pytest.param(updated_folder(_folder(), None, "others"), "it belongs to others", id="another-owners"),
        pytest.param(_folder(), "it is there and bears no mark of cictl's", id="unmarked"),
        pytest.param(f"<{_FOLDER}/>", "it is there and bears no mark of cictl's", id="bare"),
    ],
)
def test_whose_a_folder_is(live: str, reason: str | None) -> None:
    found = foreign("shop/ci", live, ("shop", "former"))
    assert (found.reason if found else None) == reason
    assert found is None or "cictl jobs adopt" in found.todo


def test_an_update_keeps_credentials_and_marks_the_folder() -> None:
    sent = updated_folder(_folder(_LIBRARY.format(version="v2")), _folder(_CREDENTIALS.format(secret="{AQAA}")), "shop")
    assert ("{AQAA}" in sent, "v2" in sent, "owned by shop" in sent) == (True, True, True)


def test_redacted_secrets_are_never_sent_back() -> None:
    with pytest.raises(NotAllowed, match="redacted"):
        updated_folder(_folder(), _folder(_CREDENTIALS.format(secret="********")), "shop")

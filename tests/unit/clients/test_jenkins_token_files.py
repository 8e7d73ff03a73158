from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from cictl.clients.jenkins_token_files import TokenFiles
from cictl.core.jenkins_server import KeptToken
from cictl.errors import NotAllowed
from cictl.redaction import MASK, redacted

_URL = "http://jenkins.example/ci"
_BOSS = KeptToken(_URL, "Boss", "11" + "ab" * 16, "cictl on laptop", "u-1", 1.0)
_DEV = KeptToken(_URL, "dev", "11" + "cd" * 16, "cictl on laptop", "u-2", 2.0)


@pytest.fixture
def files(tmp_path: Path) -> TokenFiles:
    return TokenFiles.of({"XDG_STATE_HOME": str(tmp_path)})


def test_nothing_is_kept_at_first(files: TokenFiles) -> None:
    assert files.find(_URL) is None


def test_by_address_and_user(files: TokenFiles) -> None:
    files.keep(_BOSS)
    files.keep(_DEV)
    assert files.find(f"{_URL}/", "boss") == _BOSS
    assert files.find(_URL) == _DEV, "the newest"
    assert files.find("http://elsewhere.example") is None
    files.forget(_DEV)
    files.forget(_DEV)
    assert files.find(_URL, "dev") is None


def test_its_owner_alone_may_read_it(files: TokenFiles) -> None:
    files.folder.mkdir(parents=True, mode=0o755)
    files.keep(_BOSS)
    assert stat.S_IMODE(files.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(files.path(_BOSS).stat().st_mode) == 0o600
    assert [path.name for path in files.folder.iterdir()] == [files.path(_BOSS).name]


def test_what_others_may_read_is_not_used(files: TokenFiles) -> None:
    files.keep(_BOSS)
    files.path(_BOSS).chmod(0o644)
    with pytest.raises(NotAllowed, match="others may read the token"):
        files.find(_URL)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", json.dumps({"url": _URL})])
def test_what_cannot_be_read_is_no_token(files: TokenFiles, text: str) -> None:
    files.folder.mkdir(parents=True)
    files.path(_BOSS).write_text(text)
    assert files.find(_URL) is None


def test_a_token_that_was_read_is_masked(files: TokenFiles) -> None:
    files.keep(_BOSS)
    files.find(_URL)
    assert redacted(f"x {_BOSS.value}") == f"x {MASK}"
    assert _BOSS.value not in repr(_BOSS)


def test_a_folder_that_cannot_be_made_is_an_error_that_helps(tmp_path: Path) -> None:
    (tmp_path / "cictl").write_text("a file is in the way")
    with pytest.raises(NotAllowed, match="no token can be kept"):
        TokenFiles.of({"XDG_STATE_HOME": str(tmp_path)}).keep(_BOSS)

from __future__ import annotations

from pathlib import Path

import pytest

from cictl.user_folders import cache_folder, state_folder


@pytest.mark.parametrize(
    ("environ", "state", "cache"),
    [
        pytest.param({"HOME": "/home/ann"}, "/home/ann/.local/state/cictl", "/home/ann/.cache/cictl", id="below-home"),
        pytest.param(
            {"HOME": "/home/ann", "XDG_STATE_HOME": "/s", "XDG_CACHE_HOME": "/c"}, "/s/cictl", "/c/cictl", id="named"
        ),
        pytest.param(
            {"HOME": "/home/ann", "XDG_STATE_HOME": "", "XDG_CACHE_HOME": ""},
            "/home/ann/.local/state/cictl",
            "/home/ann/.cache/cictl",
            id="empty-is-not-named",
        ),
    ],
)
def test_folders(environ: dict[str, str], state: str, cache: str) -> None:
    assert (state_folder(environ), cache_folder(environ)) == (Path(state), Path(cache))


def test_without_home_the_account_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/account")
    assert state_folder({}) == Path("/home/account/.local/state/cictl")

"""What the installation of a hook that runs pipelines looks at first."""

from __future__ import annotations

from pathlib import Path

import pytest

from cictl.errors import NotFound
from cictl.wiring.app import App
from cictl.wiring.push_runs import install
from cictl.wiring.push_wishes import RunWishes


def test_without_a_java_nothing_is_installed(tmp_path: Path) -> None:
    (tmp_path / "HEAD").touch()
    (tmp_path / "objects").mkdir()
    app = App(environ={"PATH": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")})
    with pytest.raises(NotFound, match="no Java 17 or newer was found"):
        install(app, str(tmp_path), RunWishes(), is_dry_run=False)
    assert not (tmp_path / "cictl-runs").exists()

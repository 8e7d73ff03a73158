from __future__ import annotations

from pathlib import Path

import pytest

from cictl.errors import ConfigInvalid, FolderGone
from cictl.output import Format
from cictl.wiring.app import App

_TEXT = "version: 1\nprometheus: {url: 'http://file:9090'}\n"


@pytest.fixture
def platform(tmp_path: Path) -> Path:
    (tmp_path / "cictl.yaml").write_text(_TEXT)
    (tmp_path / "a" / "b").mkdir(parents=True)
    return tmp_path


def test_the_file_is_found_upward(platform: Path) -> None:
    app = App(environ={}, directory=platform / "a" / "b")
    assert app.config_path == platform / "cictl.yaml"
    assert app.config() is app.config()


def test_the_variable_names_the_file_and_the_flag_wins(platform: Path) -> None:
    app = App(environ={"CICTL_CONFIG": "/elsewhere/x.yaml"}, directory=platform)
    assert app.config_path == Path("/elsewhere/x.yaml")
    app.name_config(platform / "cictl.yaml")
    assert app.config_path == platform / "cictl.yaml"


def test_without_a_file(tmp_path: Path) -> None:
    app = App(environ={}, directory=tmp_path)
    assert app.find_config() is None
    with pytest.raises(ConfigInvalid, match=r"no cictl.yaml in .* or above it"):
        app.config()


def test_file_then_variable_then_flag(platform: Path) -> None:
    environ: dict[str, str] = {}
    app = App(environ=environ, directory=platform)
    assert app.config().prometheus.url == "http://file:9090"
    environ["CICTL_PROMETHEUS_URL"] = "http://variable:9090"
    app.override("prometheus.url", None, flag="--prometheus")
    assert App(environ=environ, directory=platform).config().prometheus.url == "http://variable:9090"
    app.override("prometheus.url", "http://flag:9090", flag="--prometheus")
    assert app.config().prometheus.url == "http://flag:9090"
    assert app.config().provenance.of("prometheus.url") == "--prometheus"


def test_a_subcommand_selects_the_format() -> None:
    app = App(environ={})
    app.select_format(Format.JSON)
    assert app.output.format is Format.JSON


def test_in_a_folder_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(FolderGone, match="the folder that this was started in is gone"):
        App(environ={}).find_config()

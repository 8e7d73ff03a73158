from __future__ import annotations

from pathlib import Path

import pytest

from cictl.errors import ConfigInvalid
from cictl.wiring.app import App
from cictl.wiring.wanted import _gate

_CONFIG = """\
version: 1
prometheus: {url: "http://localhost:9"}
gates:
  good: {checks: [{name: up, query: 'sum(x{$selector})', min: 1}]}
  warned: {checks: [{name: up, query: 'sum(x)', min: 1}]}
  broken: {checks: [{name: up, query: 'sum(x{$selecter})', min: 1}]}
"""


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> App:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cictl.yaml").write_text(_CONFIG)
    return App(directory=tmp_path, environ={})


@pytest.mark.parametrize("name", ["good", "warned"])
def test_a_gate_that_can_judge(app: App, name: str) -> None:
    gate = _gate(app, name)
    assert gate is not None
    assert gate.name == name


def test_a_gate_that_cannot_judge_is_refused_before_the_first_act(app: App) -> None:
    with pytest.raises(ConfigInvalid, match=r"'broken' cannot judge: cictl.yaml:6:\d+: unknown variable") as caught:
        _gate(app, "broken")
    assert "cictl gate lint broken" in (caught.value.hint or "")


def test_no_gate(app: App) -> None:
    assert _gate(app, None) is None

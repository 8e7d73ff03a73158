from __future__ import annotations

from pathlib import Path

import pytest

from cictl.clients.prometheus import Prometheus
from cictl.errors import ConfigInvalid
from cictl.services.gates import GateJudge
from cictl.wiring.app import App
from cictl.wiring.gates import gate_judge, gate_of, prometheus_of

CONFIG = """\
version: 1
prometheus: {url: "http://localhost:9/prom", token: {env: PROMETHEUS_TOKEN}}
environments:
  own: {context: c, namespace: n, strategy: careful, gate: strict}
  inherited: {context: c, namespace: n, strategy: careful}
  none: {context: c, namespace: n}
strategies:
  careful: {steps: [{weight: 10, pause: 1m}], gate: default}
gates:
  default: {checks: [{name: up, query: 'sum(x{$selector})', min: 1}]}
  strict: {checks: [{name: up, query: 'sum(x{$selector})', min: 2}]}
"""


@pytest.fixture
def app(tmp_path: Path) -> App:
    (tmp_path / "cictl.yaml").write_text(CONFIG)
    return App(directory=tmp_path, environ={"PROMETHEUS_TOKEN": "hush"})


@pytest.mark.parametrize(("environment", "gate"), [("own", "strict"), ("inherited", "default")])
def test_gate_of(app: App, environment: str, gate: str) -> None:
    config = app.config()
    assert gate_of(config, config.environment(environment)).name == gate


def test_no_gate_is_an_error_that_helps(app: App) -> None:
    config = app.config()
    with pytest.raises(ConfigInvalid, match="'none' and its strategy 'direct' have no gate") as caught:
        gate_of(config, config.environment("none"))
    assert caught.value.hint == "name one with --gate"


def test_prometheus_has_address_and_token(app: App) -> None:
    client = prometheus_of(app)
    assert client.url == "http://localhost:9/prom"
    assert client._session.headers["Authorization"] == "Bearer hush"
    assert isinstance(gate_judge(app), GateJudge)


@pytest.mark.parametrize(
    ("url", "environ", "expected"),
    [
        pytest.param("http://localhost:9/prom", {"PROMETHEUS_TOKEN": "hush"}, "Bearer hush", id="the-configured-one"),
        pytest.param("http://elsewhere:9", {"PROMETHEUS_TOKEN": "hush"}, None, id="no-token-for-others"),
        pytest.param("http://localhost:9/prom", {}, None, id="a-missing-token-stops-nothing"),
    ],
)
def test_who_gets_the_token(app: App, url: str, environ: dict[str, str], expected: str | None) -> None:
    app.environ = environ
    client = gate_judge(app, url)._prometheus
    assert isinstance(client, Prometheus)
    assert (client.url, client._session.headers.get("Authorization")) == (url, expected)

"""Builds what gates need, in rollouts and alone: Prometheus, the release's pods, where queries stand in cictl.yaml."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from cictl.errors import CictlError, ConfigInvalid
from cictl.services.gate_lint import GateLint, Place
from cictl.services.gates import CheckedRelease, GateJudge, check_once
from cictl.wiring.cluster import cluster_api

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cictl.clients.prometheus import Prometheus
    from cictl.config.platform import Config, Environment
    from cictl.core.gate import Gate
    from cictl.core.gate_lint_rules import Finding
    from cictl.core.release_target import ReleaseTarget
    from cictl.services.gate_lint import LocatedFinding
    from cictl.wiring.app import App


def prometheus_of(app: App) -> Prometheus:
    """Return the configured Prometheus."""
    from cictl.clients.prometheus import Prometheus  # noqa: PLC0415 - requests costs, and --help needs none

    config = app.config()
    return Prometheus(config.prometheus.url, token=_token(app, config))


def gate_judge(app: App, url: str | None = None) -> GateJudge:
    """Return the judge of a rollout that measures at URL, None for the configured Prometheus; only that gets its token.

    A rollout goes on, and above all back, where the configuration or the token is missing: its gate then says why.
    """
    from cictl.clients.prometheus import Prometheus  # noqa: PLC0415 - as above

    if url is None:
        return GateJudge(prometheus_of(app))
    with suppress(CictlError):
        if (configured := prometheus_of(app)).url == url:
            return GateJudge(configured)
    return GateJudge(Prometheus(url))


def check_release(
    app: App, service: str, *, environment: str, gate: str | None, window_seconds: float
) -> CheckedRelease:
    """Judge what SERVICE runs in ENVIRONMENT, by GATE or the environment's own."""
    config = app.config()
    place = config.environment(environment)
    chosen = config.gate(gate) if gate is not None else gate_of(config, place)
    target = _target(app, place, service)
    return check_once(chosen, target, prometheus_of(app), window_seconds=window_seconds)


def gate_of(config: Config, environment: Environment) -> Gate:
    """Return ENVIRONMENT's gate, else its strategy's."""
    name = environment.gate or config.strategy(environment.strategy).gate
    if name is None:
        message = f"environment {environment.name!r} and its strategy {environment.strategy!r} have no gate"
        raise ConfigInvalid(message, hint="name one with --gate")
    return config.gate(name)


def lint_gates(app: App, names: Sequence[str], *, is_offline: bool) -> list[LocatedFinding]:
    """Lint the gates called NAMES, all of them by default."""
    config = app.config()
    gates = [config.gate(name) for name in names or config.model.gates]
    has_prometheus = config.model.prometheus is not None and not is_offline
    return GateLint(prometheus_of(app) if has_prometheus else None, _Locator(config)).lint(gates)


def _token(app: App, config: Config) -> str | None:
    from cictl.config.secrets import read_secret  # noqa: PLC0415 - with the configuration

    reference = config.prometheus.token
    return read_secret(reference, environ=app.environ, root=config.root) if reference is not None else None


def _target(app: App, environment: Environment, service: str) -> ReleaseTarget:
    from cictl.services.live_release import LiveReleases  # noqa: PLC0415 - not for --help

    return LiveReleases(cluster_api(app, environment.context), environment.namespace).find_release(service)


class _Locator:
    """Finds a query in the file that it was read from."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._lines = config.path.read_text(encoding="utf-8").splitlines()

    def __call__(self, finding: Finding) -> Place:
        """Return where the text of FINDING begins; the column only where the line shows the text as it is."""
        key = f"gates.{finding.gate}.{finding.field}"
        gate = self._config.gate(finding.gate)
        text = getattr(gate, finding.field, None)
        for index, check in enumerate(gate.checks):
            if check.name == finding.check:
                key = f"gates.{finding.gate}.checks[{index}].{finding.field}"
                text = getattr(check, finding.field)
        origin, _, line = self._config.provenance.of(key).rpartition(":")
        if not line.isdecimal():
            return Place(origin or line)
        shown = self._lines[int(line) - 1].find(text) if isinstance(text, str) and text else -1
        return Place(origin, int(line), shown + 1)

"""The platform's configuration as the rest of cictl asks for it: by name, as core's types, with absolute paths."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from cictl.config.convert import to_gate, to_rules, to_scan_policy, to_strategy
from cictl.config.models import PlatformFile
from cictl.config.problems import ConfigProblems
from cictl.config.provenance import Provenance, unknown_variables, with_overrides
from cictl.config.references import BUILT_IN_STRATEGY, reference_problems
from cictl.config.release_models import StrategyEntry
from cictl.config.source import read_source
from cictl.config.validate import validate
from cictl.core.scan import ScanPolicy
from cictl.core.spelling import suggestion
from cictl.errors import ConfigInvalid, NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cictl.config.models import Jenkins, Prometheus, Registry
    from cictl.core.gate import Gate
    from cictl.core.promotion import Rules
    from cictl.core.strategy import Strategy

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Environment:
    """A place that services run in."""

    name: str
    context: str
    namespace: str
    strategy: str
    after: str | None = None
    gate: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceEntry:
    """A service of the catalogue; PATH is absolute."""

    name: str
    path: Path
    repo: str | None = None
    forge: str = "git"
    team: str | None = None
    credentials: str | None = None
    uses: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """What one cictl.yaml says, with the environment's and the flags' values in place."""

    model: PlatformFile
    path: Path
    provenance: Provenance

    @property
    def root(self) -> Path:
        """The folder that relative paths begin at."""
        return self.path.parent

    @property
    def registry(self) -> Registry:
        """The registry; an error that says what to write if there is none."""
        return self._section("registry", self.model.registry, 'registry: {url: "localhost:5000"}')

    @property
    def prometheus(self) -> Prometheus:
        """Prometheus; an error that says what to write if there is none."""
        return self._section("prometheus", self.model.prometheus, 'prometheus: {url: "http://localhost:9090"}')

    @property
    def jenkins(self) -> Jenkins:
        """Jenkins; an error that says what to write if there is none."""
        return self._section("jenkins", self.model.jenkins, 'jenkins: {url: "http://localhost:8080"}')

    def environment(self, name: str) -> Environment:
        """Return the environment called NAME."""
        entry = self._named("environment", name, self.model.environments)
        return Environment(name, entry.context, entry.namespace, entry.strategy, entry.after, entry.gate)

    def environments(self) -> tuple[Environment, ...]:
        """Return all environments in the file's order."""
        return tuple(map(self.environment, self.model.environments))

    def rules(self, name: str) -> Rules:
        """Return what the environment called NAME asks of a release that is to come in."""
        return to_rules(name, self._named("environment", name, self.model.environments), self.model.people)

    def scan_policy(self) -> ScanPolicy:
        """Return what stops an image that was scanned."""
        return ScanPolicy() if self.model.scan is None else to_scan_policy(self.model.scan)

    def strategy(self, name: str) -> Strategy:
        """Return the strategy called NAME; `direct` needs no entry."""
        return to_strategy(name, self._named("strategy", name, self._strategies()))

    def gate(self, name: str) -> Gate:
        """Return the gate called NAME."""
        return to_gate(name, self._named("gate", name, self.model.gates))

    def service(self, name: str) -> ServiceEntry:
        """Return the service called NAME."""
        entry = self._named("service", name, self.model.services)
        path = (self.root / entry.path).resolve()
        uses = tuple((self.root / each).resolve() for each in entry.uses)
        return ServiceEntry(name, path, entry.repo, entry.forge, entry.team, entry.credentials, uses)

    def services(self) -> tuple[ServiceEntry, ...]:
        """Return the catalogue in the file's order."""
        return tuple(map(self.service, self.model.services))

    def _strategies(self) -> dict[str, StrategyEntry]:
        return {BUILT_IN_STRATEGY: StrategyEntry(), **self.model.strategies}

    def _named(self, kind: str, name: str, entries: Mapping[str, _T]) -> _T:
        try:
            return entries[name]
        except KeyError:
            raise NotFound(f"{self.path} has no {kind} {name!r}", hint=suggestion(name, entries)) from None

    def _section(self, key: str, value: _T | None, example: str) -> _T:
        if value is None:
            raise ConfigInvalid(f"{self.path} does not say where {key} is", hint=f"add, for example, {example}")
        return value


def load_config(
    path: Path,
    *,
    environ: Mapping[str, str] | None = None,
    flags: Mapping[str, tuple[str, str]] | None = None,
) -> Config:
    """Read and check PATH; FLAGS map a dotted key to the flag and its value."""
    file_source = read_source(path, name=shortest(path))
    source, provenance = with_overrides(file_source, environ or {}, flags or {})
    for warning in unknown_variables(file_source, environ or {}):
        logging.getLogger(__name__).warning(warning)
    model = validate(PlatformFile, source, provenance)
    if problems := reference_problems(model, source):
        raise ConfigProblems(problems)
    return Config(model, path, provenance)


def shortest(path: Path) -> str:
    """Return PATH as a user in the working directory would type it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)

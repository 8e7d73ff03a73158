"""The plugins that pipelines need: the list of jenkins-plugin-cli, versions as Jenkins orders them, what is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from cictl.core.bootstrap_plan import Part
from cictl.core.jenkins_plugins import InstalledPlugin, OfferedPlugin
from cictl.errors import ConfigInvalid

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_TOKEN = re.compile(r"\d+|[A-Za-z]+")
_ANY_VERSIONS = {"", "latest", "experimental"}
_QUALIFIERS = {"alpha": -5, "a": -5, "beta": -4, "b": -4, "milestone": -3, "m": -3, "rc": -2, "cr": -2, "snapshot": -1}
_QUALIFIERS |= dict.fromkeys(("ga", "final"), 0)
_UNKNOWN_WORD = 1
_PIPELINE = frozenset({"workflow-cps", "workflow-job"})
_NEEDED_BY: Mapping[Part, frozenset[str]] = {
    Part.FOLDERS: frozenset({"cloudbees-folder", "git", "pipeline-groovy-lib"}),
    Part.CREDENTIALS: frozenset({"credentials", "plain-credentials", "ssh-credentials"}),
    Part.JOBS: _PIPELINE | {"branch-api", "git", "github-branch-source", "workflow-multibranch"},
    Part.TRIGGERS: frozenset({"git"}),
    Part.SMOKE: _PIPELINE | {"pipeline-groovy-lib", "workflow-basic-steps", "workflow-durable-task-step"},
}


@dataclass(frozen=True, slots=True)
class WantedPlugin:
    """A plugin and the least version of it; "" is any."""

    name: str
    least: str = ""

    def __str__(self) -> str:
        """Return it as people write it."""
        return f"{self.name} {self.least}" if self.least else self.name


@dataclass(frozen=True, slots=True)
class PluginGap:
    """What stands between the plugins that are there and those that are wanted."""

    absent: tuple[WantedPlugin, ...] = ()
    old: tuple[tuple[WantedPlugin, str], ...] = ()  # and the version that is there
    inactive: tuple[str, ...] = ()  # there, but they wait for a restart, or failed to load
    disabled: tuple[str, ...] = ()

    @property
    def to_install(self) -> tuple[WantedPlugin, ...]:
        """What the update centre would be asked for."""
        return (*self.absent, *(wanted for wanted, _ in self.old))

    @property
    def is_empty(self) -> bool:
        """Whether all is there and works."""
        return not (self.absent or self.old or self.inactive or self.disabled)

    @property
    def blocks(self) -> frozenset[Part]:
        """The parts that cannot do without what is missing or does not work; an old version is no such hindrance."""
        lacking = {*(wanted.name for wanted in self.absent), *self.inactive, *self.disabled}
        return frozenset(part for part, names in _NEEDED_BY.items() if names & lacking)

    def words(self) -> str:
        """Return it in one line."""
        parts = [
            ("missing", [str(wanted) for wanted in self.absent]),
            ("too old", [f"{there} of {wanted}" for wanted, there in self.old]),
            ("not active", list(self.inactive)),
            ("disabled", list(self.disabled)),
        ]
        return "; ".join(f"{what}: {', '.join(names)}" for what, names in parts if names)


def parse_plugins(text: str, *, where: str = "plugins.txt") -> tuple[WantedPlugin, ...]:
    """Return what TEXT lists, as jenkins-plugin-cli reads it: `name`, `name:version`, comments; ConfigInvalid else."""
    found: dict[str, WantedPlugin] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        entry = re.split(r"(?:^|\s)#", line, maxsplit=1)[0].strip()
        if not entry:
            continue
        plugin = _parsed(entry)
        if plugin is None:
            hint = "write name:version, as in git:5.7.0"
            raise ConfigInvalid(f"{where}, line {number}: {entry!r} is no plugin", hint=hint)
        if plugin.name in found:
            raise ConfigInvalid(f"{where}, line {number}: {plugin.name} is listed twice", hint="keep one of them")
        found[plugin.name] = plugin
    return tuple(found.values())


def _parsed(entry: str) -> WantedPlugin | None:
    name, _, rest = entry.partition(":")
    if not _NAME.fullmatch(name) or any(char.isspace() for char in rest):
        return None
    version = rest.partition(":")[0]  # a third field is where to download it from, which Jenkins decides here
    if version.startswith("incrementals;"):  # and the group, and the version
        version = version.rpartition(";")[2]
    return WantedPlugin(name, "" if version in _ANY_VERSIONS else version)


def is_older(version: str, than: str) -> bool:
    """Whether VERSION comes before THAN, by numbers first and words after, as Jenkins compares versions."""
    for left, right in zip_longest(_tokens(version), _tokens(than)):
        if left != right:
            return _rank(left) < _rank(right)
    return False


def plugin_gap(wanted: Iterable[WantedPlugin], installed: Iterable[InstalledPlugin]) -> PluginGap:
    """Return what INSTALLED lacks of WANTED."""
    there = {plugin.name: plugin for plugin in installed}
    wanted = tuple(wanted)
    present = [(each, there[each.name]) for each in wanted if each.name in there]
    return PluginGap(
        absent=tuple(each for each in wanted if each.name not in there),
        old=tuple((each, plugin.version) for each, plugin in present if is_older(plugin.version, each.least)),
        inactive=tuple(each.name for each, plugin in present if plugin.is_enabled and not plugin.is_active),
        disabled=tuple(each.name for each, plugin in present if not plugin.is_enabled),
    )


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the update centre would really bring: (name, version), and what it does not have or has only older."""

    brings: tuple[tuple[str, str], ...] = ()
    lacks: tuple[WantedPlugin, ...] = ()


def delivery(wanted: Sequence[WantedPlugin], offered: Iterable[OfferedPlugin]) -> Delivery:
    """Return what comes when WANTED is installed: each in the newest version, with all that it needs."""
    offers = {plugin.name: plugin for plugin in offered}
    lacks = tuple(each for each in wanted if not _has(offers, each))
    brings: dict[str, str] = {}
    open_names = [each.name for each in wanted if each not in lacks]
    while open_names:
        name = open_names.pop()
        if name in offers and name not in brings:
            brings[name] = offers[name].version
            open_names += [needed for needed, _ in offers[name].needs]
    return Delivery(tuple(sorted(brings.items())), lacks)


def _has(offers: Mapping[str, OfferedPlugin], wanted: WantedPlugin) -> bool:
    return wanted.name in offers and not is_older(offers[wanted.name].version, wanted.least)


def _tokens(version: str) -> list[str]:
    return _TOKEN.findall(version.lower())


def _rank(token: str | None) -> tuple[int, int, str]:
    """Return how TOKEN sorts: alpha and snapshot before nothing, other words after it, numbers above 0 last."""
    if token is None:
        return 0, 0, ""
    if token.isdigit():
        return (0, 0, "") if int(token) == 0 else (2, int(token), "")
    qualifier = _QUALIFIERS.get(token)
    if qualifier is None:
        return 1, _UNKNOWN_WORD, token
    return (0, 0, "") if qualifier == 0 else (-1, qualifier, "")

"""Plugins of one Jenkins and its update centre, and the git plugin's push token; it waits for nothing by itself.

An installation is told by the list of plugins read back alone: Jenkins answers 302 whether a plugin exists or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree import ElementTree as ET

from cictl.clients.jenkins_connection import JenkinsConnection
from cictl.clients.jenkins_documents import understood
from cictl.clients.jenkins_errors import explained
from cictl.core.jenkins_plugins import (
    InstalledPlugin,
    InstallJob,
    MissingPlugin,
    OfferedPlugin,
    PushTokenState,
    UpdateCentre,
)
from cictl.core.jenkins_server import ApiToken
from cictl.errors import FarSideFailed, NotFound
from cictl.redaction import redact

_PLUGIN_TREE = "plugins[shortName,longName,version,active,enabled]"
_OFFER = "name,version,neededDependencies[name,version]"
_OFFER_TREE = f"sites[id,availables[{_OFFER}],updates[{_OFFER}]]"
_JOBS_TREE = "jobs[*,plugin[name,version],status[*]],restartRequiredForCompletion"
_PUSH_TOKENS = "/descriptorByName/hudson.plugins.git.ApiTokenPropertyConfiguration"
_NETWORK_SECONDS = 120.0  # Jenkins itself asks servers elsewhere before it answers
_ANY_VERSION = "0"
_NO_REPOSITORY = "https://cictl.invalid/asks-whether-its-token-is-good.git"
_GOOD = range(200, 300)
_NOT_FOUND = 404


class JenkinsPlugins:
    """The plugins; most of it takes Overall/Administer."""

    def __init__(self, connection: JenkinsConnection) -> None:
        """Use CONNECTION for every request."""
        self._connection = connection

    @understood
    def installed(self) -> tuple[InstalledPlugin, ...]:
        """Return what is there, by name."""
        document = self._connection.get_json("/pluginManager/api/json", {"depth": 1, "tree": _PLUGIN_TREE})
        found = [_installed(entry) for entry in document.get("plugins") or () if "shortName" in entry]
        return tuple(sorted(found, key=lambda plugin: plugin.name))

    @understood
    def missing(self, wanted: Mapping[str, str]) -> tuple[MissingPlugin, ...]:
        """Return which of WANTED (name → least version, "" for any) are not there, or too old, as Jenkins sees it."""
        path = "/pluginManager/prevalidateConfig"
        answer = self._connection.post(path, xml=_wanted_xml(wanted))
        entries = self._connection.decoded(answer, path)
        return tuple(
            MissingPlugin(str(entry["name"]), str(entry.get("version", "")), str(entry.get("mode", "")))
            for entry in entries
            if isinstance(entry, dict) and "name" in entry
        )

    @understood
    def offered(self) -> tuple[OfferedPlugin, ...]:
        """Return what the update centre would install or update."""
        document = self._connection.get_json("/updateCenter/api/json", {"tree": _OFFER_TREE})
        sites = document.get("sites") or ()
        entries = [entry for site in sites for kind in ("availables", "updates") for entry in site.get(kind) or ()]
        return tuple(_offered(entry) for entry in entries if isinstance(entry, dict) and "name" in entry)

    def refresh_offers(self) -> None:
        """Let Jenkins read its update sites anew; where none answers, it says so in its log alone."""
        self._connection.post("/pluginManager/checkUpdatesServer", timeout_seconds=_NETWORK_SECONDS)

    def install(self, wanted: Mapping[str, str]) -> None:
        """Let the update centre install what WANTED lacks, with what that needs; the answer says nothing."""
        self._connection.post("/pluginManager/installNecessaryPlugins", xml=_wanted_xml(wanted))

    @understood
    def update_centre(self) -> UpdateCentre:
        """Return what the update centre does."""
        document = self._connection.get_json("/updateCenter/api/json", {"tree": _JOBS_TREE})
        jobs = (_job(entry) for entry in document.get("jobs") or () if isinstance(entry, dict))
        return UpdateCentre(
            jobs=tuple(job for job in jobs if job is not None),
            is_restart_needed=bool(document.get("restartRequiredForCompletion")),
        )

    def generate_push_token(self, name: str) -> ApiToken:
        """Make a token for the git plugin's notifyCommit; names need not be unique. Takes Overall/Administer."""
        path = f"{_PUSH_TOKENS}/generate"
        try:
            document = self._connection.decoded(self._connection.post(path, form={"apiTokenName": name}), path)
        except NotFound as error:
            raise explained(error, hint="install the plugin git, 4.11.5 or newer") from error
        try:
            data = document["data"]
            return ApiToken(str(data["uuid"]), name, redact(str(data["value"])))
        except (KeyError, TypeError) as error:
            raise FarSideFailed(f"Jenkins at {self._connection.url} made no push token") from error

    def check_push_token(self, value: str) -> PushTokenState:
        """Ask whether Jenkins takes VALUE, in the name of a repository that no job can have: nothing is built."""
        query = {"url": _NO_REPOSITORY, "token": redact(value)}
        answer = self._connection.get("/git/notifyCommit", query, also={401, 403, 404})
        if answer.status in _GOOD:
            return PushTokenState.GOOD
        return PushTokenState.UNKNOWN if answer.status == _NOT_FOUND else PushTokenState.BAD


def _wanted_xml(wanted: Mapping[str, str]) -> str:
    root = ET.Element("jenkins")
    for name, version in sorted(wanted.items()):
        # A name without a version is a 500.
        ET.SubElement(root, "install", {"plugin": f"{name}@{version or _ANY_VERSION}"})
    return ET.tostring(root, encoding="unicode")


def _installed(document: Mapping[str, Any]) -> InstalledPlugin:
    return InstalledPlugin(
        name=str(document["shortName"]),
        version=str(document.get("version", "")),
        is_active=bool(document.get("active")),
        is_enabled=bool(document.get("enabled")),
        title=str(document.get("longName") or ""),
    )


def _offered(document: Mapping[str, Any]) -> OfferedPlugin:
    needed: Iterable[Any] = document.get("neededDependencies") or ()
    needs = tuple((str(each["name"]), str(each.get("version", ""))) for each in needed if "name" in each)
    return OfferedPlugin(str(document["name"]), str(document.get("version", "")), needs)


def _job(document: Mapping[str, Any]) -> InstallJob | None:
    """Return what DOCUMENT says of a plugin, None for the centre's other work, as checks of the connection."""
    plugin = document.get("plugin")
    name = (plugin.get("name") if isinstance(plugin, dict) else None) or document.get("name")
    if not name:
        return None
    status = document.get("status")
    state = str(status.get("type", "")) if isinstance(status, dict) else ""
    return InstallJob(str(name), state, str(document.get("errorMessage") or ""))

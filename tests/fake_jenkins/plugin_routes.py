"""Plugins and the update centre: what is installed, what a client can have installed."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from tests.fake_jenkins import messages, pages
from tests.fake_jenkins.controller import Root
from tests.fake_jenkins.exchange import Exchange
from tests.fake_jenkins.exported import Field, Plain, export, names, plain, pruner
from tests.fake_jenkins.messages import Response
from tests.fake_jenkins.plugin_details import DEPENDENCIES, DETAILS
from tests.fake_jenkins.routing import route
from tests.fake_jenkins.xml_tree import BadXmlError, Node, read

names("neededDependencies", "optional", "plugin", "status", "success", "type", "errorMessage", "correlationId")
_WANTED = re.compile(r"\S+@\S+")


class Plugin:
    kinds = ("plugin",)
    class_name = None

    def __init__(self, name: str, version: str, *, enabled: bool) -> None:
        self.name, self.version, self.enabled = name, version, enabled

    def exported_fields(self) -> Sequence[Field]:
        return PLUGIN_FIELDS


class PluginPage(Plugin):
    """A plugin on its own, where its class is written."""

    class_name = "hudson.PluginWrapper"  # type: ignore[assignment]


def _dependencies(plugin: Plugin, _: Exchange) -> list[Plain]:
    return [
        Plain(None, (("optional", optional), ("shortName", name), ("version", version)), 1)
        for name, version, optional in DEPENDENCIES.get(plugin.name, ())
    ]


def _detail(key: str, default: object) -> Field:
    return Field(key, lambda plugin, _: DETAILS.get(plugin.name, {}).get(key, default))


PLUGIN_FIELDS = (
    Field("active", lambda *_: True),
    Field("backupVersion", lambda *_: None),
    Field("bundled", lambda *_: False),
    Field("deleted", lambda *_: False),
    Field("dependencies", _dependencies),
    Field("detached", lambda *_: False),
    Field("downgradable", lambda *_: False),
    Field("enabled", lambda plugin, _: plugin.enabled),
    Field("hasUpdate", lambda plugin, e: e.controller.updates.offers_newer(plugin.name, plugin.version)),
    _detail("longName", ""),
    Field("pinned", lambda *_: False),
    _detail("requiredCoreVersion", "2.479.1"),
    Field("shortName", lambda plugin, _: plugin.name),
    _detail("supportsDynamicLoad", "MAYBE"),
    Field("url", lambda p, _: DETAILS.get(p.name, {}).get("url", f"https://plugins.jenkins.io/{p.name}")),
    Field("version", lambda plugin, _: plugin.version),
)


class PluginManager:
    class_name = "hudson.LocalPluginManager"

    def exported_fields(self) -> Sequence[Field]:
        return (MANAGED,)


def _plugins(exchange: Exchange) -> list[Plugin]:
    off = exchange.controller.disabled_plugins
    return [Plugin(name, version, enabled=name not in off) for name, version in exchange.controller.plugins.items()]


MANAGED = Field("plugins", lambda _, exchange: _plugins(exchange))


@route("root", "GET", "pluginManager/api/json", query=("tree", "depth"))
def manager_api(exchange: Exchange, _: Root) -> Response:
    exchange.require_administer()
    return messages.api_json(export(PluginManager(), pruner(exchange), exchange))


@route("plugin", "GET", "api/json", query=("tree", "depth"))
def plugin_api(exchange: Exchange, plugin: Plugin) -> Response:
    exchange.require_administer()
    return messages.api_json(export(plugin, pruner(exchange), exchange))


@route("plugin", "POST", "makeDisabled")
def disable(exchange: Exchange, plugin: Plugin) -> Response:
    exchange.require_administer()
    exchange.controller.disabled_plugins.add(plugin.name)
    return messages.empty()


@route("plugin", "POST", "makeEnabled")
def enable(exchange: Exchange, plugin: Plugin) -> Response:
    exchange.require_administer()
    exchange.controller.disabled_plugins.discard(plugin.name)
    return messages.empty()


def find_plugin(name: str, exchange: Exchange) -> Plugin:
    version = exchange.controller.plugins.get(name)
    if version is None:
        raise pages.not_found()
    return PluginPage(name, version, enabled=name not in exchange.controller.disabled_plugins)


# -- having plugins installed


def _wanted(exchange: Exchange) -> list[tuple[str, str]]:
    """Return the names and versions in the `plugin` attributes of a document, whatever its elements are."""
    try:
        _, root = read(exchange.request.text())
    except BadXmlError:
        raise pages.oops() from None
    found = list(_attributes(root))
    if any(not _WANTED.fullmatch(each) for each in found):
        raise pages.oops()
    return [(name, version) for name, _, version in (each.partition("@") for each in found)]


def _attributes(node: Node) -> list[str]:
    own = [node.attributes["plugin"]] if "plugin" in node.attributes else []
    return own + [each for child in node.children for each in _attributes(child)]


@route("root", "POST", "pluginManager/prevalidateConfig")
def prevalidate(exchange: Exchange, _: Root) -> Response:
    exchange.require_administer()
    installed = exchange.controller.plugins
    missing = [
        {"name": name, "version": version, "mode": "missing" if name not in installed else "old"}
        for name, version in _wanted(exchange)
        if name not in installed or exchange.controller.updates.is_older(installed[name], version)
    ]
    return messages.plain_json(missing)


@route("root", "POST", "pluginManager/installNecessaryPlugins")
def install_necessary(exchange: Exchange, _: Root) -> Response:
    exchange.require_administer()
    controller = exchange.controller
    for name, version in _wanted(exchange):
        have = controller.plugins.get(name)
        if have is None or controller.updates.is_older(have, version):
            controller.updates.install(name, dynamic=True)
    return messages.redirect(exchange.path("/pluginManager/updates/"))


@route("root", "POST", "pluginManager/install", form=None)
def install(exchange: Exchange, _: Root) -> Response:
    exchange.require_administer()
    for field, value in exchange.request.form:
        if field.startswith("plugin.") and value == "on":
            name = field.removeprefix("plugin.")
            known = name.rpartition(".")[0]
            if known not in exchange.controller.updates.available:
                raise pages.failure(f"No such plugin: {name}")
            exchange.controller.updates.install(known, dynamic=True)
    return messages.redirect(exchange.path("/updateCenter/"))


@route("root", "POST", "pluginManager/installPlugins")
def install_by_json(exchange: Exchange, _: Root) -> Response:
    exchange.require_administer()
    asked = json.loads(exchange.request.text())
    for name in asked["plugins"]:
        if name not in exchange.controller.updates.available:
            return messages.plain_json({"status": "error", "message": f"No such plugin: {name}"})
    for name in asked["plugins"]:
        exchange.controller.updates.install(name, dynamic=bool(asked.get("dynamicLoad")))
    correlation = "00000000-0000-0000-0000-000000000000"  # not recorded: PluginManager.doInstallPlugins
    return messages.plain_json({"status": "ok", "data": {"correlationId": correlation}})


# -- the update centre


@route("root", "POST", "pluginManager/checkUpdatesServer")
def check_updates_server(exchange: Exchange, _: Root) -> Response:
    """Not recorded: PluginManager.doCheckUpdatesServer sends back to the page before, also where no site answered."""
    exchange.require_administer()
    exchange.controller.updates.read_sites()
    return messages.redirect(exchange.path("/pluginManager/"))


@route("root", "GET", "updateCenter/api/json", query=("tree", "depth"))
@route("root", "POST", "updateCenter/api/json", query=("tree", "depth"))
def update_center_api(exchange: Exchange, _: Root) -> Response:
    exchange.require_administer()
    response = messages.api_json(export(UpdateCenterPage(), pruner(exchange), exchange))
    exchange.controller.updates.advance(exchange.controller.plugins)
    return response


class UpdateCenterPage:
    class_name = "hudson.model.UpdateCenter"

    def exported_fields(self) -> Sequence[Field]:
        return CENTER_FIELDS


class Site:
    class_name = None

    def exported_fields(self) -> Sequence[Field]:
        return SITE_FIELDS


def _offered(exchange: Exchange, *, installed: bool) -> list[Plain]:
    """Return what the site has: UpdateSite.getAvailables is not installed, getUpdates is, and newer."""
    updates, there = exchange.controller.updates, exchange.controller.plugins
    chosen = [
        name
        for name in updates.available
        if (updates.offers_newer(name, there[name]) if name in there else not installed)
        and (name in there) is installed
    ]
    return [_offer(exchange, name) for name in chosen]


def _offer(exchange: Exchange, name: str) -> Plain:
    """Not recorded: UpdateSite.Plugin.getNeededDependencies lists what is not there, or too old."""
    updates, there = exchange.controller.updates, exchange.controller.plugins
    needed = [
        plain(name=each, version=updates.available[each]) for each in updates.needs.get(name, ()) if each not in there
    ]
    return plain(name=name, version=updates.available[name], neededDependencies=needed)


CENTER_FIELDS = (
    Field("availables", lambda _, exchange: _offered(exchange, installed=False)),
    Field("jobs", lambda _, exchange: exchange.controller.updates.shown()),
    Field("restartRequiredForCompletion", lambda _, exchange: exchange.controller.updates.needs_restart),
    Field("sites", lambda *_: [Site()]),
)
SITE_FIELDS = (
    Field("availables", lambda _, exchange: _offered(exchange, installed=False)),
    Field("connectionCheckUrl", lambda *_: "http://www.google.com/"),
    Field("dataTimestamp", lambda *_: 0),
    Field("hasUpdates", lambda *_: False),
    Field("id", lambda *_: "default"),
    Field("suggestedPluginsUrl", lambda *_: "https://updates.example.com/platform-plugins.json"),
    Field("updates", lambda _, exchange: _offered(exchange, installed=True)),
    Field("url", lambda *_: "https://updates.example.com/update-center.json"),
)


@route("root", "GET", "updateCenter/installStatus", query=("correlationId",))
def install_status(exchange: Exchange, _: Root) -> Response:
    exchange.require_administer()
    updates = exchange.controller.updates
    state = "RESTART" if not exchange.controller.wizard_on else "INITIAL_PLUGINS_INSTALLING"
    jobs = [{"name": job.name, "title": job.name, "version": job.version, "installStatus": job.status,
             "requiresRestart": "false"} for job in updates.jobs]  # fmt: skip
    updates.advance(exchange.controller.plugins)
    return messages.plain_json({"status": "ok", "data": {"jobs": jobs, "state": state}})


@route("root", "GET", "updateCenter/connectionStatus", query=("siteId",))
def connection_status(exchange: Exchange, _: Root) -> Response:
    exchange.require_administer()
    return messages.plain_json({"status": "ok", "data": {"updatesite": "PRECHECK", "internet": "PRECHECK"}})

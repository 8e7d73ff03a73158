"""Users and their API tokens."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from tests.fake_jenkins import messages, pages
from tests.fake_jenkins.exchange import Exchange
from tests.fake_jenkins.exported import Field, Plain, export, names, plain, pruner
from tests.fake_jenkins.messages import Response
from tests.fake_jenkins.routing import route
from tests.fake_jenkins.security import User

names("address", "triggers", "insensitiveSearch")
_TOKENS = "descriptorByName/jenkins.security.ApiTokenProperty/"
_MINE = "hudson.tasks.Mailer$UserProperty"
_PROPERTIES: tuple[tuple[str, str | None], ...] = (  # class, and the plugin that brings it
    ("io.jenkins.plugins.thememanager.ThemeUserProperty", "theme-manager"),
    ("jenkins.security.ApiTokenProperty", None),
    ("jenkins.console.ConsoleUrlProviderUserProperty", None),
    ("com.cloudbees.plugins.credentials.UserCredentialsProvider$UserCredentialsProperty", "credentials"),
    ("jenkins.views.ViewsTabBarUserProperty", None),
    (_MINE, "mailer"),
    ("hudson.plugins.emailext.watching.EmailExtWatchAction$UserProperty", "email-ext"),
    ("hudson.model.MyViewsProperty", None),
    ("org.jenkinsci.plugins.displayurlapi.user.PreferredProviderUserProperty", "display-url-api"),
    ("hudson.model.PaneStatusProperties", None),
    ("jenkins.security.seed.UserSeedProperty", None),
    ("hudson.search.UserSearchProperty", None),
    ("hudson.model.TimeZoneProperty", None),
    ("jenkins.model.experimentalflags.UserExperimentalFlagsProperty", None),
    ("hudson.security.HudsonPrivateSecurityRealm$Details", None),
)
_FIXED_TOKEN = re.compile(r"11[0-9a-f]{32}")


class UserPage:
    kinds = ("user",)
    class_name = "hudson.model.User"

    def __init__(self, user: User) -> None:
        self.user = user

    def exported_fields(self) -> Sequence[Field]:
        return USER_FIELDS


def _properties(page: UserPage, exchange: Exchange) -> list[Plain]:
    shown = []
    for name, plugin in _PROPERTIES:
        if plugin is None or plugin in exchange.controller.plugins:
            values: dict[str, object] = {}
            if name == _MINE:
                values["address"] = page.user.email
            elif name.endswith("EmailExtWatchAction$UserProperty"):
                values["triggers"] = []
            elif name.endswith("UserSearchProperty"):
                values["insensitiveSearch"] = True
            shown.append(plain(name, **values))
    if page.user.email:  # a property that was set stands at the end
        shown.sort(key=lambda each: each.class_name == _MINE)
    return shown


USER_FIELDS = (
    Field("absoluteUrl", lambda page, exchange: f"{exchange.root_url}user/{page.user.name}", 999),
    Field("description", lambda *_: None),
    Field("fullName", lambda page, _: page.user.full_name, 999),
    Field("id", lambda page, _: page.user.name),
    Field("property", _properties),
)


def find_user(rest: Sequence[str], exchange: Exchange) -> tuple[UserPage, int]:
    """Return the user that a path names; `me` is who asks."""
    if rest[0] == "me":
        known = exchange.controller.security.users.get(exchange.user.lower())
        if known is None:
            raise pages.login_required(exchange.request.target)
        return UserPage(known), 1
    known = exchange.controller.security.users.get(rest[1].lower()) if len(rest) > 1 else None
    if known is None:
        raise pages.not_found()
    return UserPage(known), 2


@route("user", "GET", "api/json", query=("tree", "depth"))
def user_api(exchange: Exchange, page: UserPage) -> Response:
    return messages.api_json(export(page, pruner(exchange), exchange))


@route("user", "GET", "config.xml")
def no_config(exchange: Exchange, page: UserPage) -> Response:
    """Answer that a user has no configuration over HTTP."""
    del exchange, page
    raise pages.not_found()


def _is_own(exchange: Exchange, page: UserPage) -> bool:
    return page.user.name == exchange.user


@route("user", "POST", _TOKENS + "generateNewToken", form=("newTokenName", "Jenkins-Crumb"))
def generate(exchange: Exchange, page: UserPage) -> Response:
    if not _is_own(exchange, page):
        return messages.empty(403)
    token = exchange.controller.security.new_token(page.user, _name(exchange))
    data = {"tokenName": token.name, "tokenUuid": token.uuid, "tokenValue": token.value}
    return messages.plain_json({"status": "ok", "data": data})


@route("user", "POST", _TOKENS + "addFixedToken", form=("newTokenName", "newTokenPlainValue", "Jenkins-Crumb"))
def add_fixed(exchange: Exchange, page: UserPage) -> Response:
    """Take a token that the client made.

    Not recorded: jenkins.security.ApiTokenProperty.DescriptorImpl.doAddFixedToken. It is `addFixedToken` over HTTP
    (`addFixedNewToken` is the method for scripts), and the answer holds no value.
    """
    if not _is_own(exchange, page):
        return messages.empty(403)
    value = (exchange.request.parameter("newTokenPlainValue") or "").lower()
    if not _FIXED_TOKEN.fullmatch(value):
        raise pages.oops()
    token = exchange.controller.security.new_token(page.user, _name(exchange), value)
    return messages.plain_json({"status": "ok", "data": {"tokenName": token.name, "tokenUuid": token.uuid}})


def _name(exchange: Exchange) -> str:
    name = exchange.request.parameter("newTokenName") or ""
    return name if name.strip() else "Token created on " + datetime.now(UTC).isoformat().replace("+00:00", "Z")


@route("user", "POST", _TOKENS + "rename", form=("tokenUuid", "newName", "Jenkins-Crumb"))
def rename(exchange: Exchange, page: UserPage) -> Response:
    if not _is_own(exchange, page):
        exchange.require_administer()
    name, wanted = exchange.request.parameter("newName") or "", exchange.request.parameter("tokenUuid")
    found = next((token for token in page.user.tokens if token.uuid == wanted), None)
    if not name.strip() or found is None:  # not recorded: ApiTokenProperty.DescriptorImpl.doRename
        why = "No token found, try refreshing the page" if name.strip() else "The name cannot be empty"
        return messages.plain_json({"status": "error", "message": why})
    found.name = name
    return messages.plain_json({"status": "ok"})


@route("user", "POST", _TOKENS + "revoke", form=("tokenUuid", "Jenkins-Crumb"))
def revoke(exchange: Exchange, page: UserPage) -> Response:
    if not _is_own(exchange, page):
        exchange.require_administer()
    uuid = exchange.request.parameter("tokenUuid") or ""
    if not uuid:
        return pages.servlet_error(400, "The tokenUuid cannot be empty", exchange.path(exchange.request.path))
    exchange.controller.security.revoke(page.user, uuid)
    return messages.empty()

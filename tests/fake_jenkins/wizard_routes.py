"""The setup wizard of a fresh Jenkins, and the pages that tell whether it is on."""

from __future__ import annotations

import json

from tests.fake_jenkins import messages, pages
from tests.fake_jenkins.controller import Root
from tests.fake_jenkins.exchange import Exchange
from tests.fake_jenkins.messages import Response
from tests.fake_jenkins.routing import route
from tests.fake_jenkins.security import ADMINISTER

_SUGGESTED = [
    {"category": "Organization and Administration",
     "plugins": [{"name": "dashboard-view"}, {"name": "cloudbees-folder", "suggested": True},
                 {"name": "configuration-as-code"}, {"name": "antisamy-markup-formatter", "suggested": True}]},
]  # fmt: skip

_SIGN_UP = '<form name="login"></form><a href="signup">create an account</a>'  # not recorded: login.jelly


@route("root", "GET", "")
def front_page(exchange: Exchange, _: Root) -> Response:
    return pages.page("Setup Wizard - Jenkins" if exchange.controller.wizard_on else "Dashboard - Jenkins")


@route("root", "GET", "login")
def login(exchange: Exchange, _: Root) -> Response:
    if not exchange.controller.wizard_on:
        return pages.login(_SIGN_UP if exchange.controller.allows_sign_up else "")
    return pages.login(
        "<h1>Unlock Jenkins</h1><p>a password has been written to the log and this file on the server: "
        "<code>/var/jenkins_home/secrets/initialAdminPassword</code></p>"
        '<form method="POST" action="j_spring_security_check"><input name="j_username" type="hidden" value="admin">'
        '<input name="j_password" id="security-token" type="password"></form>'
    )


@route("root", "GET", "setupWizard/platformPluginList")
def suggested(exchange: Exchange, _: Root) -> Response:
    exchange.require_administer()
    return messages.plain_json({"status": "ok", "data": exchange.controller.suggested_plugins or _SUGGESTED})


@route("root", "GET", "setupWizard/restartStatus")
def restart_status(exchange: Exchange, _: Root) -> Response:
    exchange.require_administer()
    data = {"restartRequired": exchange.controller.updates.needs_restart, "restartSupported": True}
    return messages.plain_json({"status": "ok", "data": data})


_USER_FIELDS = ("username", "password1", "password2", "fullname", "email", "json", "Jenkins-Crumb", "core:apply")


@route("root", "POST", "setupWizard/createAdminUser", form=_USER_FIELDS)
def create_admin(exchange: Exchange, _: Root) -> Response:
    """Make the administrator; the one with the initial password goes, unless the name stays."""
    exchange.require_administer()
    request, security = exchange.request, exchange.controller.security
    name = request.parameter("username") or ""
    password = request.parameter("password1") or ""
    if not name or not password or password != request.parameter("password2"):
        # not recorded: SetupWizard.doCreateAdminUser answers 422 with the form again
        return messages.plain_json({"status": "error"}, 422)
    kept = security.users.get(name.lower())
    if exchange.user.lower() != name.lower():
        security.remove(exchange.user)
    user = security.add(name, password, [ADMINISTER])
    user.tokens = kept.tokens if kept else []
    user.full_name, user.email = request.parameter("fullname") or name, request.parameter("email")
    request.session = security.new_session()
    request.is_new_session = True
    response = _with_crumb(exchange, name)
    response.starts_session = True
    return response


@route("root", "POST", "setupWizard/configureInstance", form=("rootUrl", "json", "Jenkins-Crumb", "core:apply"))
def configure_instance(exchange: Exchange, _: Root) -> Response:
    exchange.require_administer()
    given = exchange.request.parameter("rootUrl") or json.loads(exchange.request.parameter("json") or "{}").get(
        "rootUrl"
    )
    exchange.controller.root_url = given or None
    exchange.controller.root_url_is_known = bool(given)
    return _with_crumb(exchange, exchange.user)


def _with_crumb(exchange: Exchange, user: str) -> Response:
    session = exchange.request.session or ""
    crumb = exchange.controller.security.crumb(user, session)
    return messages.plain_json({"status": "ok", "data": {"crumbRequestField": "Jenkins-Crumb", "crumb": crumb}})


@route("root", "POST", "setupWizard/completeInstall", form=("Jenkins-Crumb",))
def complete(exchange: Exchange, _: Root) -> Response:
    exchange.require_administer()
    exchange.controller.wizard_on = False
    return messages.plain_json({"status": "ok"})

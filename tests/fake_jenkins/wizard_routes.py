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

_SIGN_IN = "<form name=login action=j_spring_security_check></form>"
_SIGN_UP = '<form name="login"></form><a href="signup">create an account</a>'  # not recorded: login.jelly


@route("root", "GET", "")
def front_page(exchange: Exchange, _: Root) -> Response:
    return pages.page("Setup Wizard - Jenkins" if exchange.controller.wizard_on else "Dashboard - Jenkins")


@route("root", "GET", "login")
def login(exchange: Exchange, _: Root) -> Response:
    crumb = _crumb_of_form(exchange)
    if not exchange.controller.wizard_on:
        return pages.login((_SIGN_UP if exchange.controller.allows_sign_up else _SIGN_IN) + crumb)
    return pages.login(
        "<h1>Unlock Jenkins</h1><p>a password has been written to the log and this file on the server: "
        "<code>/var/jenkins_home/secrets/initialAdminPassword</code></p>"
        '<form method="POST" action="j_spring_security_check"><input name="j_username" type="hidden" value="admin">'
        f'<input name="j_password" id="security-token" type="password">{crumb}</form>'
    )


def _crumb_of_form(exchange: Exchange) -> str:
    """Return the field that the form has where Jenkins wants a crumb of who signs in (SECURITY-1166)."""
    if not _wants_crumb(exchange):
        return ""
    request, security = exchange.request, exchange.controller.security
    if request.session is None:
        request.session, request.is_new_session = security.new_session(), True
    crumb = security.crumb(exchange.user, request.session)
    return f'<input name="Jenkins-Crumb" type="hidden" value="{crumb}">'


def _wants_crumb(exchange: Exchange) -> bool:
    return exchange.controller.always_saves and exchange.controller.uses_crumbs  # as the newer LTS


@route("root", "POST", "j_spring_security_check", form=("j_username", "j_password", "from", "Jenkins-Crumb"))
def sign_in(exchange: Exchange, _: Root) -> Response:
    """Sign a session in; not recorded: AuthenticationProcessingFilter2, which stands before the filter for crumbs."""
    request, security = exchange.request, exchange.controller.security
    crumb = request.headers.get("jenkins-crumb") or request.parameter("Jenkins-Crumb")
    if _wants_crumb(exchange) and crumb != security.crumb("anonymous", request.session or ""):
        return messages.redirect(exchange.path("/loginError"))
    user = security.by_form(request.parameter("j_username") or "", request.parameter("j_password") or "")
    if user is None:
        return messages.redirect(exchange.path("/loginError"))
    if request.headers.get("authorization"):
        # The header's own identity ends with the request, and takes the one of the form along.
        return messages.redirect(exchange.path("/"))
    security.sessions.pop(request.session or "", None)  # a session that is signed in gets another id
    request.session, request.is_new_session = security.new_session(user), True
    response = messages.redirect(exchange.path("/"))
    response.starts_session = True
    return response


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

"""Who am I, crumbs, the login page."""

from __future__ import annotations

from tests.fake_jenkins import messages, pages
from tests.fake_jenkins.controller import Root
from tests.fake_jenkins.exchange import Exchange
from tests.fake_jenkins.exported import names
from tests.fake_jenkins.item_routes import API_QUERY
from tests.fake_jenkins.messages import Response
from tests.fake_jenkins.routing import route

names("anonymous", "authenticated", "authorities", "crumb", "crumbRequestField")


@route("root", "GET", "whoAmI/api/json", query=API_QUERY)
def who_am_i(exchange: Exchange, _: Root) -> Response:
    anonymous = exchange.user == "anonymous"
    return messages.api_json(
        {
            "_class": "hudson.security.WhoAmI",
            "anonymous": anonymous,
            "authenticated": True,
            "authorities": ["anonymous" if anonymous else "authenticated"],
            "name": exchange.user,
        }
    )


@route("root", "GET", "crumbIssuer/api/json")
def crumb_issuer(exchange: Exchange, _: Root) -> Response:
    if not exchange.controller.uses_crumbs:
        raise pages.not_found()
    request, security = exchange.request, exchange.controller.security
    if request.session is None:
        request.session = security.new_session()
        request.is_new_session = True
    response = messages.api_json(
        {
            "_class": "hudson.security.csrf.DefaultCrumbIssuer",
            "crumb": security.crumb(exchange.user, request.session),
            "crumbRequestField": "Jenkins-Crumb",
        }
    )
    response.starts_session = True
    return response

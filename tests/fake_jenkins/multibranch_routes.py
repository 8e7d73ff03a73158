"""Multibranch projects over HTTP: index, and the log of the last indexing."""

from __future__ import annotations

from tests.fake_jenkins import messages, pages, security
from tests.fake_jenkins.build_routes import log_from
from tests.fake_jenkins.exchange import Exchange
from tests.fake_jenkins.items import MultiBranch
from tests.fake_jenkins.messages import Response
from tests.fake_jenkins.multibranch import index_project
from tests.fake_jenkins.routing import route


@route("multibranch", "POST", "build", query=("delay",))
def index(exchange: Exchange, project: MultiBranch) -> Response:
    exchange.require(security.ITEM_BUILD, project)
    if project.disabled:
        raise pages.oops()
    index_project(exchange.controller, project, f"Started by user {exchange.user}")
    return messages.redirect(exchange.path(project.path))


@route("multibranch", "GET", "indexing/consoleText")
def console_text(exchange: Exchange, project: MultiBranch) -> Response:
    del exchange
    return messages.text(project.index_log)


@route("multibranch", "GET", "indexing/logText/progressiveText", query=("start",))
def progressive_text(exchange: Exchange, project: MultiBranch) -> Response:
    return log_from(exchange, project.index_log, more=False)


@route("multibranch", "GET", "indexing/api/json", query=("tree", "depth"))
def no_api(exchange: Exchange, project: MultiBranch) -> Response:
    """Answer that the indexing has no API."""
    del exchange, project
    raise pages.not_found()

"""Views over HTTP: create, read, write, delete."""

from __future__ import annotations

from tests.fake_jenkins import messages, names, pages, security
from tests.fake_jenkins.exchange import Exchange
from tests.fake_jenkins.items import Folder
from tests.fake_jenkins.messages import Response
from tests.fake_jenkins.routing import route
from tests.fake_jenkins.saved_xml import saved_view
from tests.fake_jenkins.views import View, ViewOf
from tests.fake_jenkins.xml_tree import BadXmlError, Node, read

_XML_TYPES = ("application/xml", "text/xml")
_VIEW_ROOTS = {"hudson.model.ListView", "listView", "hudson.model.AllView", "hudson.model.MyView"}


@route("root", "POST", "createView", query=("name",))
@route("folder", "POST", "createView", query=("name",))
def create_view(exchange: Exchange, group: Folder) -> Response:
    exchange.require(security.VIEW_CREATE, None if group is exchange.controller.root else group)
    name = names.check_good_name(exchange.request.parameter("name"))
    if group.find_view(name) is not None:
        raise pages.failure(f'A view already exists with the name "{name}"')
    group.views.append(View(name, _view_node(exchange, name)))
    group.save_views(exchange.controller.plugins)
    return messages.empty()


def _view_node(exchange: Exchange, name: str) -> Node:
    if not exchange.request.content_type.startswith(_XML_TYPES):
        raise messages.NotModelledError("createView by a form")
    try:
        _, node = read(exchange.request.text())
    except BadXmlError:
        raise pages.oops() from None
    if node.tag not in _VIEW_ROOTS:
        raise pages.oops()
    named = node.child("name")
    if named is None:
        node.children.insert(0, Node("name", text=name))
    else:
        named.text = name
    return node


@route("view", "GET", "config.xml")
def read_view(exchange: Exchange, view: ViewOf) -> Response:
    exchange.require(security.VIEW_READ, _where(exchange, view))
    return messages.xml(saved_view(view.view.node, exchange.controller.plugins))


@route("view", "POST", "config.xml")
def write_view(exchange: Exchange, view: ViewOf) -> Response:
    exchange.require(security.VIEW_CONFIGURE, _where(exchange, view))
    view.view.node = _view_node(exchange, view.view.name)
    view.group.save_views(exchange.controller.plugins)
    return messages.empty()


@route("view", "POST", "submitDescription", form=("description",))
def describe_view(exchange: Exchange, view: ViewOf) -> Response:
    """Not recorded: View.doSubmitDescription, which saves the view's owner."""
    exchange.require(security.VIEW_CONFIGURE, _where(exchange, view))
    node, text = view.view.node, exchange.request.parameter("description") or ""
    described = node.child("description")
    if described is None:
        node.children.insert(1, Node("description", text=text))
    else:
        described.text = text
    view.group.save_views(exchange.controller.plugins)
    own = f"{view.group.path}view/{names.raw_encoded(view.view.name)}/"
    return messages.redirect(exchange.path(own))


@route("view", "POST", "doDelete")
def delete_view(exchange: Exchange, view: ViewOf) -> Response:
    exchange.require(security.VIEW_DELETE, _where(exchange, view))
    if view.view.name == view.group.primary_view:
        raise pages.oops()  # not recorded: ViewGroupMixIn.deleteView refuses the primary view
    view.group.views.remove(view.view)
    view.group.save_views(exchange.controller.plugins)
    return messages.redirect(exchange.path(view.group.path))


def _where(exchange: Exchange, view: ViewOf) -> Folder | None:
    return None if view.group is exchange.controller.root else view.group

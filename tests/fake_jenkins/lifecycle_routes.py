"""Quieting down, restarting, and what is there or not besides."""

from __future__ import annotations

from tests.fake_jenkins import messages, pages, security
from tests.fake_jenkins.controller import Root
from tests.fake_jenkins.exchange import Exchange
from tests.fake_jenkins.messages import Response
from tests.fake_jenkins.routing import route


@route("root", "POST", "quietDown", query=("reason", "block", "timeout"))
def quiet_down(exchange: Exchange, _: Root) -> Response:
    """Start no more builds; a reason is kept only where it comes as the form's (seen: it stays null)."""
    exchange.require_administer()
    exchange.controller.is_quieting = exchange.controller.queue.is_held = True
    return messages.redirect(exchange.path("/"))


@route("root", "POST", "cancelQuietDown")
def cancel_quiet_down(exchange: Exchange, _: Root) -> Response:
    exchange.require_administer()
    exchange.controller.is_quieting = exchange.controller.queue.is_held = False
    return messages.redirect(exchange.path("/"))


@route("root", "POST", "safeRestart", "restart", form=("message", "Jenkins-Crumb"))
def restart(exchange: Exchange, _: Root) -> Response:
    exchange.require_administer()
    exchange.controller.restart_asked = True
    return messages.redirect(exchange.path("/"))


@route("root", "GET", "safeRestart")
def restart_page(exchange: Exchange, _: Root) -> Response:
    exchange.require_administer()
    return pages.page("Safe restart - Jenkins")


@route("root", "GET", "script")
@route("root", "POST", "scriptText", form=None)
def script_console(exchange: Exchange, _: Root) -> Response:
    """Nobody runs scripts here: it is refused to who may not, and not modelled for who may."""
    exchange.require_administer()
    raise messages.NotModelledError("the script console")


@route("root", "GET", "manage")
def manage(exchange: Exchange, _: Root) -> Response:
    if not exchange.may(security.ADMINISTER):
        raise pages.access_denied(exchange.user, "Overall/Manage", [])
    return pages.page("Manage Jenkins - Jenkins")


@route("root", "GET", "no-such-page", "no-such-page/api/json")
@route("folder", "GET", "pipeline-syntax")
def nothing_there(exchange: Exchange, _: Root) -> Response:
    """Answer for paths that are known to lead nowhere; any other unknown path fails the test."""
    del exchange
    raise pages.not_found()


@route("root", "GET", "itemCategories", query=("depth", "iconStyle"))
@route("folder", "GET", "itemCategories", query=("depth", "iconStyle"))
def item_categories(exchange: Exchange, group: Root) -> Response:
    exchange.require(security.ITEM_CREATE, None if group is exchange.controller.root else group)
    categories = {
        "standalone-projects": ["hudson.model.FreeStyleProject", "org.jenkinsci.plugins.workflow.job.WorkflowJob"],
        "nested-projects": [
            "com.cloudbees.hudson.plugins.folder.Folder",
            "org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject",
        ],
    }
    shown = [
        {"id": name, "items": [{"class": each} for each in classes], "minToShow": 1}
        for name, classes in categories.items()
    ]
    return messages.plain_json({"_class": "jenkins.model.item_category.Categories", "categories": shown})

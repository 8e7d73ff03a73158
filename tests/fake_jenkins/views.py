"""List views: made by XML, read back as Jenkins writes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.fake_jenkins.exported import Field
from tests.fake_jenkins.names import raw_encoded
from tests.fake_jenkins.xml_tree import Node

if TYPE_CHECKING:
    from tests.fake_jenkins.exchange import Exchange
    from tests.fake_jenkins.items import Folder, Item

_TAGS = {
    "hudson.model.ListView": "hudson.model.ListView",
    "listView": "hudson.model.ListView",
    "hudson.model.AllView": "hudson.model.AllView",
    "hudson.model.MyView": "hudson.model.MyView",
}


@dataclass(slots=True)
class View:
    name: str
    node: Node

    @property
    def class_name(self) -> str:
        return _TAGS.get(self.node.tag, self.node.tag)

    def held(self) -> Node:
        """Return the view's node as it stands in a folder's configuration."""
        owner = Node("owner", {"class": "com.cloudbees.hudson.plugins.folder.Folder", "reference": "../../../.."})
        others = [child for child in self.node.children if child.tag != "owner"]
        return Node(self.node.tag, dict(self.node.attributes), [owner, *others])

    def of(self, group: Folder) -> ViewOf:
        return ViewOf(self, group)


@dataclass(slots=True)
class ViewOf:
    """A view where it hangs."""

    view: View
    group: Folder
    kinds = ("view",)

    @property
    def class_name(self) -> str:
        return self.view.class_name

    @property
    def path(self) -> str:
        own = "" if self.view.name == self.group.primary_view else f"view/{raw_encoded(self.view.name)}/"
        return self.group.path + own

    def exported_fields(self) -> Sequence[Field]:
        return VIEW_FIELDS


def visible_jobs(view: ViewOf, exchange: Exchange) -> list[Item]:
    items = view.group.items() if view.class_name == "hudson.model.AllView" else _matching(view)
    return [item for item in items if exchange.sees(item)]


def _matching(view: ViewOf) -> list[Item]:
    """Return the jobs that a list view names, or that its pattern fits; with `recurse` those below as well."""
    node, group = view.view.node, view.group
    listed = {each.text for each in (node.child("jobNames") or Node("")).children if each.tag == "string"}
    pattern = node.text_of("includeRegex")
    deep = node.text_of("recurse") == "true"
    chosen = []
    for item in group.walk() if deep else group.items():
        name = item.full_name[len(group.full_name) :].lstrip("/")
        if name in listed or (pattern and re.fullmatch(pattern, name)):
            chosen.append(item)
    return chosen


VIEW_FIELDS = (
    Field("description", lambda view, _: view.view.node.text_of("description")),
    Field("jobs", visible_jobs),
    Field("name", lambda view, _: view.view.name, 2),
    Field("property", lambda *_: []),
    Field("url", lambda view, exchange: exchange.root_url.rstrip("/") + view.path, 2),
)


def all_view(name: str) -> View:
    node = Node("hudson.model.AllView")
    node.children = [
        Node("name", text=name),
        Node("filterExecutors", text="false"),
        Node("filterQueue", text="false"),
        Node("properties", {"class": "hudson.model.View$PropertyList"}),
    ]
    return View(name, node)


def views_of(folder: Node, default: str) -> tuple[list[View], str]:
    """Return the views that a folder's configuration holds, and which is its first."""
    holder = folder.child("folderViews")
    views = holder.child("views") if holder else None
    found = [View(each.text_of("name") or "", each) for each in views.children] if views else []
    if not found:
        return [all_view(default)], default
    primary = holder.text_of("primaryView") if holder else None
    return found, primary if primary in {view.name for view in found} else found[0].name

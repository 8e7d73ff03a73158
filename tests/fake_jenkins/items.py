"""Folders, jobs and multibranch projects: the tree of items, and what each knows of its configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from tests.fake_jenkins.exported import Field, plain
from tests.fake_jenkins.names import raw_encoded
from tests.fake_jenkins.parameters import exported_properties
from tests.fake_jenkins.saved_xml import saved
from tests.fake_jenkins.views import View, ViewOf, all_view, views_of
from tests.fake_jenkins.xml_tree import Node, read

if TYPE_CHECKING:
    from tests.fake_jenkins.builds import Build
    from tests.fake_jenkins.exchange import Exchange

_FOLDERS = "com.cloudbees.hudson.plugins.folder"
_MATRIX_AUTH = "org.jenkinsci.plugins.matrixauth"


class Item:
    """What every item has: name, place, configuration as stored."""

    kinds: tuple[str, ...] = ("item",)
    class_name = ""
    action_classes: ClassVar[Sequence[str | None]] = (None, None)

    def __init__(self, name: str, parent: Folder | None) -> None:
        self.name = name
        self.parent = parent
        self.xml = ""
        self.root = Node("")
        self.saves = 0  # how often Jenkins itself has written the configuration
        self.deleted = False

    # -- configuration

    def load(self, xml: str, root: Node) -> None:
        """Take a configuration, as stored text and as tree."""
        self.xml, self.root = xml, root

    def modernise(self) -> bool:
        """Say in today's words what is loaded in those of long ago; whether it did, which Jenkins saves at once."""
        return False

    def save(self, plugins: dict[str, str]) -> None:
        """Write the configuration as Jenkins itself does."""
        self.xml, self.root = saved(self.root, plugins)
        self.saves += 1

    def set_text(self, tag: str, value: str) -> None:
        """Set a field of the configuration; the caller saves."""
        node = self.root.child(tag)
        if node is None:
            node = Node(tag)
            self.root.children.append(node)
        node.text, node.children = value, []

    @property
    def description(self) -> str | None:
        return self.root.text_of("description")

    @property
    def full_name(self) -> str:
        above = self.parent.full_name if self.parent else ""
        return f"{above}/{self.name}" if above else self.name

    @property
    def display_name(self) -> str:
        return self.root.text_of("displayName") or self.name

    @property
    def full_display_name(self) -> str:
        above = self.parent.full_display_name if self.parent else ""
        return f"{above} » {self.display_name}" if above else self.display_name

    @property
    def path(self) -> str:
        """The path of the item below Jenkins' root, with a slash at both ends."""
        above = self.parent.path if self.parent else "/"
        return f"{above}job/{raw_encoded(self.name)}/"

    def url(self, exchange: Exchange) -> str:
        return exchange.root_url.rstrip("/") + self.path

    def permissions_here(self) -> Node | None:
        """Return the matrix of permissions in the configuration, if there is one."""
        properties = self.root.child("properties")
        return (
            next((each for each in properties.children if "AuthorizationMatrixProperty" in each.tag), None)
            if (properties)
            else None
        )

    def grant(self, user: str, permissions: Sequence[str]) -> None:
        """Add to the matrix of permissions; the caller saves."""
        held = self.permissions_here()
        if held is None:
            strategy = Node("inheritanceStrategy", {"class": f"{_MATRIX_AUTH}.inheritance.InheritParentStrategy"})
            held = Node("com.cloudbees.hudson.plugins.folder.properties.AuthorizationMatrixProperty")
            held.children = [strategy]
            properties = self.root.child("properties") or Node("properties")
            if properties not in self.root.children:
                self.root.children.append(properties)
            properties.children.append(held)
        granted = [each if each.startswith("com.") else f"hudson.model.{each}" for each in permissions]
        held.children += [Node("permission", text=f"USER:{each}:{user}") for each in granted]

    def exported_fields(self) -> Sequence[Field]:
        return ITEM_FIELDS

    def actions(self, exchange: Exchange) -> list[object]:
        del exchange
        return [plain(name) if name else plain() for name in self.action_classes]


ITEM_FIELDS = (
    Field("actions", lambda item, exchange: item.actions(exchange)),
    Field("description", lambda item, _: item.description),
    Field("displayName", lambda item, _: item.display_name),
    Field("displayNameOrNull", lambda item, _: item.root.text_of("displayName")),
    Field("fullDisplayName", lambda item, _: item.full_display_name),
    Field("fullName", lambda item, _: item.full_name),
    Field("name", lambda item, _: item.name, 999),
    Field("url", lambda item, exchange: item.url(exchange), 999),
)


class Folder(Item):
    kinds: tuple[str, ...] = ("folder", "item")
    class_name = "com.cloudbees.hudson.plugins.folder.Folder"
    action_classes: ClassVar[Sequence[str | None]] = (
        None,
        None,
        "com.cloudbees.plugins.credentials.ViewCredentialsAction",
    )
    view_root = "All"

    def __init__(self, name: str, parent: Folder | None) -> None:
        super().__init__(name, parent)
        self._items: dict[str, Item] = {}
        self._sorted: list[Item] | None = None
        self.views: list[View] = [all_view(self.view_root)]
        self.primary_view = self.view_root

    def load(self, xml: str, root: Node) -> None:
        super().load(xml, root)
        self.views, self.primary_view = views_of(root, self.view_root)

    def save_views(self, plugins: dict[str, str]) -> None:
        """Write the views into the configuration, which Jenkins saves with each change of one."""
        holder = self.root.child("folderViews")
        if holder is None:
            holder = Node("folderViews", {"class": f"{_FOLDERS}.views.DefaultFolderViewHolder"})
            holder.children = [Node("views"), Node("tabBar", {"class": "hudson.views.DefaultViewsTabBar"})]
            self.root.children.append(holder)
        held = holder.child("views") or Node("views")
        held.children = [view.held() for view in self.views]
        self.save(plugins)

    # -- the items in it

    def get(self, name: str) -> Item | None:
        """Return the item of this name; Jenkins ignores case."""
        return self._items.get(name.lower())

    def add(self, item: Item) -> None:
        self._items[item.name.lower()] = item
        self._sorted = None

    def remove(self, item: Item) -> None:
        del self._items[item.name.lower()]
        self._sorted = None

    def items(self) -> list[Item]:
        """Return the items in Jenkins' order."""
        if self._sorted is None:
            self._sorted = sorted(self._items.values(), key=lambda item: item.name.lower())
        return self._sorted

    def walk(self) -> Iterator[Item]:
        for item in self.items():
            yield item
            if isinstance(item, Folder):
                yield from item.walk()

    def find_view(self, name: str) -> View | None:
        return next((view for view in self.views if view.name == name), None)

    def exported_fields(self) -> Sequence[Field]:
        return FOLDER_FIELDS


GROUP_FIELDS = (
    Field("jobs", lambda group, exchange: [item for item in group.items() if exchange.sees(item)]),
    Field("primaryView", lambda group, _: group.find_view(group.primary_view).of(group)),
    Field(
        "views",
        lambda group, exchange: [
            of for view in sorted(group.views, key=lambda each: each.name) if exchange.sees_view(of := view.of(group))
        ],
    ),
)
FOLDER_FIELDS = (*ITEM_FIELDS, Field("healthReport", lambda *_: []), *GROUP_FIELDS)


def _build_field(name: str, accept: Callable[[Build], bool], *, oldest: bool = False) -> Field:
    def read_one(job: Job, _: Exchange) -> Build | None:
        builds = job.builds if oldest else reversed(job.builds)
        return next((build for build in builds if accept(build)), None)

    return Field(name, read_one)


def _done(*results: str) -> Callable[[Build], bool]:
    return lambda build: not build.building and (not results or build.result in results)


_NOT_CONCURRENT = "org.jenkinsci.plugins.workflow.job.properties.DisableConcurrentBuildsJobProperty"


class Job(Item):
    kinds: tuple[str, ...] = ("job", "item")
    class_name = "org.jenkinsci.plugins.workflow.job.WorkflowJob"
    action_classes = (
        None, None, None, "org.jenkinsci.plugins.displayurlapi.actions.JobDisplayAction", None, None,
        "com.cloudbees.plugins.credentials.ViewCredentialsAction",
    )  # fmt: skip

    def __init__(self, name: str, parent: Folder | None) -> None:
        super().__init__(name, parent)
        self.builds: list[Build] = []
        self.next_build_number = 1
        self.built_commit: str | None = None

    @property
    def disabled(self) -> bool:
        return self.root.text_of("disabled") == "true"

    @property
    def color(self) -> str:
        if self.disabled:
            return "disabled"
        if not any(build.is_started or not build.building for build in self.builds):
            return "notbuilt"
        done = next((build for build in reversed(self.builds) if not build.building), None)
        colors = {"SUCCESS": "blue", "UNSTABLE": "yellow", "FAILURE": "red", "ABORTED": "aborted"}
        base = colors.get(done.result or "", "notbuilt") if done else "notbuilt"
        return base + ("_anime" if self.builds[-1].building else "")

    def exported_fields(self) -> Sequence[Field]:
        return JOB_FIELDS

    @property
    def concurrent(self) -> bool:
        return not self.root.all(_NOT_CONCURRENT)

    def modernise(self) -> bool:
        """Make a property of a Pipeline's `concurrentBuild`, as WorkflowJob.onLoad does. Not recorded."""
        old = self.root.child("concurrentBuild")
        if self.root.tag != "flow-definition" or old is None or old.text != "false" or not self.concurrent:
            return False
        properties = self.root.child("properties")
        if properties is None:
            properties = Node("properties")
            self.root.children.append(properties)
        properties.children.append(Node(_NOT_CONCURRENT))
        return True


def _queue_item(job: Job, exchange: Exchange) -> object:
    return exchange.controller.queue.waiting_of(job)


_BUILD_FIELDS = (
    Field("allBuilds", lambda job, _: list(reversed(job.builds)), -2),  # not recorded: only where `tree` names it
    Field("buildable", lambda job, _: not job.disabled),
    Field("builds", lambda job, _: list(reversed(job.builds))),
    Field("color", lambda job, _: job.color, 2),
    _build_field("firstBuild", lambda _: True, oldest=True),
    Field("healthReport", lambda job, exchange: exchange.controller.health_of(job)),
)
_LAST_FIELDS = (
    Field("keepDependencies", lambda *_: False),
    _build_field("lastBuild", lambda _: True),
    _build_field("lastCompletedBuild", _done()),
    _build_field("lastFailedBuild", _done("FAILURE")),
    _build_field("lastStableBuild", _done("SUCCESS")),
    _build_field("lastSuccessfulBuild", _done("SUCCESS", "UNSTABLE")),
    _build_field("lastUnstableBuild", _done("UNSTABLE")),
    _build_field("lastUnsuccessfulBuild", _done("FAILURE", "UNSTABLE", "ABORTED", "NOT_BUILT")),
    Field("nextBuildNumber", lambda job, _: job.next_build_number),
    Field("property", lambda job, _: exported_properties(job.root), inline=True),
)
_IN_QUEUE = Field("inQueue", lambda job, exchange: _queue_item(job, exchange) is not None)
_QUEUE_ITEM = Field("queueItem", _queue_item)
JOB_FIELDS = (
    *ITEM_FIELDS, *_BUILD_FIELDS, *_LAST_FIELDS,
    Field("concurrentBuild", lambda job, _: job.concurrent),
    Field("disabled", lambda job, _: job.disabled),
    _IN_QUEUE, _QUEUE_ITEM,
    Field("resumeBlocked", lambda *_: False),
)  # fmt: skip


class FreeStyle(Job):
    class_name = "hudson.model.FreeStyleProject"

    def exported_fields(self) -> Sequence[Field]:
        return FREE_STYLE_FIELDS


# not recorded: hudson.model.Job and AbstractProject export these so.
FREE_STYLE_FIELDS = (
    *ITEM_FIELDS, *_BUILD_FIELDS, _IN_QUEUE, *_LAST_FIELDS, _QUEUE_ITEM,
    Field("concurrentBuild", lambda job, _: job.root.text_of("concurrentBuild") == "true"),
    Field("disabled", lambda job, _: job.disabled),
    Field("downstreamProjects", lambda *_: []),
    Field("labelExpression", lambda job, _: job.root.text_of("assignedNode")),
    Field("scm", lambda job, _: plain((job.root.child("scm") or Node("hudson.scm.NullSCM")).class_name)),
    Field("upstreamProjects", lambda *_: []),
)  # fmt: skip


class MultiBranch(Folder):
    kinds = ("multibranch", "folder", "item")
    class_name = "org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject"
    action_classes = (None, None, None, None, "com.cloudbees.plugins.credentials.ViewCredentialsAction")
    view_root = "default"

    def __init__(self, name: str, parent: Folder | None) -> None:
        super().__init__(name, parent)
        self.index_log = ""

    @property
    def disabled(self) -> bool:
        return self.root.text_of("disabled") == "true"

    def exported_fields(self) -> Sequence[Field]:
        return PROJECT_FIELDS

    def load(self, xml: str, root: Node) -> None:
        Item.load(self, xml, root)
        self.show_view()

    def show_view(self) -> None:
        """Set the one view: a welcome while there is no branch."""
        name, kind = ("default", "MultiBranchProjectViewHolder$ViewImpl")
        if not self.items():
            name, kind = ("welcome", "MultiBranchProjectEmptyView")
        self.views, self.primary_view = [View(name, Node(f"jenkins.branch.{kind}"))], name


def _one_view(project: MultiBranch) -> ViewOf:
    project.show_view()
    return project.views[0].of(project)


PROJECT_FIELDS = (
    *ITEM_FIELDS,
    Field("healthReport", lambda *_: []),
    GROUP_FIELDS[0],
    Field("primaryView", lambda project, _: _one_view(project)),
    Field("views", lambda project, _: [_one_view(project)]),
    Field("buildable", lambda project, _: not project.disabled),
    Field("sources", lambda project, _: [plain() for _ in project.root.all("jenkins.branch.BranchSource")]),
)


class BranchJob(Job):
    kinds = ("branch-job", "job", "item")


ROOTS: dict[str, type[Item]] = {
    "flow-definition": Job,
    "project": FreeStyle,
    "com.cloudbees.hudson.plugins.folder.Folder": Folder,
    "org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject": MultiBranch,
}


# Kinds of items that plugins bring which a fake does not know.
UNMODELLED_ROOTS = {
    "jenkins.branch.OrganizationFolder": "branch-api",
    "matrix-project": "matrix-project",
    "maven2-moduleset": "maven-plugin",
}


def loaded(item: Item, document: str) -> None:
    """Load a document into an item; raises BadXmlError for what is not well-formed."""
    item.load(*read(document))

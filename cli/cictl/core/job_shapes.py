"""One shape for what Jenkins moves about when it loads a job: old places of views, triggers and build retention.

The result is a config.xml too, the one that Jenkins would write, so it can be sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cictl.core.job_elements import simple_name
from cictl.core.job_marks import without_mark
from cictl.core.job_migrations import migrated
from cictl.core.job_references import without_references
from cictl.core.job_xml import Element

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_PROJECT_ONLY = frozenset(
    {
        "assignedNode", "blockBuildWhenDownstreamBuilding", "blockBuildWhenUpstreamBuilding", "buildWrappers",
        "builders", "canRoam", "childCustomWorkspace", "customWorkspace", "jdk", "publishers", "scm",
        "scmCheckoutRetryCount",
    }
)  # fmt: skip
_JOB_ONLY = _PROJECT_ONLY | {"authToken", "concurrentBuild", "keepDependencies", "logRotator", "quietPeriod"}
_PLAIN_FOLDER_NEVER = _JOB_ONLY | {"disabled", "triggers"}
_OLD_VIEWS = frozenset({"views", "viewsTabBar", "primaryView"})
_WORST_CHILD = Element(
    "healthMetrics",
    children=(
        Element(
            "com.cloudbees.hudson.plugins.folder.health.WorstChildHealthMetric",
            children=(Element("nonRecursive", text="false"),),
        ),
    ),
)
_ORPHANS = Element(
    "orphanedItemStrategy",
    (("class", "com.cloudbees.hudson.plugins.folder.computed.DefaultOrphanedItemStrategy"),),
    children=(
        Element("pruneDeadBranches", text="true"),
        Element("daysToKeep", text="-1"),
        Element("numToKeep", text="-1"),
    ),
)
_ALL_VIEW = Element("hudson.model.AllView", children=(Element("name", text="all"),))
_VIEW_HOLDER = (("class", "com.cloudbees.hudson.plugins.folder.views.DefaultFolderViewHolder"),)
_COLUMN_NAMES = ("Status", "Weather", "Job", "LastSuccess", "LastFailure", "LastDuration", "BuildButton")
_COLUMNS = Element("columns", children=tuple(Element(f"hudson.views.{each}Column") for each in _COLUMN_NAMES))
_ROOTS = {
    "hudson.maven.MavenModuleSet": "maven2-moduleset",
    "hudson.matrix.MatrixProject": "matrix-project",
    "hudson.model.FreeStyleProject": "project",
    "listView": "hudson.model.ListView",
    "org.jenkinsci.plugins.workflow.job.WorkflowJob": "flow-definition",
}
_STATUS_FILTER = "hudson.views.StatusFilter"
_BRANCHES_FOUND = Element("traits", children=(Element("jenkins.plugins.git.traits.BranchDiscoveryTrait"),))
_DISCARDER = "jenkins.model.BuildDiscarderProperty"
_PIPELINE_TRIGGERS = "org.jenkinsci.plugins.workflow.job.properties.PipelineTriggersJobProperty"
_NOT_CONCURRENT = "org.jenkinsci.plugins.workflow.job.properties.DisableConcurrentBuildsJobProperty"


def is_folder(root: Element) -> bool:
    """Whether ROOT is a folder of any kind, computed ones included."""
    return simple_name(root.tag) in {"Folder", "OrganizationFolder"} or root.tag.endswith("MultiBranchProject")


def is_computed_folder(root: Element) -> bool:
    """Whether ROOT finds its jobs itself: a multibranch pipeline or an organisation."""
    return is_folder(root) and simple_name(root.tag) != "Folder"


def is_pipeline(root: Element) -> bool:
    """Whether ROOT is a pipeline job."""
    return _ROOTS.get(root.tag, root.tag) == "flow-definition"


def is_view(root: Element) -> bool:
    """Whether ROOT is a view and no job."""
    return root.tag.endswith("View")


def standard_shape(root: Element) -> Element:
    """Return ROOT as the newest Jenkins lays it out, without the owner mark and what it has no place for."""
    root = migrated(without_references(root._replace(tag=_ROOTS.get(root.tag, root.tag))))
    children = tuple(_standard_child(each) for each in root.children if each.tag != "actions")
    return root.with_children(_shaper_of(root)(children))


def _shaper_of(root: Element) -> Callable[[tuple[Element, ...]], tuple[Element, ...]]:
    if is_folder(root):
        return _shape_computed if is_computed_folder(root) else _shape_folder
    if is_pipeline(root):
        return _shape_pipeline
    if is_view(root):
        return _shape_list_view if root.tag.endswith("ListView") else tuple
    return _shape_project


def _shape_list_view(children: tuple[Element, ...]) -> tuple[Element, ...]:
    """Give a list without columns those that Jenkins gives it; an empty list of columns is a choice."""
    children = _with_status_filter(children)
    return children if _child(children, "columns") else (*children, _COLUMNS)


def _with_status_filter(children: tuple[Element, ...]) -> tuple[Element, ...]:
    """Move the filter by state, which once was a field, to the other filters."""
    status = _child(children, "statusFilter")
    if not status:
        return children
    kept = _without(children, frozenset({"statusFilter"}))
    if not status.text.strip():
        return kept
    filters = _child(kept, "jobFilters") or Element("jobFilters")
    all_filters = filters.with_children((*filters.children, Element(_STATUS_FILTER, children=(status,))))
    return (*_without(kept, frozenset({"jobFilters"})), all_filters)


def _standard_child(child: Element) -> Element:
    if child.tag == "description":
        return child._replace(text=without_mark(child.text))
    return child._replace(tag="displayName") if child.tag == "displayNameOrNull" else child


def _shape_folder(children: tuple[Element, ...]) -> tuple[Element, ...]:
    return _with_views(_with_health(_without(children, _PLAIN_FOLDER_NEVER)))


def _shape_computed(children: tuple[Element, ...]) -> tuple[Element, ...]:
    kept = _with_health(_without(children, _JOB_ONLY | _OLD_VIEWS))
    kept = tuple(_with_traits(each) if each.tag == "sources" else each for each in kept)
    return kept if _child(kept, "orphanedItemStrategy") else (*kept, _ORPHANS)


def _with_traits(sources: Element) -> Element:
    """Say that branches are found where a source of Git is from the time before traits; an empty list is a choice."""
    if sources.attribute("class").endswith(".GitSCMSource") and not sources.child("traits"):
        kept = tuple(each for each in sources.children if (each.tag, each.text) != ("includes", "*"))
        return sources.with_children((*kept, _BRANCHES_FOUND))
    if sources.tag in {"traits", "owner"} or not sources.children:
        return sources
    return sources.with_children(tuple(_with_traits(each) for each in sources.children))


def _with_health(children: tuple[Element, ...]) -> tuple[Element, ...]:
    """Add the metrics that Jenkins makes where there is no list; an empty list is a choice."""
    return children if _child(children, "healthMetrics") else (*children, _WORST_CHILD)


def _with_views(children: tuple[Element, ...]) -> tuple[Element, ...]:
    """Move the views of old folders into their holder; one that holds none gets the view of everything."""
    holder = _child(children, "folderViews") or Element("folderViews", _VIEW_HOLDER, children=_old_views(children))
    views = holder.child("views")
    shown = tuple(_standard_view(each) for each in views.children) if views and views.children else (_ALL_VIEW,)
    inner = [Element("views", children=shown)]
    inner += [_primary(each) for each in holder.children if each.tag != "views"]
    kept = _without(children, _OLD_VIEWS | {"folderViews"})
    return (*kept, holder.with_children(tuple(inner)))


def _old_views(children: tuple[Element, ...]) -> tuple[Element, ...]:
    views = _child(children, "views")
    if not views or not views.children:
        return ()
    tab_bar = _child(children, "viewsTabBar")
    found = (views, _child(children, "primaryView"), tab_bar._replace(tag="tabBar") if tab_bar else None)
    return tuple(each for each in found if each)


def _standard_view(view: Element) -> Element:
    """Call the view of everything `all`, as Jenkins does from the first restart on."""
    if view.tag.endswith("istView"):
        return view._replace(tag=_ROOTS.get(view.tag, view.tag), children=_shape_list_view(view.children))
    if not view.tag.endswith("AllView"):
        return view
    return view.with_children(
        tuple(each._replace(text="all") if _is_all(each, "name") else each for each in view.children)
    )


def _primary(child: Element) -> Element:
    return child._replace(text="") if _is_all(child, "primaryView") else child


def _is_all(element: Element, tag: str) -> bool:
    return element.tag == tag and element.text.lower() == "all"


def _shape_pipeline(children: tuple[Element, ...]) -> tuple[Element, ...]:
    triggers, concurrent = _child(children, "triggers"), _child(children, "concurrentBuild")
    added = []
    if triggers and triggers.children:
        added.append(Element(_PIPELINE_TRIGGERS, children=(triggers,)))
    if concurrent and concurrent.text == "false":
        added.append(Element(_NOT_CONCURRENT))
    kept = _without(children, _PROJECT_ONLY | {"triggers", "concurrentBuild"})
    return _with_properties(_with_retention(kept), added)


def _shape_project(children: tuple[Element, ...]) -> tuple[Element, ...]:
    """Say where a project runs: by its label, or else by `canRoam`, false where it is absent; true, no label counts."""
    kept = _with_retention(children)
    node, roams = _child(kept, "assignedNode"), _child(kept, "canRoam")
    if not node or not node.text.strip():
        return kept if roams else (*kept, Element("canRoam", text="false"))
    return _without(kept, frozenset({"assignedNode" if roams and roams.text == "true" else "canRoam"}))


def _with_retention(children: tuple[Element, ...]) -> tuple[Element, ...]:
    old = _child(children, "logRotator")
    if not old:
        return children
    named = old if old.attribute("class") else old._replace(attributes=(("class", "hudson.tasks.LogRotator"),))
    discarder = Element(_DISCARDER, children=(named._replace(tag="strategy"),))
    return _with_properties(_without(children, frozenset({"logRotator"})), [discarder])


def _with_properties(children: tuple[Element, ...], added: Iterable[Element]) -> tuple[Element, ...]:
    """Add job properties that are not there yet: what stands among the properties wins over the old place."""
    properties = _child(children, "properties") or Element("properties")
    new = tuple(each for each in added if not properties.child(each.tag))
    if not new:
        return children
    kept = _without(children, frozenset({"properties"}))
    return (*kept, properties.with_children((*properties.children, *new)))


def _child(children: tuple[Element, ...], tag: str) -> Element | None:
    return next((each for each in children if each.tag == tag), None)


def _without(children: tuple[Element, ...], tags: frozenset[str]) -> tuple[Element, ...]:
    return tuple(each for each in children if each.tag not in tags)

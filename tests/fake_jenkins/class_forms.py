"""How XStream writes each class: its fields in order, the defaults that appear; and which plugin a class comes from."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.fake_jenkins.xml_tree import Node


@dataclass(frozen=True, slots=True)
class ClassForm:
    """The fields that a class writes, in its order; what is not among them is dropped.

    `defaults` are written where they were not sent: the text of a field, or None for an empty object.
    A converted class writes no `plugin` attribute of its own.
    """

    order: tuple[str, ...]
    defaults: dict[str, str | None] = field(default_factory=dict)
    is_converted: bool = False

    def default(self, name: str) -> Node:
        return Node(name, text=self.defaults[name] or "")


_ITEM = ("actions", "description", "displayName")
_JOB = (*_ITEM, "keepDependencies", "properties")
_FOLDER = (*_ITEM, "properties", "folderViews", "healthMetrics", "icon")

FORMS: dict[str, ClassForm] = {
    "flow-definition": ClassForm(
        (*_JOB, "definition", "triggers", "quietPeriod", "authToken", "disabled"),
        {"keepDependencies": "false", "properties": None, "disabled": "false"},
    ),
    "project": ClassForm(
        (
            *_JOB, "scm", "scmCheckoutRetryCount", "quietPeriod", "assignedNode", "canRoam", "disabled",
            "blockBuildWhenDownstreamBuilding", "blockBuildWhenUpstreamBuilding", "jdk", "authToken", "triggers",
            "concurrentBuild", "customWorkspace", "builders", "publishers", "buildWrappers",
        ),
        {
            "keepDependencies": "false", "properties": None, "canRoam": "false", "disabled": "false",
            "blockBuildWhenDownstreamBuilding": "false", "blockBuildWhenUpstreamBuilding": "false", "triggers": None,
            "concurrentBuild": "false", "builders": None, "publishers": None, "buildWrappers": None,
        },
    ),
    "com.cloudbees.hudson.plugins.folder.Folder": ClassForm(_FOLDER, {"properties": None, "healthMetrics": None}),
}  # fmt: skip

# Elements that hold a string, so that an empty one is written in full; others are objects.
STRINGS = frozenset({
    "description", "displayName", "name", "url", "refspec", "credentialsId", "defaultValue", "command", "script",
    "scriptPath", "spec", "assignedNode", "id", "remote", "defaultVersion", "libraryPath", "artifacts", "username",
    "string", "includes", "excludes",
})  # fmt: skip

_PREFIXES: tuple[tuple[str, str], ...] = (  # the longest that fits wins; "" is core
    ("com.cloudbees.hudson.plugins.folder.properties.AuthorizationMatrixProperty", ""),
    ("com.cloudbees.hudson.plugins.folder.", "cloudbees-folder"),
    ("flow-definition", "workflow-job"),
    ("org.jenkinsci.plugins.workflow.job.", "workflow-job"),
    ("org.jenkinsci.plugins.workflow.cps.", "workflow-cps"),
    ("org.jenkinsci.plugins.workflow.libs.", "pipeline-groovy-lib"),
    ("org.jenkinsci.plugins.workflow.multibranch.", "workflow-multibranch"),
    ("hudson.plugins.git.", "git"),
    ("jenkins.plugins.git.", "git"),
    ("jenkins.branch.", "branch-api"),
    ("hudson.plugins.timestamper.", "timestamper"),
    ("com.cloudbees.plugins.credentials.", "credentials"),
    ("org.jenkinsci.plugins.plaincredentials.", "plain-credentials"),
    ("hudson.", ""),
    ("jenkins.model.", ""),
    ("java.", ""),
    ("org.jenkinsci.plugins.matrixauth.", ""),
)


def plugin_of(class_name: str) -> str | None:
    """Return the plugin of a class, "" for what is core's or no class at all, None for a class that nobody has."""
    if "." not in class_name:
        return "workflow-job" if class_name == "flow-definition" else ""
    return next((plugin for prefix, plugin in _PREFIXES if class_name.startswith(prefix)), None)

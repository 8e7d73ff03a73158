"""How XStream writes each class: its fields in order, the defaults that appear; and which plugin a class comes from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.fake_jenkins.xml_tree import Node

Default = str | Node | Callable[[Node], Node] | None


@dataclass(frozen=True, slots=True)
class ClassForm:
    """The fields that a class writes, in its order; what is not among them is dropped.

    `defaults` are written where they were not sent: the text of a field, None for an empty object, or a node.
    `sorts` names children that are written sorted. A converted class writes no `plugin` attribute of its own.
    """

    order: tuple[str, ...]
    defaults: dict[str, Default] = field(default_factory=dict)
    sorts: str | None = None
    is_converted: bool = False

    def default(self, name: str, owner: Node) -> Node:
        value = self.defaults[name]
        if callable(value):
            return value(owner)
        return value if isinstance(value, Node) else Node(name, text=value or "")


_ITEM = ("actions", "description", "displayName")
_JOB = (*_ITEM, "keepDependencies", "properties")
_FOLDER = (*_ITEM, "properties", "folderViews", "healthMetrics", "icon")
_GIT_REMOTE = ("name", "refspec", "url", "credentialsId")
_BRANCH_CLASS = "org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject"
_FOLDER_CLASS = "com.cloudbees.hudson.plugins.folder.Folder"
_VIEW = ("owner", "name", "description", "filterExecutors", "filterQueue", "properties")
_VIEW_DEFAULTS: dict[str, Default] = {
    "filterExecutors": "false",
    "filterQueue": "false",
    "properties": Node("properties", {"class": "hudson.model.View$PropertyList"}),
}
_PARAMETER = ("name", "description", "defaultValue")
_STEP = ClassForm(("command", "configuredLocalRules", "unstableReturn"), {"configuredLocalRules": None})

_CLEAN = ClassForm(("deleteUntrackedNestedRepositories",), {"deleteUntrackedNestedRepositories": "false"})


def _default_views(_: Node) -> Node:
    owner = Node("owner", {"class": _FOLDER_CLASS, "reference": "../../../.."})
    properties = Node("properties", {"class": "hudson.model.View$PropertyList"})
    flags = [Node("filterExecutors", text="false"), Node("filterQueue", text="false")]
    view = Node("hudson.model.AllView", children=[owner, Node("name", text="All"), *flags, properties])
    bar = Node("tabBar", {"class": "hudson.views.DefaultViewsTabBar"})
    holder = {"class": "com.cloudbees.hudson.plugins.folder.views.DefaultFolderViewHolder"}
    return Node("folderViews", holder, [Node("views", children=[view]), bar])


def _owned(tag: str, class_name: str) -> Callable[[Node], Node]:
    def make(_: Node) -> Node:
        return Node(tag, {"class": class_name}, [Node("owner", {"class": _BRANCH_CLASS, "reference": "../.."})])

    return make


FORMS: dict[str, ClassForm] = {
    "flow-definition": ClassForm(
        (*_JOB, "definition", "triggers", "quietPeriod", "authToken", "disabled"),
        {"keepDependencies": "false", "properties": None, "disabled": "false"},
    ),
    "project": ClassForm(
        (
            *_JOB, "scm", "quietPeriod", "scmCheckoutRetryCount", "assignedNode", "canRoam", "disabled",
            "blockBuildWhenDownstreamBuilding", "blockBuildWhenUpstreamBuilding", "jdk", "authToken", "triggers",
            "concurrentBuild", "customWorkspace", "builders", "publishers", "buildWrappers",
        ),
        {
            "keepDependencies": "false", "properties": None, "canRoam": "false", "disabled": "false",
            "blockBuildWhenDownstreamBuilding": "false", "blockBuildWhenUpstreamBuilding": "false", "triggers": None,
            "concurrentBuild": "false", "builders": None, "publishers": None, "buildWrappers": None,
        },
    ),
    _FOLDER_CLASS: ClassForm(
        _FOLDER,
        {
            "properties": None, "folderViews": _default_views, "healthMetrics": None,
            "icon": Node("icon", {"class": "com.cloudbees.hudson.plugins.folder.icons.StockFolderIcon"}),
        },
    ),
    _BRANCH_CLASS: ClassForm(
        (*_FOLDER, "orphanedItemStrategy", "triggers", "disabled", "sources", "factory"),
        {
            "properties": None, "healthMetrics": None, "triggers": None, "disabled": "false",
            "folderViews": _owned("folderViews", "jenkins.branch.MultiBranchProjectViewHolder"),
            "icon": _owned("icon", "jenkins.branch.MetadataActionFolderIcon"),
        },
    ),
    "hudson.model.AllView": ClassForm(_VIEW, _VIEW_DEFAULTS),
    "hudson.model.ListView": ClassForm(
        (*_VIEW, "jobNames", "jobFilters", "columns", "includeRegex", "recurse", "statusFilter"),
        {"filterExecutors": "false", "filterQueue": "false", "recurse": "false"},
    ),
    "org.jenkinsci.plugins.workflow.job.properties.DisableConcurrentBuildsJobProperty": ClassForm(
        ("abortPrevious",), {"abortPrevious": "false"}
    ),
    "hudson.tasks.LogRotator": ClassForm(
        ("daysToKeep", "numToKeep", "artifactDaysToKeep", "artifactNumToKeep", "removeLastBuild"),
        {
            "daysToKeep": "-1", "numToKeep": "-1", "artifactDaysToKeep": "-1", "artifactNumToKeep": "-1",
            "removeLastBuild": "false",
        },
    ),
    "hudson.model.StringParameterDefinition": ClassForm((*_PARAMETER, "trim"), {"trim": "false"}),
    "hudson.model.TextParameterDefinition": ClassForm((*_PARAMETER, "trim"), {"trim": "false"}),
    "hudson.model.BooleanParameterDefinition": ClassForm(_PARAMETER, {"defaultValue": "false"}),
    "hudson.model.ChoiceParameterDefinition": ClassForm(("name", "description", "choices")),
    "hudson.triggers.SCMTrigger": ClassForm(
        ("spec", "ignorePostCommitHooks"), {"ignorePostCommitHooks": "false"}
    ),
    "hudson.triggers.TimerTrigger": ClassForm(("spec",)),
    "hudson.tasks.Shell": _STEP,
    "hudson.tasks.BatchFile": _STEP,
    "hudson.tasks.ArtifactArchiver": ClassForm(
        (
            "artifacts", "excludes", "latestOnly", "allowEmptyArchive", "onlyIfSuccessful", "fingerprint",
            "defaultExcludes", "caseSensitive", "followSymlinks",
        ),
        {
            "allowEmptyArchive": "false", "onlyIfSuccessful": "false", "fingerprint": "false",
            "defaultExcludes": "true", "caseSensitive": "true", "followSymlinks": "true",
        },
    ),
    "org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition": ClassForm(("script", "sandbox"), {"sandbox": "false"}),
    "org.jenkinsci.plugins.workflow.cps.CpsScmFlowDefinition": ClassForm(
        ("scm", "scriptPath", "lightweight"), {"lightweight": "false"}
    ),
    "hudson.plugins.git.GitSCM": ClassForm(
        (
            "configVersion", "userRemoteConfigs", "branches", "doGenerateSubmoduleConfigurations", "gitTool",
            "browser", "submoduleCfg", "extensions",
        ),
        {"doGenerateSubmoduleConfigurations": "false", "extensions": None},
    ),
    # not recorded: the fields of the git and GitHub plugins' classes, in their order.
    "hudson.plugins.git.extensions.impl.CleanBeforeCheckout": _CLEAN,
    "hudson.plugins.git.extensions.impl.CleanCheckout": _CLEAN,
    "org.jenkinsci.plugins.github_branch_source.GitHubSCMSource": ClassForm(
        ("id", "apiUri", "credentialsId", "repoOwner", "repository", "repositoryUrl", "traits")
    ),
    "hudson.plugins.git.UserRemoteConfig": ClassForm(_GIT_REMOTE),
    "hudson.plugins.git.BranchSpec": ClassForm(("name",)),
    "org.jenkinsci.plugins.workflow.libs.LibraryConfiguration": ClassForm(
        (
            "name", "retriever", "defaultVersion", "implicit", "allowVersionOverride", "includeInChangesets",
            "cachingConfiguration",
        ),
        {"implicit": "false", "allowVersionOverride": "false", "includeInChangesets": "false"},
    ),
    "org.jenkinsci.plugins.workflow.libs.SCMSourceRetriever": ClassForm(
        ("clone", "libraryPath", "scm"), {"clone": "false"}
    ),
    "com.cloudbees.hudson.plugins.folder.properties.AuthorizationMatrixProperty": ClassForm(
        ("inheritanceStrategy", "permission"), sorts="permission", is_converted=True
    ),
    "hudson.security.AuthorizationMatrixProperty": ClassForm(
        ("inheritanceStrategy", "permission"), sorts="permission", is_converted=True
    ),
}  # fmt: skip

# Elements that hold a string, so that an empty one is written in full; others are objects.
STRINGS = frozenset({
    "description", "displayName", "name", "url", "refspec", "credentialsId", "defaultValue", "command", "script",
    "scriptPath", "spec", "assignedNode", "id", "remote", "defaultVersion", "libraryPath", "artifacts", "username",
    "string", "includes", "excludes", "upstreamProjects", "reference", "customWorkspace", "includeRegex", "secret",
    "password", "permission", "recipients", "testResults", "cleanupParameter", "externalDelete",
})  # fmt: skip

_PREFIXES: tuple[tuple[str, str], ...] = (  # the first that fits; "" is core, or code without an owner
    ("com.cloudbees.hudson.plugins.folder.properties.AuthorizationMatrixProperty", ""),
    ("com.cloudbees.hudson.plugins.folder.", "cloudbees-folder"),
    ("com.cloudbees.jenkins.plugins.sshcredentials.", "ssh-credentials"),
    ("com.cloudbees.jenkins.", "github"),
    ("com.coravy.hudson.plugins.github.", "github"),
    ("com.cloudbees.plugins.credentials.", "credentials"),
    ("org.jenkinsci.plugins.credentialsbinding.", "credentials-binding"),
    ("org.jenkinsci.plugins.github.", "github"),
    ("org.jenkinsci.plugins.plaincredentials.", "plain-credentials"),
    ("org.jenkinsci.plugins.scriptsecurity.", "script-security"),
    ("org.jenkinsci.plugins.workflow.support.", "workflow-support"),
    ("org.jenkinsci.plugins.matrixauth.", ""),
    ("org.jenkinsci.plugins.pipeline.modeldefinition.", "pipeline-model-definition"),
    ("org.jenkinsci.plugins.github_branch_source.", "github-branch-source"),
    ("org.jenkinsci.plugins.workflow.cps.", "workflow-cps"),
    ("org.jenkinsci.plugins.workflow.job.", "workflow-job"),
    ("org.jenkinsci.plugins.workflow.libs.", "pipeline-groovy-lib"),
    ("org.jenkinsci.plugins.workflow.multibranch.", "workflow-multibranch"),
    ("hudson.plugins.git.", "git"),
    ("jenkins.plugins.git.", "git"),
    ("jenkins.branch.", "branch-api"),
    ("jenkins.scm.", "scm-api"),
    ("hudson.plugins.timestamper.", "timestamper"),
    ("hudson.plugins.ws__cleanup.", "ws-cleanup"),
    ("hudson.plugins.ws_cleanup.", "ws-cleanup"),
    ("hudson.plugins.build_timeout.", "build-timeout"),
    ("hudson.tasks.junit.", "junit"),
    ("hudson.tasks.Mailer", "mailer"),
    ("hudson.tasks.Ant", "ant"),
    ("hudson.matrix.", "matrix-project"),
    ("hudson.plugins.emailext.", "email-ext"),
    ("hudson.plugins.", "?"),
    ("hudson.", ""),
    ("jenkins.model.", ""),
    ("jenkins.triggers.", ""),
    ("java.", ""),
)


_ALIASES = {
    "flow-definition": "workflow-job",
    "branch": "branch-api",  # a field whose class is another plugin's
}


def plugin_of(class_name: str) -> str | None:
    """Return the plugin of a class, "" for what is core's or no class at all, None for a class that nobody has."""
    if "." not in class_name:
        return _ALIASES.get(class_name, "")
    found = next((plugin for prefix, plugin in _PREFIXES if class_name.startswith(prefix)), None)
    return None if found == "?" else found

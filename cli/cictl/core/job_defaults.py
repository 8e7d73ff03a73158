"""What Jenkins adds to a config.xml, drops from it and spells in several ways when it saves a job that nobody edited.

Objects are read without running their constructors, so a field that is absent is false, 0 or nothing, and is written so
on the next save. Only what differs from that rule stands in tables here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cictl.core.job_elements import (
    BLANKS,
    class_of,
    holds_members,
    is_array,
    is_member,
    is_step_list,
    is_wordless,
    is_written_text,
    plain_name,
    simple_name,
)

if TYPE_CHECKING:
    from cictl.core.job_xml import Element

# What a class of this name holds is what Jenkins takes when nothing is said.
_DEFAULT_CLASS = re.compile(r"^(?:Null|Default|Stock|Empty|None|InheritParent)[A-Z]")
_DEFAULT_CLASSES = frozenset(
    {
        "AllNodeEligibility", "MetadataActionFolderIcon", "MultiBranchProjectViewHolder",
        "NoopMatrixConfigurationSorter", "OrganizationChildOrphanedItemsProperty$Inherit",
        "OrganizationFolderViewHolder", "WorkflowBranchProjectFactory",
    }
)  # fmt: skip
_BLANK = frozenset({"", "false", "0", "0.0", "NONE"})
_DEFAULTS = {
    ("LogRotator", "daysToKeep"): "-1",
    ("LogRotator", "numToKeep"): "-1",
    ("LogRotator", "artifactDaysToKeep"): "-1",
    ("LogRotator", "artifactNumToKeep"): "-1",
    ("Ant", "antName"): "default",
    ("BitbucketSCMNavigator", "serverUrl"): "https://bitbucket.org",
    ("BitbucketSCMSource", "serverUrl"): "https://bitbucket.org",
    ("CascadeChoiceParameter", "visibleItemCount"): "1",
    ("ChoiceParameter", "visibleItemCount"): "1",
    ("DynamicReferenceParameter", "visibleItemCount"): "1",
    ("DefaultOrphanedItemStrategy", "daysToKeep"): "-1",
    ("DefaultOrphanedItemStrategy", "numToKeep"): "-1",
    ("GitHubSCMNavigator", "apiUri"): "https://api.github.com",
    ("GitHubSCMSource", "apiUri"): "https://api.github.com",
    ("GitSCM", "configVersion"): "2",
    ("GitSCM", "gitTool"): "Default",
    ("GitSCMSource", "gitTool"): "Default",
    ("ArtifactArchiver", "caseSensitive"): "true",
    ("ArtifactArchiver", "defaultExcludes"): "true",
    ("ArtifactArchiver", "followSymlinks"): "true",
    ("ExtendedEmailPublisher", "matrixTriggerMode"): "BOTH",
    ("Fingerprinter", "caseSensitive"): "true",
    ("Fingerprinter", "defaultExcludes"): "true",
    ("GitHubCommitNotifier", "resultOnFailure"): "FAILURE",
    ("HtmlPublisherTarget", "escapeUnderscores"): "true",
    ("HtmlPublisherTarget", "includes"): "**/*",
    ("JUnitResultArchiver", "healthScaleFactor"): "1.0",
    ("Maven", "injectBuildVariables"): "true",
    ("NoTriggerBranchProperty", "triggeredBranchesRegex"): "^$",
    ("RunParameterDefinition", "filter"): "ALL",
    ("SCMRetriever", "libraryPath"): ".",
    ("SCMSourceRetriever", "libraryPath"): ".",
    ("email", "contentType"): "project",
    ("matrixOptions", "throttleMatrixBuilds"): "true",
    ("options", "fastForwardMode"): "FF",
    ("options", "mergeStrategy"): "default",
    ("threshold", "name"): "SUCCESS",
    ("WorkflowBranchProjectFactory", "scriptPath"): "Jenkinsfile",
    ("WorkflowMultiBranchProjectFactory", "scriptPath"): "Jenkinsfile",
    ("maven2-moduleset", "mavenValidationLevel"): "-1",
    ("maven2-moduleset", "aggregatorStyleBuild"): "true",
}
# Other spellings of the same: what a form offers first, and what Jenkins turns into the default when it loads it.
_ANY_CLASS_DEFAULTS = {"jdk": ("(System)", "(Default)", "(Inherit From Job)")}
_FIRST_TOOL = "(Default)"
_OTHER_SPELLINGS = {
    ("DefaultOrphanedItemStrategy", "daysToKeep"): ("0",),
    ("DefaultOrphanedItemStrategy", "numToKeep"): ("0",),
    # A build that checks a library out writes the dot into the folder, and its form adds the slash.
    ("SCMRetriever", "libraryPath"): ("./",),
    ("SCMSourceRetriever", "libraryPath"): ("./",),
}
# Jenkins has no such field and drops it; or it keeps there what belongs to a build and not to a person.
_IGNORED = frozenset(
    {
        ("CpsScmFlowDefinition", "sandbox"),
        ("FirstFailureTrigger", "failureCount"),
        ("SecondFailureTrigger", "failureCount"),
        ("GitHubSCMSource", "configuredByUrl"),
        ("GitSCM", "remotePoll"),
        ("HtmlPublisherTarget", "wrapperName"),
        ("SCMTrigger", "asyncPollingEnabled"),
        ("ThrottleJobProperty", "configVersion"),
        ("PeriodicFolderTrigger", "lastTriggered"),
        ("maven2-moduleset", "rootModule"),
    }
)
# Some versions of a plugin have the field and write it always; the others drop it.
_OF_SOME_VERSIONS = frozenset(
    {
        ("GitLabPushTrigger", "acceptMergeRequestOnSuccess"),
        ("GitLabPushTrigger", "addCiMessage"),
        ("GitLabPushTrigger", "addNoteOnMergeRequest"),
        ("GitLabPushTrigger", "addVoteOnMergeRequest"),
        ("GitLabPushTrigger", "allowAllBranches"),
        ("JUnitResultArchiver", "keepLongStdio"),
    }
)
# `randomName` is what a page calls an active choice, and nobody can edit it.
_NOISE = frozenset({"comparator", "no-comparator", "randomName", "unserializable-parents"})
_RESULT_PARTS = frozenset({"ordinal", "color", "completeBuild"})
# A job property is there because someone ticked it, whatever it holds, or because a form adds it to every job.
_MEANT_THOUGH_BLANK = frozenset(
    {
        "AuthorizationMatrixProperty", "DisableConcurrentBuildsJobProperty", "RateLimitBranchProperty$JobPropertyImpl",
    }
)  # fmt: skip
_MATTERS_NOT = frozenset({"DiskUsageProperty", "ParametersDefinitionProperty", "PipelineTriggersJobProperty"})
# Someone ticked what these are in: nothing is said unless they are there, and then whatever they hold.
_TICKED = frozenset({("BlockableBuildTriggerConfig", "block"), ("LibraryConfiguration", "cachingConfiguration")})
# Where the last thing in it is deleted, what held it stays: lists within lists, without a word.
_STORES = frozenset({"FolderCredentialsProvider$FolderCredentialsProperty"})
# The own switch of a property that forms add: where it is off, what else the property holds does nothing.
_SWITCH = re.compile(r"^(?:on|enabled?|use([A-Z]\w*)|(\w+)Enabled)$")
_NAME_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_GENERATED_ID = re.compile(r"^dashboard_portlet_\d+$")


def is_noise(owner: str, element: Element) -> bool:
    """Whether ELEMENT of a class OWNER says nothing that a person could have meant."""
    if (owner, element.tag) in _IGNORED or element.tag in _NOISE:
        return True
    if element.tag == "id" and _GENERATED_ID.match(element.text):
        return True
    return any(name == "reference" for name, _ in element.attributes)


def is_derived(element: Element, parent: Element) -> bool:
    """Whether ELEMENT only repeats what a sibling says: the name of a build result, or the interval of a scan."""
    if element.tag in _RESULT_PARTS:
        return parent.child("name") is not None and parent.child("ordinal") is not None
    is_scan = element.tag == "spec" and simple_name(parent.tag) == "PeriodicFolderTrigger"
    return is_scan and parent.child("interval") is not None


def says_nothing_alone(owner: str, tag: str) -> bool:
    """Whether the field TAG of OWNER, where one side lacks it, is no edit.

    Jenkins invents ids of sources and navigators, and `canRoam` only counts where no label does.
    """
    if (owner, tag) in _OF_SOME_VERSIONS:
        return True
    return tag == "canRoam" or (tag == "id" and owner.endswith(("SCMSource", "SCMNavigator")))


def is_ticked(owner: str, tag: str) -> bool:
    """Whether the field TAG of OWNER is there because someone ticked it, so that an empty one is not like none."""
    return (owner, tag) in _TICKED


def is_default(owner: str, element: Element | None) -> bool:
    """Whether ELEMENT, a field of class OWNER, holds what the field holds when nothing is written (None)."""
    if element is None or is_noise(owner, element):
        return True
    if is_ticked(owner, element.tag):
        return False
    if is_array(element) or is_step_list(element.tag):
        return not element.children
    if element.children:
        return _is_default_bean(element)
    if named := class_of(element):
        return is_default_class(named)
    return _is_default_text(owner, element.tag, element.text.strip(BLANKS))


def is_same_default(owner: str, before: Element, after: Element) -> bool:
    """Whether BEFORE and AFTER, leaves of class OWNER, spell in two ways what the field holds when nothing is written.

    What is merely blank is not compared: `0` and `false` are two values.
    """
    return all(each.text.strip(BLANKS) in _spellings(owner, each.tag) for each in (before, after))


def is_blank(element: Element) -> bool:
    """Whether ELEMENT, a member of a list, holds nothing but defaults."""
    owner = simple_name(plain_name(element.tag))
    return all(is_default(owner, child) for child in element.children) and not element.text.strip(BLANKS)


def is_default_class(class_name: str) -> bool:
    """Whether a field that is absent is filled with an object of CLASS_NAME."""
    simple = simple_name(class_name)
    return simple in _DEFAULT_CLASSES or _DEFAULT_CLASS.match(simple) is not None


def is_inert_property(element: Element) -> bool:
    """Whether forms add the job property ELEMENT to any job: it holds defaults alone, or is switched off."""
    simple = simple_name(plain_name(element.tag))
    if simple in _MATTERS_NOT:
        return is_blank(element)
    if not element.children or simple in _MEANT_THOUGH_BLANK:
        return False
    if simple in _STORES:
        return is_wordless(element)
    return is_blank(element) or any(
        _is_switch_of(simple, each.tag) for each in element.children if each.text == "false"
    )


def _is_switch_of(class_name: str, tag: str) -> bool:
    """Whether the field TAG of CLASS_NAME turns it off as a whole, as `useBuildBlocker` does a BuildBlockerProperty."""
    switch = _SWITCH.match(tag)
    return switch is not None and _name_parts(switch[1] or switch[2] or "") <= _name_parts(class_name)


def _name_parts(name: str) -> set[str]:
    return {part.lower() for part in _NAME_PART.findall(name)}


def _is_default_bean(element: Element) -> bool:
    named = class_of(element)
    if named and not is_default_class(named):
        return False
    owner = simple_name(named) or element.tag
    return not holds_members(element) and all(
        not is_member(child.tag) and is_default(owner, child) for child in element.children
    )


def _is_default_text(owner: str, tag: str, text: str) -> bool:
    if not text:
        return True
    if text in _spellings(owner, tag):
        return True
    if (owner, tag) in _DEFAULTS:
        return False
    if owner == "BooleanParameterDefinition" and text == "false":
        return True
    return text in _BLANK and not is_written_text(tag)


def _spellings(owner: str, tag: str) -> tuple[str, ...]:
    """Return the texts by which the field TAG of OWNER says what it holds when nothing is written."""
    special = _DEFAULTS.get((owner, tag))
    found = _ANY_CLASS_DEFAULTS.get(tag, ()) if special is None else (special,)
    found = (*found, *_OTHER_SPELLINGS.get((owner, tag), ()))
    return (*found, _FIRST_TOOL) if tag.endswith("Name") else found

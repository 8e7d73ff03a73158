"""What Jenkins adds to a config.xml, drops from it and spells in several ways when it saves a job that nobody edited.

Objects are read without running their constructors, so a field that is absent is false, 0 or nothing, and is written so
on the next save. Only what differs from that rule stands in tables here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cictl.core.job_xml import Element

BLANKS = " \t\n\r\f\v"  # a no-break space is a character as any other to Jenkins and to shells
_CONTAINER = re.compile(
    r"^(?:java\.util\.|com\.google\.common\.collect\.|hudson\.util\.(?:CopyOnWrite|DescribableList|PersistedList))"
    r"|^(?:empty-|singleton-|linked-|tree-|sorted-|linked-hash-|immutable-)?(?:list|map|set|vector)$"
    r"|^(?:string|int|boolean)-array$|^concurrent-hash-map$|^hudson\.model\.View\$PropertyList$|^entry$|^hash-set$"
)
_ALIASES = frozenset(
    {"string", "int", "long", "boolean", "entry", "null", "list", "map", "set", "project", "listView", "permission"}
)
# What a class of this name holds is what Jenkins takes when nothing is said.
_DEFAULT_CLASS = re.compile(r"^(?:Null|Default|Stock|Empty|None|InheritParent)[A-Z]")
_DEFAULT_CLASSES = frozenset(
    {
        "MetadataActionFolderIcon", "MultiBranchProjectViewHolder", "OrganizationFolderViewHolder",
        "WorkflowBranchProjectFactory",
    }
)  # fmt: skip
_BLANK = frozenset({"", "false", "0", "0.0", "NONE"})
# Text that a person writes, or a number that is unlike its absence: for these only the empty text is nothing.
_WRITTEN = frozenset(
    {
        "assignedNode", "command", "defaultValue", "description", "displayName", "name", "quietPeriod", "script",
        "scmCheckoutRetryCount", "string", "text", "url", "value", "weight",
    }
)  # fmt: skip
_VERBATIM = frozenset({"command", "defaultValue", "script"})
_FRACTIONS = frozenset({"healthScaleFactor"})
_DEFAULTS = {
    ("LogRotator", "daysToKeep"): "-1",
    ("LogRotator", "numToKeep"): "-1",
    ("LogRotator", "artifactDaysToKeep"): "-1",
    ("LogRotator", "artifactNumToKeep"): "-1",
    ("DefaultOrphanedItemStrategy", "daysToKeep"): "-1",
    ("DefaultOrphanedItemStrategy", "numToKeep"): "-1",
    ("GitHubSCMNavigator", "apiUri"): "https://api.github.com",
    ("GitHubSCMSource", "apiUri"): "https://api.github.com",
    ("GitSCM", "configVersion"): "2",
    ("GitSCM", "gitTool"): "Default",
    ("GitSCMSource", "gitTool"): "Default",
    ("ArtifactArchiver", "caseSensitive"): "true",
    ("ArtifactArchiver", "defaultExcludes"): "true",
    ("Fingerprinter", "caseSensitive"): "true",
    ("Fingerprinter", "defaultExcludes"): "true",
    ("JUnitResultArchiver", "healthScaleFactor"): "1.0",
    ("RunParameterDefinition", "filter"): "ALL",
    ("WorkflowBranchProjectFactory", "scriptPath"): "Jenkinsfile",
    ("WorkflowMultiBranchProjectFactory", "scriptPath"): "Jenkinsfile",
    ("CpsScmFlowDefinition", "scriptPath"): "Jenkinsfile",
    ("maven2-moduleset", "mavenValidationLevel"): "-1",
    ("maven2-moduleset", "aggregatorStyleBuild"): "true",
}
_ANY_CLASS_DEFAULTS = {"jdk": ("(System)", "(Default)", "(Inherit From Job)")}
# Jenkins has no such field and drops it; or it keeps there what belongs to a build and not to a person.
_IGNORED = frozenset(
    {
        ("CpsScmFlowDefinition", "sandbox"),
        ("GitSCM", "remotePoll"),
        ("SCMTrigger", "asyncPollingEnabled"),
        ("PeriodicFolderTrigger", "lastTriggered"),
    }
)
_NOISE = frozenset({"comparator", "no-comparator", "unserializable-parents"})
_RESULT_PARTS = frozenset({"ordinal", "color", "completeBuild"})
# A job property is there because someone ticked it, whatever it holds, or because a form adds it to every job.
_MEANT_THOUGH_BLANK = frozenset(
    {
        "AuthorizationMatrixProperty", "DisableConcurrentBuildsJobProperty", "RateLimitBranchProperty$JobPropertyImpl",
    }
)  # fmt: skip
_MATTERS_NOT = frozenset({"DiskUsageProperty", "ParametersDefinitionProperty", "PipelineTriggersJobProperty"})
# Where the last thing in it is deleted, what held it stays: lists within lists, without a word.
_STORES = frozenset({"FolderCredentialsProvider$FolderCredentialsProperty"})
# The own switch of a property that forms add: where it is off, what else the property holds does nothing.
_SWITCH = re.compile(r"^(?:on|enabled?|use([A-Z]\w*)|(\w+)Enabled)$")
_UNORDERED = frozenset(
    {
        "actions", "buildWrappers", "domainCredentialsMap", "healthMetrics", "jobNames", "permission", "permissions",
        "permittedClouds", "properties", "triggers", "views",
    }
)  # fmt: skip


def plain_name(tag: str) -> str:
    """Return the class or field that TAG spells: XStream writes `$` as `_-` and `_` as `__`."""
    return tag.replace("_-", "$").replace("__", "_") if "_" in tag else tag


def simple_name(class_name: str) -> str:
    """Return CLASS_NAME without its package."""
    return class_name.rpartition(".")[2]


def class_of(element: Element) -> str:
    """Return the class that ELEMENT names, or '' where the field's own type or any container is meant."""
    named = element.attribute("class")
    return "" if not named or _CONTAINER.search(named) else named


def is_array(element: Element) -> bool:
    """Whether ELEMENT is the array in which some lists keep what they hold."""
    return element.tag == "a" and element.attribute("class").endswith("-array")


def is_member(tag: str) -> bool:
    """Whether TAG names a class, so that the element is one of several and not a field."""
    return "." in tag or tag in _ALIASES


def is_noise(owner: str, element: Element) -> bool:
    """Whether ELEMENT of a class OWNER says nothing that a person could have meant."""
    if (owner, element.tag) in _IGNORED or element.tag in _NOISE:
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
    return tag == "canRoam" or (tag == "id" and owner.endswith(("SCMSource", "SCMNavigator")))


def is_default(owner: str, element: Element | None) -> bool:
    """Whether ELEMENT, a field of class OWNER, holds what the field holds when nothing is written (None)."""
    if element is None or is_noise(owner, element):
        return True
    if is_array(element):
        return not element.children
    if element.children:
        return _is_default_bean(element)
    if named := class_of(element):
        return is_default_class(named)
    return _is_default_text(owner, element.tag, element.text.strip(BLANKS))


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
        return _is_wordless(element)
    return is_blank(element) or any(
        _is_switch_of(simple, each.tag) for each in element.children if each.text == "false"
    )


def _is_switch_of(class_name: str, tag: str) -> bool:
    """Whether the field TAG of CLASS_NAME turns it off as a whole, as `useBuildBlocker` does a BuildBlockerProperty."""
    switch = _SWITCH.match(tag)
    return switch is not None and (switch[1] or switch[2] or "").lower() in class_name.lower()


def is_ordered(tag: str) -> bool:
    """Whether the order of what TAG contains means something to Jenkins."""
    return tag not in _UNORDERED


def is_written_text(tag: str) -> bool:
    """Whether the field TAG is text of a person's own, where `True` is not `true`."""
    return tag in _WRITTEN


def is_verbatim(tag: str) -> bool:
    """Whether Jenkins keeps blanks around the text of the field TAG, where other fields are trimmed by their forms."""
    return tag in _VERBATIM


def is_fraction(tag: str) -> bool:
    """Whether the field TAG is a number that Jenkins writes with a decimal point."""
    return tag in _FRACTIONS


def _is_default_bean(element: Element) -> bool:
    named = class_of(element)
    if named and not is_default_class(named):
        return False
    owner = simple_name(named) or element.tag
    return all(not is_member(child.tag) and is_default(owner, child) for child in element.children)


def _is_wordless(element: Element) -> bool:
    return not element.text.strip(BLANKS) and all(map(_is_wordless, element.children))


def _is_default_text(owner: str, tag: str, text: str) -> bool:
    if not text:
        return True
    special = _DEFAULTS.get((owner, tag))
    if special is not None:
        return text == special
    if text in _ANY_CLASS_DEFAULTS.get(tag, ()):
        return True
    if owner == "BooleanParameterDefinition" and text == "false":
        return True
    return text in _BLANK and tag not in _WRITTEN

"""What people call the elements of a config.xml: triggers, cron, not `properties/…/TimerTrigger/spec`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cictl.core.job_elements import class_of, plain_name, simple_name
from cictl.core.text_secrets import HIDDEN, VEIL, without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cictl.core.job_xml import Element

_PRODUCTS = ("JUnit", "GitHub", "GitLab", "BitBucket", "JaCoCo", "PostgreSQL")
_WORD = re.compile("|".join(_PRODUCTS) + r"|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SUFFIX = re.compile(
    r"(?:JobProperty|FolderProperty|ParameterDefinition|DefinitionProperty|BuildWrapper|BuildStep|Property|Publisher"
    r"|Builder|Definition|Trait|Trigger|Strategy|Impl)+$"
)
# Job Builder's modules know them: `storepass` and `keypass` of Android, `keychainPwd` of Xcode, `pass` of Logstash.
_SECRET_NAME = re.compile(
    r"passw|passphrase|passcode|secret|token|(?:private|api|access|service|routing|integration|license|encryption).?key"
    r"|(?:key|store)pass$|^pass$|pwd$|^authorization$|credentials?$",
    re.IGNORECASE,
)
_SWITCHES = frozenset({"true", "false"})
_REFERENCE = re.compile(r"(?:Id|Ids|Name|Url|Uri|Binding|Variable|File|Path|Env)$|^credentials")
_ENCRYPTED = re.compile(r"^\{[A-Za-z0-9+/]{20,}={0,2}\}$")
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY")
# '' leaves the element out of the path.
_FIELDS = {
    "assignedNode": "label",
    "canRoam": "runs on",
    "credentialsId": "credentials",
    "data": "",
    "definition": "",
    "domainCredentialsMap": "",
    "folderViews": "",
    "includeRegex": "pattern",
    "jdk": "JDK",
    "numToKeep": "builds to keep",
    "artifactNumToKeep": "builds to keep artifacts of",
    "artifactDaysToKeep": "days to keep artifacts",
    "orphanedItemStrategy": "old branches",
    "parameterDefinitions": "",
    "properties": "",
    "scriptPath": "script path",
    "source": "",
    "strategy": "",
    "userRemoteConfigs": "",
    "extension": "",
    "authToken": "remote trigger token",
    "concurrentBuild": "concurrent builds",
    "scmCheckoutRetryCount": "checkout retries",
    "customWorkspace": "workspace",
    "buildWrappers": "wrappers",
    "builders": "steps",
    "configuredLocalRules": "local rules",
}
_OWNED_FIELDS = {
    ("TimerTrigger", "spec"): "",
    ("SCMTrigger", "spec"): "",
    ("ReverseBuildTrigger", "upstreamProjects"): "",
    ("BranchSource", "strategy"): "branch properties",
    ("DurabilityHintJobProperty", "hint"): "",
    ("FolderLibraries", "libraries"): "",
}
_BRANCH_SOURCE = "jenkins.branch.BranchSource"
_SAYS_NOTHING = frozenset({"", "false"})
_MAX_PARTS = 5
_MAX_TEXT = 80
_KINDS = {
    "flow-definition": "pipeline",
    "matrix-project": "matrix project",
    "maven2-moduleset": "Maven project",
    "project": "freestyle project",
    "OrganizationFolder": "organisation",
    "WorkflowMultiBranchProject": "multibranch pipeline",
}
_MEMBERS = {
    "TimerTrigger": "cron",
    "SCMTrigger": "SCM polling",
    "ReverseBuildTrigger": "upstream jobs",
    "PeriodicFolderTrigger": "periodic scan",
    "BuildDiscarderProperty": "build discarder",
    "ParametersDefinitionProperty": "parameters",
    "PipelineTriggersJobProperty": "",
    "DisableConcurrentBuildsJobProperty": "concurrent builds not allowed",
    "DisableResumeJobProperty": "no resume after a restart",
    "DurabilityHintJobProperty": "durability",
    "AuthorizationMatrixProperty": "rights",
    "FolderCredentialsProvider$FolderCredentialsProperty": "credentials",
    "FolderLibraries": "libraries",
    "UserRemoteConfig": "repository",
    "BranchSource": "source",
    "SecretBuildWrapper": "credentials binding",
    "RateLimitBranchProperty$JobPropertyImpl": "builds throttled",
    "GithubProjectProperty": "GitHub project",
    "BuildTrigger": "downstream jobs",
    "Shell": "shell",
    "BatchFile": "batch",
    "entry": "",
    "Domain": "domain",
    "java.util.concurrent.CopyOnWriteArrayList": "",
    "CopyOnWriteArrayList": "",
}
_IDENTITY_FIELDS = ("name", "id", "key", "groupId", "label", "varName")
# Their names are what they hold and not what they are called by.
_NAMELESS = frozenset({"BranchSpec", "ScmName", "string", "UserIdentity"})


def field_label(owner: str, tag: str, *, is_text: bool = False) -> str:
    """Return what people call the field TAG of class OWNER, '' where the path is clear without it.

    IS_TEXT: it holds no object but a text, and then a name that goes without saying elsewhere says what it is.
    """
    special = _OWNED_FIELDS.get((owner, tag))
    if special is None:
        special = _FIELDS.get(tag)
        special = None if is_text and not special else special
    return words(tag) if special is None else special


def member_label(member: Element) -> str:
    """Return what people call MEMBER of a list: its own name, or that of its class; '' where that says nothing."""
    simple = simple_name(plain_name(member.tag))
    if simple in _MEMBERS:
        return _MEMBERS[simple]
    return identity_of(member) or words(_SUFFIX.sub("", simple) or simple)


def type_label(element: Element) -> str:
    """Return the class of ELEMENT in words."""
    simple = simple_name(class_of(element) or plain_name(element.tag))
    return _MEMBERS.get(simple) or _KINDS.get(simple) or words(simple.rpartition("$")[2].removesuffix("Definition"))


def identity_of(member: Element) -> str:
    """Return what tells MEMBER from others of its list: a name or id; '' if nothing does."""
    simple = simple_name(plain_name(member.tag))
    if simple in _NAMELESS:
        return ""
    if member.tag == _BRANCH_SOURCE:
        return _identity_of_source(member)
    for tag in _IDENTITY_FIELDS:
        if (found := member.child(tag)) and found.text and not found.children:
            return found.text
    return member.children[0].text if member.tag == "entry" and member.children else ""


def words(name: str) -> str:
    """Return the words of the camel-case NAME, in small letters but for abbreviations."""
    found = _WORD.findall(name)
    return " ".join(each if _is_proper(each) else each.lower() for each in found) or name


def _is_proper(word: str) -> bool:
    return word in _PRODUCTS or (len(word) > 1 and word.isupper())


def is_encrypted(text: str) -> bool:
    """Whether TEXT is a secret as Jenkins stores it."""
    return text.startswith("{") and _ENCRYPTED.match(text) is not None


def is_secret(tag: str, labels: tuple[str, ...]) -> bool:
    """Whether the field TAG under LABELS holds a secret, by its name or by that of its parameter."""
    if tag in {"defaultValue", "value", "string"}:
        return any(_SECRET_NAME.search(label) for label in labels)
    return _SECRET_NAME.search(tag) is not None and _REFERENCE.search(tag) is None


def shown_text(tag: str, text: str, labels: tuple[str, ...] = ()) -> str:
    """Return TEXT of the field TAG as it may be shown: no secret, and none within it."""
    if not text or (text in _SWITCHES and tag not in {"defaultValue", "value"}):
        return text
    if is_encrypted(text) or is_secret(tag, labels) or _PRIVATE_KEY.search(text):
        return HIDDEN
    shown = without_secrets(text, lambda _: HIDDEN)
    return VEIL.sub(HIDDEN, shown) if "hidden-" in shown or "{" in shown else shown


def summary(element: Element, labels: tuple[str, ...] = ()) -> str:
    """Return ELEMENT in a few words: its text, or its class and what it says beyond `false`."""
    if not element.children and not class_of(element):
        return shown_text(element.tag, element.text, labels) or type_label(element)
    parts = list(_said(element, _inner_labels(element, labels)))
    if len(parts) == 1 and len(element.children) == 1 and not parts[0][0]:
        return parts[0][1]
    parts = parts or [("", name) for name in _names_in(element)]
    held = ", ".join(f"{label} {text}".strip() for label, text in parts[:_MAX_PARTS])
    more = ", …" if len(parts) > _MAX_PARTS else ""
    return f"{type_label(element)} ({held}{more})" if held else type_label(element)


def _said(element: Element, labels: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield what the fields of ELEMENT say, with what they are called; its name stands in the path already."""
    owner = simple_name(class_of(element) or plain_name(element.tag))
    for child in element.children:
        label = field_label(owner, child.tag)
        if child.children and not label:
            yield from _said(child, labels)
        elif child.text.strip() not in _SAYS_NOTHING and not child.children and child.text not in labels:
            text = " ".join(shown_text(child.tag, child.text, (*labels, owner)).split())
            yield label, text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT] + "…"


def _names_in(element: Element) -> Iterator[str]:
    """Yield the names of the outermost members in ELEMENT that have one."""
    for child in element.children:
        name = identity_of(child) if "." in child.tag else ""
        yield from [shown_text("", name)] if name else _names_in(child)


def _inner_labels(element: Element, labels: tuple[str, ...]) -> tuple[str, ...]:
    name = "" if element.tag == _BRANCH_SOURCE else identity_of(element)
    return (*labels, name) if name else labels


def _identity_of_source(branch_source: Element) -> str:
    """Return where a source is; its id is no name, because Jenkins invents one where Git has none."""
    source = branch_source.child("source")
    if not source:
        return ""
    repository = "/".join(filter(None, (source.text_of("repoOwner"), source.text_of("repository"))))
    return source.text_of("remote") or repository or source.text_of("id")


def source_id(member: Element) -> str:
    """Return the id by which Jenkins knows MEMBER, a source of branches, wherever it moves; '' where it has none."""
    return member.text_of("source", "id") if member.tag == _BRANCH_SOURCE else ""


def is_atom(element: Element) -> bool:
    """Whether ELEMENT is one value: a leaf that names no class, or a branch pattern."""
    if not element.children:
        return "." not in element.tag and not element.tag[0].isupper()
    return plain_name(element.tag).endswith(".BranchSpec") and len(element.children) == 1


def atom_text(element: Element) -> str:
    """Return the value of ELEMENT, an atom."""
    return element.text if not element.children else element.children[0].text

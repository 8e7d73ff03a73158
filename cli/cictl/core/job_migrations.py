"""What plugins make of fields that they had once, when they load them: the same step, said in their newest words.

Each works on one element and its fields, wherever it stands. The result is what Jenkins would write, so it can be sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cictl.core.job_xml import Element

if TYPE_CHECKING:
    from collections.abc import Callable

_OUTCOMES = ("Success", "Unstable", "Failure", "NotBuilt", "Aborted")
_PROVIDERS = "hudson.plugins.emailext.plugins.recipients."
_SENDERS = {
    "sendToDevelopers": "Developers",
    "sendToRequester": "Requester",
    "includeCulprits": "Culprits",
    "sendToRecipientList": "List",
}
_NODES = "org.jvnet.jenkins.plugins.nodelabelparameter."
_ISOLATED = (("class", "org.jenkinsci.plugins.matrixauth.inheritance.NonInheritingStrategy"),)


def migrated(root: Element) -> Element:
    """Return ROOT and all in it as the plugins write it that have loaded it."""
    return _migrated(root) if _is_concerned(root) else root


def _is_concerned(element: Element) -> bool:
    """Whether anything in ELEMENT may have to change, which is seldom so and quickly seen."""
    for each in element.children:
        if each.tag in _MIGRATIONS or (each.attributes and each.attribute("class") in _MIGRATIONS):
            return True
        if each.children and _is_concerned(each):
            return True
    return False


def _migrated(element: Element) -> Element:
    if element.children:
        element = element.with_children(tuple(map(_migrated, element.children)))
    migrate = _MIGRATIONS.get(element.tag) or _MIGRATIONS.get(element.attribute("class"))
    return migrate(element) if migrate else element


def _gradle(step: Element) -> Element:
    """Say where the wrapper is, which once went without saying where it was to run in the script's folder."""
    runs_there = step.child("fromRootBuildScriptDir")
    if not runs_there:
        return step
    kept = _without(step, "fromRootBuildScriptDir")
    folder = step.child("rootBuildScriptDir")
    if runs_there.text != "true" or not folder:
        return kept
    return _with(_without(kept, "wrapperLocation"), folder._replace(tag="wrapperLocation"))


def _cleanup(step: Element) -> Element:
    """Say after which results a workspace is cleaned: after all, where not one is mentioned.

    The plugin takes five that are `false` for as many that are missing. We do not: somebody may have unticked the last.
    """
    if any(step.child(f"cleanWhen{each}") for each in _OUTCOMES):
        return step
    return _with(step, *(Element(f"cleanWhen{each}", text="true") for each in _OUTCOMES))


def _rights(matrix: Element) -> Element:
    blocks = matrix.child("blocksInheritance")
    if not blocks:
        return matrix
    kept = _without(matrix, "blocksInheritance")
    if blocks.text != "true" or kept.child("inheritanceStrategy"):
        return kept
    return kept.with_children((Element("inheritanceStrategy", _ISOLATED), *kept.children))


def _mail(mail: Element) -> Element:
    """Say to whom a mail goes by the list of providers, as the switches for four of them did."""
    said = [each for each in mail.children if each.tag in _SENDERS]
    if not said:
        return mail
    kept = _without(mail, *_SENDERS)
    told = {each.tag for each in said if each.text == "true"}
    added = [Element(f"{_PROVIDERS}{name}RecipientProvider") for tag, name in _SENDERS.items() if tag in told]
    if not added:
        return kept
    providers = kept.child("recipientProviders") or Element("recipientProviders")
    return _with(_without(kept, "recipientProviders"), providers.with_children((*providers.children, *added)))


def _node(parameter: Element) -> Element:
    """Say which nodes may be chosen by the class that replaced the switch for those that are offline."""
    kept = _without(parameter, "ignoreOfflineNodes")
    if kept.child("nodeEligibility"):
        return kept
    name = "IgnoreOffline" if parameter.text_of("ignoreOfflineNodes") == "true" else "All"
    return _with(kept, Element("nodeEligibility", (("class", f"{_NODES}node.{name}NodeEligibility"),)))


def _with(element: Element, *fields: Element) -> Element:
    return element.with_children((*element.children, *fields))


def _without(element: Element, *tags: str) -> Element:
    return element.with_children(tuple(each for each in element.children if each.tag not in tags))


_MIGRATIONS: dict[str, Callable[[Element], Element]] = {
    "com.cloudbees.hudson.plugins.folder.properties.AuthorizationMatrixProperty": _rights,
    "email": _mail,
    "hudson.plugins.gradle.Gradle": _gradle,
    "hudson.plugins.ws__cleanup.WsCleanup": _cleanup,
    "hudson.plugins.ws_cleanup.WsCleanup": _cleanup,
    "hudson.security.AuthorizationMatrixProperty": _rights,
    f"{_NODES}NodeParameterDefinition": _node,
}

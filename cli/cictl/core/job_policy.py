"""What the platform's own jobs may not do, judged by their rendered XML; it does not decide what becomes of that."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cictl.core.job_xml import Element, parse_config
from cictl.core.repository_address import repository_problem
from cictl.core.text_secrets import has_secret, is_reference

if TYPE_CHECKING:
    from cictl.core.rendered_job import RenderedJob

_SHELLS = {
    "hudson.tasks.Shell",
    "hudson.tasks.BatchFile",
    "hudson.plugins.powershell.PowerShell",
    "hudson.plugins.python.Python",
}
# The fields in which classes keep a script that runs, be it for the shell or in Groovy, by a build or around it.
_SCRIPTS = {
    "__script",  # of dynamic parameters
    "command",
    "defaultGroovyScript",
    "descriptionGroovyScript",
    "dsl",
    "execCommand",
    "groovyExpression",
    "groovyScript",
    "groovyScriptContent",
    "groovyString",
    "postsendScript",
    "presendScript",
    "script",
    "scriptContent",
    "scriptText",
    "triggerScript",
}
# Where such a field is something else: a script's id, or what a container starts with.
_NO_SCRIPTS = (
    "org.jenkinsci.plugins.managedscripts.",
    "com.cloudbees.jenkins.plugins.okidocki.",
    "manifestChoice",
)
# What has its script in a field that elsewhere is plain text.
_SCRIPT_CONTENTS = {
    "org.jenkinsci.plugins.postbuildscript.GroovyScriptContent",
    "org.jenkinsci.plugins.postbuildscript.model.Script",
}
_DEFAULT_OF_JENKINS = re.compile(r"\$\{?DEFAULT_\w+\}?").fullmatch
_SCM_TRIGGERS = {
    "hudson.triggers.SCMTrigger",
    "com.cloudbees.jenkins.GitHubPushTrigger",
    "com.cloudbees.jenkins.plugins.BitBucketTrigger",
    "com.dabsquared.gitlabjenkins.GitLabPushTrigger",
    "org.jenkinsci.plugins.gwt.GenericTrigger",
}
_COMPUTED = {
    "org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject",
    "org.jenkinsci.plugins.pipeline.multibranch.defaults.PipelineMultiBranchDefaultsProject",
    "jenkins.branch.OrganizationFolder",
}
_FOLDER = "com.cloudbees.hudson.plugins.folder.Folder"
_LIBRARY = "org.jenkinsci.plugins.workflow.libs.LibraryConfiguration"
_SCRIPT_FROM_SCM = "org.jenkinsci.plugins.workflow.cps.CpsScmFlowDefinition"
_INLINE_SCRIPT = "org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition"
_NOBODY = "ForkPullRequestDiscoveryTrait$TrustNobody"
_SECRET_TAG = re.compile(r"(?i)(password|passphrase|secret|token|privatekey|apikey)$").search
_SECRET_NAME = re.compile(
    r"(?i)(?:password|passwd|passphrase|passcode|pwd|secret|token|(?:private|api|access|secret)[_.-]?key)$"
).search
_SECRET_TEXT = re.compile(
    r"(?i)\b[\w.-]*(?:password|passwd|secret|token|api[_-]?key)[\w.-]*\s*[:=]\s*['\"]?[^\s'\"$<{]{4,}"
    r"|[a-z][a-z0-9+.-]*://[^\s/:@]+:[^\s/@$]+@"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----"
).search
_MASKED_PARAMETER = "hudson.model.PasswordParameterDefinition"
_ADDRESS_TAGS = {"remote", "url"}  # of a Git source, and of a Git checkout
_CREDENTIAL_STORE = (
    "com.cloudbees.hudson.plugins.folder.properties.FolderCredentialsProvider_-FolderCredentialsProperty"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that JOB (its full name) breaks; SOURCE is where it is defined."""

    rule: str
    job: str
    source: str | None
    message: str

    def __str__(self) -> str:
        """Return one line for people."""
        where = f" ({self.source})" if self.source else ""
        return f"{self.job}{where}: {self.message} [{self.rule}]"


@dataclass(frozen=True, slots=True)
class Policy:
    """What the rules need to know.

    FOLDER is the team's ("" is the top); REPOSITORY and BRANCH are where the platform's pipelines come from;
    CREDENTIAL_FOLDERS says which folder, relative to the team's, holds the credential of an id.
    """

    folder: str
    repository: str
    branch: str
    credential_folders: Mapping[str, str] = field(default_factory=dict)

    def place(self, full_name: str) -> str:
        """Return FULL_NAME relative to the team's folder."""
        return full_name.removeprefix(f"{self.folder}/") if self.folder else full_name


Rule = Callable[["Policy", str, Element], Iterator[str]]


def policy_findings(job: RenderedJob, policy: Policy) -> tuple[Finding, ...]:
    """Return what JOB breaks; views break nothing."""
    if job.is_view:
        return ()
    root = parse_config(job.xml)
    place = policy.place(job.full_name)
    return tuple(
        Finding(name, job.full_name, job.source, message)
        for name, rule in _RULES.items()
        for message in rule(policy, place, root)
    )


def _retention(_policy: Policy, _place: str, root: Element) -> Iterator[str]:
    if root.tag == _FOLDER:
        return
    if root.tag in _COMPUTED:
        strategy = root.child("orphanedItemStrategy")
        if strategy is None or strategy.text_of("pruneDeadBranches") != "true" or not _keeps_few(strategy):
            yield "keeps the items of branches that are gone for ever; set days-to-keep or number-to-keep"
        return
    discarders = [each for each in _all(root) if each.tag in {"strategy", "logRotator"}]
    if not any(map(_keeps_few, discarders)):
        yield "keeps its builds for ever; give it a build-discarder"


def _keeps_few(strategy: Element) -> bool:
    return any(_is_positive(strategy.text_of(name)) for name in ("daysToKeep", "numToKeep"))


def _is_positive(text: str) -> bool:
    return text.strip().isdecimal() and int(text) > 0


def _inline_shell(_policy: Policy, _place: str, root: Element) -> Iterator[str]:
    for each in _all(root):
        if _INLINE_SCRIPT in _classes(each):
            yield "holds its pipeline; take it from a repository (pipeline-scm)"
        elif not _SHELLS.isdisjoint(_classes(each)):
            yield "runs a shell script that stands in the job; put it into a repository"
        elif any(_is_script(each, child) for child in each.children):
            yield f"runs a script that stands in the job, in <{each.tag}>; put it into a repository"


def _classes(element: Element) -> tuple[str, str]:
    """Return what may name ELEMENT's class: the tag does in lists, the attribute in fields."""
    return element.tag, element.attribute("class")


def _is_script(owner: Element, field_: Element) -> bool:
    if field_.children or not field_.text.strip() or _DEFAULT_OF_JENKINS(field_.text.strip()):
        return False
    if field_.tag == "content":
        return not _SCRIPT_CONTENTS.isdisjoint(_classes(owner))
    return field_.tag in _SCRIPTS and not any(each.startswith(_NO_SCRIPTS) for each in _classes(owner))


def _plain_secret(_policy: Policy, _place: str, root: Element) -> Iterator[str]:
    for owner, each in _with_owners(root):
        if each.tag == _CREDENTIAL_STORE:
            yield "holds credentials; they belong into jenkins.credentials of cictl.yaml"
        elif _is_secret(each, owner):
            yield f"may hold a secret in plain text, in <{each.tag}>; name a credential instead"


def _is_secret(element: Element, owner: Element | None) -> bool:
    text = element.text.strip()
    if element.tag == _MASKED_PARAMETER:
        return bool(element.text_of("defaultValue").strip())
    is_named = _SECRET_TAG(element.tag) is not None or (owner is not None and _is_value_of_secret(element, owner))
    is_told = text not in {"", "true", "false"} and not text.startswith("{AQ")
    return (is_named and is_told) or _SECRET_TEXT(text) is not None or has_secret(text)


def _is_value_of_secret(element: Element, owner: Element) -> bool:
    """Whether OWNER, a parameter, variable or header, has a name that says what ELEMENT holds: no mere reference."""
    if element.tag not in {"defaultValue", "value"} or owner.tag == _MASKED_PARAMETER or "Credentials" in owner.tag:
        return False
    name = owner.text_of("name") or owner.text_of("key")
    return _SECRET_NAME(name.strip()) is not None and not is_reference(element.text.strip())


def _scm_trigger(_policy: Policy, place: str, root: Element) -> Iterator[str]:
    if place == "admin/seed" or root.tag in _COMPUTED:
        return
    for each in _all(root):
        if each.tag in _SCM_TRIGGERS:
            yield "is started by pushes; only admin/seed and multibranch pipelines may be"


def _changesets(_policy: Policy, _place: str, root: Element) -> Iterator[str]:
    for each in _all(root):
        if each.tag == _LIBRARY and each.text_of("includeInChangesets").strip() != "false":
            yield f"counts changes of library {each.text_of('name')!r} as its own; set includeInChangesets to false"


def _deploy_source(policy: Policy, place: str, root: Element) -> Iterator[str]:
    if root.tag == _FOLDER or not place.startswith(("deploy/", "admin/")):
        return
    definition = root.child("definition")
    branch = f"refs/heads/{policy.branch}"
    if definition is None or definition.attribute("class") != _SCRIPT_FROM_SCM:
        yield "does not take its pipeline from the platform's repository"
        return
    urls = {each.text for each in _all(definition) if each.tag == "url"}
    branches = {each.text_of("name") for each in _all(definition) if each.tag == "hudson.plugins.git.BranchSpec"}
    if urls != {policy.repository} or branches != {branch}:
        yield f"does not take its pipeline from {branch} of {policy.repository} alone"


def _credential_scope(policy: Policy, place: str, root: Element) -> Iterator[str]:
    for each in _all(root):
        home = policy.credential_folders.get(each.text) if each.tag == "credentialsId" else None
        if home and not f"{place}/".startswith(f"{home}/"):
            yield f"uses credential {each.text!r}, which is in the store of folder {home}"


def _fork_trust(_policy: Policy, _place: str, root: Element) -> Iterator[str]:
    for each in _all(root):
        trust = each.child("trust") if each.tag.endswith("ForkPullRequestDiscoveryTrait") else None
        if trust is not None and not trust.attribute("class").endswith(_NOBODY):
            yield "trusts pull requests of forks; set discover-pr-forks-trust to nobody"


def _repository(_policy: Policy, _place: str, root: Element) -> Iterator[str]:
    for each in _all(root):
        if each.tag in _ADDRESS_TAGS and each.text.strip() and (problem := repository_problem(each.text.strip())):
            yield f"is to check out what Jenkins cannot: {problem}"


def _all(element: Element) -> Iterator[Element]:
    yield element
    for child in element.children:
        yield from _all(child)


def _with_owners(element: Element, owner: Element | None = None) -> Iterator[tuple[Element | None, Element]]:
    yield owner, element
    for child in element.children:
        yield from _with_owners(child, element)


_RULES: Mapping[str, Rule] = {
    "retention": _retention,
    "inline-shell": _inline_shell,
    "plain-secret": _plain_secret,
    "scm-trigger": _scm_trigger,
    "library-changesets": _changesets,
    "deploy-source": _deploy_source,
    "credential-scope": _credential_scope,
    "fork-trust": _fork_trust,
    "repository": _repository,
}

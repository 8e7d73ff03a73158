"""The smoke build's job: the smallest pipeline that needs what every other needs, a library and an agent."""

from __future__ import annotations

import re

from cictl.core.bootstrap_folders import OWNER
from cictl.core.job_marks import put_mark
from cictl.core.job_xml import Element, parse_config, serialise

SMOKE_NAME = "cictl-smoke"
SAYS = "cictl: the library loads and the agent runs"
_PLAIN = re.compile(r"[^\\'\r\n]*")
_DESCRIPTION = "Shows that library and agent work; 'cictl bootstrap' runs it, and its last build stays as proof."
_RETENTION = (
    Element("daysToKeep", text="-1"),
    Element("numToKeep", text="5"),
    Element("artifactDaysToKeep", text="-1"),
    Element("artifactNumToKeep", text="-1"),
)


def smoke_script(*, library: str, label: str) -> str:
    """Return the pipeline; ValueError for a LIBRARY or LABEL that Groovy's quotes cannot hold."""
    if not (_PLAIN.fullmatch(library) and _PLAIN.fullmatch(label)):
        raise ValueError("a quote, backslash or line break in the library's name or the label")
    node = f"node('{label}')" if label else "node"
    return f"@Library('{library}') _\ntimeout(time: 5, unit: 'MINUTES') {{\n  {node} {{\n    echo '{SAYS}'\n  }}\n}}\n"


def smoke_xml(*, library: str, label: str) -> str:
    """Return the document of the sandboxed job."""
    strategy = Element("strategy", (("class", "hudson.tasks.LogRotator"),), children=_RETENTION)
    properties = (
        Element("jenkins.model.BuildDiscarderProperty", children=(strategy,)),
        Element("org.jenkinsci.plugins.workflow.job.properties.DisableConcurrentBuildsJobProperty"),
    )
    definition = (
        Element("script", text=smoke_script(library=library, label=label)),
        Element("sandbox", text="true"),
    )
    root = Element(
        "flow-definition",
        children=(
            Element("description", text=put_mark(_DESCRIPTION, OWNER)),
            Element("keepDependencies", text="false"),
            Element("properties", children=properties),
            Element(
                "definition",
                (("class", "org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition"),),
                children=definition,
            ),
            Element("triggers"),
            Element("disabled", text="false"),
        ),
    )
    return serialise(root)


def is_same_smoke(live: str, wanted: str) -> bool:
    """Whether LIVE runs what WANTED does: its script, in the sandbox, and not disabled."""
    documents = parse_config(live), parse_config(wanted)
    paths = (("definition", "script"), ("definition", "sandbox"))
    ours = [tuple((document.text_of(*path) or "").strip() for path in paths) for document in documents]
    return ours[0] == ours[1] and documents[0].text_of("disabled") != "true"

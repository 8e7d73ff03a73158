"""The Declarative linter, as far as its answers are known: a missing agent, a script that is no pipeline."""

from __future__ import annotations

import re

from tests.fake_jenkins import messages
from tests.fake_jenkins.controller import Root
from tests.fake_jenkins.exchange import Exchange
from tests.fake_jenkins.messages import Response
from tests.fake_jenkins.routing import route

_FORM = ("jenkinsfile", "Jenkins-Crumb")


def _problem(source: str) -> tuple[str, int] | None:
    """Return what is wrong, and at which line, or None."""
    start = re.search(r"\bpipeline\s*\{", source)
    if start is None:
        return f"Jenkinsfile content '{source}' did not contain the 'pipeline' step", 0
    if not re.search(r"\bagent\b", source):
        line = source[: start.start()].count("\n") + 1
        column = start.start() - source.rfind("\n", 0, start.start())
        return f'Missing required section "agent" @ line {line}, column {column}.', line
    return None


@route("root", "POST", "pipeline-model-converter/validate", form=_FORM)
def validate(exchange: Exchange, _: Root) -> Response:
    source = exchange.request.parameter("jenkinsfile") or ""
    problem = _problem(source)
    if problem is None:
        return messages.text("Jenkinsfile successfully validated.\n")
    says, line = problem
    if not line:
        return messages.text(f"{says}\n")
    shown = source.splitlines()[line - 1]
    body = f"Errors encountered validating Jenkinsfile:\nWorkflowScript: {line}: {says}\n   {shown}\n   ^\n\n"
    return messages.text(body)


@route("root", "POST", "pipeline-model-converter/validateJenkinsfile", form=_FORM)
def validate_as_json(exchange: Exchange, _: Root) -> Response:
    problem = _problem(exchange.request.parameter("jenkinsfile") or "")
    data: dict[str, object] = {"result": "success"}
    if problem is not None:
        data = {"result": "failure", "errors": [{"error": problem[0]}]}
    return messages.plain_json({"status": "ok", "data": data})

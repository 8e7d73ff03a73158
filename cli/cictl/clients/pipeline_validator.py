"""The validator of the Pipeline: Declarative plugin; it runs nothing and needs no more than Overall/Read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cictl.clients.jenkins_connection import JenkinsConnection
from cictl.clients.jenkins_documents import understood
from cictl.core.pipeline_verdict import Verdict, verdict
from cictl.errors import NotFound, Unreachable

_PATH = "/pipeline-model-converter/validateJenkinsfile"
_LONGEST_SECONDS = 10.0


class PipelineValidator:
    """Asks one Jenkins."""

    def __init__(self, connection: JenkinsConnection) -> None:
        """Use CONNECTION for every request."""
        self._connection = connection

    @understood
    def validate(self, jenkinsfile: str) -> Verdict:
        """Return what Jenkins says of the text JENKINSFILE; Unreachable where it has no validator."""
        try:
            answer = self._connection.post(_PATH, form={"jenkinsfile": jenkinsfile}, timeout_seconds=_LONGEST_SECONDS)
        except NotFound as error:
            hint = "install the plugin Pipeline: Declarative (pipeline-model-definition) there"
            raise Unreachable(f"Jenkins at {self._connection.url} has no validator of pipelines", hint=hint) from error
        data = self._connection.decoded(answer, _PATH)["data"]
        errors = () if data["result"] == "success" else tuple(_errors(data["errors"])) or ("it does not say what",)
        return verdict(self._connection.url, errors)


def _errors(errors: list[dict[str, Any]]) -> Iterator[str]:
    """Yield each message: an error has one or a list of them."""
    for each in errors:
        said = each["error"]
        yield from (str(one) for one in (said if isinstance(said, list) else [said]))

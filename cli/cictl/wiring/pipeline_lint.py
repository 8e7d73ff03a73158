"""Has the configured Jenkins, if there is one, look at a Jenkinsfile."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cictl.errors import NotFound

if TYPE_CHECKING:
    from cictl.core.pipeline_verdict import Verdict
    from cictl.wiring.app import App


def jenkins_verdict(app: App, jenkinsfile: Path, *, is_wanted: bool | None) -> Verdict | None:
    """Return what Jenkins says of JENKINSFILE; None if it is not asked. IS WANTED is None where nobody said."""
    if is_wanted is False or (is_wanted is None and not _is_configured(app)):
        return None
    from cictl.clients.pipeline_validator import PipelineValidator  # noqa: PLC0415 - few ask a Jenkins
    from cictl.services.pipeline_lint import ask  # noqa: PLC0415 - as above
    from cictl.wiring.jenkins import jenkins_connection  # noqa: PLC0415 - as above

    def connect() -> PipelineValidator:
        return PipelineValidator(jenkins_connection(app, is_anonymous_fine=True))

    return ask(connect, _text(jenkinsfile), is_demanded=is_wanted is True)


def _is_configured(app: App) -> bool:
    if app.environ.get("JENKINS_URL"):
        return True
    config = app.find_config()
    return config is not None and config.model.jenkins is not None


def _text(jenkinsfile: Path) -> str:
    """Return it as Jenkins reads it from a repository; a byte order mark is no part of it."""
    try:
        return jenkinsfile.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        hint = "name a file that you may read: cictl pipeline lint PATH"
        raise NotFound(f"{jenkinsfile} cannot be read: {error.strerror}", hint=hint) from error

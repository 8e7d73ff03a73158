"""A Jenkinsfile that Jenkins is to look at is read first."""

from __future__ import annotations

from pathlib import Path

import pytest

from cictl.errors import NotFound
from cictl.wiring.app import App
from cictl.wiring.pipeline_lint import jenkins_verdict


def test_what_cannot_be_read_is_named_and_nobody_asked(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=f"{tmp_path} cannot be read: Is a directory") as caught:
        jenkins_verdict(App(environ={}), tmp_path, is_wanted=True)
    assert "may read" in str(caught.value.hint)

from __future__ import annotations

import pytest

from tests.running import Run


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_calls_cictl_back(run: Run, shell: str) -> None:
    outcome = run("completion", shell)
    assert outcome.status == 0
    assert "_CICTL_COMPLETE=" in outcome.stdout


def test_words_are_completed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_CICTL_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "cictl config vi")
    monkeypatch.setenv("COMP_CWORD", "2")
    assert run().stdout == "plain,view\n"

"""A cluster that the user names."""

from pathlib import Path

import pytest

from lab import existing
from lab.errors import UsageError
from lab.existing import Existing
from lab.layout import Layout


@pytest.fixture(autouse=True)
def _kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "kubeconfig"
    file.write_text("current-context: production\ncontexts: [{name: production}, {name: kind-lab}]\n")
    monkeypatch.setenv("KUBECONFIG", str(file))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param((None, "r:5000", "http://p"), "--context", id="context-is-never-guessed"),
        pytest.param(("kind-lab", None, "http://p"), "--registry", id="registry"),
        pytest.param(("kind-lab", "r:5000", None), "--prometheus", id="prometheus"),
        pytest.param(("kind-lap", "r:5000", "http://p"), "no context 'kind-lap'", id="unknown-context"),
    ],
)
def test_everything_must_be_named(given: tuple[str | None, str | None, str | None], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        existing.name(*given)


def test_remembered_until_forgotten(layout: Layout) -> None:
    named = existing.name("kind-lab", "r:5000", "http://p")
    existing.remember(layout, named)
    assert existing.remembered(layout) == named
    assert existing.forget(layout)
    assert existing.remembered(layout) is None
    assert not existing.forget(layout)


def test_environment_names_the_context_and_no_docker() -> None:
    assert existing.environment(Existing("kind-lab", "r:5000", "http://p", "/k")) == {
        "KUBECONFIG": "/k",
        "CICTL_LAB_PROVIDER": "existing",
        "CICTL_LAB_CONTEXT": "kind-lab",
        "CICTL_LAB_REGISTRY": "r:5000",
        "CICTL_LAB_PROMETHEUS": "http://p",
    }


def test_no_kubeconfig_has_no_contexts(tmp_path: Path) -> None:
    assert existing.contexts(str(tmp_path / "none")) == []

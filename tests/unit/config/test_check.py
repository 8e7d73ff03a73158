from __future__ import annotations

from pathlib import Path

import pytest

from cictl.config.check import check_services, load_listed
from cictl.config.platform import load_config
from cictl.config.problems import ConfigProblems

_PLATFORM = """\
version: 1
environments:
  staging: {context: lab, namespace: staging}
services:
  checkout: {path: checkout}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cictl.yaml").write_text(_PLATFORM)
    (tmp_path / "checkout").mkdir()
    (tmp_path / "checkout" / "Dockerfile").touch()
    return tmp_path


def test_all_is_well(folder: Path) -> None:
    (folder / "checkout" / "service.yaml").write_text("name: checkout\n")
    assert check_services(load_config(folder / "cictl.yaml")) == ["cictl.yaml", "checkout/service.yaml"]


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        pytest.param(None, "cictl.yaml:5: services.checkout.path: there is no checkout/service.yaml", id="no-file"),
        pytest.param("nam: x\n", "checkout/service.yaml:1: nam: unknown key; did you mean 'name'?", id="typo"),
        pytest.param("name: cart\n", "checkout/service.yaml:1: name: is 'cart', but cictl.yaml calls", id="other-name"),
        pytest.param(
            "name: checkout\nenvironments: {stagin: {}}\n",
            "service.yaml:2: environments.stagin: no such environment; did you mean 'staging'?",
            id="environment",
        ),
        pytest.param(
            "name: checkout\nimage: {dockerfile: D}\n",
            "yaml:2: image.dockerfile: there is no checkout/D",
            id="dockerfile",
        ),
        pytest.param("name: checkout\nmanifests: m\n", "manifests: there is no checkout/m", id="manifests"),
    ],
)
def test_findings(folder: Path, text: str | None, finding: str) -> None:
    if text is not None:
        (folder / "checkout" / "service.yaml").write_text(text)
    with pytest.raises(ConfigProblems) as caught:
        check_services(load_config(folder / "cictl.yaml"))
    assert finding in caught.value.message


def test_what_is_used_is_there(folder: Path) -> None:
    (folder / "checkout" / "service.yaml").write_text("name: checkout\n")
    (folder / "cictl.yaml").write_text(_PLATFORM.replace("path: checkout", "path: checkout, uses: [libs, lbis]"))
    (folder / "libs").mkdir()
    with pytest.raises(ConfigProblems) as caught:
        check_services(load_config(folder / "cictl.yaml"))
    assert caught.value.message == "cictl.yaml:5: services.checkout.uses: there is no lbis"


def test_a_service_that_calls_itself_otherwise_is_not_used(folder: Path) -> None:
    (folder / "checkout" / "service.yaml").write_text("name: cart\n")
    with pytest.raises(ConfigProblems, match=r"service\.yaml:1: name: is 'cart', but the catalogue calls"):
        load_listed(load_config(folder / "cictl.yaml").service("checkout"))

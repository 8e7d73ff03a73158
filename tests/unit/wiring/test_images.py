from __future__ import annotations

from pathlib import Path

import pytest

from cictl.errors import ConfigInvalid, NotFound
from cictl.wiring.app import App
from cictl.wiring.images import ConfiguredServices, image_service, image_tests

SERVICES = 'services: {checkout: {path: checkout, repo: "https://git.example.com/checkout.git"}}'


def app_with(folder: Path, registry: str) -> App:
    (folder / "cictl.yaml").write_text(f"version: 1\n{registry}\n{SERVICES}\n")
    (folder / "checkout").mkdir()
    (folder / "checkout" / "service.yaml").write_text("name: checkout\n")
    return App(environ={}, directory=folder)


@pytest.mark.parametrize(
    ("registry", "repository"),
    [
        ('registry: {url: "r.example:5000"}', "r.example:5000/checkout"),
        ('registry: {url: "r.example:5000", repository: shop}', "r.example:5000/shop/checkout"),
        ('registry: {url: "r.example", repository: team/shop/}', "r.example/team/shop/checkout"),
    ],
)
def test_repository(tmp_path: Path, registry: str, repository: str) -> None:
    assert ConfiguredServices(app_with(tmp_path, registry)).repository("checkout") == repository


def test_the_catalogue(tmp_path: Path) -> None:
    services = ConfiguredServices(app_with(tmp_path, 'registry: {url: "r.example"}'))
    assert list(services.names()) == ["checkout"]
    assert services.service("checkout").folder == tmp_path / "checkout"
    assert services.source("checkout") == "https://git.example.com/checkout.git"
    with pytest.raises(NotFound):
        services.service("chekout")


def test_a_registry_is_needed(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="registry"):
        ConfiguredServices(app_with(tmp_path, "")).repository("checkout")


def test_without_configuration_there_are_no_services(tmp_path: Path) -> None:
    app = App(environ={}, directory=tmp_path)
    assert list(ConfiguredServices(app).names()) == []
    image_service(app)
    image_tests(app)


@pytest.mark.parametrize(("insecure", "allowed"), [("true", True), ("false", False)])
def test_http_only_where_the_configuration_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, insecure: str, allowed: bool
) -> None:
    given: dict[str, object] = {}
    monkeypatch.setattr("cictl.wiring.images.OciRegistry", lambda *_args, **options: given.update(options))
    image_service(app_with(tmp_path, f'registry: {{url: "r.example:5000", insecure: {insecure}}}'))
    assert given == {"insecure": ("r.example:5000",) if allowed else ()}

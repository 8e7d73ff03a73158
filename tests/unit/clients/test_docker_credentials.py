from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cictl.clients.docker_credentials import Credentials, DockerCredentials
from cictl.errors import CictlError, ConfigInvalid, FarSideFailed, NotFound
from cictl.redaction import redacted

HOST = "r.example:5000"
AUTH = base64.b64encode(b"ann:s3cret:pass").decode()
Write = Callable[[object], DockerCredentials]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_config(config: object) -> DockerCredentials:
        text = config if isinstance(config, str) else json.dumps(config)
        (tmp_path / "config.json").write_text(text)
        return DockerCredentials({"DOCKER_CONFIG": str(tmp_path), "PATH": f"{tmp_path}:/usr/bin:/bin"})

    return write_config


def helper(folder: Path, name: str, script: str) -> None:
    path = folder / f"docker-credential-{name}"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def answer(username: str, secret: str) -> str:
    said = f'{{"ServerURL":"%s","Username":"{username}","Secret":"{secret}"}}'
    return f"""read -r url; [ "$1" = get ] && printf '{said}' "$url" """


@pytest.mark.parametrize(
    ("auths", "found"),
    [
        pytest.param({HOST: {"auth": AUTH}}, ("ann", "s3cret:pass", ""), id="auth"),
        pytest.param({f"https://{HOST}": {"auth": AUTH}}, ("ann", "s3cret:pass", ""), id="address"),
        pytest.param({f"https://{HOST}/v1/": {"auth": AUTH}}, ("ann", "s3cret:pass", ""), id="old-address"),
        pytest.param({HOST: {"username": "ann", "password": "plain-pw"}}, ("ann", "plain-pw", ""), id="plain"),
        pytest.param({HOST: {"auth": AUTH, "identitytoken": "long-lived"}}, ("", "", "long-lived"), id="identity"),
        pytest.param({HOST: {}}, None, id="only-a-name"),
        pytest.param({"other.example": {"auth": AUTH}}, None, id="another-registry"),
        pytest.param({"r.example": {"auth": AUTH}}, None, id="another-port"),
        pytest.param({}, None, id="nothing"),
    ],
)
def test_auths(write: Write, auths: object, found: tuple[str, str, str] | None) -> None:
    credentials = write({"auths": auths})
    expected = Credentials(str(credentials.path), *found) if found else None
    assert credentials.find(HOST) == expected


def test_docker_hub_has_a_key_of_its_own(write: Write) -> None:
    found = write({"auths": {"https://index.docker.io/v1/": {"auth": AUTH}}}).find("docker.io")
    assert found is not None
    assert found.username == "ann"


def test_no_config_is_nobody(tmp_path: Path) -> None:
    assert DockerCredentials({"HOME": str(tmp_path)}).find(HOST) is None


def test_home_is_where_docker_looks(tmp_path: Path) -> None:
    assert DockerCredentials({"HOME": str(tmp_path)}).path == tmp_path / ".docker" / "config.json"


@pytest.mark.parametrize(
    "config",
    [
        pytest.param({"credsStore": "all"}, id="credsStore"),
        pytest.param({"credHelpers": {HOST: "all"}}, id="credHelpers"),
        pytest.param({"credHelpers": {HOST: "all"}, "credsStore": "none"}, id="credHelpers-win"),
        pytest.param({"credsStore": "all", "auths": {HOST: {}}}, id="as-docker-login-writes-it"),
    ],
)
def test_helpers(write: Write, tmp_path: Path, config: object) -> None:
    helper(tmp_path, "all", answer("ann", "from-helper"))
    found = write(config).find(HOST)
    assert found == Credentials("docker-credential-all", "ann", "from-helper")


def test_a_helper_for_another_registry_is_not_asked(write: Write) -> None:
    assert write({"credHelpers": {"other.example": "all"}}).find(HOST) is None


def test_a_helper_may_give_an_identity_token(write: Write, tmp_path: Path) -> None:
    helper(tmp_path, "all", answer("<token>", "long-lived"))
    assert write({"credsStore": "all"}).find(HOST) == Credentials("docker-credential-all", identity_token="long-lived")


def test_a_helper_that_has_none_is_nobody(write: Write, tmp_path: Path) -> None:
    helper(tmp_path, "all", "echo 'credentials not found in native keychain'; exit 1")
    assert write({"credsStore": "all"}).find(HOST) is None


@pytest.mark.parametrize(
    ("config", "script", "kind", "said"),
    [
        pytest.param("{", None, ConfigInvalid, "cannot be read", id="no-json"),
        pytest.param("[]", None, ConfigInvalid, "not a JSON object", id="no-object"),
        pytest.param({"auths": {HOST: {"auth": "???"}}}, None, ConfigInvalid, "not base64", id="no-base64"),
        pytest.param({"credsStore": "gone"}, None, NotFound, "not on PATH", id="no-helper"),
        pytest.param({"credsStore": "all"}, "echo locked >&2; exit 1", FarSideFailed, "locked", id="helper-fails"),
        pytest.param({"credsStore": "all"}, "echo hello", FarSideFailed, "no credential helper", id="helper-babbles"),
    ],
)
def test_problems(
    write: Write, tmp_path: Path, config: object, script: str | None, kind: type[CictlError], said: str
) -> None:
    if script:
        helper(tmp_path, "all", script)
    with pytest.raises(kind, match=said):
        write(config).find(HOST)


def test_what_is_found_is_masked_from_then_on(write: Write) -> None:
    write({"auths": {HOST: {"auth": AUTH}}}).find(HOST)
    assert redacted(f"s3cret:pass {AUTH}") == "[redacted] [redacted]"


def test_secrets_are_not_shown() -> None:
    assert "s3cret" not in repr(Credentials("here", "user", "s3cret", "s3cret"))

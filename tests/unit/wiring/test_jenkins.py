from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from cictl.clients.jenkins_connection import JenkinsConnection, SignIn
from cictl.clients.jenkins_token_files import TokenFiles
from cictl.core.jenkins_server import KeptToken
from cictl.errors import ConfigInvalid, NotAllowed, NotFound
from cictl.wiring.app import App
from cictl.wiring.jenkins import account_of, find_sign_in, jenkins_connection, jenkins_login, jenkins_url

_TOKEN = "11" + "ab" * 16
_KEPT = "the token that 'cictl login' keeps"
_ENVIRON = {"JENKINS_USER_ID": "dev", "JENKINS_API_TOKEN": _TOKEN}


def _app(folder: Path, section: str | None, environ: Mapping[str, str]) -> App:
    if section is not None:
        (folder / "cictl.yaml").write_text(f"version: 1\n{section}\n")
    return App(directory=folder, environ={"XDG_STATE_HOME": str(folder / "state"), **environ})


_PLACES = [
    pytest.param('jenkins: {url: "http://j/ci/"}', {}, "http://j/ci", id="file"),
    pytest.param('jenkins: {url: "http://j"}', {"JENKINS_URL": "http://k/"}, "http://k", id="variable-over-file"),
    pytest.param("", {"JENKINS_URL": "http://k"}, "http://k", id="variable-without-a-section"),
    pytest.param(None, {"JENKINS_URL": "https://k/jenkins/"}, "https://k/jenkins", id="variable-without-a-file"),
]


@pytest.mark.parametrize(("section", "environ", "expected"), _PLACES)
def test_where_jenkins_is(tmp_path: Path, section: str | None, environ: Mapping[str, str], expected: str) -> None:
    assert jenkins_url(_app(tmp_path, section, environ)) == expected


@pytest.mark.parametrize(
    ("section", "environ", "words"),
    [
        pytest.param(None, {}, "nothing says where Jenkins is", id="nothing"),
        pytest.param("", {}, "does not say where jenkins is", id="a-file-without-it"),
        pytest.param(None, {"JENKINS_URL": "http://me:pw@k"}, "JENKINS_URL holds a user or password", id="a-secret"),
        pytest.param(None, {"JENKINS_URL": "k:8080"}, "is not an address", id="no-address"),
    ],
)
def test_no_address(tmp_path: Path, section: str | None, environ: Mapping[str, str], words: str) -> None:
    with pytest.raises(ConfigInvalid, match=words):
        jenkins_url(_app(tmp_path, section, environ))


_WITH_TOKEN = 'jenkins: {url: "http://j", user: boss, token: {env: MINE}}'
_SIGN_INS = [
    pytest.param(_WITH_TOKEN, {"MINE": _TOKEN}, SignIn("boss", _TOKEN, "the token of MINE"), id="file"),
    pytest.param(
        'jenkins: {url: "http://j"}', _ENVIRON, SignIn("dev", _TOKEN, "the token of JENKINS_API_TOKEN"), id="variables"
    ),
    pytest.param(
        'jenkins: {url: "http://j", user: boss}',
        {"JENKINS_API_TOKEN": "no token's shape"},
        SignIn("boss", "no token's shape", "the token of JENKINS_API_TOKEN", is_password=True),
        id="a-password-in-its-place",
    ),
    pytest.param('jenkins: {url: "http://j"}', {}, None, id="nobody"),
]


@pytest.mark.parametrize(("section", "environ", "expected"), _SIGN_INS)
def test_who_signs_in(tmp_path: Path, section: str, environ: Mapping[str, str], expected: SignIn | None) -> None:
    assert find_sign_in(_app(tmp_path, section, environ)) == expected


def test_a_kept_token_of_the_address_and_user(tmp_path: Path) -> None:
    app = _app(tmp_path, 'jenkins: {url: "http://j"}', {})
    TokenFiles.of(app.environ).keep(KeptToken("http://j", "boss", _TOKEN, "n"))
    assert find_sign_in(app) == SignIn("boss", _TOKEN, _KEPT)
    assert find_sign_in(_app(tmp_path, None, {"JENKINS_URL": "http://other"})) is None
    assert find_sign_in(_app(tmp_path, None, {"JENKINS_USER_ID": "dev"})) is None


def test_a_token_of_nobody_is_an_error(tmp_path: Path) -> None:
    app = _app(tmp_path, 'jenkins: {url: "http://j"}', {"JENKINS_API_TOKEN": _TOKEN})
    with pytest.raises(ConfigInvalid, match="whose is the token of JENKINS_API_TOKEN"):
        find_sign_in(app)


def test_a_named_token_that_is_missing_is_not_replaced_by_another(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="MINE is missing"):
        find_sign_in(_app(tmp_path, _WITH_TOKEN, _ENVIRON))


def test_a_connection_needs_somebody(tmp_path: Path) -> None:
    app = _app(tmp_path, 'jenkins: {url: "http://j"}', {})
    with pytest.raises(NotAllowed, match="nobody is signed in at Jenkins at http://j") as caught:
        jenkins_connection(app)
    assert "cictl login" in (caught.value.hint or "")
    assert jenkins_connection(app, is_anonymous_fine=True).sign_in is None
    assert jenkins_login(app).url == "http://j"


def test_an_account_closes_its_connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []
    monkeypatch.setattr(JenkinsConnection, "close", lambda connection: closed.append(connection.who))
    with account_of(_app(tmp_path, None, {}), "http://j", "boss", _TOKEN, origin="a test") as account:
        assert (account.url, closed) == ("http://j", [])
    assert len(closed) == 1

"""`cictl login` and `cictl logout` against a server that answers as a Jenkins does."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from cictl.clients.jenkins_token_files import TokenFiles
from cictl.core.jenkins_server import KeptToken
from cictl.errors import ExitCode
from cictl.wiring.app import App
from tests.contract.jenkins_replay import Replay, said, served
from tests.fake_jenkins.fixtures import MakeFakeJenkins
from tests.fake_jenkins.server import ADMIN_PASSWORD
from tests.running import Run

_TOKENS = "/me/descriptorByName/jenkins.security.ApiTokenProperty"
_CRUMB = said(
    "GET", "/crumbIssuer/api/json", 200, '{"crumb":"c","crumbRequestField":"Jenkins-Crumb"}', Set_Cookie="J=1"
)
_BOSS = said("GET", "/whoAmI/api/json", 200, '{"name":"boss","anonymous":false}')
_MADE = said("POST", f"{_TOKENS}/addFixedToken", 200, '{"status":"ok","data":{"tokenUuid":"u-1"}}')
_REVOKED = said("POST", f"{_TOKENS}/revoke", 200)
_UNKNOWN = said("GET", "/whoAmI/api/json", 401)
_NO_FORM = said("GET", "/login", 404)
_PASSWORD = "correct horse battery"


@pytest.fixture
def password(tmp_path: Path) -> str:
    (tmp_path / "password").write_text(f"{_PASSWORD}\n")
    return str(tmp_path / "password")


def _app(replay: Replay, folder: Path) -> App:
    return App(directory=folder, environ={"JENKINS_URL": replay.url, "XDG_STATE_HOME": str(folder / "state")})


def _kept(folder: Path) -> list[Path]:
    return list((folder / "state" / "cictl" / "jenkins").glob("*.json"))


def test_login(run: Run, tmp_path: Path, password: str) -> None:
    with served([_CRUMB, _BOSS, _MADE, _NO_FORM]) as replay:
        app = _app(replay, tmp_path)
        outcome = run("login", "--user", "boss", "--password-file", password, "-o", "json", app=app)
        assert (outcome.status, outcome.stderr) == (ExitCode.OK, "")
        assert json.loads(outcome.stdout)["outcome"] == "created"
        value = parse_qs(replay.bodies[replay.asked.index(("POST", f"{_TOKENS}/addFixedToken"))].decode())
        [token] = value["newTokenPlainValue"]
        assert json.loads(_kept(tmp_path)[0].read_text())["value"] == token
        used = base64.b64decode(replay.headers[-1]["Authorization"].removeprefix("Basic ")).decode()
        assert used == f"boss:{token}", "it is tried before it is called made"
        again = run("login", app=_app(replay, tmp_path))
        assert (again.status, "unchanged" in again.stdout) == (ExitCode.OK, True)
        assert replay.unknown == []
        for secret in (token, _PASSWORD):
            assert secret not in outcome.stdout + outcome.stderr + again.stdout


def test_logout(run: Run, tmp_path: Path) -> None:
    with served([_BOSS, _UNKNOWN, _REVOKED]) as replay:
        app = _app(replay, tmp_path)
        TokenFiles.of(app.environ).keep(KeptToken(replay.url, "boss", "11" + "a" * 32, "cictl on a", "u-1"))
        outcome = run("logout", app=app)
        assert (outcome.status, "revoked" in outcome.stdout) == (ExitCode.OK, True)
        assert parse_qs(replay.bodies[1].decode()) == {"tokenUuid": ["u-1"]}
        assert _kept(tmp_path) == []


def test_a_wrong_password_is_not_allowed_and_not_shown(run: Run, tmp_path: Path, password: str) -> None:
    with served([_UNKNOWN]) as replay:
        outcome = run("-vv", "login", "--user", "boss", "--password-file", password, app=_app(replay, tmp_path))
        assert outcome.status == ExitCode.NOT_ALLOWED
        assert "does not know 'boss' with this password" in outcome.stderr
        assert _PASSWORD not in outcome.stderr
        assert _kept(tmp_path) == []


@pytest.mark.parametrize(("arguments", "flag"), [((), "--user"), (("--user", "boss"), "--password-file")])
def test_off_a_terminal_nothing_is_asked(run: Run, tmp_path: Path, arguments: tuple[str, ...], flag: str) -> None:
    with served([]) as replay:
        outcome = run("login", *arguments, app=_app(replay, tmp_path))
        assert outcome.status == ExitCode.USAGE
        assert flag in outcome.stderr


@pytest.mark.parametrize("content", [None, "", "\n"])
def test_a_password_file_without_a_password(run: Run, tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "p"
    if content is not None:
        path.write_text(content)
    with served([]) as replay:
        outcome = run("login", "--user", "boss", "--password-file", str(path), app=_app(replay, tmp_path))
        assert outcome.status == ExitCode.NOT_FOUND


def test_logout_of_nobody(run: Run, tmp_path: Path) -> None:
    with served([]) as replay:
        assert run("logout", app=_app(replay, tmp_path)).status == ExitCode.NOT_FOUND


def test_the_whole_way_against_the_stand_in(run: Run, tmp_path: Path, make_fake_jenkins: MakeFakeJenkins) -> None:
    server = make_fake_jenkins(prefix="/jenkins", root_url="http://wrong.example/")
    (tmp_path / "password").write_text(ADMIN_PASSWORD)
    environ = {"JENKINS_URL": server.url, "XDG_STATE_HOME": str(tmp_path / "state")}
    before = len(server.admin.tokens)

    def app() -> App:
        return App(directory=tmp_path, environ=environ)

    made = run("login", "--user", "admin", "--password-file", str(tmp_path / "password"), app=app())
    assert (made.status, "created" in made.stdout) == (ExitCode.OK, True)
    assert len(server.admin.tokens) == before + 1
    (tmp_path / "password").unlink()
    assert "unchanged" in run("login", app=app()).stdout
    found = run("doctor", "jenkins", "-o", "json", app=app())
    first, *warnings = json.loads(found.stdout)["findings"]
    assert (found.status, first["status"], first["version"]) == (ExitCode.OK, "ok", server.controller.version)
    assert "as admin" in first["detail"]
    assert {each["status"] for each in warnings} <= {"warn"}
    gone = run("logout", app=app())
    assert (gone.status, "revoked" in gone.stdout) == (ExitCode.OK, True)
    assert len(server.admin.tokens) == before
    assert run("doctor", "jenkins", app=app()).status == ExitCode.NOT_ALLOWED
    assert ADMIN_PASSWORD not in f"{made.stdout}{made.stderr}{found.stdout}{gone.stdout}"


def test_a_lost_answer_makes_one_token_and_says_what_may_be(
    run: Run, tmp_path: Path, make_fake_jenkins: MakeFakeJenkins
) -> None:
    server = make_fake_jenkins()
    (tmp_path / "password").write_text(ADMIN_PASSWORD)
    before = len(server.admin.tokens)
    app = App(directory=tmp_path, environ={"JENKINS_URL": server.url, "XDG_STATE_HOME": str(tmp_path / "state")})
    server.faults.drop_after(lambda request: "addFixedToken" in request.target)
    arguments = ("login", "--user", "admin", "--password-file", str(tmp_path / "password"))
    assert "created" in run(*arguments, app=app).stdout
    assert "unchanged" in run(*arguments, app=app).stdout
    assert len(server.admin.tokens) == before + 1

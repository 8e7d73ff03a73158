"""Random secrets in every place that one can come from, through every command, whatever goes wrong: nobody is told."""

from __future__ import annotations

import io
import json
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any

import click
import pytest

from cictl.clients.jenkins_account import JenkinsAccount
from cictl.clients.jenkins_builds import JenkinsBuilds
from cictl.clients.jenkins_credentials import JenkinsCredentials
from cictl.clients.jenkins_jobs import JenkinsJobs
from cictl.errors import ExitCode
from tests.contract.bootstrap_platform import Platform, brisk_app, with_agent
from tests.contract.canaries import FORMS, MADE, Echo, Vault, all_text, said_by
from tests.contract.canary_jobs import job_of_git, live_job
from tests.contract.jobs_shop import PIPELINE, Shop, config
from tests.contract.jobs_tree import write_tree
from tests.fake_jenkins.fixtures import MakeFakeJenkins
from tests.fake_jenkins.messages import Request
from tests.fake_jenkins.security import OVERALL_READ
from tests.running import Run

_STATUSES = (500, 403, 400, 401, 409)
_WANTED = 1000
_HOW = [("-vv",), ("-vv", "--log-format", "json"), ()]


def posts(*words: str) -> Any:  # noqa: ANN401 - a predicate of the fake
    def matches(request: Request) -> bool:
        return request.method == "POST" and any(word in request.target for word in words)

    return matches


def _with_credentials(platform: Platform, vault: Vault, each: int) -> None:
    """Let the configuration name EACH credentials of each kind, with secrets of the environment and of files."""
    entries = []
    for number in range(each):
        platform.environ[f"CANARY_{number}"] = vault.text()
        platform.environ[f"CANARY_TEXT_{number}"] = vault.text()
        platform.environ[f"CANARY_KEY_{number}"] = vault.key()
        platform.environ[f"CANARY_PHRASE_{number}"] = vault.text()
        (platform.folder / f"secret-{number}").write_text(vault.kubeconfig())
        entries += [
            {
                "id": f"user-{number}",
                "kind": "username-password",
                "username": "u",
                "secret": {"env": f"CANARY_{number}"},
            },
            {"id": f"text-{number}", "kind": "secret-text", "secret": {"env": f"CANARY_TEXT_{number}"}},
            {
                "id": f"key-{number}",
                "kind": "ssh-key",
                "username": "git",
                "secret": {"env": f"CANARY_KEY_{number}"},
                "passphrase": {"env": f"CANARY_PHRASE_{number}"},
            },
            {"id": f"file-{number}", "kind": "file", "secret": {"file": f"secret-{number}"}},
        ]
    path = platform.folder / "cictl.yaml"
    lines = path.read_text().splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("    - {id:")]
    at = kept.index("  credentials:\n")
    path.write_text("".join([*kept[:at], f"  credentials: {json.dumps(entries)}\n", *kept[at + 1 :]]))


def _written(platform: Platform, *more: str) -> str:
    inputs = [path.name for path in platform.folder.glob("secret-*")]
    return all_text(platform.folder, without=[*inputs, "state/cictl/jenkins", *more])


@pytest.mark.parametrize("form", FORMS)
def test_credentials_of_a_bootstrap(
    run: Run, make_fake_jenkins: MakeFakeJenkins, tmp_path: Path, vault: Vault, form: str
) -> None:
    fake = with_agent(make_fake_jenkins())
    fake.add_token("admin", token := f"11{vault.core()}00000000")
    platform = Platform(tmp_path / "p", fake.url)
    platform.environ |= {"JENKINS_USER_ID": "admin", "JENKINS_API_TOKEN": token}
    _with_credentials(platform, vault, 6)
    status = _STATUSES[FORMS.index(form) % len(_STATUSES)]
    rounds = (["--dry-run"], ["--only", "folders", "--only", "credentials", "--yes"])
    said = [run("-vv", "bootstrap", *words, app=platform.app()) for words in rounds]
    fake.faults = Echo(status, form, posts("createCredentials", "updateSubmit", "config.xml", "generate"))
    for number, words in enumerate((["--rotate", "text-1", "--rotate", "key-2"], ["-o", "json", "--rotate", "file-3"])):
        more = ["--only", "credentials", "--only", "triggers", "--yes"]
        said.append(run(*_HOW[number], "bootstrap", *more, *words, app=platform.app()))
    assert fake.faults.echoed
    said.append(run("bootstrap", "--emit", str(tmp_path / "image"), app=platform.app()))
    assert [each.stderr for each in said if each.status == ExitCode.BUG] == []
    assert vault.leaked(said_by(said) + _written(platform) + all_text(tmp_path / "image")) == []


@pytest.mark.parametrize("form", FORMS)
def test_a_first_write_that_is_refused(
    run: Run, make_fake_jenkins: MakeFakeJenkins, tmp_path: Path, vault: Vault, form: str
) -> None:
    fake = with_agent(make_fake_jenkins())
    platform = Platform(tmp_path / "p", fake.url).signed_in(fake)
    _with_credentials(platform, vault, 3)
    fake.faults = Echo(500, form, posts("createCredentials"))
    words = ("bootstrap", "--only", "folders", "--only", "credentials", "--yes", "-o", "yaml")
    outcome = run("-vv", *words, app=platform.app())
    assert outcome.status != ExitCode.BUG, outcome.stderr
    assert fake.faults.echoed
    assert vault.leaked(said_by([outcome]) + _written(platform)) == []


@pytest.mark.parametrize("how", ["wrong", "dropped", "echoed", "works", "typed"])
@pytest.mark.parametrize("form", FORMS)
def test_passwords_and_tokens(
    run: Run,
    make_fake_jenkins: MakeFakeJenkins,
    tmp_path: Path,
    vault: Vault,
    monkeypatch: pytest.MonkeyPatch,
    how: str,
    form: str,
) -> None:
    fake = make_fake_jenkins()
    password = vault.text()
    fake.add_user("ann", vault.text() if how == "wrong" else password, [OVERALL_READ])
    (tmp_path / "password").write_text(f"{password}\n", encoding="utf-8")
    environ = {"JENKINS_URL": fake.url, "XDG_STATE_HOME": str(tmp_path / "state"), "HOME": str(tmp_path)}
    if how == "dropped":
        fake.faults.drop_after(posts("addFixedNewToken"), times=9)
    if how == "echoed":
        fake.faults = Echo(_STATUSES[FORMS.index(form) % 5], form, lambda request: "Token" in request.target)
    words = ["--password-file", str(tmp_path / "password")]
    if how == "typed":
        monkeypatch.setattr(sys, "stdin", _Terminal())
        monkeypatch.setattr(click, "prompt", lambda *_, **__: password)
        words = []
    said = [run("-vv", "login", "--user", "ann", *words, app=brisk_app(tmp_path, environ))]
    tokens = [json.loads(path.read_text())["value"] for path in (tmp_path / "state").rglob("*.json")]
    if how == "works":
        fake.faults = Echo(_STATUSES[FORMS.index(form) % 5], form, lambda request: "revoke" in request.target)
    said.append(run("-vv", "logout", "--user", "ann", "-o", "json", app=brisk_app(tmp_path, environ)))
    assert [each.stderr for each in said if each.status == ExitCode.BUG] == []
    text = said_by(said) + all_text(tmp_path, without=["password", "state/cictl/jenkins"])
    assert vault.leaked(text) == []
    assert [token for token in tokens if token[:12] in text] == []


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


_WITH_USER = "http://ann:{}@127.0.0.1:1/jenkins"


@pytest.mark.parametrize(
    "words",
    [
        *(
            ["doctor", "jenkins"],
            ["login"],
            ["logout"],
            ["open", "a"],
            ["build", "list", "a"],
            ["jobs", "plugins-info"],
        ),
        *(["config", "view"], ["config", "check"], ["config", "view", "-o", "json"], ["bootstrap", "--check"]),
        *(
            ["hook", "url", "a"],
            ["hook", "install", "/nowhere", "--service", "a"],
            ["jobs", "plan"],
            ["image", "scan", "a"],
        ),
    ],
    ids=" ".join,
)
def test_secrets_where_none_belongs(run: Run, tmp_path: Path, vault: Vault, words: list[str]) -> None:
    said = []
    for secret in (vault.core(), vault.core()):
        url = _WITH_USER.format(secret)
        said.append(run("-vv", *words, app=brisk_app(tmp_path, {"JENKINS_URL": url, "HOME": str(tmp_path)})))
    for text in (
        f'version: 1\njenkins: {{url: "{_WITH_USER.format(vault.core())}"}}\nservices: {{a: {{path: a}}}}\n',
        f'version: 1\njenkins: {{url: "http://127.0.0.1:1", token: {vault.core()}}}\n',
        f'version: 1\njenkins: {{url: "http://127.0.0.1:1", token: {{env: [{vault.core()}]}}}}\n',
        f'version: 1\njenkins: {{url: "http://127.0.0.1:1", token: {{value: {vault.core()}}}}}\n',
        f'version: 1\njenkins: {{url: "http://127.0.0.1:1", password: {vault.core()}}}\n',
        (
            "version: 1\njenkins:\n  url: http://127.0.0.1:1\n  credentials:\n"
            f"  - {{id: a, kind: secret-text, secret: {vault.core()}}}\n"
        ),
        f"version: 1\njenkins:\n  url: http://127.0.0.1:1\n  token: {{env: A\n  password: {vault.core()}\n",
    ):
        (tmp_path / "cictl.yaml").write_text(text)
        said.append(run("-vv", *words, app=brisk_app(tmp_path, {"HOME": str(tmp_path)})))
    assert [each.stderr for each in said if each.status == ExitCode.BUG] == []
    assert vault.leaked(said_by(said) + all_text(tmp_path, without=["cictl.yaml"])) == []


@pytest.mark.parametrize("form", [*FORMS, "none", "dropped"])
def test_jobs_that_hold_secrets(run: Run, tmp_path: Path, vault: Vault, form: str) -> None:
    shop = Shop(tmp_path / "shop")
    write_tree(shop, rest="".join(job_of_git(vault, f"odd{number}") for number in range(4)))
    shop.fake.put("shop/ci/odd0", config(PIPELINE, owner=None, rest=live_job(vault)))
    shop.fake.put("shop/ci/api", config(PIPELINE, rest=live_job(vault)))
    shop.ours({"shop/ci/gone": PIPELINE})
    shop.fake.put("shop/ci/gone", config(PIPELINE, rest=live_job(vault)))
    plan = str(tmp_path / "plan.json")
    said = [shop.run(run, *words) for words in _rounds(plan)[:3]]
    faults = shop.fake.faults
    if form == "dropped":
        faults.drop_after(posts("createItem", "config.xml"), times=50)
    elif form != "none":
        shop.fake.faults = Echo(_STATUSES[FORMS.index(form) % 5], form, posts("createItem", "config.xml"))
    said += [shop.run(run, *words) for words in _rounds(plan)[3:5]]
    shop.fake.faults.clear()
    shop.fake.faults = faults
    said += [shop.run(run, *words) for words in _rounds(plan)[5:]]
    backups = sorted((shop.folder / "state" / "cictl" / "backups").glob("*/*"))
    said += [shop.run(run, "restore", str(each), "--dry-run") for each in backups[:2]]
    shop.close()
    assert [each.stderr for each in said if each.status == ExitCode.BUG] == []
    text = (
        said_by(said) + Path(plan).read_text() + all_text(shop.folder, without=["tree", "state/cictl/backups", "cache"])
    )
    assert vault.leaked(text) == []


def _rounds(plan: str) -> list[list[str]]:
    return [
        ["plan", "--full", "--out", plan],
        ["plan", "-o", "json"],
        ["adopt", "--dry-run"],
        ["adopt", "--yes", "--take-over"],
        ["apply", "--yes", "--take-over"],
        ["apply", "--yes", "--take-over", "--overwrite", "all"],
        ["plan", "--full", "-o", "markdown"],
        ["drift"],
        ["drift", "--accept", "shop/ci/api"],
        ["drift", "-o", "yaml"],
        ["prune", "--yes", "--take-over", "--max-delete", "9", "-o", "json"],
        ["restore"],
    ]


@pytest.mark.parametrize("form", FORMS)
def test_values_of_parameters(
    run: Run, make_fake_jenkins: MakeFakeJenkins, tmp_path: Path, vault: Vault, form: str
) -> None:
    fake = make_fake_jenkins()
    names = [f"P{number}" for number in range(8)]
    kind = "hudson.model.PasswordParameterDefinition"
    parameters = "".join(f"<{kind}><name>{name}</name><defaultValue>x</defaultValue></{kind}>" for name in names)
    fake.put(
        "deploy",
        "<flow-definition><properties><hudson.model.ParametersDefinitionProperty><parameterDefinitions>"
        f"{parameters}</parameterDefinitions></hudson.model.ParametersDefinitionProperty></properties></flow-definition>",
    )
    environ = {"JENKINS_URL": fake.url, "JENKINS_USER_ID": "admin", "JENKINS_API_TOKEN": fake.token, "HOME": "/h"}
    words: list[str] = []
    for number, name in enumerate(names):
        environ[f"V_{name}"] = vault.key() if number == 3 else vault.text()
        (tmp_path / name).write_text(environ[f"V_{name}"])
        words += ["--param-from", f"{name}=env:V_{name}" if number % 2 else f"{name}=file:{tmp_path / name}"]
    fake.faults = Echo(_STATUSES[FORMS.index(form) % 5], form, posts("build"))
    said = [
        run(*how, "build", "start", "--job", "deploy", *more, app=brisk_app(tmp_path, environ))
        for how, more in zip(_HOW, (words, [*words, "-o", "json"], [*words, "-p", "NO=1"]), strict=True)
    ]
    assert [each.stderr for each in said if each.status == ExitCode.BUG] == []
    assert vault.leaked(said_by(said) + all_text(tmp_path, without=names)) == []


@pytest.mark.parametrize(
    ("target", "words"),
    [
        pytest.param(
            (JenkinsCredentials, "create"),
            ["bootstrap", "--yes", "--only", "folders", "--only", "credentials"],
            id="bootstrap",
        ),
        pytest.param((JenkinsAccount, "add_token"), ["login", "--user", "admin"], id="login"),
        pytest.param((JenkinsBuilds, "start"), ["build", "start", "--job", "deploy"], id="build"),
        pytest.param((JenkinsJobs, "item"), ["jobs", "plan"], id="jobs"),
    ],
)
@pytest.mark.parametrize("state", ["state", "cictl.yaml"])
def test_a_bug_tells_no_secret(  # noqa: PLR0913, PLR0917 - fixtures
    run: Run,
    make_fake_jenkins: MakeFakeJenkins,
    tmp_path: Path,
    vault: Vault,
    monkeypatch: pytest.MonkeyPatch,
    target: tuple[type, str],
    words: list[str],
    state: str,
) -> None:
    fake = with_agent(make_fake_jenkins())
    platform = Platform(tmp_path / "p", fake.url).signed_in(fake)
    _with_credentials(platform, vault, 2)
    fake.put("deploy", "<flow-definition/>")
    platform.environ["XDG_STATE_HOME"] = str(platform.folder / state)
    secrets = [value for name, value in platform.environ.items() if name.startswith("CANARY")]

    def broken(*given: object, **_: object) -> None:
        said = " ".join(map(_fields, given))
        raise RuntimeError(f"{said!r} {said} {json.dumps(said)}")

    if words[0] == "login":
        (tmp_path / "password").write_text(password := vault.text(), encoding="utf-8")
        fake.add_user("ann", password, [OVERALL_READ])
        words = ["login", "--user", "ann", "--password-file", str(tmp_path / "password")]
    monkeypatch.setattr(*target, broken)
    outcome = run("-vv", *words, app=platform.app())
    assert secrets
    assert vault.leaked(said_by([outcome]) + _written(platform)) == []


def _fields(given: object) -> str:
    names = getattr(type(given), "__slots__", ())
    return " ".join([repr(given), *(str(getattr(given, name)) for name in names)])


def test_what_leaks_is_found(vault: Vault) -> None:
    core = vault.core()
    for text in (core, f"x{core[:15]}…", quoted(core), b64encode(f"ab{core}".encode()).decode()):
        assert vault.leaked(text) != []
    assert vault.leaked(core[:10]) == []


def quoted(core: str) -> str:
    return json.dumps(f"<{core}>")


def test_there_were_enough_of_them() -> None:
    """Holds when the whole module was run, in one process, as `--dist loadfile` does."""
    if len(MADE) < 20:
        pytest.skip("the module was not run as a whole")
    assert sum(MADE.values()) >= _WANTED

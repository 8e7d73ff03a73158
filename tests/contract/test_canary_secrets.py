"""Random secrets in every place that one can come from, through every command, whatever goes wrong: nobody is told."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
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
from tests.contract.canaries import FORMS, Echo, Vault, all_text
from tests.contract.jobs_shop import PIPELINE, Shop, config
from tests.contract.jobs_tree import write_tree
from tests.contract.registry_stand_in import RegistryStandIn
from tests.fake_jenkins.fixtures import MakeFakeJenkins
from tests.fake_jenkins.messages import Request
from tests.fake_jenkins.security import OVERALL_READ
from tests.fake_jenkins.server import FakeJenkins
from tests.running import Outcome, Run

_STATUSES = (500, 403, 400, 401, 409)
_MADE: dict[str, int] = {}
_WANTED = 1000
_HOW = [("-vv",), ("-vv", "--log-format", "json"), ()]


@pytest.fixture
def vault(request: pytest.FixtureRequest) -> Iterator[Vault]:
    made = Vault(request.node.name)
    yield made
    _MADE[request.node.name] = len(made)


def _said(outcomes: list[Outcome]) -> str:
    return "\n".join(each.stdout + each.stderr for each in outcomes)


def _posts(*words: str) -> Any:  # noqa: ANN401 - a predicate of the fake
    def matches(request: Request) -> bool:
        return request.method == "POST" and any(word in request.target for word in words)

    return matches


# -- bootstrap


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
    fake.faults = Echo(status, form, _posts("createCredentials", "updateSubmit", "config.xml", "generate"))
    for number, words in enumerate((["--rotate", "text-1", "--rotate", "key-2"], ["-o", "json", "--rotate", "file-3"])):
        more = ["--only", "credentials", "--only", "triggers", "--yes"]
        said.append(run(*_HOW[number], "bootstrap", *more, *words, app=platform.app()))
    assert fake.faults.echoed
    said.append(run("bootstrap", "--emit", str(tmp_path / "image"), app=platform.app()))
    assert [each.stderr for each in said if each.status == ExitCode.BUG] == []
    assert vault.leaked(_said(said) + _written(platform) + all_text(tmp_path / "image")) == []


@pytest.mark.parametrize("form", FORMS)
def test_a_first_write_that_is_refused(
    run: Run, make_fake_jenkins: MakeFakeJenkins, tmp_path: Path, vault: Vault, form: str
) -> None:
    fake = with_agent(make_fake_jenkins())
    platform = Platform(tmp_path / "p", fake.url).signed_in(fake)
    _with_credentials(platform, vault, 3)
    fake.faults = Echo(500, form, _posts("createCredentials"))
    words = ("bootstrap", "--only", "folders", "--only", "credentials", "--yes", "-o", "yaml")
    outcome = run("-vv", *words, app=platform.app())
    assert outcome.status != ExitCode.BUG, outcome.stderr
    assert fake.faults.echoed
    assert vault.leaked(_said([outcome]) + _written(platform)) == []


# -- signing in


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
        fake.faults.drop_after(_posts("addFixedNewToken"), times=9)
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
    text = _said(said) + all_text(tmp_path, without=["password", "state/cictl/jenkins"])
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
    assert vault.leaked(_said(said) + all_text(tmp_path, without=["cictl.yaml"])) == []


# -- jobs


def _live(vault: Vault) -> str:
    """Return what stands in a job that people configured, with a secret in each place that Jenkins has for one."""
    sealed = [b64encode(b"\1\0\0\0\x10\0\0\0\x10" + vault.core().encode()).decode() for _ in range(6)]
    inner = "".join(
        f"<x.Notifier{at}><apiToken>{{{each}}}</apiToken></x.Notifier{at}>" for at, each in enumerate(sealed)
    )
    return (
        f"<authToken>{vault.core()}</authToken><properties><hudson.model.ParametersDefinitionProperty>"
        "<parameterDefinitions><hudson.model.PasswordParameterDefinition><name>P</name>"
        f"<defaultValue>{vault.core()}</defaultValue></hudson.model.PasswordParameterDefinition>"
        "<hudson.model.StringParameterDefinition><name>DB_PASSWORD</name><description/>"
        f"<defaultValue>{vault.core()}</defaultValue></hudson.model.StringParameterDefinition>"
        "</parameterDefinitions></hudson.model.ParametersDefinitionProperty></properties>"
        f"<publishers><p.Hook><url>https://me:{vault.core()}@h.example/a</url><secretToken>{vault.core()}</secretToken>"
        f"<password>{vault.core()}</password><passphrase>{vault.core()}</passphrase></p.Hook>{inner}</publishers>"
    )


def _yaml(vault: Vault, name: str) -> str:
    return (
        f"- job:\n    name: shop/ci/{name}\n    project-type: pipeline\n    dsl: x\n    sandbox: true\n"
        f"    auth-token: {vault.core()}\n    parameters:\n"
        f"      - password: {{name: API_TOKEN, default: '{vault.core()}'}}\n"
        f"      - string: {{name: DB_PASSWORD, default: '{vault.core()}'}}\n"
        f"    properties:\n      - github: {{url: 'https://me:{vault.core()}@git.example.com/a'}}\n"
    )


@pytest.mark.parametrize("form", [*FORMS, "none", "dropped"])
def test_jobs_that_hold_secrets(run: Run, tmp_path: Path, vault: Vault, form: str) -> None:
    shop = Shop(tmp_path / "shop")
    write_tree(shop, rest="".join(_yaml(vault, f"odd{number}") for number in range(4)))
    shop.fake.put("shop/ci/odd0", config(PIPELINE, owner=None, rest=_live(vault)))
    shop.fake.put("shop/ci/api", config(PIPELINE, rest=_live(vault)))
    shop.ours({"shop/ci/gone": PIPELINE})
    shop.fake.put("shop/ci/gone", config(PIPELINE, rest=_live(vault)))
    plan = str(tmp_path / "plan.json")
    said = [shop.run(run, *words) for words in _rounds(plan)[:3]]
    faults = shop.fake.faults
    if form == "dropped":
        faults.drop_after(_posts("createItem", "config.xml"), times=50)
    elif form != "none":
        shop.fake.faults = Echo(_STATUSES[FORMS.index(form) % 5], form, _posts("createItem", "config.xml"))
    said += [shop.run(run, *words) for words in _rounds(plan)[3:5]]
    shop.fake.faults.clear()
    shop.fake.faults = faults
    said += [shop.run(run, *words) for words in _rounds(plan)[5:]]
    backups = sorted((shop.folder / "state" / "cictl" / "backups").glob("*/*"))
    said += [shop.run(run, "restore", str(each), "--dry-run") for each in backups[:2]]
    shop.close()
    assert [each.stderr for each in said if each.status == ExitCode.BUG] == []
    text = (
        _said(said) + Path(plan).read_text() + all_text(shop.folder, without=["tree", "state/cictl/backups", "cache"])
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


# -- builds


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
    fake.faults = Echo(_STATUSES[FORMS.index(form) % 5], form, _posts("build"))
    said = [
        run(*how, "build", "start", "--job", "deploy", *more, app=brisk_app(tmp_path, environ))
        for how, more in zip(_HOW, (words, [*words, "-o", "json"], [*words, "-p", "NO=1"]), strict=True)
    ]
    assert [each.stderr for each in said if each.status == ExitCode.BUG] == []
    assert vault.leaked(_said(said) + all_text(tmp_path, without=names)) == []


# -- bugs of ours


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
    assert vault.leaked(_said([outcome]) + _written(platform)) == []


def _fields(given: object) -> str:
    names = getattr(type(given), "__slots__", ())
    return " ".join([repr(given), *(str(getattr(given, name)) for name in names)])


# -- other processes


@pytest.fixture
def spy(tmp_path: Path) -> Path:
    """Programs that write down with what arguments they are run, in a folder for PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("trivy", "grype", "ssh"):
        (folder / name).write_text(f'#!/bin/sh\ntr "\\0" " " < /proc/$$/cmdline >> {tmp_path}/asked\necho "{{}}"\n')
        (folder / name).chmod(0o755)
    return folder


def test_arguments_of_other_programs(run: Run, tmp_path: Path, vault: Vault, spy: Path) -> None:
    password = vault.core()
    (tmp_path / "token").write_text(token := vault.core())
    auth = b64encode(f"robot:{password}".encode()).decode()
    environ = {
        "PATH": f"{spy}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "DOCKER_CONFIG": str(tmp_path),
        "JENKINS_URL": "http://127.0.0.1:1",
        "JENKINS_API_TOKEN": vault.text(),
        "JENKINS_USER_ID": "ann",
        "JENKINS_NOTIFY_TOKEN": token,
    }
    install = ["hook", "install", "git@git.invalid:a.git", "--repo-url", "https://g/a.git"]
    with RegistryStandIn(challenge="Basic realm=x", authorization=f"Basic {auth}") as registry:
        (tmp_path / "config.json").write_text(json.dumps({"auths": {registry.host: {"auth": auth}}}))
        (tmp_path / "cictl.yaml").write_text(f'version: 1\nregistry: {{url: "{registry.host}", insecure: true}}\n')
        registry.add("shop/checkout", "1")
        image = f"{registry.host}/shop/checkout:1"
        commands = [
            ["image", "scan", image],
            ["image", "scan", image, "--scanner", "grype"],
            [*install, "--token-file", str(tmp_path / "token")],
            [*install, "--dry-run"],
        ]
        said = [run("-vv", *words, app=brisk_app(tmp_path, environ)) for words in commands]
    assert [each.stderr for each in said if each.status == ExitCode.BUG] == []
    asked = (tmp_path / "asked").read_text()
    assert [name for name in ("trivy", "grype", "ssh") if name not in asked] == []
    assert vault.leaked(_said(said) + all_text(tmp_path, without=["token", "config.json"])) == []


def test_a_hook_keeps_its_token_in_a_file_of_its_own(run: Run, tmp_path: Path, vault: Vault) -> None:
    bare = tmp_path / "a.git"
    subprocess.run(["git", "init", "-q", "--bare", str(bare)], check=True)
    environ = {"JENKINS_URL": "http://127.0.0.1:1", "HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    said = []
    for words in (["install"], ["install", "--dry-run"], ["install"], ["show"], ["remove"]):
        more = ["--repo-url", "https://g.example/a.git"] if words[0] == "install" else []
        tokens = {"JENKINS_NOTIFY_TOKEN": vault.core()}
        said.append(run("-vv", "hook", *words, str(bare), *more, app=brisk_app(tmp_path, environ | tokens)))
        assert said[-1].status == ExitCode.OK, said[-1].stderr
        holders = [
            path for path in bare.rglob("*") if path.is_file() and vault.leaked(path.read_text(errors="replace"))
        ]
        assert all(path.stat().st_mode & 0o077 == 0 and "token" in path.name for path in holders), holders
    assert vault.leaked(_said(said)) == []


_WATCHER = """
import pathlib, sys, threading, time
from cictl.root import main
seen, done = set(), threading.Event()
def watch():
    while not done.is_set():
        for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            try: seen.add(path.read_bytes())
            except OSError: pass
        time.sleep(0.002)
threading.Thread(target=watch, daemon=True).start()
status = main(sys.argv[2:])
done.set()
pathlib.Path(sys.argv[1]).write_bytes(b"\\n".join(seen))
sys.exit(status)
"""


def test_what_ps_shows(fake_jenkins: FakeJenkins, tmp_path: Path, vault: Vault) -> None:
    password = vault.text()
    fake_jenkins.add_user("ann", password, [OVERALL_READ])
    bare = tmp_path / "a.git"
    subprocess.run(["git", "init", "-q", "--bare", str(bare)], check=True)
    environ = {
        **{name: value for name, value in os.environ.items() if name in {"PATH", "LANG"}},
        "HOME": str(tmp_path),
        "JENKINS_URL": fake_jenkins.url,
        "JENKINS_NOTIFY_TOKEN": vault.core(),
    }
    text = ""
    for words, given in (
        (["-vv", "login", "--user", "ann", "--password-file", "-"], password),
        (["hook", "install", str(bare), "--repo-url", "https://g.example/a.git"], ""),
        (["logout"], ""),
    ):
        command = [sys.executable, "-c", _WATCHER, str(tmp_path / "seen"), *words]
        ended = subprocess.run(
            command,
            input=given,
            capture_output=True,
            encoding="utf-8",
            env=environ,
            cwd=tmp_path,
            check=False,
            timeout=30,
        )
        assert ended.returncode == 0, ended.stderr
        text += ended.stdout + ended.stderr + (tmp_path / "seen").read_text(errors="replace")
    assert "login" in text
    assert vault.leaked(text) == []


# -- the search itself


def test_what_leaks_is_found(vault: Vault) -> None:
    core = vault.core()
    for text in (core, f"x{core[:15]}…", quoted(core), b64encode(f"ab{core}".encode()).decode()):
        assert vault.leaked(text) != []
    assert vault.leaked(core[:10]) == []


def quoted(core: str) -> str:
    return json.dumps(f"<{core}>")


def test_there_were_enough_of_them() -> None:
    """Holds when the whole module was run, in one process, as `--dist loadfile` does."""
    if len(_MADE) < 20:
        pytest.skip("the module was not run as a whole")
    assert sum(_MADE.values()) >= _WANTED

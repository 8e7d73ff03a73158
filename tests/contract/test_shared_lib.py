from __future__ import annotations

import json
import os
import re
from importlib.metadata import version
from pathlib import Path

import click
import pytest

from cictl.errors import ExitCode
from cictl.root import cli
from cictl.wiring.app import App
from tests.running import Run
from tests.shared_library import ENVIRON, ROOT, GroovyTests, compiled_library, groovy_tests, style_findings

STEPS = sorted(path.stem for path in (ROOT / "shared-lib" / "vars").glob("*.groovy"))
JENKINSFILES = [ROOT / "Jenkinsfile", *sorted((ROOT / "pipelines").glob("*.Jenkinsfile"))]
SERVICES = sorted((ROOT / "examples").glob("*/Jenkinsfile"))
COMMAND = re.compile(r"script: '(cictl [^']*)'")
DECLARED = re.compile(r"options\(\[(.*?)\], args\)", re.DOTALL)


@pytest.fixture(scope="session")
def ran() -> GroovyTests:
    return groovy_tests()


def test_the_library_passes_its_tests(ran: GroovyTests) -> None:
    assert {name: failure for name, failure in ran.failures.items() if failure} == {}
    assert len(ran.failures) > 120


def test_its_tests_leave_nothing_behind(ran: GroovyTests) -> None:
    assert ran.left_behind == ()


def parse(words: tuple[str, ...]) -> click.Context:
    """Have click parse WORDS down to the command that they name, without running it."""
    context = cli.make_context("cictl", list(words), obj=App(environ={}))
    while isinstance(context.command, click.Group):
        rest = [*context._protected_args, *context.args]
        name, command, arguments = context.command.resolve_command(context, rest)
        assert command is not None
        context = command.make_context(name, list(arguments), parent=context)
    return context


def test_cictl_understands_every_command_line(ran: GroovyTests) -> None:
    commands = {parse(words).command_path for words in ran.command_lines}
    assert commands == {
        *("cictl image build", "cictl image test", "cictl image push", "cictl image scan", "cictl image sbom"),
        *("cictl rollout start", "cictl rollout abort", "cictl rollout undo", "cictl rollout report", "cictl promote"),
        *("cictl gate check", "cictl services changed", "cictl config library"),
    }


def test_a_command_line_that_cictl_does_not_know_is_found() -> None:
    with pytest.raises(click.UsageError):
        parse(("image", "build", "--no-such-option", "checkout"))


@pytest.mark.parametrize("file", JENKINSFILES, ids=lambda file: file.name)
def test_cictl_understands_what_pipelines_call(file: Path) -> None:
    for command in COMMAND.findall(file.read_text(encoding="utf-8")):
        words = command.partition(" > ")[0].split()[1:]
        assert parse(tuple(words)).command.name in {"plan", "apply", "drift"}


@pytest.mark.parametrize("step", STEPS)
def test_help_names_every_option(step: str) -> None:
    source = (ROOT / "shared-lib" / "vars" / f"{step}.groovy").read_text(encoding="utf-8")
    options = [name for declared in DECLARED.findall(source) for name in re.findall(r"(\w+): '", declared)]
    help_ = (ROOT / "shared-lib" / "vars" / f"{step}.txt").read_text(encoding="utf-8")
    assert [name for name in options if not re.search(rf"^{name}  +\S", help_, re.MULTILINE)] == []
    assert max(map(len, help_.splitlines())) <= 120


def test_every_step_with_options_was_looked_at() -> None:
    sources = {step: (ROOT / "shared-lib" / "vars" / f"{step}.groovy").read_text(encoding="utf-8") for step in STEPS}
    assert [step for step, source in sources.items() if not DECLARED.search(source)] == ["oneAtATime"]


def test_steps_are_thin() -> None:
    lines = {step: (ROOT / "shared-lib" / "vars" / f"{step}.groovy").read_text(encoding="utf-8") for step in STEPS}
    assert {step: len(text.splitlines()) for step, text in lines.items() if len(text.splitlines()) > 30} == {}


def test_pipelines_are_short_and_have_an_end() -> None:
    for file in JENKINSFILES:
        text = file.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 80, file.name
        assert "servicePipeline(" in text or ("timestamps()" in text and "timeout(" in text), file.name


def test_lines_of_cictl_have_one_time() -> None:
    for file in JENKINSFILES:
        text = file.read_text(encoding="utf-8")
        calls_with_times = "timestamps()" in text and "withCictl" in text
        assert ("CICTL_LOG_TIMES = 'no'" in text) == calls_with_times, file.name


def test_a_service_needs_one_line() -> None:
    for file in SERVICES:
        line = f"@Library('cictl') _; servicePipeline(service: '{file.parent.name}')\n"
        assert file.read_text(encoding="utf-8") == line


PARAMETERS = {
    "SERVICE": "checkout",
    "ENVIRONMENT": "production",
    "IMAGE": f"r.example/shop/checkout@sha256:{'a' * 64}",
    "REVISION": "3",
    "REASON": "orders fail",
}


_RUNS_ALREADY = f"""\
#!/bin/sh
[ "$1" != --version ] || echo 'cictl {version("cictl")}'
[ "$1" != promote ] || echo '{{"empty": true, "image": "r.example/shop/checkout@sha256:{"c" * 64}"}}'
"""


@pytest.mark.parametrize(
    ("file", "commands"),
    [
        pytest.param(
            "examples/checkout/Jenkinsfile",
            ["image build", "image test", "image push", "rollout start"],
            id="service",
        ),
        pytest.param("pipelines/deploy.Jenkinsfile", ["rollout start"], id="deploy"),
        pytest.param("pipelines/promote.Jenkinsfile", ["promote", "promote"], id="promote"),
        pytest.param("pipelines/rollback.Jenkinsfile", ["rollout undo"], id="rollback"),
        pytest.param("pipelines/seed.Jenkinsfile", ["jobs apply"], id="seed"),
        pytest.param("pipelines/drift.Jenkinsfile", ["jobs drift"], id="drift"),
    ],
)
def test_pipelines_run_by_themselves(run: Run, tmp_path: Path, file: str, commands: list[str]) -> None:
    (tmp_path / "login").write_text("user:token", encoding="utf-8")
    logins = [f"{name}={tmp_path / 'login'}" for name in ("cictl-jenkins", "cictl-jenkins-read")]
    given = [word for login in logins for word in ("--credential", login)]
    given += [word for name, value in PARAMETERS.items() for word in ("-p", f"{name}={value}")]
    # Within a build of a Jenkins, too: it has the deploy jobs, and not who runs this.
    environment = {**ENVIRON, "XDG_STATE_HOME": str(tmp_path), "HUDSON_SERVER_COOKIE": "of-another-build"}
    app = App(environ=environment, directory=(ROOT / file).parent)
    result = run("pipeline", "run", "--dry-run", "--approve", "--branch", "main", *given, str(ROOT / file), app=app)
    assert result.status == 0, result.stdout + result.stderr
    shown = re.findall(r"\+ cictl ((?:image|rollout|jobs) \w+|promote)", result.stdout + result.stderr)
    assert shown == commands


def test_a_promotion_of_what_runs_already_says_so(run: Run, tmp_path: Path) -> None:
    cictl = tmp_path / "bin" / "cictl"
    cictl.parent.mkdir()
    cictl.write_text(_RUNS_ALREADY, encoding="utf-8")
    cictl.chmod(0o755)
    environment = {**ENVIRON, "XDG_STATE_HOME": str(tmp_path), "PATH": f"{cictl.parent}:{os.environ['PATH']}"}
    file = ROOT / "pipelines" / "promote.Jenkinsfile"
    given = [word for name in ("SERVICE", "ENVIRONMENT") for word in ("-p", f"{name}={PARAMETERS[name]}")]
    workspace = ("--workspace", str(tmp_path / "workspace"))
    result = run(
        "pipeline",
        "run",
        "-o",
        "json",
        *workspace,
        *given,
        str(file),
        app=App(environ=environment, directory=file.parent),
    )
    assert result.status == 0, result.stdout + result.stderr
    said = "checkout sha256:cccccccccccc, runs in production already: nothing to change"
    assert json.loads(result.stdout)["description"] == said


_WRONG_OPTIONS = """\
@Library('cictl') _
def image = 'i'
def options = [service: 'a']
node {
  deployService(servce: 'a', environment: 'Staging')
  deployService service: "${image}", image: image, onAbort: 'stop'
  buildImage(service: 'a', tag: 5, buildArgs: [A: '1', B: 2])
  promoteRelease(service: 'a', environment: 'b', release: image, allowOlder: 'yes')
  withCictl(cluster: true) { steps.pushImage() }
  buildImage(options)
  buildImage(options + [targt: 'x'])
  buildImage((image): 'a')
  buildImage(service: 'a', tag: null, buildArgs: [A: image])
  oneAtATime('a') { notifyResult(options) { healthGate(service: 'a', environment: 'b') } }
}
"""


@pytest.mark.parametrize("sandboxed", [(), ("--sandbox",)], ids=["free", "sandboxed"])
def test_options_that_do_not_fit_are_found_before_anything_runs(
    run: Run, tmp_path: Path, sandboxed: tuple[str, ...]
) -> None:
    file = tmp_path / "Jenkinsfile"
    file.write_text(_WRONG_OPTIONS, encoding="utf-8")
    library = f"cictl={ROOT / 'shared-lib'}"
    app = App(environ={**ENVIRON, "XDG_STATE_HOME": str(tmp_path)}, directory=tmp_path)
    result = run("pipeline", "run", "--dry-run", "--library", library, *sandboxed, str(file), app=app)
    assert result.status == ExitCode.CONFIG, result.stdout + result.stderr
    name = "is to be a name: small letters, digits and hyphens"
    found = re.findall(r"Jenkinsfile:(\d+): (.*)", result.stderr)
    assert [(int(line), message) for line, message in found] == [
        (5, "deployService: there is no option 'servce'; did you mean 'service'?"),
        (5, f"deployService: the option 'environment' {name}, not 'Staging'"),
        (6, "deployService: the option 'onAbort' is to be one of rollback, leave, not 'stop'"),
        (6, "deployService: the option 'environment' is missing"),
        (7, "buildImage: the option 'tag' is to be a text, not 5"),
        (7, "buildImage: the option 'buildArgs' is to be a map from names to texts, not [A:1, B:2]"),
        (8, "promoteRelease: the option 'allowOlder' is to be true or false, not 'yes'"),
        (9, "withCictl: there is no option 'cluster'; did you mean 'clusters'?"),
        (9, "pushImage: the option 'service' is missing"),
    ]


@pytest.fixture(scope="session")
def findings(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    return style_findings(compiled_library(tmp_path_factory.mktemp("compiled")))


def test_style(findings: list[tuple[str, str]]) -> None:
    assert [each for each in findings if "known-bad" not in each[0]] == []


def test_bad_style_is_found(findings: list[tuple[str, str]]) -> None:
    assert {rule for file, rule in findings if "known-bad" in file} >= {
        *("ClassNotSerializable", "ForbiddenCallInCpsMethod", "ExpressionInCpsMethodNotSerializable"),
        *("ClosureInGString", "ParameterOrReturnTypeNotSerializable", "ObjectOverrideOnlyNonCpsMethods"),
    }

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cictl.config.platform import Config, Environment, load_config
from cictl.config.problems import ConfigProblems
from cictl.core.gate import RatioCheck, ValueCheck
from cictl.core.strategy import Capacity, OnInsufficient, OnUnknown, Step, Strategy
from cictl.errors import ConfigInvalid, ExitCode, NotAllowed, NotFound

Load = Callable[..., Config]

FULL = """\
version: 1
jenkins: {url: "http://localhost:8080/", folder: shop}
registry: {url: "localhost:5000", repository: shop}
environments:
  staging: {context: lab, namespace: staging}
  production: {context: lab, namespace: production, strategy: careful, after: staging}
strategies:
  careful:
    steps: [{weight: 10, pause: 2m}, {weight: "50%", pause: 1h30m}]
    capacity: swapped
    gate: default
    watch: 10m
    deadline: 20m
    abort_patience: 5s
    on_unknown: hold
    on_insufficient: proceed
gates:
  default:
    every: 300ms
    alpha: 0.5%
    min_requests: 200
    traffic: sum(x)
    checks:
      - {name: errors, bad: a, total: b, max: 1%}
      - {name: latency, query: c, max: 300ms, for: 3}
      - {name: queue, query: d, min: 5}
services:
  checkout: {path: examples/checkout, repo: "https://git.example.com/checkout.git"}
"""


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    monkeypatch.chdir(tmp_path)

    def load_text(text: str, **environ: str) -> Config:
        path = tmp_path / "cictl.yaml"
        path.write_text(text)
        return load_config(path, environ=environ)

    return load_text


_SERVICE = "version: 1\nservices: {{a: {{path: a, repo: '{0}'}}}}\n"
_PLATFORM = "version: 1\njenkins: {{url: 'http://h', platform: {{repo: '{0}'}}}}\n"


@pytest.mark.parametrize("text", [_SERVICE, _PLATFORM])
@pytest.mark.parametrize(
    "repo",
    [
        "https://me:canary@git.example.com/a.git",
        "https://:canary@git.example.com/a.git",
        "https://me:can/ary@git.example.com/a.git",
        "ssh://git:canary@git.example.com:2222/a.git",
        "me:canary@git.example.com:shop/a.git",
        "https://git.example.com/a.git?access_token=canary",
        "https://git.example.com/a.git?x=y&private_token=canary",
        "https://ghp_0123456789abcdefghijCANARY@github.com/shop/a.git",
    ],
)
def test_a_secret_in_a_repositorys_address_is_refused(load: Load, text: str, repo: str) -> None:
    with pytest.raises(ConfigInvalid, match="repo: holds a password or token") as caught:
        load(text.format(repo))
    assert "canary" not in f"{caught.value.message} {caught.value.hint}".lower()


@pytest.mark.parametrize(
    "repo",
    [
        "https://git.example.com:8443/a.git",
        "https://me@git.example.com/a.git",
        "ssh://git@git.example.com:2222/shop/a@b.git",
        "ssh://git@[2001:db8::1]:22/a.git",
        "http://[2001:db8::1]/a.git",
        "git@git.example.com:shop/a.git",
        "/srv/git/a.git",
        "file:///srv/a:b@c/a.git",
        "../a.git",
        "https://git.example.com/a.git?service=git-upload-pack",
    ],
)
def test_an_address_of_a_repository_without_a_secret_is_taken(load: Load, repo: str) -> None:
    assert load(_SERVICE.format(repo)).service("a").repo == repo
    platform = load(_PLATFORM.format(repo)).jenkins.platform
    assert platform is not None
    assert platform.repo == repo


def test_strategies_become_core_types(load: Load) -> None:
    assert load(FULL).strategy("careful") == Strategy(
        name="careful",
        steps=(Step(10, 120), Step(50, 5400)),
        capacity=Capacity.SWAPPED,
        gate="default",
        watch_seconds=600,
        deadline_seconds=1200,
        abort_patience_seconds=5,
        on_unknown=OnUnknown.HOLD,
        on_insufficient=OnInsufficient.PROCEED,
    )


def test_direct_needs_no_entry_and_has_cores_defaults(load: Load) -> None:
    assert load(FULL).strategy("direct") == Strategy(name="direct")


def test_gates_become_core_types(load: Load) -> None:
    gate = load(FULL).gate("default")
    assert (gate.every_seconds, gate.alpha, gate.min_requests, gate.traffic) == (0.3, 0.005, 200, "sum(x)")
    assert gate.checks == (
        RatioCheck("errors", "a", "b", 0.01),
        ValueCheck("latency", "c", 0.3, 3, unit="seconds"),
        ValueCheck("queue", "d", 5.0, is_minimum=True),
    )


def test_environments_and_services(load: Load, tmp_path: Path) -> None:
    config = load(FULL)
    assert config.environment("production") == Environment("production", "lab", "production", "careful", "staging")
    assert config.environment("staging").strategy == "direct"
    assert config.service("checkout").path == tmp_path / "examples/checkout"
    assert config.jenkins.url == "http://localhost:8080"


@pytest.mark.parametrize("kind", ["environment", "strategy", "gate", "service"])
def test_an_unknown_name_is_not_found(load: Load, kind: str) -> None:
    known = {"environment": "staging", "strategy": "careful", "gate": "default", "service": "checkout"}[kind]
    with pytest.raises(NotFound, match=f"has no {kind} '{known}x'") as caught:
        getattr(load(FULL), kind)(f"{known}x")
    assert caught.value.hint == f"did you mean {known!r}?"


@pytest.mark.parametrize("section", ["registry", "prometheus", "jenkins"])
def test_a_missing_section_says_what_to_write(load: Load, section: str) -> None:
    with pytest.raises(ConfigInvalid, match=f"does not say where {section} is"):
        getattr(load("version: 1\n"), section)


@pytest.mark.parametrize("folder", ["", "/", "shop", "teams/shop", "/teams/shop/", "{shop}", "결제 1"])
def test_folders_that_jenkins_takes(load: Load, folder: str) -> None:
    assert load(f'version: 1\njenkins: {{url: "http://j", folder: "{folder}"}}\n').jenkins.folder == folder


@pytest.mark.parametrize(
    ("folder", "words"),
    [
        pytest.param("a?b", "'[?]' is an unsafe character", id="unsafe"),
        pytest.param("teams//shop", "it is empty", id="empty"),
        pytest.param("teams/..", "not an allowed name", id="dots"),
        pytest.param("shop ", "ends with a blank", id="blank"),
    ],
)
def test_folders_that_jenkins_refuses(load: Load, folder: str, words: str) -> None:
    with pytest.raises(ConfigInvalid, match=words):
        load(f'version: 1\njenkins: {{url: "http://j", folder: "{folder}"}}\n')


_PRODUCTION = "version: 1\nenvironments:\n  production: {context: c, namespace: n, "


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        pytest.param("version: 2\n", ["cictl.yaml:1: version: 2 is not one of 1"], id="version"),
        pytest.param("a: 1\n", ["cictl.yaml: version: is missing", "cictl.yaml:1: a: unknown key"], id="all-findings"),
        pytest.param(
            "version: 1\nregisty: {}\n", ["cictl.yaml:2: registy: unknown key; did you mean 'registry'?"], id="typo"
        ),
        pytest.param(
            "version: 1\nregistry:\n  url: x\n  insecur: true\n",
            ["cictl.yaml:4: registry.insecur: unknown key; did you mean 'insecure'?"],
            id="nested-typo",
        ),
        pytest.param(
            "version: 1\ngates:\n  g:\n    checks:\n    - name: a\n      bda: x\n",
            ["cictl.yaml:6: gates.g.checks[0].bda: unknown key; did you mean 'bad'?"],
            id="typo-in-a-list",
        ),
        pytest.param(
            "version: 1\nregistry: {url: 'http://x:1'}\n", ["cictl.yaml:2: registry.url: 'http://x:1' is not"], id="url"
        ),
        pytest.param(
            "version: 1\nprometheus: {url: 'http://u:p@x'}\n", ["prometheus.url: holds a user or password"], id="secret"
        ),
        pytest.param(
            "version: 1\nprometheus: {url: 'u:p@x:9090'}\n",
            ["prometheus.url: holds a user or password"],
            id="secret-without-scheme",
        ),
        pytest.param(
            "version: 1\nprometheus: {url: 'http://x/?token=t'}\n",
            ["prometheus.url: holds more than an address"],
            id="query",
        ),
        pytest.param(
            "version: 1\nregistry: {url: 'u:p@x'}\n", ["registry.url: holds a user or password"], id="secret-registry"
        ),
        pytest.param(
            "version: 1\nstrategies:\n  s: {watch: 10}\n",
            ["cictl.yaml:3: strategies.s.watch: 10 has no unit"],
            id="bare",
        ),
        pytest.param(
            "version: 1\nstrategies:\n  s: {steps: [{weight: 100, pause: 1s}]}\n",
            ["strategies.s.steps[0].weight: 100 is not a weight"],
            id="weight",
        ),
        pytest.param(
            "version: 1\nstrategies:\n  s: {steps: [{weight: 50, pause: 1s}, {weight: 50, pause: 1s}]}\n",
            ["cictl.yaml:3: strategies.s: the weights of the steps must ascend: [50, 50]"],
            id="weights-ascend",
        ),
        pytest.param(
            "version: 1\nstrategies:\n  s: {capacity: swaped}\n",
            ["strategies.s.capacity: 'swaped' is not one of 'extra' or 'swapped'"],
            id="enum",
        ),
        pytest.param(
            "version: 1\ngates: {g: {checks: []}}\n", ["gates.g.checks: needs at least one entry"], id="empty"
        ),
        pytest.param(
            "version: 1\ngates: {g: {checks: [{name: a, bad: x, total: y, max: 3}]}}\n",
            ["checks[0]: a ratio needs `max` as a percentage"],
            id="ratio-limit",
        ),
        pytest.param(
            "version: 1\ngates: {g: {checks: [{name: a, bad: x, total: y, max: 3%, for: 2}]}}\n",
            ["`min` and `for` belong to checks with `query`"],
            id="ratio-for",
        ),
        pytest.param(
            "version: 1\ngates: {g: {checks: [{name: a, query: x}]}}\n", ["needs either `max` or `min`"], id="no-limit"
        ),
        pytest.param(
            "version: 1\ngates: {g: {checks: [{name: a, query: x, bad: y, max: 1s}]}}\n",
            ["in place of"],
            id="both-kinds",
        ),
        pytest.param(
            "version: 1\ngates: {g: {checks: [{name: a}]}}\n", ["needs `bad` and `total` (a ratio), or"], id="no-kind"
        ),
        pytest.param(
            "version: 1\ngates: {g: {checks: [{name: a, query: x, max: 1}, {name: a, query: x, max: 1}]}}\n",
            ["two checks are called 'a'"],
            id="twins",
        ),
        pytest.param(
            "version: 1\ngates: {g: {min_requests: 5, checks: [{name: a, query: x, max: 1}]}}\n",
            ["`min_requests` needs a `traffic` query"],
            id="no-traffic",
        ),
        pytest.param(
            _PRODUCTION + "strategy: carful}\n",
            ["cictl.yaml:3: environments.production.strategy: there is no strategy 'carful'; known: direct"],
            id="no-strategy",
        ),
        pytest.param(_PRODUCTION + "gate: g}\n", ["there is no gate 'g'; there are none"], id="no-gate"),
        pytest.param(_PRODUCTION + "after: x}\n", ["there is no environment 'x'; known: production"], id="no-after"),
        pytest.param(_PRODUCTION + "after: production}\n", ["a circle: production after production"], id="circle"),
        pytest.param("version: 1\nstrategies: {s: {gate: g}}\n", ["strategies.s.gate: there is no gate"], id="s-gate"),
        pytest.param(
            "version: 1\nenvironments: {Prod: {context: c, namespace: n}}\n", ["'Prod' is not a name that"], id="name"
        ),
        pytest.param(
            "version: 1\njenkins: {url: 'http://x', token: hunter22}\n",
            ["jenkins.token: should be"],
            id="secret-itself",
        ),
        pytest.param(
            "version: 1\njenkins: {url: 'http://x', token: {env: A, file: B}}\n", ["name one place"], id="two-places"
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(load: Load, text: str, findings: list[str]) -> None:
    with pytest.raises(ConfigProblems) as caught:
        load(text)
    assert caught.value.exit_code == ExitCode.CONFIG
    for finding in findings:
        assert finding in caught.value.message
    assert len(caught.value.problems) == len(findings)


def test_an_invalid_variable_is_blamed_itself(load: Load) -> None:
    with pytest.raises(ConfigProblems, match=r"^CICTL_REGISTRY_URL: registry\.url: "):
        load(FULL, CICTL_REGISTRY_URL="http://x")


def test_a_secret_is_not_repeated_in_the_finding(load: Load) -> None:
    with pytest.raises(ConfigProblems) as caught:
        load("version: 1\njenkins: {url: 'http://x', token: hunter22}\n")
    assert "hunter22" not in caught.value.message


def test_there_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        load_config(tmp_path / "x.yaml")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises((ConfigInvalid, NotAllowed)):
        load_config(tmp_path)

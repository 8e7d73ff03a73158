"""Whatever stands in cictl.yaml and in Job Builder's files: an error that names file and line, never a bug of ours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cictl.errors import ExitCode
from cictl.root import main
from tests.contract.bootstrap_platform import brisk_app
from tests.running import Run

_PUBLISHED = set(ExitCode) - {ExitCode.BUG}
_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3) | st.just(10**30),
    st.floats(),
    st.dates(),
    st.sampled_from(["", "a", "a/b", "../x", "http://127.0.0.1:1", "http://[::1", "ü\u2028", "{x}", "1d", "*", "!!x"]),
    st.text(max_size=4),
)
_KEYS = st.one_of(
    st.sampled_from(
        [
            "url",
            "folder",
            "user",
            "token",
            "platform",
            "library",
            "agent_label",
            "credentials",
            "env",
            "file",
            "repo",
            "branch",
            "id",
            "kind",
            "secret",
            "username",
            "passphrase",
            "name",
            "version",
        ]
    ),
    st.integers(0, 2),
    st.none(),
    st.text(max_size=2),
)
_VALUES = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4), max_leaves=8
)
_SECTION = st.fixed_dictionaries(
    {"url": st.just("http://127.0.0.1:1") | _VALUES},
    optional={
        "folder": _VALUES,
        "user": _VALUES,
        "token": st.fixed_dictionaries({}, optional={"env": _VALUES, "file": _VALUES}) | _VALUES,
        "platform": st.fixed_dictionaries({"repo": _VALUES}, optional={"branch": _VALUES}) | _VALUES,
        "library": st.fixed_dictionaries({}, optional={"name": _VALUES, "version": _VALUES}) | _VALUES,
        "agent_label": _VALUES,
        "credentials": st.lists(
            st.fixed_dictionaries({"id": _LEAVES, "kind": st.just("secret-text") | _LEAVES, "secret": _VALUES}),
            max_size=2,
        )
        | _VALUES,
    },
)
_COMMANDS = [
    *(["config", "check"], ["config", "view"], ["jobs", "plan"], ["jobs", "render", "--data"], ["doctor", "jenkins"]),
    *(["bootstrap", "--dry-run", "--timeout", "1s"], ["login", "--user", "a"], ["hook", "url", "a"], ["open", "a"]),
]
_QUICK = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


def _status(folder: Path, *words: str) -> int:
    environ = {"HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache"), "JENKINS_USER_ID": "a"}
    return main(words, app=brisk_app(folder, environ))


@_QUICK
@given(section=_SECTION | _VALUES, words=st.sampled_from(_COMMANDS))
def test_the_section_of_jenkins(folder: Path, section: object, words: list[str]) -> None:
    data = {"version": 1, "jenkins": section, "services": {"a": {"path": "."}}}
    (folder / "cictl.yaml").write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    assert _status(folder, *words) in _PUBLISHED, data


@_QUICK
@given(text=st.text(max_size=60) | st.binary(max_size=60))
def test_a_file_of_anything(folder: Path, text: str | bytes) -> None:
    (folder / "cictl.yaml").write_bytes(text if isinstance(text, bytes) else text.encode(errors="surrogatepass"))
    assert _status(folder, "config", "check") in _PUBLISHED


@pytest.mark.parametrize(
    ("line", "key"),
    [
        pytest.param("  url: ftp://h", "jenkins.url", id="scheme"),
        pytest.param("  url: http://ann:s3cret@h", "jenkins.url", id="password-in-it"),
        pytest.param("  url: http://[::1", "jenkins.url", id="no-address"),
        pytest.param("  url: [http://h]", "jenkins.url", id="list"),
        pytest.param("  uri: http://h", "jenkins.uri", id="unknown"),
        pytest.param("  token: s3cret", "jenkins.token", id="secret-itself"),
        pytest.param("  token: {env: A, file: b}", "jenkins.token", id="two-places"),
        pytest.param("  credentials: {a: b}", "jenkins.credentials", id="no-list"),
    ],
)
def test_file_line_and_key_are_named(run: Run, tmp_path: Path, line: str, key: str) -> None:
    (tmp_path / "cictl.yaml").write_text(f"version: 1\njenkins:\n{line}\n  folder: a\n")
    outcome = run("config", "check", app=brisk_app(tmp_path, {}))
    assert outcome.status == ExitCode.CONFIG
    assert re.search(rf"cictl\.yaml:[23]: {re.escape(key)}", outcome.stdout + outcome.stderr), outcome
    assert "s3cret" not in outcome.stdout + outcome.stderr


# -- Job Builder

_JOB_KEYS = st.sampled_from(
    [
        "job",
        "job-template",
        "job-group",
        "project",
        "view",
        "defaults",
        "builder",
        "macro",
        "name",
        "jobs",
        "id",
        "project-type",
        "dsl",
        "parameters",
        "string",
        "triggers",
        "timed",
        "scm",
        "git",
        "url",
        "builders",
        "shell",
        "publishers",
        "properties",
        "wrappers",
        "view-type",
        "raw",
        "xml",
        "description",
        "disabled",
        "script-path",
    ]
)
_JOB_WORDS = st.sampled_from(
    [
        "a",
        "{a}",
        "{b",
        "a/b",
        "pipeline",
        "freestyle",
        "multibranch",
        "folder",
        "list",
        "shell",
        "<a>",
        "&",
        "\x07",
        "{{x}}",
    ]
)
_JOB_VALUES = st.recursive(
    _JOB_WORDS | _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_JOB_KEYS, inner, max_size=5),
    max_leaves=10,
)
_JOB = st.fixed_dictionaries(
    {"name": _JOB_WORDS},
    optional={
        "project-type": _JOB_WORDS,
        **dict.fromkeys(("parameters", "triggers", "scm", "builders", "properties", "publishers"), _JOB_VALUES),
        **dict.fromkeys(("description", "dsl", "disabled"), _JOB_WORDS | _LEAVES),
    },
)
_TREES = st.lists(
    st.fixed_dictionaries({"job": _JOB})
    | st.fixed_dictionaries({"view": _JOB})
    | st.fixed_dictionaries({"project": st.fixed_dictionaries({"name": _JOB_WORDS, "jobs": _JOB_VALUES, "a": _LEAVES})})
    | _JOB_VALUES,
    max_size=3,
)


@_QUICK
@given(tree=_TREES | _JOB_VALUES)
def test_job_builder_files(folder: Path, tree: object) -> None:
    (folder / "cictl.yaml").write_text("version: 1\n")
    (folder / "tree").mkdir(exist_ok=True)
    (folder / "tree" / "jobs.yaml").write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    assert _status(folder, "jobs", "render", "-r", str(folder / "tree")) in _PUBLISHED, tree


@_QUICK
@given(text=st.text(st.sampled_from("ab: -[]{}'\"!&*|>\n\t#%@jobnme"), max_size=60) | st.binary(max_size=40))
def test_job_builder_files_of_anything(folder: Path, text: str | bytes) -> None:
    (folder / "cictl.yaml").write_text("version: 1\n")
    (folder / "tree").mkdir(exist_ok=True)
    (folder / "tree" / "jobs.yaml").write_bytes(text if isinstance(text, bytes) else b"- job: " + text.encode())
    assert _status(folder, "jobs", "render", "-r", str(folder / "tree")) in _PUBLISHED


_BROKEN = [
    pytest.param("- job:\n    name: a\n    - b\n", 3, id="yaml"),
    pytest.param("- job:\n    name: a\n    project-type: pipelin\n", 1, id="type"),
    pytest.param("- job:\n    name: a\n    triggers:\n      - tymed: x\n", 1, id="module"),
    pytest.param("- project:\n    name: p\n    jobs:\n      - '{name}-x'\n", 4, id="template"),
]


@pytest.mark.parametrize(("text", "line"), _BROKEN)
def test_job_builder_errors_name_file_and_line(run: Run, tmp_path: Path, text: str, line: int) -> None:
    (tmp_path / "jobs.yaml").write_text(text)
    environ = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    (tmp_path / "cictl.yaml").write_text("version: 1\n")
    outcome = run("jobs", "render", "-r", str(tmp_path / "jobs.yaml"), app=brisk_app(tmp_path, environ))
    assert outcome.status == ExitCode.CONFIG
    assert "jobs.yaml" in outcome.stderr, outcome.stderr
    assert re.search(rf"(jobs\.yaml:{line}\b|line {line}\b)", outcome.stderr), outcome.stderr

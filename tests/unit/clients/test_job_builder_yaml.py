from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import TemplateError

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from jenkins_jobs.config import JJBConfig
    from jenkins_jobs.errors import JenkinsJobsException
    from jenkins_jobs.loader import Loader
    from jenkins_jobs.roots import Roots

    from cictl.clients.job_builder_yaml import FastLoader, UnlikeJobs, load_files


@pytest.fixture(scope="module", name="config")
def _config(tmp_path_factory: pytest.TempPathFactory) -> Any:  # noqa: ANN401 - the library ships no types
    ini = tmp_path_factory.mktemp("ini") / "jenkins_jobs.ini"
    ini.touch()
    return JJBConfig(str(ini))


TRICKY = [
    "a: [b:c, http://x:80/?a=b, -d, ?e]",
    "{a:1, b: 2, 'c':3}",
    "? complex\n: value",
    "a: 'it''s'\nb: \"\\u00e9\\x41\\n\"",
    "a: >\n  folded\n  text\n\n    more\n\n  end\n",
    "a: |2\n    two\n  less\n",
    "a: |+\n  kept\n\n\nb: |-\n  not\n\n",
    "a: plain\n  over lines # comment\nb: x#y",
    "a: *x",
    "a: &x [1, 2]\nb: *x",
    "base: &b {p: 1, q: 2}\nover: {<<: *b, q: 3}",
    "a: !include-raw-verbatim: x.sh\nb: !j2: '{{ c }}'",
    "a: !unknown x",
    "- - a\n  - b\n-\n  - c",
    "a: yes\nb: 0x1F\nc: 1e3\nd: 010\ne: 2001-01-01\nf: ~\ng: .inf\nh: 1:30",
    "--- \na: 1",
    "---\na: 1\n...\n",
    "a: 1\n---\nb: 2",
    "a: b: c",
    "a:\n  - b\n c: d",
    "a: [1, 2",
    "a: {b: 1",
    "a: 'open",
    "a: %b",
    "%YAML 1.1\n---\na: 1",
    "a: @b",
    "a: `b`",
    "a:\tb",
    "\ta: b",
    'a: "x\ty"',
    "a: é\u2028b",
    "a: \u00a0b",
    "a: \U0001f600",
    "a: - b",
    "a:b",
    "'a':b",
    "a: b #c\n#d\n",
    "",
    "# nothing",
    "a: 'x\n\n  y'",
    'a: "x\\\n  y"',
    f"{'k' * 1100}: v",
    "a: &x b\nc: &x d",
    "[a, b]: c",
    "a: ! x",
    "a: !!str 1",
    "a: !!python/tuple [1, 2]",
    "a: {b, c}",
    "a: [b, {c: d}, [e]]",
]


def _outcome(loader: Any) -> object:  # noqa: ANN401 - as above
    try:
        return _plain(loader())
    except (
        yaml.YAMLError,
        JenkinsJobsException,
        UnlikeJobs,
        ValueError,
        TypeError,
        TemplateError,
        RecursionError,
    ) as error:
        return "fails" if error else ""


def _plain(value: object) -> object:
    """Return VALUE with the library's own objects as their types, so that two loads can be compared."""
    if isinstance(value, dict):
        return {key if isinstance(key, str) else type(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [type(value).__name__, *map(_plain, value)]
    return value if isinstance(value, str | int | float | type(None)) else type(value)


def _slow(config: Any, text: str) -> object:  # noqa: ANN401 - as above
    return _outcome(lambda: Loader.empty(config).load(text, Path("x.yaml"), Path()))


def _fast(config: Any, text: str) -> object:  # noqa: ANN401 - as above
    return _outcome(lambda: FastLoader("", config).load(text, Path("x.yaml"), Path()))


@pytest.mark.parametrize("text", TRICKY)
def test_what_loads_is_what_the_library_loads(config: object, text: str) -> None:
    fast = _fast(config, text)
    assert fast in (_slow(config, text), "fails")


_WORDS = (
    "a",
    "k: ",
    ": ",
    "- ",
    "? ",
    ",",
    "[",
    "]",
    "{",
    "}",
    "&x ",
    "*x",
    "!",
    "!t ",
    "'",
    "#",
    " ",
    "~",
    "1.",
    "yes",
)
_TAGS = ("<<: ", "!j2: ", "!include: ", "...", "\\n")
_LINES = ("|\n", " |-\n", ">\n", "\n", "\n  ", "\n- ", "---\n", '"', "é")


@given(st.lists(st.sampled_from([*_WORDS, *_TAGS, *_LINES]), max_size=12).map("".join))
def test_any_text_loads_as_the_library_loads_it(config: object, text: str) -> None:
    fast = _fast(config, text)
    assert fast in (_slow(config, text), "fails")


def test_anchors_across_files_are_left_to_the_library(config: Any) -> None:  # noqa: ANN401 - as above
    config.yamlparser["retain_anchors"] = True
    try:
        with pytest.raises(UnlikeJobs):
            load_files(config, Roots(config), [])
    finally:
        config.yamlparser["retain_anchors"] = False

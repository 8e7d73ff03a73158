"""Rendering beside the library's own command line, over a corpus: the same bytes, and errors that say the same."""

from __future__ import annotations

import importlib
import json
import logging
import os
import re
import subprocess
import sys
from functools import reduce
from pathlib import Path
from typing import NamedTuple

import pytest

from cictl.clients.job_builder import JobBuilder, JobTree
from cictl.clients.job_builder_cache import RenderCache
from cictl.clients.job_folder import write_jobs
from cictl.errors import CictlError

CORPUS = Path(__file__).parent / "job_builder_corpus"
PLUGINS = CORPUS / "plugins_info.yaml"
INI = CORPUS / "ini" / "jenkins_jobs.ini"
BROKEN = sorted(path.name for path in (CORPUS / "broken").iterdir())
TREES = {
    "plain": JobTree((CORPUS / "plain",)),
    "old plugins": JobTree((CORPUS / "plain",), plugins=PLUGINS),
    "ini": JobTree((CORPUS / "ini",), ini=INI),
}
_WORDS = {
    "plain": ["test", "-r", str(CORPUS / "plain")],
    "old plugins": ["test", "-p", str(PLUGINS), "-r", str(CORPUS / "plain")],
    "ini": ["--conf", str(INI), "test", "-r", str(CORPUS / "ini")],
}
# One interpreter for all runs: a start takes longer than what it renders.
_DRIVER = """\
import contextlib, io, json, sys, traceback
from jenkins_jobs.cli import entry
results = {}
for name, words in json.load(sys.stdin).items():
    errors, sys.argv = io.StringIO(), ["jenkins-jobs", *words]
    with contextlib.redirect_stderr(errors):
        try:
            entry.main()
        except SystemExit:
            pass
        except BaseException:
            traceback.print_exc()
    results[name] = errors.getvalue()
json.dump(results, sys.stdout)
"""


class Reference(NamedTuple):
    """What the library's command line made: a folder for each tree, and what it said of each broken file."""

    folder: Path
    errors: dict[str, str]


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    folder = tmp_path_factory.mktemp("reference")
    runs = {name: [*words, "-o", str(folder / name), "--config-xml"] for name, words in _WORDS.items()}
    runs |= {name: ["test", str(CORPUS / "broken" / name), "-o", str(folder / "broken")] for name in BROKEN}
    environ = {**os.environ, "HOME": str(folder), "PYTHONWARNINGS": "ignore"}
    words = [sys.executable, "-c", _DRIVER]
    done = subprocess.run(
        words, input=json.dumps(runs), env=environ, cwd=CORPUS, capture_output=True, text=True, check=True
    )
    return Reference(folder, json.loads(done.stdout))


@pytest.fixture(autouse=True)
def _in_corpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CORPUS)


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", TREES)
def test_every_file_is_the_same_cold_and_warm(reference: Reference, tmp_path: Path, name: str) -> None:
    expected = _files(reference.folder / name)
    assert expected
    builder = JobBuilder({}, RenderCache(tmp_path / "cache"))
    for run in ("cold", "warm"):
        write_jobs(builder.render(TREES[name]), tmp_path / run)
        assert _files(tmp_path / run) == expected


def test_plugin_versions_count(reference: Reference) -> None:
    assert _files(reference.folder / "plain") != _files(reference.folder / "old plugins")


def test_the_whole_corpus_takes_the_fast_path(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="cictl"):
        JobBuilder({}).render(TREES["plain"])
    assert "the fast path gives up" not in caplog.messages


def test_the_corpus_has_every_type_and_many_modules() -> None:
    from importlib.metadata import distribution  # noqa: PLC0415 - only here

    text = "".join(path.read_text() for path in sorted((CORPUS / "plain").glob("*.yaml")))
    points = distribution("jenkins-job-builder").entry_points
    for group, key in (("jenkins_jobs.projects", "project-type"), ("jenkins_jobs.views", "view-type")):
        types = {point.name for point in points if point.group == group} - {"freestyle"}
        assert types == {name for name in types if f"{key}: {name}" in text}
    modules = (CORPUS / "plain" / "modules.yaml").read_text()
    assert len(set(re.findall(r"^      - ([a-z-]+)", modules, re.MULTILINE))) >= 90


@pytest.mark.parametrize("name", BROKEN)
def test_errors_say_what_the_library_says(reference: Reference, name: str) -> None:
    told = reference.errors[name]
    with pytest.raises(CictlError) as caught:
        JobBuilder({}).render(JobTree((CORPUS / "broken" / name,)))
    assert caught.value.exit_code == 3
    assert caught.value.hint
    if "Traceback" not in told:
        assert caught.value.message.splitlines() == told.strip("\n").splitlines()
    else:
        assert _substance(told) in caught.value.message


def _substance(traceback: str) -> str:
    """Return what the exception at the end of TRACEBACK says."""
    last = re.split(r"^[\w.]+(?:Error|Exception)(?:: |$)", traceback, flags=re.MULTILINE)[-1]
    return last.strip()


def test_each_internal_that_is_relied_on_is_there() -> None:
    from cictl.clients.job_builder_fast import RELIED_ON  # noqa: PLC0415 - imports the library

    gone = [name for name in RELIED_ON if not _exists(name)]
    message = "jenkins-job-builder changed: read clients/job_builder_fast.py against it before raising its version"
    assert gone == [], message


def _exists(name: str) -> bool:
    module, _, attributes = name.partition(":")
    try:
        reduce(getattr, attributes.split("."), importlib.import_module(module))
    except (ImportError, AttributeError):
        return False
    return True

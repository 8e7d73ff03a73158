"""Runs the tests of the shared library, which are Groovy: their jars come through Maven once, and are checked."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "shared-lib" / "test"
RECORDINGS = ROOT.parent / "shared" / "jenkins-contract" / "2.516.2"
_FETCH = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
_QUICK_START = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto")
_LONGEST_SECONDS = 900
# Read before a test has an environment of its own: what is fetched and built serves all runs of the tests.
ENVIRON = dict(os.environ)


@dataclass(frozen=True)
class GroovyTests:
    """What one run of all Groovy tests came to."""

    failures: dict[str, str | None]
    command_lines: tuple[tuple[str, ...], ...]
    left_behind: tuple[str, ...]


def groovy_tests() -> GroovyTests:
    """Run every test of shared-lib/test in one JVM."""
    command = [*_QUICK_START, "--add-opens", "java.base/java.io=ALL-UNNAMED", f"-Drecordings={RECORDINGS}"]
    path = f"{jars(TESTS / 'pom.xml')}/*:{TESTS}"
    with tempfile.TemporaryDirectory() as scratch:
        command += [f"-Djava.io.tmpdir={scratch}", "-cp", path, "groovy.ui.GroovyMain", "run.groovy"]
        printed = java(command, folder=TESTS).stdout
        left_behind = tuple(path.name for path in Path(scratch).iterdir())
    documents = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    return GroovyTests(
        {each["test"]: each["failure"] for each in documents if "test" in each},
        tuple(tuple(line) for each in documents for line in each.get("commandLines", ())),
        left_behind,
    )


def style_findings(compiled: Path) -> list[tuple[str, str]]:
    """Return what CodeNarc finds, as file and rule; COMPILED has the library's classes, for it to resolve."""
    path = f"{jars(TESTS / 'codenarc.xml')}/*:{jars(TESTS / 'pom.xml')}/groovy-cps-1.31.jar:{compiled}"
    files = "-includes=src/**/*.groovy,vars/*.groovy,test/known-bad/*.groovy"
    options = (f"-basedir={TESTS.parent}", files, f"-rulesetfiles=file:{TESTS / 'style.groovy'}", "-report=console")
    done = java([*_QUICK_START, "-cp", path, "org.codenarc.CodeNarc", *options], folder=TESTS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "could not be resolved" not in done.stderr, done.stderr
    found, file = [], ""
    for line in done.stdout.splitlines():
        file = line.removeprefix("File: ") if line.startswith("File: ") else file
        found += [(file, rule) for rule in re.findall(r"^ +Violation: Rule=(\w+) ", line)]
    return found


def compiled_library(place: Path) -> Path:
    """Compile the classes of src/ into PLACE."""
    sources = [str(path) for path in (TESTS.parent / "src").rglob("*.groovy")]
    compiler = "org.codehaus.groovy.tools.FileSystemCompiler"
    done = java(
        [*_QUICK_START, "-cp", f"{jars(TESTS / 'pom.xml')}/*", compiler, "-d", str(place), *sources], folder=TESTS
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return place


def java(arguments: Sequence[str], *, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run Java; what it prints is UTF-8 whatever the locale."""
    command = ["java", "-Dfile.encoding=UTF-8", *arguments]
    environment = {**ENVIRON, "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=_LONGEST_SECONDS,
    )


def jars(pom: Path) -> Path:
    """Return the folder of what POM names, which Maven fetches once; the file .sha256 beside it says what must come."""
    wanted = pom.with_suffix(".sha256").read_text(encoding="ascii")
    name = hashlib.sha256(pom.read_bytes() + wanted.encode()).hexdigest()[:16]
    cache = Path(ENVIRON.get("XDG_CACHE_HOME") or f"{ENVIRON['HOME']}/.cache") / "cictl" / "shared-lib-tests"
    cache.mkdir(parents=True, exist_ok=True)
    place = cache / name
    with _locked(cache / f"{name}.lock"):
        if not place.exists():
            _fetch(pom, wanted, place)
    return place


def _fetch(pom: Path, wanted: str, place: Path) -> None:
    coming = place.with_suffix(".coming")
    shutil.rmtree(coming, ignore_errors=True)
    command = ["mvn", "-q", "-B", "-f", str(pom), _FETCH, f"-DoutputDirectory={coming}"]
    subprocess.run(command, check=True, env=ENVIRON, stdin=subprocess.DEVNULL, timeout=_LONGEST_SECONDS)
    found = "".join(f"{_digest(jar)}  {jar.name}\n" for jar in sorted(coming.glob("*.jar")))
    assert found == wanted, f"other jars came than {pom.with_suffix('.sha256').name} says:\n{found}"
    coming.rename(place)


def _digest(jar: Path) -> str:
    return hashlib.sha256(jar.read_bytes()).hexdigest()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield

"""Builds the pipeline runner once for each version of its sources and of Java, and keeps it in a cache."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cictl.clients.java import Java
from cictl.errors import FarSideFailed, NotAllowed, NotFound

SOURCES = Path(__file__).parent.parent / "pipeline_runner"
# Quick to start, and small: a run is mostly waiting for what `sh` starts.
JVM_OPTIONS = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Dfile.encoding=UTF-8")
MAIN = "dev.cictl.pipeline.Main"
_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
_MAVEN_HINT = "install Maven (Debian: apt-get install maven); it is needed once, to fetch what the runner is made of"
_DONE = "complete"
_ARCHIVE = "classes.jsa"
_LONGEST_SECONDS = 600.0
_NAME = re.compile("[0-9a-f]{16}")
_KEPT_OTHERS = 2
_JUST_USED_SECONDS = 3600.0
_WARM_UP = """\
pipeline {
  agent any
  environment { A = "${B}" }
  parameters { string(name: 'P', defaultValue: 'p') }
  stages {
    stage('one') { steps { script { [1].each { sh "echo $it" } } } }
    stage('two') { when { expression { true } }
      steps { echo "${params.P}" } }
  }
  post { always { echo 'done' } }
}
"""


@dataclass(frozen=True, slots=True)
class BuiltRunner:
    """The runner, ready to be started by COMMAND and the arguments of its main class."""

    command: tuple[str, ...]


class RunnerBuilds:
    """The cached builds below FOLDER."""

    def __init__(self, folder: Path, java: Java, *, environ: Mapping[str, str], say: Callable[[str], None]) -> None:
        """SAY is told what takes long."""
        self._root = folder
        self._java = java
        self._environ = dict(environ)
        self._say = say

    def runner(self) -> BuiltRunner:
        """Return the runner, built first where it is not there."""
        folder = self._root / _digest(self._java)
        if not (folder / _DONE).exists():
            with _writable(self._root), _locked(self._root / "lock"):
                if not (folder / _DONE).exists():
                    self._build(folder)
                    self._remove_old(folder)
        with contextlib.suppress(OSError):
            os.utime(folder / _DONE)
        return self._built(folder)

    def require_tools(self) -> None:
        """Raise NotFound where the runner is not there, nor a compiler and Maven to build it."""
        if not (self._root / _digest(self._java) / _DONE).exists():
            self._java.tool("javac")
            self._java.tool("jar")
            self._maven()

    def _remove_old(self, new: Path) -> None:
        """Remove all but NEW, the few that were used last, and those from which something runs."""
        others = [each for each in self._root.iterdir() if _NAME.fullmatch(each.name) and each != new]
        old = sorted(others, key=_last_use)[:-_KEPT_OTHERS]
        for each in old:
            if time.time() - _last_use(each) > _JUST_USED_SECONDS and not _is_run_from(each):
                shutil.rmtree(each, ignore_errors=True)

    def _built(self, folder: Path) -> BuiltRunner:
        jars = ":".join(str(jar) for jar in sorted(folder.glob("*.jar")))
        archive = (f"-XX:SharedArchiveFile={folder / _ARCHIVE}",) if (folder / _ARCHIVE).exists() else ()
        return BuiltRunner((str(self._java.java), *JVM_OPTIONS, *archive, "-cp", jars, MAIN))

    def _build(self, folder: Path) -> None:
        """Build in FOLDER itself, since the archive of classes knows its path; only at the end it counts."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self._say("building the pipeline runner (once)")
        self._fetch(folder)
        self._compile(folder)
        self._archive(folder)
        (folder / _DONE).touch()

    def _maven(self) -> str:
        maven = shutil.which("mvn", path=self._environ.get("PATH"))
        if maven is None:
            raise NotFound("there is no mvn on PATH to fetch Groovy with", hint=_MAVEN_HINT)
        return maven

    def _fetch(self, folder: Path) -> None:
        goal = [self._maven(), "-q", "-B", "-f", str(SOURCES / "pom.xml"), _COPY, f"-DoutputDirectory={folder}"]
        self._run(goal, what="Maven cannot fetch what the pipeline runner needs", hint="look at Maven's message above")
        wanted = dict(_checksums())
        for jar in folder.glob("*.jar"):
            if hashlib.sha256(jar.read_bytes()).hexdigest() != wanted.pop(jar.name, None):
                message = f"{jar.name}, which Maven brought, is not the file that the pipeline runner was made for"
                raise FarSideFailed(message, hint="look at the repositories in Maven's settings.xml")
        if wanted:
            raise FarSideFailed(f"Maven did not bring {', '.join(wanted)}", hint="look at Maven's settings.xml")

    def _compile(self, folder: Path) -> None:
        jars = ":".join(str(jar) for jar in folder.glob("*.jar"))
        sources = [str(path) for path in sorted(SOURCES.rglob("*.java"))]
        with tempfile.TemporaryDirectory(dir=folder) as classes:
            options = ["-nowarn", "-proc:none", "-encoding", "UTF-8", "--release", "17", "-cp", jars, "-d", classes]
            what = "the pipeline runner does not compile"
            self._run([str(self._java.tool("javac")), *options, *sources], what=what)
            shutil.copy(SOURCES / "whitelist.txt", classes)
            jar = [str(self._java.tool("jar")), "cf", str(folder / "pipeline-runner.jar"), "-C", classes, "."]
            self._run(jar, what=what)

    def _archive(self, folder: Path) -> None:
        """Keep the classes that a run loads as the JVM has them in memory: it saves a third of the start."""
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            jenkinsfile = Path(scratch) / "Jenkinsfile"
            jenkinsfile.write_text(_WARM_UP, encoding="utf-8")
            request = {"jenkinsfile": str(jenkinsfile), "workspace": scratch, "scratch": scratch, "job": "warm-up"}
            requests = [json.dumps({**request, "sandbox": is_sandboxed}) for is_sandboxed in (False, True)]
            dump = f"-XX:ArchiveClassesAtExit={folder / _ARCHIVE}"
            *start, main = self._built(folder).command
            command = [*start[:1], dump, *start[1:], main, str(Path(scratch) / "events"), "batch"]
            subprocess.run(
                command,
                env=self._environ,
                input="\n".join(requests) + "\n",
                text=True,
                capture_output=True,
                check=False,
                timeout=_LONGEST_SECONDS,
            )

    def _run(self, command: Sequence[str], *, what: str, hint: str | None = None) -> None:
        try:
            done = subprocess.run(
                command,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=_LONGEST_SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise FarSideFailed(f"{what}: {error}", hint=hint) from error
        if done.returncode != 0:
            raise FarSideFailed(f"{what}:\n{(done.stdout + done.stderr).strip()[-2000:]}", hint=hint)


def _digest(java: Java) -> str:
    """Return the name of the build of today's sources under JAVA."""
    digest = hashlib.sha256(f"{java.home} {java.version} {' '.join(JVM_OPTIONS)}".encode())
    for path in sorted(path for path in SOURCES.rglob("*") if path.is_file()):
        digest.update(path.relative_to(SOURCES).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _checksums() -> Iterator[tuple[str, str]]:
    for line in (SOURCES / "checksums.sha256").read_text(encoding="ascii").splitlines():
        checksum, name = line.split()
        yield name, checksum


def _last_use(build: Path) -> float:
    """Return when BUILD was used last, in epoch seconds; 0 for one that was broken off."""
    try:
        return (build / _DONE).stat().st_mtime
    except OSError:
        return 0.0


def _is_run_from(build: Path) -> bool:
    """Whether a process has BUILD among its words; where there is no /proc nothing is found."""
    for words in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if os.fsencode(build) in words.read_bytes():
                return True
    return False


@contextmanager
def _writable(folder: Path) -> Iterator[None]:
    """Say what to do where FOLDER cannot be written to."""
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.EACCES, errno.EPERM, errno.EROFS}:
            raise
        message = f"the pipeline runner cannot be built in the cache {folder}: {error.strerror}"
        raise NotAllowed(message, hint="set XDG_CACHE_HOME to a folder that can be written to") from error


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Let one process build at a time; the lock goes with the process that holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield

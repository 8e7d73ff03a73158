"""One pushed commit checked out and run by `cictl pipeline run`, in a process that nothing of the hook's reaches."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from cictl.clients.push_run_folder import RunFolder
from cictl.core.push_run import PushRun, RunSettings, was_stopped
from cictl.core.quantities import format_duration
from cictl.errors import FarSideFailed, NotFound, TimedOut

_GIT_SECONDS = 600.0
_NO_SUCH_REF = 1  # of git rev-parse --quiet; what it cannot read is 128
_LOG_MIB = 20
_KILL_SECONDS = 60.0
_LONGEST_ANSWER = 300  # characters of what git complained of
# What a login gives. All else of whoever pushed, and what Git tells its hooks, would make each run another one.
_OF_A_LOGIN = {"HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TMPDIR", "PATH"}
_KINDS_OF_A_LOGIN = ("LC_", "XDG_")


def environment_of_run(environ: Mapping[str, str], settings: RunSettings) -> dict[str, str]:
    """Return the variables of a run: those of a login, and those that SETTINGS name."""
    login = {
        name: value for name, value in environ.items() if name in _OF_A_LOGIN or name.startswith(_KINDS_OF_A_LOGIN)
    }
    return {**login, **(settings.variables or {})}


class PipelineProcesses:
    """Starts runs of the repository that FOLDER is of."""

    def __init__(
        self, folder: RunFolder, settings: RunSettings, *, environ: Mapping[str, str], post_seconds: float = 600.0
    ) -> None:
        """ENVIRON is what a login would have; POST SECONDS is how long what is stopped may take to end."""
        self._folder = folder
        self._settings = settings
        self._post_seconds = post_seconds
        self._environ = environment_of_run(environ, settings)
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._is_stopped = False
        self._lock = threading.Lock()

    def tip(self, branch: str) -> str | None:
        """Return the commit that BRANCH is at, None if it is gone; FarSideFailed where git cannot tell."""
        words = ("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}^{{commit}}")
        done = self._git_in(self._folder.repository, *words)
        if done.returncode not in {0, _NO_SUCH_REF}:
            raise _git_failed(words[0], done, hint=f"be the user that {self._folder.repository} belongs to")
        return os.fsdecode(done.stdout).strip() or None

    def run(self, run: PushRun, *, since: str | None, lock: int) -> int | None:
        """Run the pipeline of RUN's commit and return its exit status, None where the commit has no Jenkinsfile.

        TimedOut says that it took too long and was stopped. SINCE is the last commit that succeeded; LOCK is kept open
        by the process, so that the branch stays taken should it outlive us.
        """
        with self._folder.workplace(run.branch) as workplace:
            checkout = workplace / self._folder.repository.name.removesuffix(".git")
            self._check_out(run, checkout)
            if not (checkout / self._settings.jenkinsfile).is_file():
                return None
            return self._pipeline(run, checkout, since=since, lock=lock)

    def running(self) -> tuple[int, ...]:
        """Return the runs whose pipelines are under way."""
        with self._lock:
            return tuple(self._running)

    def stop(self, *numbers: int) -> None:
        """Have the runs of NUMBERS stopped, `post` included; told twice, a run does not wait for `post`."""
        with self._lock:
            for number in numbers:
                if process := self._running.get(number):
                    process.terminate()

    def stop_all(self) -> None:
        """Have all that runs stopped, `post` included, and no other begun."""
        with self._lock:
            self._is_stopped = True
        self.stop(*self.running())

    def _check_out(self, run: PushRun, checkout: Path) -> None:
        """Make a clone that shares the objects; plumbing alone, which takes every branch that could be pushed."""
        repository = str(self._folder.repository.resolve())
        words = ("clone", "--quiet", "--shared", "--no-checkout", "--template=", "--", repository, str(checkout))
        self._git(Path("/"), *words)
        branch = f"refs/heads/{run.branch}"
        self._git(checkout, "update-ref", branch, run.commit)
        self._git(checkout, "symbolic-ref", "HEAD", branch)
        self._git(checkout, "reset", "--quiet", "--hard")

    def _git(self, place: Path, *words: str) -> None:
        done = self._git_in(place, *words)
        if done.returncode:
            raise _git_failed(words[0], done, hint="is the disk full?")

    def _git_in(self, place: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(
                ["git", *words],
                cwd=place,
                env={**self._environ, "GIT_TERMINAL_PROMPT": "0"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                timeout=_GIT_SECONDS,
            )
        except FileNotFoundError as error:
            raise NotFound("there is no git on PATH", hint="install it, as with apt-get install git") from error
        except OSError as error:
            raise _not_started("git", error) from error
        except subprocess.TimeoutExpired as error:
            raise FarSideFailed(f"git {words[0]} did not end", hint="look at the disk") from error

    def _pipeline(self, run: PushRun, checkout: Path, *, since: str | None, lock: int) -> int:
        environ = {**self._environ, **({"GIT_PREVIOUS_SUCCESSFUL_COMMIT": since} if since else {})}
        with self._folder.outputs(run.number) as (log, events):
            with self._lock:
                if self._is_stopped:
                    return -signal.SIGTERM
                try:
                    process = subprocess.Popen(
                        self._command(run),
                        cwd=checkout,
                        env=environ,
                        stdin=subprocess.DEVNULL,
                        stdout=events,
                        stderr=log,
                        pass_fds=(lock,),
                        start_new_session=True,
                    )
                except OSError as error:
                    raise _not_started("cictl", error) from error
                self._running[run.number] = process
            try:
                return self._status(run, process)
            finally:
                with self._lock:
                    del self._running[run.number]

    def _status(self, run: PushRun, process: subprocess.Popen[bytes]) -> int:
        longest = format_duration(self._settings.timeout_seconds)
        try:
            return process.wait(self._settings.timeout_seconds)
        except subprocess.TimeoutExpired:
            try:
                self._folder.say(run.number, f"it takes longer than {longest} and is stopped; post runs")
            finally:
                has_run_post = _ends(process, self._post_seconds)
        if not was_stopped(process.returncode):
            return process.returncode  # it came to its end just then
        how = "stopped" if has_run_post else f"killed: post took longer than {format_duration(self._post_seconds)}"
        hint = "give it longer: 'cictl hook install --run --timeout DURATION'"
        raise TimedOut(f"it took longer than {longest} and was {how}", hint=hint)

    def _command(self, run: PushRun) -> list[str]:
        settings = self._settings
        credentials = [f"--credential={each}" for each in settings.credentials]
        libraries = [f"--library={each}" for each in settings.libraries]
        command = [sys.executable, "-P", "-m", "cictl", "pipeline", "run", f"--branch={run.branch}", "-o", "json"]
        return [*command, f"--log-limit={_LOG_MIB}", *credentials, *libraries, "--", settings.jenkinsfile]


def _ends(process: subprocess.Popen[bytes], post_seconds: float) -> bool:
    """Have PROCESS end; return whether it did so after `post`."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.terminate()
        process.wait(post_seconds)
        return True
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.terminate()  # told twice, it waits for no `post` and kills what its steps have started
        process.wait(min(_KILL_SECONDS, post_seconds))
        return False
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return False


def _not_started(program: str, error: OSError) -> FarSideFailed:
    return FarSideFailed(f"{program} cannot be started: {error.strerror}", hint="look at this machine's memory")


def _git_failed(word: str, done: subprocess.CompletedProcess[bytes], *, hint: str) -> FarSideFailed:
    said = " ".join(os.fsdecode(done.stderr).split())[:_LONGEST_ANSWER]
    return FarSideFailed(f"git {word} failed: {said}", hint=hint)

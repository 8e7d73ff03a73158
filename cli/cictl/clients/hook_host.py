"""The hooks folder of one repository, here or on a host that ssh reaches; the same shell script does it in both places.

Nothing of it stands in an argument list: values, the token among them, go to the shell's stdin.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

from cictl.clients.local_repository import Owner, owner_to_act_as, repository_at
from cictl.core.push_hook import Chained, Hook, SeenHook, Token, whose
from cictl.core.push_hook_plan import InstallPlan, RemovalPlan
from cictl.core.repository_place import RepositoryPlace
from cictl.errors import CictlError, ConfigInvalid, Conflict, FarSideFailed, NotAllowed, NotFound, TimedOut, Unreachable

_GREETING = "cictl-hook 1"
_SSH_FAILED = 255  # by its manual: ssh's own failure, not that of what ran there
_LONGEST_ANSWER = 300  # characters of what a shell complained of


@cache
def hook_body() -> str:
    """Return the part of the hook that tells Jenkins that is the same everywhere."""
    return _script("post-receive.sh")


@cache
def run_hook_body() -> str:
    """Return the part of the hook that runs pipelines that is the same everywhere."""
    return _script("run-push.sh")


class HookHost:
    """The machine that keeps PLACE."""

    def __init__(self, place: RepositoryPlace, *, environ: Mapping[str, str], timeout_seconds: float = 60.0) -> None:
        """TIMEOUT_SECONDS bounds each visit, asking for a password or passphrase included."""
        self._place = place
        self._environ = dict(environ)
        self._timeout_seconds = timeout_seconds

    def look(self, token: str | None) -> SeenHook:
        """Return what stands there, the token in its file compared with TOKEN; changes nothing."""
        return _seen(self._visit(mode="look", token=token or ""))

    def install(self, text: str, plan: InstallPlan, token: str | None, *, takes_options: bool = False) -> None:
        """Put TEXT in place as the hook, each part in one act, the old hook aside before.

        A hook that TAKES OPTIONS hears of those of `git push -o`.
        """
        words = {"chain": _word(plan.chains), "push_options": _word(takes_options)}
        answers = self._visit(mode="install", token=token or "", hook=text.rstrip("\n"), **words)
        self._check_done(answers)

    def remove(self, plan: RemovalPlan) -> None:
        """Take our hook away and put back the one before."""
        words = {"restore": _word(plan.restores), "delete": _word(plan.deletes), "forget": _word(plan.forgets)}
        self._check_done(self._visit(mode="remove", token="", **words))

    def _visit(self, **values: str) -> list[tuple[str, str]]:
        all_values = {**values, "place": self._path()}
        assignments = "".join(f"{name}={shlex.quote(value)}\n" for name, value in all_values.items())
        done = self._run(assignments + _script("hook-host.sh"))
        lines = done.stdout.splitlines()
        if _GREETING not in lines:
            raise self._silence(done)
        found = lines[lines.index(_GREETING) + 1 :]  # before it may stand what a login shell says
        answers = [(word, rest) for word, _, rest in (line.partition(" ") for line in found)]
        if problem := dict(answers).get("problem"):
            raise self._translated(problem, done.stderr)
        return answers

    def _path(self) -> str:
        path = self._place.path
        if self._place.login is None:
            return str(Path(path).absolute())  # the owner may not be able to enter where root is
        return path if path.startswith("/") else f"./{path}"

    def _run(self, script: str) -> subprocess.CompletedProcess[str]:
        command, owner = self._command(), self._owner()
        try:
            return subprocess.run(
                command,
                input=script,
                env={**self._environ, "HOME": owner.home} if owner and owner.home else self._environ,
                user=owner.uid if owner else None,
                group=owner.gid if owner else None,
                extra_groups=owner.groups if owner else None,
                capture_output=True,
                encoding="utf-8",
                errors="surrogateescape",
                check=False,
                timeout=self._timeout_seconds,
            )
        except subprocess.TimeoutExpired as error:
            hint = "is the host there, and does ssh ask for something? try it by hand"
            raise TimedOut(f"{self._place}: no end within {self._timeout_seconds:g} s", hint=hint) from error

    def _owner(self) -> Owner | None:
        """Return as whom root visits a repository on this machine."""
        repository = repository_at(self._place.path) if self._place.login is None else None
        return owner_to_act_as(repository) if repository is not None else None

    def _command(self) -> list[str]:
        if self._place.login is None:
            return [self._program("sh"), "-s"]
        port = [] if self._place.port is None else ["-p", str(self._place.port)]
        return [self._program("ssh"), "-o", "ConnectTimeout=15", *port, "--", self._place.login, "sh -s"]

    def _program(self, name: str) -> str:
        path = shutil.which(name, path=self._environ.get("PATH"))
        if path is None:
            raise NotFound(f"there is no {name} on PATH", hint=f"install it: {self._place} is reached by it")
        return path

    def _silence(self, done: subprocess.CompletedProcess[str]) -> CictlError:
        said = " ".join((done.stderr or done.stdout).split())[:_LONGEST_ANSWER] or f"exit status {done.returncode}"
        if self._place.login is not None and done.returncode == _SSH_FAILED:
            hint = f"try: ssh {self._place.login} true"
            return Unreachable(f"ssh does not get to {self._place.login}: {said}", hint=hint)
        hint = "use an account with a shell (git-shell runs no commands), or run it on the server with the path"
        return FarSideFailed(f"{self._place} runs no shell for you: {said}", hint=hint)

    def _check_done(self, answers: list[tuple[str, str]]) -> None:
        if ("done", "yes") not in answers:
            hint = "run it again: what is done stays, and the repository works as before"
            raise FarSideFailed(f"{self._place}: ended before all was done", hint=hint)

    def _translated(self, problem: str, said: str) -> CictlError:
        place = self._place
        complaint = " ".join(said.split())[:_LONGEST_ANSWER]
        errors: dict[str, CictlError] = {
            "missing": NotFound(f"there is no {place}", hint="name the folder of a Git repository"),
            "no-repository": ConfigInvalid(f"{place} is no Git repository", hint="name the folder that holds HEAD"),
            "no-entry": NotAllowed(f"{place} may not be entered", hint="sign in as the user that it belongs to"),
            "shared-hooks": Conflict(
                f"{place}: its folder of hooks is a link, so that other repositories may share it",
                hint="make hooks a folder of its own, or install the hook where the server keeps hooks of one project",
            ),
            "hooks-path": Conflict(
                f"{place}: core.hooksPath leads elsewhere, so Git would not run a hook here",
                hint="git config core.hooksPath hooks there, if this repository may have hooks of its own",
            ),
            "not-a-file": Conflict(f"{place}: hooks/post-receive is a folder", hint="move it away"),
        }
        failed = FarSideFailed(f"{place}: could not write: {complaint}", hint="is the disk full, or not writable?")
        return errors.get(problem, failed)


def _seen(answers: list[tuple[str, str]]) -> SeenHook:
    word = dict(answers)
    text = bytes.fromhex(word["text"]).decode("utf-8", "surrogateescape") if "text" in word else None
    return SeenHook(
        repository=word["repository"],
        hook=_hook(word.get("hook", "absent"), text),
        text=text,
        is_executable="executable" in word,
        chained=Chained(word.get("chained", "absent")),
        token=Token(word.get("token", "absent")),
        is_token_open="loose" in word,
        has_curl="curl" in word,
        is_writable="writable" in word,
        is_strangers="stranger" in word,
        log=tuple(line for name, line in answers if name == "log"),
    )


def _hook(state: str, text: str | None) -> Hook:
    if state == "absent":
        return Hook.ABSENT
    return Hook.FOREIGN if text is None else whose(text)


def _word(yes: bool) -> str:  # noqa: FBT001 - a word of the script's
    return "yes" if yes else "no"


def _script(name: str) -> str:
    return files("cictl.clients").joinpath("scripts", name).read_text(encoding="utf-8")

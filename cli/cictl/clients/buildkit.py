"""Builds by BuildKit, through Docker's client: whether that works here is found out by trying."""

from __future__ import annotations

import logging
import shutil
import subprocess
import tempfile
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from cictl.clients.docker_engine import Progress
from cictl.core.build_log import buildkit_failure, is_noise, without_colour
from cictl.core.image_source import BuildPlan
from cictl.errors import FarSideFailed, UsageProblem

_PROBE_SECONDS = 60.0
_TRY = ("--progress=plain", "--output=type=tar,dest=/dev/null", "-")
_PROBE = "FROM scratch\nLABEL dev.cictl.probe=true\n"
_KEPT_LINES = 2000
_END_SECONDS = 5.0
_ENDINGS = ("_PROXY", "_proxy")
_BEGINNINGS = ("DOCKER_", "BUILDX_", "BUILDKIT_", "LD_")
_OWN = {"PATH", "HOME", "SSH_AUTH_SOCK", "TMPDIR", "SOURCE_DATE_EPOCH"}

logger = logging.getLogger(__name__)


class BuildKit:
    """BuildKit in the engine at HOST, told by the `docker` that is first on PATH."""

    name = "buildkit"

    def __init__(self, environ: Mapping[str, str], host: str) -> None:
        """ENVIRON says by PATH which client, and by DOCKER_BUILDKIT=0 that it is not wanted."""
        self._is_wanted = environ.get("DOCKER_BUILDKIT") != "0"
        # An attestation would make an index of what is one image, with another digest each time.
        ours = {"DOCKER_HOST": host, "DOCKER_BUILDKIT": "1", "BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}
        self._environ = {**environ, **ours}
        self._environ.pop("DOCKER_CONTEXT", None)  # it and DOCKER_HOST exclude each other

    def is_available(self) -> bool:
        """Whether it builds here; tried once, and remembered."""
        return self._command is not None

    @cached_property
    def _command(self) -> tuple[str, ...] | None:
        """What begins a build that works here: buildx, else what older clients have built in."""
        docker = shutil.which("docker", path=self._environ.get("PATH")) if self._is_wanted else None
        if docker is None:
            return None
        if self._works(docker, "buildx", "version") and self._works(docker, "buildx", "build", *_TRY):
            return (docker, "buildx", "build", "--load")
        return (docker, "build") if self._works(docker, "build", *_TRY) else None

    def _works(self, *command: str) -> bool:
        try:
            done = subprocess.run(
                command,
                input=_PROBE,
                env=self._environ,
                capture_output=True,
                text=True,
                check=False,
                timeout=_PROBE_SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            logger.info("no BuildKit by %s: %s", " ".join(command), error)
            return False
        if done.returncode:
            logger.info("no BuildKit by %s: %s", " ".join(command), done.stderr.strip().split("\n")[0])
        return done.returncode == 0

    def build(self, plan: BuildPlan, progress: Progress) -> str:
        """Build PLAN and return the image's ID."""
        if self._command is None:
            raise FarSideFailed("BuildKit cannot be used here", hint="run with -v to see why")
        with tempfile.TemporaryDirectory(prefix="cictl-build-") as folder:
            identity = Path(folder, "image")
            command = [*self._command, *_options(plan), f"--iidfile={identity}", plan.context]
            self._run(command, self._environment(plan), progress)
            return identity.read_text(encoding="ascii").strip()

    def _environment(self, plan: BuildPlan) -> dict[str, str]:
        """Hand build arguments on by the environment: everybody on the machine can read a command line."""
        for name, value in plan.args.items():
            if _is_the_clients_own(name) and self._environ.get(name) != value:
                message = f"build argument {name} would also change Docker's client"
                raise UsageProblem(message, hint="call it something else in the Dockerfile")
        return {**self._environ, "SOURCE_DATE_EPOCH": str(plan.committed_at), **plan.args}

    def _run(self, command: Sequence[str], environ: Mapping[str, str], progress: Progress) -> None:
        lines: deque[str] = deque(maxlen=_KEPT_LINES)
        with _started(command, environ) as process:
            for raw in process.stdout or ():
                line = without_colour(raw)
                lines.append(line)
                if line and not is_noise(line):
                    progress(line)
            status = process.wait()
        if status:
            raise FarSideFailed(buildkit_failure(list(lines)).message)


def _options(plan: BuildPlan) -> Iterator[str]:
    yield from ("--progress=plain", f"--file={plan.dockerfile}", f"--tag={plan.reference}")
    if plan.target:
        yield f"--target={plan.target}"
    yield from (f"--build-arg={name}" for name in plan.args)
    yield from (f"--label={name}={value}" for name, value in plan.labels.items())


def _is_the_clients_own(name: str) -> bool:
    return name in _OWN or name.startswith(_BEGINNINGS) or name.endswith(_ENDINGS)


@contextmanager
def _started(command: Sequence[str], environ: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Run COMMAND, and end it with whatever ends this."""
    process = subprocess.Popen(
        command,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    try:
        yield process
    finally:
        _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stdout is not None:
        process.stdout.close()

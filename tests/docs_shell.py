"""Runs the commands that documentation shows, as a reader's shell would; imported by the tests of pages."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.docs_pages import ROOT, Block, Command, commands, name

_MARK = "@@ command"
_LONGEST_SECONDS = 840.0


@dataclass
class Shell:
    """What a reader's shell knows, from page to page: its folder and its variables."""

    state: Path
    environment: Mapping[str, str]
    pages: list[str] = field(default_factory=list)

    def read(self, page: Path, found: list[Block]) -> None:
        """Do what FOUND, blocks of PAGE, say; AssertionError names the command that failed."""
        steps = [step for block in found for step in _steps(block)]
        begin = [f"[ ! -e {self.state} ] || . {self.state}", "trap 'kill $(jobs -p) 2>/dev/null' EXIT"]
        script = "\n".join([*begin, *(text for _, text in steps), self._keep()])
        _check(name(page), [command for command, _ in steps if command], self._said(script))

    def _said(self, script: str) -> str:
        """Return what SCRIPT says until its end, or until it has taken too long."""
        try:
            done = subprocess.run(
                ["bash", "-c", script],
                cwd=ROOT,
                env=dict(self.environment),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                check=False,
                timeout=_LONGEST_SECONDS,
            )
        except subprocess.TimeoutExpired as late:
            return f"{(late.stdout or b'').decode(errors='replace')}\nnot over after {_LONGEST_SECONDS:g} s"
        return done.stdout.decode(errors="replace")

    def _keep(self) -> str:
        keep = 'declare -px | grep -vE " (BASHOPTS|SHELLOPTS|PPID|UID|EUID)="; echo "cd $(printf %q "$PWD")"'
        return f"{{ {keep}; }} > {self.state}"


def _steps(block: Block) -> Iterator[tuple[Command | None, str]]:
    """Yield each command of BLOCK with the text that runs it and says how it ended; or the file that it is."""
    if block.file is not None:
        folder = shlex.quote(str(Path(block.file).parent))
        yield None, f"mkdir -p {folder}; printf %s {shlex.quote(block.text)} > {shlex.quote(block.file)}"
    elif block.language == "console":
        for command in commands(block):
            yield command, f"{command.line}\nended=$?; echo; echo '{_MARK}' $ended; [ $ended = 0 ] || exit 1"


def _check(page: str, expected: list[Command], output: str) -> None:
    parts = output.split(f"\n{_MARK} ")
    said = [parts[0], *(part.partition("\n")[2] for part in parts[1:])]
    ended = [part.partition("\n")[0] for part in parts[1:]]
    for command, text, status in zip(expected, said, ended, strict=False):
        assert status == "0", f"{page}: {command.line}\nended with {status}:\n{text}"
        for line in command.exits:
            assert line in text.splitlines(), f"{page}: {command.line}\nwas to print {line!r}:\n{text}"
    assert len(ended) == len(expected), f"{page}: {expected[len(ended)].line}\ndid not end:\n{said[-1]}"

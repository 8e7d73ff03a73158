"""Every command that the documentation shows, in order: the tutorial, the how-tos where it ends, its cleaning up."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.docs_pages import DOCS, PAGES, ROOT, Block, Command, blocks, commands, name

TUTORIAL = DOCS / "tutorial" / "first-rollouts.md"
# The order matters: gitops uses the Deployment of any-deployment, and undo the releases that the tutorial leaves.
HOW_TOS = [DOCS / "how-to" / f"{page}.md" for page in ("failed-rollout", "undo", "promote", "any-deployment")]
HOW_TOS += [DOCS / "how-to" / f"{page}.md" for page in ("gitops", "least-rights", "own-service", "push-triggers")]
_MARK = "@@ command"
_LONGEST_SECONDS = 420.0


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
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=ROOT,
            env=dict(self.environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
            timeout=_LONGEST_SECONDS,
        )
        _check(name(page), [command for command, _ in steps if command], done.stdout)

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
    assert len(ended) == len(expected), f"{page}: ended early:\n{said[-1]}"


def _sections(page: Path, *, last: bool) -> list[Block]:
    """Return the blocks of PAGE before its section "Clean up", or those of it."""
    head, _, tail = page.read_text(encoding="utf-8").partition("Clean up\n")
    count = sum(1 for block in blocks(page) if block.text in head) if tail else len(blocks(page))
    return blocks(page)[count:] if last else blocks(page)[:count]


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    programs = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
    made = Shell(tmp_path_factory.mktemp("docs") / "shell", environment)
    yield made
    delete = ["kubectl", "delete", "namespace", "tutorial", "--ignore-not-found", "--wait=false"]
    subprocess.run(["bash", "-c", f". {made.state}; {shlex.join(delete)}"], check=False, env=environment)


@pytest.mark.usefixtures("lab")
def test_the_tutorial(shell: Shell) -> None:
    shell.read(TUTORIAL, _sections(TUTORIAL, last=False))


@pytest.mark.parametrize("page", HOW_TOS, ids=name)
def test_how_to(shell: Shell, page: Path) -> None:
    assert shell.state.exists(), "the tutorial has not come to its end"
    shell.read(page, blocks(page))


def test_no_page_with_commands_is_left_out() -> None:
    with_commands = {page for page in PAGES if any(block.language == "console" for block in blocks(page))}
    assert with_commands <= {TUTORIAL, *HOW_TOS}


def test_the_tutorial_cleans_up(shell: Shell) -> None:
    assert shell.state.exists(), "the tutorial has not come to its end"
    shell.read(TUTORIAL, _sections(TUTORIAL, last=True))

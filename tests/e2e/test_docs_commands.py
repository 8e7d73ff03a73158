"""Every command that the documentation shows, in order: the tutorial, the how-tos where it ends, its cleaning up."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs_pages import DOCS, PAGES, Block, blocks, name
from tests.docs_shell import Shell

TUTORIAL = DOCS / "tutorial" / "first-rollouts.md"
# The order matters: gitops uses the Deployment of any-deployment, and undo the releases that the tutorial leaves.
HOW_TOS = [
    DOCS / "how-to" / f"{page}.md" for page in ("failed-rollout", "undo", "promote", "approvals", "any-deployment")
]
HOW_TOS += [DOCS / "how-to" / f"{page}.md" for page in ("gitops", "least-rights", "own-service")]
TESTS = Path(__file__).parents[1]


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


@pytest.mark.usefixtures("lab", "prometheus_stays")
def test_the_tutorial(shell: Shell) -> None:
    shell.read(TUTORIAL, _sections(TUTORIAL, last=False))


@pytest.mark.usefixtures("prometheus_stays")
@pytest.mark.parametrize("page", HOW_TOS, ids=name)
def test_how_to(shell: Shell, page: Path) -> None:
    assert shell.state.exists(), "the tutorial has not come to its end"
    shell.read(page, blocks(page))


def test_no_page_with_commands_is_left_out() -> None:
    with_commands = {page for page in PAGES if any(block.language == "console" for block in blocks(page))}
    others = [path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py") if path != Path(__file__)]
    elsewhere = {page for page in with_commands if any(f'"{page.name}"' in text for text in others)}
    assert with_commands - elsewhere - {TUTORIAL, *HOW_TOS} == set(), "no test names these pages"


def test_the_tutorial_cleans_up(shell: Shell) -> None:
    assert shell.state.exists(), "the tutorial has not come to its end"
    shell.read(TUTORIAL, _sections(TUTORIAL, last=True))

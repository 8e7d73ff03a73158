"""Reads the documentation's pages: the commands that they show, the files that they write, and their links.

A block ```console holds commands behind `$ `, each on one line, and below a command what it prints; a line such as
`exit 10` there is held against what the command really printed. A block with `file=NAME` is a file to write. A block
```yaml with `ci=NAME` configures a CI server, whose commands a test runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
_FOLDERS = ("jobs", "pipelines", "shared-lib")
_BESIDE = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / folder / "README.md" for folder in _FOLDERS)]
PAGES = sorted([*_BESIDE, *DOCS.rglob("*.md")])
_FENCE = re.compile(r"^(?P<indent> *)```(?P<info>[^\n`]*)\n(?P<text>.*?)^(?P=indent)```$", re.DOTALL | re.MULTILINE)
_INLINE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A fenced block: `info` is what stands behind the backquotes."""

    info: str
    text: str

    @property
    def language(self) -> str:
        """The first word behind the backquotes."""
        return self.info.split()[0] if self.info.split() else ""

    @property
    def file(self) -> str | None:
        """The file that the block is to be written to."""
        return next((word.removeprefix("file=") for word in self.info.split() if word.startswith("file=")), None)


@dataclass(frozen=True)
class Command:
    """One line to run, and those lines of its output that say how it ended."""

    line: str
    exits: tuple[str, ...] = ()


def name(page: Path) -> str:
    """Return a page as people call it."""
    return str(page.relative_to(ROOT))


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of PAGE, without the indentation that a list gives them."""
    found = []
    for match in _FENCE.finditer(page.read_text(encoding="utf-8")):
        width = len(match["indent"])
        text = "".join(line[width:] or line for line in match["text"].splitlines(keepends=True))
        found.append(Block(match["info"].strip(), text))
    return found


def commands(block: Block) -> Iterator[Command]:
    """Yield the commands of a ```console block."""
    line = ""
    exits: list[str] = []
    for each in block.text.splitlines():
        if each.startswith("$ "):
            if line:
                yield Command(line, tuple(exits))
            line, exits = each.removeprefix("$ "), []
        elif each.startswith("exit "):
            exits.append(each)
    if line:
        yield Command(line, tuple(exits))


def ci_commands(block: Block) -> list[str]:
    """Return what the jobs of a ```yaml block with `ci=NAME` run, `script` or `run`, in their order."""
    return list(_scripts(yaml.safe_load(block.text))) if "ci=" in block.info else []


def _scripts(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _scripts(each)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key in {"before_script", "script"}:
                yield from inner
            elif key == "run" and isinstance(inner, str):
                yield inner
            else:
                yield from _scripts(inner)


def prose(page: Path) -> str:
    """Return PAGE without its fenced blocks."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def inline_code(page: Path) -> list[str]:
    """Return what stands between single backquotes."""
    return _INLINE.findall(prose(page))


def links(page: Path) -> list[str]:
    """Return where PAGE links to within the repository."""
    found = (target.partition("#")[0] for target in _LINK.findall(prose(page)))
    return [target for target in found if target and "://" not in target]

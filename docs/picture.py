"""Draws the pictures in docs/images from what a terminal really showed: `python docs/picture.py TYPESCRIPT`.

TYPESCRIPT is what was written to a terminal, as `script` keeps it. `make demo` gives push.svg: what the pusher of the
bad release was told. The bad version of the tutorial gives rollout.svg: of its live view the last frame in which the
canary still runs, and the last frame.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

DOCS = Path(__file__).parent
ROLLOUT = DOCS / "images" / "rollout.svg"
PUSH = DOCS / "images" / "push.svg"
_REDRAW = re.compile(r"(?:\r?\x1b\[(?:2K|1A))+")
_OTHER_CODES = re.compile(r"\x1b\[\?25[lh]")
_ALL_CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_BAD_PUSH = re.compile(r"^== a bad push.*?^(\$ git push.*?)^== ", re.MULTILINE | re.DOTALL)
_FONTS = re.compile(r"@font-face \{.*?\}\n", re.DOTALL)  # a picture that loads nothing from elsewhere
_WIDTH = 118
_PUSH_WIDTH = 165  # what went wrong stands at the end of its line


def frames(typescript: str, release: int) -> list[str]:
    """Return each picture that the live view of RELEASE drew, with its colours."""
    found = []
    for frame in _REDRAW.split(typescript):
        text = _OTHER_CODES.sub("", frame).replace("\r", "")
        begin = re.search(rf"^.*checkout release {release} → production: ", text, re.MULTILINE)
        if begin and "RELEASE" in text:
            found.append(text[begin.start() :].partition("\ncheckout release")[0].rstrip())
    return found


def chosen(found: list[str]) -> list[str]:
    """Return the frames that tell the story: the canary beside stable with its checks, and the end."""
    judged = [frame for frame in found if "stepping" in frame.splitlines()[0] and "error-rate" in frame]
    return [judged[-1], found[-1]] if judged else found[-1:]


def told(typescript: str) -> str | None:
    """Return what the pusher of the bad release was told, None where there is none."""
    found = _BAD_PUSH.search(_ALL_CODES.sub("", typescript).replace("\r", ""))
    if not found:
        return None
    return "\n".join(line.rstrip() for line in found[1].splitlines()).rstrip().replace(str(Path.home()), "~")


def draw(pictures: list[str], path: Path, *, title: str, width: int) -> None:
    """Write PICTURES below each other as one SVG."""
    with Path("/dev/null").open("w") as nowhere:
        console = Console(record=True, width=width, file=nowhere, force_terminal=True, color_system="standard")
        for number, picture in enumerate(pictures):
            if number:
                console.print()
            console.print(Text.from_ansi(picture), soft_wrap=False, overflow="ellipsis", no_wrap=True)
    path.parent.mkdir(exist_ok=True)
    svg = console.export_svg(title=title)
    alone = _FONTS.sub("", svg).replace("font-family: Fira Code", "font-family: Fira Code, Menlo, Consolas")
    path.write_text("\n".join(line.rstrip() for line in alone.splitlines()) + "\n", encoding="utf-8")


def main() -> int:
    """Draw what the typescript holds."""
    with Path(sys.argv[1]).open(encoding="utf-8", errors="replace", newline="") as file:
        typescript = file.read()
    pushed, found = told(typescript), frames(typescript, release=3)
    if pushed:
        draw([pushed], PUSH, title="git push -o wait", width=_PUSH_WIDTH)
    elif found:
        draw(chosen(found), ROLLOUT, title="cictl rollout start checkout --env production", width=_WIDTH)
    if not pushed and not found:
        print("the typescript shows neither a bad push nor a live view of release 3", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Random secrets of many shapes, a Jenkins that repeats what it is sent, and the search for either in what was said."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from random import Random
from urllib.parse import quote, unquote_plus

import pytest

from tests.fake_jenkins.faults import Faults
from tests.fake_jenkins.messages import Request, Response
from tests.running import Outcome

_CORE = 24  # hexadecimal digits that stand in every canary, whatever is around them and however it is quoted
_PIECE = 14  # so many of them in a row tell the secret
_SHAPES: tuple[Callable[[str], str], ...] = (
    str,
    lambda core: f"p{core}&<x>'\"y",
    lambda core: f"{core} with blanks and ünicode €",
    lambda core: f"$({core})`%s`{{0}}\\n",
    lambda core: f"a/b+c={core}==",
    lambda core: f'{{"key": "{core}"}}',
    lambda core: f"{core}@host:5000/x?y=1#z",
)


class Vault:
    """Makes canaries, and knows all that it made."""

    def __init__(self, seed: str) -> None:
        self._random = Random(seed)  # noqa: S311 - for tests, the same each time
        self._cores: list[str] = []

    def __len__(self) -> int:
        return len(self._cores)

    def core(self) -> str:
        """Return a plain one, of hexadecimal digits alone."""
        self._cores.append(f"{self._random.getrandbits(4 * _CORE):0{_CORE}x}")
        return self._cores[-1]

    def text(self) -> str:
        """Return one on one line, of the next shape."""
        return _SHAPES[len(self._cores) % len(_SHAPES)](self.core())

    def key(self) -> str:
        """Return one of many lines, each of which must not be shown."""
        lines = "\n".join(self.core() for _ in range(4))
        return f"-----BEGIN OPENSSH PRIVATE KEY-----\n{lines}\n-----END OPENSSH PRIVATE KEY-----\n"

    def kubeconfig(self) -> str:
        return f"apiVersion: v1\nusers:\n- name: ci\n  user: {{token: {self.core()}}}\n"

    def leaked(self, text: str) -> list[str]:
        """Return the lines of TEXT that tell a canary: as it is, in pieces, or in base64."""
        pieces = [piece for core in self._cores for piece in (core[:_PIECE], core[-_PIECE:], *_in_base64(core))]
        return [line for line in text.splitlines() if any(piece in line for piece in pieces)]


def _in_base64(core: str) -> list[str]:
    """Return what of CORE is the same in base64, whatever stands before it."""
    return [base64.b64encode(b"\0" * skip + core.encode())[4:24].decode() for skip in range(3)]


class Echo(Faults):
    """Repeats in its errors all that a request has: body, form, password; at each place of a page, in each quoting."""

    def __init__(self, status: int, form: str, matches: Callable[[Request], bool]) -> None:
        super().__init__()
        self.status, self.form, self.matches = status, form, matches
        self.echoed = 0

    def instead(self, request: Request) -> Response | None:
        if not self.matches(request):
            return None
        self.echoed += 1
        return _FORMS[self.form](self.status, _all_of(request))


def _all_of(request: Request) -> str:
    basic = request.headers.get("authorization", "").rpartition(" ")[2]
    password = base64.b64decode(basic).decode() if basic else ""
    body = request.body.decode("utf-8", "replace")
    values = " ".join(value for _, value in request.form)
    return f"{values} {unquote_plus(body)} {body} {password} {basic}"


def _page(status: int, said: str) -> Response:
    return _html(status, f"<html><head><title>Error {status} {html.escape(said)}</title></head></html>")


def _panel(status: int, said: str) -> Response:
    pad = "no " * 93  # so that what follows is cut in its middle
    return _html(status, f'<html><div id="main-panel"><h1>Oops</h1><p>{pad}{html.escape(said)}</p></div></html>')


def _html(status: int, text: str) -> Response:
    return Response(status, text.encode(), [("Content-Type", "text/html;charset=utf-8")])


def _plain(status: int, said: str) -> Response:
    return Response(status, f"cannot take {said}".encode(), [("Content-Type", "text/plain;charset=utf-8")])


def _header(status: int, said: str) -> Response:
    words = said.encode("ascii", "replace").decode()
    return Response(status, b"", [("X-Error", " ".join(words.split()))])


def _sent_on(_: int, said: str) -> Response:
    return Response(
        302, b"", [("Location", f"http://u:{quote(said)}@elsewhere.example/x?y={quote(said)}#{quote(said)}")]
    )


def _json(status: int, said: str) -> Response:
    body = {"status": "error", "message": said, "data": {"errors": said}, "name": said}
    return Response(200 if status == 500 else status, json.dumps(body).encode(), [("Content-Type", "application/json")])


_FORMS: dict[str, Callable[[int, str], Response]] = {
    "page": _page,
    "panel": _panel,
    "plain": _plain,
    "header": _header,
    "sent-on": _sent_on,
    "json": _json,
}
FORMS = tuple(_FORMS)


def all_text(folder: Path, *, without: Iterable[str] = ()) -> str:
    """Return what is in all files below FOLDER, and their names, but for those below the paths WITHOUT."""
    left_out = [folder / each for each in without]
    paths = [path for path in folder.rglob("*") if path.is_file() and not _is_below(path, left_out)]
    return "\n".join(f"{path}\n{path.read_text(errors='replace')}" for path in paths)


def _is_below(path: Path, places: list[Path]) -> bool:
    return any(path == place or place in path.parents for place in places)


def said_by(outcomes: Iterable[Outcome]) -> str:
    """Return all that runs of cictl printed."""
    return "\n".join(each.stdout + each.stderr for each in outcomes)


MADE: dict[str, int] = {}  # how many canaries each test made, in this process


@pytest.fixture
def vault(request: pytest.FixtureRequest) -> Iterator[Vault]:
    made = Vault(request.node.name)
    yield made
    MADE[request.node.name] = len(made)

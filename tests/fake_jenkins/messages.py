"""What comes in and what goes out: one HTTP request, one answer, and the two ways to refuse."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, unquote_to_bytes


@dataclass(slots=True)
class Request:
    """One HTTP request; `segments` is the decoded path below the prefix, `user` what the credentials gave."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    path: str = ""
    segments: tuple[str, ...] = ()
    query: list[tuple[str, str]] = field(default_factory=list)
    user: str = "anonymous"
    by_token: bool = False
    by_session: bool = False  # the session is signed in as the user that the header names
    session: str | None = None
    is_new_session: bool = False
    number: int = 0
    _form: list[tuple[str, str]] | None = None

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "")

    def text(self) -> str:
        """Return the body as a servlet's reader gives it: by the Content-Type's charset, else Latin-1."""
        return self.body.decode(charset_of(self.content_type) or "iso-8859-1", "replace")

    @property
    def form(self) -> list[tuple[str, str]]:
        if self._form is None:
            is_form = self.content_type.startswith("application/x-www-form-urlencoded")
            self._form = parse_qsl(self.body.decode("ascii", "replace"), keep_blank_values=True) if is_form else []
        return self._form

    def parameter(self, name: str) -> str | None:
        """Return a parameter as the servlet API gives it: the query's first, then the form's."""
        return next((value for key, value in [*self.query, *self.form] if key == name), None)


def charset_of(content_type: str) -> str | None:
    """Return the charset that a Content-Type names, or None."""
    for part in content_type.split(";")[1:]:
        name, _, value = part.strip().partition("=")
        if name.lower() == "charset":
            return value.strip('"') or None
    return None


def split_target(target: str, prefix: str) -> tuple[str, tuple[str, ...], list[tuple[str, str]]] | None:
    """Split a request's target into path, decoded segments and query; None if it is outside the prefix."""
    path, _, query = target.partition("?")
    if path.startswith("http://"):  # the absolute form that a proxy would get
        path = "/" + path.split("/", 3)[3]
    if prefix:
        if path != prefix and not path.startswith(prefix + "/"):
            return None
        path = path[len(prefix) :] or "/"
    segments = tuple(unquote(part) if "%" in part else part for part in path.split("/") if part)
    return path, segments, parse_qsl(query, keep_blank_values=True) if query else []


def decode_segment(segment: str) -> str:
    """Undo the second encoding of a branch job's name in a path."""
    return unquote_to_bytes(segment).decode("utf-8", "replace")


@dataclass(slots=True)
class Response:
    status: int
    body: bytes = b""
    headers: list[tuple[str, str]] = field(default_factory=list)
    has_version: bool = False  # X-Jenkins and X-Jenkins-Session
    starts_session: bool = False  # a cookie is set unless the request brought its session


class RefusedError(Exception):
    """Carry an answer that ends the handling of a request."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


class NotModelledError(Exception):
    """What was asked for is nothing that this stand-in knows: a 501 that fails the test."""


def empty(status: int = 200) -> Response:
    return Response(status)


def redirect(location: str, status: int = 302) -> Response:
    return Response(status, headers=[("Location", location)])


def text(body: str, content_type: str = "text/plain;charset=utf-8", status: int = 200) -> Response:
    return Response(status, body.encode(), [("Content-Type", content_type)])


def xml(body: str) -> Response:
    return Response(200, body.encode("utf-8", "surrogatepass"), [("Content-Type", "application/xml")])


def html(body: str, status: int = 200) -> Response:
    """Return a page of Jenkins' own; rendering it writes a crumb into it, so it starts a session."""
    content = [("Content-Type", "text/html;charset=utf-8")]
    return Response(status, body.encode(), content, has_version=True, starts_session=True)


def plain_json(value: object, status: int = 200) -> Response:
    """Return JSON that is no exported API: without X-Jenkins."""
    return Response(status, dump(value), [("Content-Type", "application/json;charset=utf-8")])


def api_json(value: object) -> Response:
    return Response(200, dump(value), [("Content-Type", "application/json;charset=utf-8")], has_version=True)


def dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

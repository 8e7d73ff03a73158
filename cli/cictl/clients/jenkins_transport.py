"""HTTP to one server as bytes: kept connections, TLS, proxies and deadlines; of Jenkins it knows only the name."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.client import HTTPResponse
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    SSLError,
)
from urllib3.exceptions import TimeoutError as PoolTimeout

from cictl.clients.http_reason import innermost_reason
from cictl.clients.jenkins_route import pool_through, proxy_for, trust
from cictl.errors import AnswerLost, CictlError, TimedOut, Unreachable

if TYPE_CHECKING:
    import socket

_CONNECT_SECONDS = 10.0
_CHUNK = 64 * 1024
_LARGEST_BODY = 512 * 1024 * 1024
_HANDSHAKE_WORDS = ("certificate", "handshake", "wrong_version", "wrong version", "unknown_protocol", "hostname")
_BROKEN = (HTTPError, OSError, ValueError)
_URL_HINT = "check jenkins.url in cictl.yaml or JENKINS_URL, and whether Jenkins runs there"


@dataclass(frozen=True, slots=True)
class Request:
    """What to send: PATH is quoted, begins with "/" and comes after the base URL's own prefix."""

    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)

    @property
    def is_harmless(self) -> bool:
        """Whether it changes nothing, so that it may be sent twice."""
        return self.method in {"GET", "HEAD"}

    def carrying(self, headers: Mapping[str, str]) -> Request:
        """Return it with HEADERS besides its own."""
        return replace(self, headers={**self.headers, **headers})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names are found in any case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """The body as text: Jenkins writes UTF-8, whatever its XML declares."""
        return self.body.decode("utf-8", errors="replace")


class _Limited(io.RawIOBase):
    """Reads what SOCK receives until DEADLINE, of the monotonic clock; None is no deadline."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self._raw, self._sock = raw, sock
        self.deadline: float | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 - whatever has memory
        if self.deadline is not None:
            left = self.deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("timed out")
            self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(HTTPResponse):
    """An answer whose head comes within the socket's timeout as a whole, and not only each piece of it."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - its parent's
        super().__init__(sock, *args, **kwargs)
        self._sock = sock
        self._limited = _Limited(self.fp.detach(), sock)
        self.fp = io.BufferedReader(self._limited)

    def begin(self) -> None:
        whole = self._sock.gettimeout()
        self._limited.deadline = None if whole is None else time.monotonic() + whole
        super().begin()
        self._limited.deadline = None
        self._sock.settimeout(whole)

    def end_by(self, deadline: float | None) -> None:
        """Let the body come until DEADLINE, of the monotonic clock, and not only each piece within a timeout."""
        self._limited.deadline = deadline


class _Http(HTTPConnection):
    response_class = _Response


class _Https(HTTPSConnection):
    response_class = _Response


class Transport:
    """Requests to the one server at URL; safe to use from several threads."""

    def __init__(self, url: str, *, environ: Mapping[str, str] | None = None, pool_size: int = 16) -> None:
        """URL may have a path prefix; ENVIRON says where authorities and proxies are, by default the process's."""
        self.url = url.rstrip("/")
        self._environ = os.environ if environ is None else environ
        parts = urlsplit(self.url)
        options: dict[str, Any] = {"maxsize": pool_size, "block": False, "retries": False}
        if parts.scheme == "https":
            options["ssl_context"] = trust(self._environ)
        proxy = proxy_for(self.url, self._environ)
        if proxy is None:
            self._pool = urllib3.PoolManager(**options).connection_from_url(self.url)
        else:
            self._pool = pool_through(proxy, options).connection_from_url(self.url)
        self._pool.ConnectionCls = _Https if parts.scheme == "https" else _Http
        # A proxy is told whole addresses, but for the tunnel that https goes through.
        self._target = self.url if proxy is not None and parts.scheme == "http" else parts.path

    def send(self, request: Request, *, timeout_seconds: float) -> Answer:
        """Send REQUEST once and return whatever status comes; the answer is read within TIMEOUT_SECONDS."""
        deadline = time.monotonic() + timeout_seconds
        with self._streamed(request, timeout_seconds, deadline) as (status, headers, chunks):
            return Answer(status, headers, _read(chunks, deadline, self._lost(request, "it answered without end")))

    @contextmanager
    def streamed(
        self, request: Request, *, timeout_seconds: float
    ) -> Iterator[tuple[int, Mapping[str, str], Iterator[bytes]]]:
        """Send REQUEST once and yield status, headers and the body's pieces as they arrive."""
        with self._streamed(request, timeout_seconds, None) as streamed:
            yield streamed

    @contextmanager
    def _streamed(
        self, request: Request, timeout_seconds: float, deadline: float | None
    ) -> Iterator[tuple[int, Mapping[str, str], Iterator[bytes]]]:
        """Do so; until DEADLINE, of the monotonic clock, the body must have come."""
        try:
            response = self._pool.urlopen(
                request.method,
                f"{self._target}{request.path}",
                body=request.body,
                headers=request.headers,
                redirect=False,
                assert_same_host=False,  # a proxy is told of another host than its own
                timeout=urllib3.Timeout(connect=min(_CONNECT_SECONDS, timeout_seconds), read=timeout_seconds),
                preload_content=False,
                decode_content=True,
            )
        except _BROKEN as error:
            raise self._problem(request, error) from error
        if isinstance(head := getattr(response, "_original_response", None), _Response):
            head.end_by(deadline)
        try:
            yield response.status, response.headers, self._pieces(request, response)
        finally:
            _give_back(response)

    def close(self) -> None:
        """Let the connections go."""
        self._pool.close()

    def _pieces(self, request: Request, response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
        try:
            while piece := response.read1(_CHUNK):
                yield piece
        except _BROKEN as error:
            raise self._problem(request, error) from error

    def _problem(self, request: Request, error: Exception) -> CictlError:
        where = f"Jenkins at {self.url}"
        if isinstance(error, NameResolutionError):
            return Unreachable(f"{where} cannot be reached: its name is unknown here", hint=_URL_HINT)
        if isinstance(error, SSLError) and _is_handshake(error):
            hint = "name its authority's certificate in REQUESTS_CA_BUNDLE, and check http or https in jenkins.url"
            return Unreachable(f"{where} cannot be reached safely: {innermost_reason(error)}", hint=hint)
        if isinstance(error, ProxyError):
            hint = "check HTTPS_PROXY, HTTP_PROXY and NO_PROXY"
            return Unreachable(f"{where} cannot be reached through the proxy: {innermost_reason(error)}", hint=hint)
        if isinstance(error, NewConnectionError | ConnectTimeoutError):
            return Unreachable(f"{where} cannot be reached: {innermost_reason(error)}", hint=_URL_HINT)
        return self._lost(request, innermost_reason(error), is_late=isinstance(error, PoolTimeout))

    def _lost(self, request: Request, reason: str, *, is_late: bool = False) -> CictlError:
        where = f"Jenkins at {self.url}"
        if not request.is_harmless:
            message = f"{where} got {shown(request)}, and its answer was lost ({reason}): it may have acted"
            return AnswerLost(message, hint="run it again: what was done already is recognised")
        if is_late:
            return TimedOut(f"{where} did not answer {shown(request)} in time", hint=_URL_HINT)
        return Unreachable(f"{where} broke off {shown(request)}: {reason}", hint=_URL_HINT)


def shown(request: Request) -> str:
    """Return REQUEST as messages name it: without what a query may hold."""
    return f"{request.method} {unquote(request.path.partition('?')[0])}"


def _read(chunks: Iterator[bytes], deadline: float, problem: CictlError) -> bytes:
    pieces: list[bytes] = []
    size = 0
    for piece in chunks:
        pieces.append(piece)
        size += len(piece)
        if size > _LARGEST_BODY or time.monotonic() > deadline:
            raise problem
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _give_back(response: urllib3.BaseHTTPResponse) -> None:
    """Keep the connection where the answer was read to its end; else nobody knows what would come next on it."""
    original = getattr(response, "_original_response", None)
    if original is not None and not original.isclosed():
        response.close()
    response.release_conn()


def _is_handshake(error: SSLError) -> bool:
    text = str(error).lower()
    return any(word in text for word in _HANDSHAKE_WORDS)

"""How cictl speaks with one Jenkins: who asks, crumbs, repeats of what only reads, errors; it knows no endpoint.

Every address is built from the configured one. Redirects are never followed: a `Location` is built from Jenkins' own
root URL, which may be wrong. Writes are never repeated, but for those that did not happen: a crumb was refused, or so
many requests at once were.
"""

from __future__ import annotations

import base64
import logging
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlencode

from cictl.clients.jenkins_crumbs import CRUMB_PATH, Crumbs
from cictl.clients.jenkins_documents import decoded
from cictl.clients.jenkins_errors import asked_pause, described, is_elsewhere, is_sign_in, refusal
from cictl.clients.jenkins_patience import Patience
from cictl.clients.jenkins_session import PasswordSession
from cictl.clients.jenkins_transport import Answer, Request, Transport
from cictl.errors import FarSideFailed, TimedOut, Unreachable
from cictl.redaction import redact

Query = Mapping[str, str | int] | Sequence[tuple[str, str]]
XML_TYPE = "text/xml; charset=utf-8"
FORM_TYPE = "application/x-www-form-urlencoded"
_ATTEMPTS = 4
_LEAST_SECONDS = 0.1
_TOO_MANY = 429
_PAUSES = (0.2, 0.5, 1.0)  # before it is sent again, where the server asks for no longer one
_KNOWN_USER = {403, 404}  # who is not known gets a 401 before
_GOOD = range(200, 300)
_MOVED = range(300, 400)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who asks, with which secret; ORIGIN says in messages where the secret came from."""

    user: str
    secret: str = field(repr=False)
    origin: str
    is_password: bool = False

    @property
    def header(self) -> str:
        """What the Authorization header says."""
        pair = f"{self.user}:{self.secret}".encode()
        return f"Basic {redact(base64.b64encode(pair).decode())}"

    def __str__(self) -> str:
        return f"{self.user!r} with {self.origin}"


class JenkinsConnection:
    """Requests to one Jenkins by one user; safe to use from several threads."""

    def __init__(
        self,
        url: str,
        sign_in: SignIn | None = None,
        *,
        timeout_seconds: float = 30.0,
        environ: Mapping[str, str] | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        """URL may have a path prefix; each call with its attempts is given up after TIMEOUT_SECONDS.

        TELL is told where an answer is long in coming.
        """
        self._transport = Transport(url, environ=environ)
        self.url = self._transport.url
        self._timeout_seconds = timeout_seconds
        self._patience = Patience(self.url, tell) if tell is not None else None
        self._date: str | None = None
        self.sign_in_as(sign_in)

    def sign_in_as(self, sign_in: SignIn | None) -> None:
        """Let all requests from now on be SIGN_IN's."""
        self.sign_in = sign_in
        self._headers = {"Accept-Encoding": "gzip", "Accept-Language": "en", "User-Agent": "cictl"}
        if sign_in is not None:
            redact(sign_in.secret)
            self._headers["Authorization"] = sign_in.header
        self._xml_headers = {**self._headers, "Content-Type": XML_TYPE}
        self._form_headers = {**self._headers, "Content-Type": FORM_TYPE}
        self._session: PasswordSession | None = None
        if sign_in is not None and sign_in.is_password:
            self._session = PasswordSession(sign_in.user, sign_in.secret, self._sent_as_nobody)
        self._crumbs = Crumbs(self.url, self._session, lambda: self.get(CRUMB_PATH))

    @property
    def who(self) -> str:
        """Who asks, as messages say it."""
        return str(self.sign_in) if self.sign_in is not None else "whoever is not signed in"

    def get(
        self,
        path: str,
        query: Query | None = None,
        *,
        also: Collection[int] = (),
        timeout_seconds: float | None = None,
        is_patient: bool = True,
    ) -> Answer:
        """Return a good answer, or one with a status in ALSO; PATH is quoted. If IS_PATIENT, asked again on failure."""
        request = Request("GET", _with_query(path, query), self._headers)
        deadline = time.monotonic() + (timeout_seconds or self._timeout_seconds)
        try:
            return self._once(request, deadline, also)
        except (Unreachable, TimedOut):
            if not is_patient or deadline - time.monotonic() <= _LEAST_SECONDS:
                raise
        return self._again(request, deadline, also)

    def get_json(self, path: str, query: Query | None = None, *, timeout_seconds: float | None = None) -> Any:  # noqa: ANN401 - JSON
        """Return what PATH's JSON says; PATH ends in /api/json or another page of JSON."""
        return self.decoded(self.get(path, query, timeout_seconds=timeout_seconds), path)

    def post(
        self,
        path: str,
        query: Query | None = None,
        *,
        form: Query | None = None,
        xml: str | bytes | None = None,
        also: Collection[int] = (),
        timeout_seconds: float | None = None,
    ) -> Answer:
        """Send XML, or FORM (empty by default), once; return a good answer, a redirect or one with a status in ALSO.

        Raise AnswerLost where nobody knows whether Jenkins acted.
        """
        target = _with_query(path, query)
        if xml is not None:
            body = xml if isinstance(xml, bytes) else xml.encode("utf-8", errors="xmlcharrefreplace")
            return self._posted(Request("POST", target, self._xml_headers, body), also, timeout_seconds)
        return self._posted(Request("POST", target, self._form_headers, _form(form)), also, timeout_seconds)

    def delete(self, path: str) -> Answer:
        """Send DELETE once, as `post` does."""
        return self._posted(Request("DELETE", path, self._headers), (), None)

    @contextmanager
    def stream(
        self, path: str, query: Query | None = None, *, timeout_seconds: float | None = None
    ) -> Iterator[tuple[Mapping[str, str], Iterator[bytes]]]:
        """Yield headers and pieces of what may be too long to hold; asked once, each piece within TIMEOUT_SECONDS."""
        request = self._in_session(Request("GET", _with_query(path, query), self._headers))
        seconds = timeout_seconds or self._timeout_seconds
        with self._transport.streamed(request, timeout_seconds=seconds) as (status, headers, pieces):
            if status not in _GOOD:
                answer = Answer(status, headers, b"".join(pieces))
                raise refusal(self.url, request, answer, who=self.who)
            yield headers, pieces

    def decoded(self, answer: Answer, path: str) -> Any:  # noqa: ANN401 - JSON
        """Return the JSON of ANSWER, which PATH gave."""
        return decoded(self.url, answer, path)

    def now(self) -> float:
        """Return Jenkins' time in seconds since the epoch, as its last answer told it."""
        if self._date is None:
            self.get("/login", also=range(200, 600))
        try:
            return parsedate_to_datetime(self._date or "").timestamp()
        except ValueError as error:
            raise FarSideFailed(f"Jenkins at {self.url} tells no time") from error

    def close(self) -> None:
        """Let the connections go."""
        self._transport.close()

    def _again(self, request: Request, deadline: float, also: Collection[int]) -> Answer:
        import stamina  # noqa: PLC0415 - most requests need no second attempt

        for attempt in stamina.retry_context(
            on=(Unreachable, TimedOut),
            attempts=_ATTEMPTS - 1,
            timeout=max(_LEAST_SECONDS, deadline - time.monotonic()),
            wait_initial=0.1,
            wait_max=1.0,
            wait_jitter=0.1,
        ):
            with attempt:
                return self._once(request, deadline, also)
        raise AssertionError  # stamina raises the last error itself

    def _once(self, request: Request, deadline: float, also: Collection[int]) -> Answer:
        answer = self._admitted(request, max(_LEAST_SECONDS, deadline - time.monotonic()))
        if answer.status in _GOOD or answer.status in also:
            return answer
        raise refusal(self.url, request, answer, who=self.who)

    def _posted(self, request: Request, also: Collection[int], timeout_seconds: float | None) -> Answer:
        seconds = timeout_seconds or self._timeout_seconds
        answer = self._crumbs.sent_with(request, lambda carrying: self._admitted(carrying, seconds))
        if answer.status in _GOOD or answer.status in also or self._says_done(request, answer):
            return answer
        raise refusal(self.url, request, answer, who=self.who)

    def _says_done(self, request: Request, answer: Answer) -> bool:
        """Whether a redirect is how Jenkins says "done", instead of sending the request itself elsewhere."""
        if answer.status not in _MOVED or is_elsewhere(answer, self.url, request.path):
            return False
        return not is_sign_in(answer.headers.get("Location") or "")

    def _in_session(self, request: Request) -> Request:
        if self._session is None or "Cookie" in request.headers or not (cookies := self._session.cookies()):
            return request
        return request.carrying({"Cookie": cookies})

    def _sent_as_nobody(self, request: Request) -> Answer:
        """Send what opens a session: with a header of who asks, Jenkins would not keep who signed in by the form."""
        headers = {name: value for name, value in self._headers.items() if name != "Authorization"}
        bare = Request(request.method, request.path, {**headers, **request.headers}, request.body)
        return self._transport.send(bare, timeout_seconds=self._timeout_seconds)

    def _admitted(self, request: Request, timeout_seconds: float) -> Answer:
        """Send REQUEST, and again where something refused so many at once: then nothing was done, be it a write."""
        deadline = time.monotonic() + timeout_seconds
        for pause in _PAUSES:
            answer = self._sent(request, max(_LEAST_SECONDS, deadline - time.monotonic()))
            pause_seconds = max(pause, asked_pause(answer) or 0.0)
            if answer.status != _TOO_MANY or time.monotonic() + pause_seconds + _LEAST_SECONDS >= deadline:
                return answer
            time.sleep(pause_seconds)
        return self._sent(request, max(_LEAST_SECONDS, deadline - time.monotonic()))

    def _sent(self, request: Request, timeout_seconds: float) -> Answer:
        started = time.monotonic()
        ready = self._in_session(request)
        with nullcontext() if self._patience is None else self._patience.waiting(timeout_seconds):
            answer = self._transport.send(ready, timeout_seconds=timeout_seconds)
        if self._session is not None and (answer.status in _GOOD or answer.status in _KNOWN_USER):
            self._session.prove()
        self._date = answer.headers.get("Date") or self._date
        if _log.isEnabledFor(logging.DEBUG):
            _log.debug("%s: %d in %.0f ms", described(request), answer.status, (time.monotonic() - started) * 1000)
        return answer


def _with_query(path: str, query: Query | None) -> str:
    if not query:
        return path
    return f"{path}{'&' if '?' in path else '?'}{urlencode(query, quote_via=quote, safe='')}"


def _form(form: Query | None) -> bytes:
    return urlencode(form or {}, quote_via=quote, safe="").encode()

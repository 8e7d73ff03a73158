"""Crumbs, which show Jenkins that a request is no forged one; who asks by an API token needs none.

A crumb is good in the session that it was made in, and nowhere else.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cictl.clients.jenkins_documents import decoded
from cictl.clients.jenkins_session import PasswordSession, cookie_pairs, joined
from cictl.clients.jenkins_transport import Answer, Request
from cictl.core.jenkins_pages import is_crumb_refusal
from cictl.errors import FarSideFailed, NotFound
from cictl.redaction import redact

CRUMB_PATH = "/crumbIssuer/api/json"
_FORBIDDEN = 403


@dataclass(frozen=True, slots=True)
class _Crumb:
    """What a POST carries; no headers where Jenkins wants no crumb."""

    headers: Mapping[str, str] = field(repr=False)
    session: str = field(default="", repr=False)  # the cookies of the session that the user signed in, if it is of that


class Crumbs:
    """The crumb of the session that is open now; safe to use from several threads."""

    def __init__(self, url: str, session: PasswordSession | None, fetch: Callable[[], Answer]) -> None:
        """SESSION is None for who asks by a token, or as nobody; FETCH asks the Jenkins at URL for CRUMB_PATH."""
        self._url, self._session, self._fetch = url, session, fetch
        self._lock = threading.Lock()
        self._crumb: _Crumb | None = None

    def sent_with(self, request: Request, send: Callable[[Request], Answer]) -> Answer:
        """Return what SEND gets for REQUEST with a crumb; where that is refused, with a new one."""
        crumb = self._crumb if self._session is None else self._now()
        answer = send(_carrying(request, crumb))
        if not _is_refusal(answer, has_crumb=bool(crumb and crumb.headers)):
            return answer
        # The filter for crumbs stands before everything that acts, so nothing was done yet.
        return send(_carrying(request, self._now(refused=crumb)))

    def _now(self, refused: _Crumb | None = None) -> _Crumb:
        """Return a crumb of the session that is open now; the one of a REFUSED crumb is over."""
        with self._lock:
            if refused is not None and self._session is not None:
                self._session.end(refused.session)
            session = self._session.cookies() if self._session is not None else ""
            if self._crumb is None or self._crumb is refused or self._crumb.session != session:
                self._crumb = self._fetched(session)
            return self._crumb

    def _fetched(self, session: str) -> _Crumb:
        try:
            answer = self._fetch()
        except NotFound:
            return _Crumb({}, session)  # protection against forged requests is off
        document = decoded(self._url, answer, CRUMB_PATH)
        try:
            headers = {str(document["crumbRequestField"]): str(document["crumb"])}
        except (KeyError, TypeError) as error:
            raise FarSideFailed(f"Jenkins at {self._url} issues no crumb that can be read") from error
        if cookies := joined(dict(cookie_pairs(answer))) or session:
            headers["Cookie"] = redact(cookies)
        return _Crumb(headers, session)


def _is_refusal(answer: Answer, *, has_crumb: bool) -> bool:
    if answer.status != _FORBIDDEN or "X-Required-Permission" in answer.headers:
        return False
    return is_crumb_refusal(answer.text) or (has_crumb and "X-Jenkins" not in answer.headers)


def _carrying(request: Request, crumb: _Crumb | None) -> Request:
    return request if crumb is None else request.carrying(crumb.headers)

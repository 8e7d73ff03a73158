"""The session of who signs in by a password, opened by Jenkins' own form; it decides nothing about rights.

Jenkins verifies a password anew with each request that brings one, which takes it some 55 ms, or asks another server;
only where the request's session is signed in as the same user does it skip that. The password goes along all the same:
when the session ends, Jenkins falls back on it by itself, and nothing is ever asked as somebody else, or as nobody.
"""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Callable, Mapping
from urllib.parse import quote, urlencode

from cictl.clients.jenkins_errors import is_sign_in
from cictl.clients.jenkins_transport import Answer, Request
from cictl.errors import CictlError
from cictl.redaction import redact

_PAGE, _GATEWAY = "/login", "/j_spring_security_check"
_FORM_TYPE = "application/x-www-form-urlencoded"
_OK, _MOVED = 200, range(300, 400)
_HEAD = {name: re.compile(rf"""\bdata-crumb-{name}=["']([^"']+)["']""") for name in ("header", "value")}
_INPUT = re.compile(r"<input\b[^<>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\b(name|value)=["']([^"']*)["']""", re.IGNORECASE)
_CRUMB_FIELD = re.compile(r"crumb$", re.IGNORECASE)


class PasswordSession:
    """One session, which its first use opens; safe to use from several threads."""

    def __init__(self, user: str, password: str, send: Callable[[Request], Answer]) -> None:
        """SEND sends a request once, and returns whatever status comes."""
        self._user, self._password, self._send = user, password, send
        self._lock = threading.Lock()
        self._is_proven = False
        self._cookies: str | None = None

    def prove(self) -> None:
        """Note that Jenkins took the password: a wrong one is never sent twice, which may lock its user out."""
        self._is_proven = True

    def end(self, cookies: str | None) -> None:
        """Note that the session of COOKIES is over, so that the next request opens another."""
        with self._lock:
            if cookies == self._cookies:
                self._cookies = None

    def cookies(self) -> str:
        """Return the cookies of the session, which is opened if that is due; "" where Jenkins opens none."""
        if self._cookies is None and self._is_proven:
            with self._lock:
                if self._cookies is None:
                    self._cookies = self._opened()
        return self._cookies or ""

    def _opened(self) -> str:
        try:
            page = self._send(Request("GET", _PAGE, {}))
            if page.status != _OK:
                return ""
            return self._signed_in(dict(cookie_pairs(page)), page.text)
        except CictlError:  # what is asked next tells better what is wrong
            return ""

    def _signed_in(self, cookies: dict[str, str], page: str) -> str:
        # From 2.541 and LTS 2.528.3 on, the form wants a crumb, which the page brings; older ones look at none.
        fields = {"j_username": self._user, "j_password": self._password, "from": "", **_crumb_in(page)}
        headers = {"Content-Type": _FORM_TYPE, "Cookie": joined(cookies)}
        body = urlencode(fields, quote_via=quote, safe="").encode()
        answer = self._send(Request("POST", _GATEWAY, headers, body))
        if answer.status not in _MOVED or is_sign_in(answer.headers.get("Location") or ""):
            return ""
        return redact(joined(cookies | dict(cookie_pairs(answer))))


def cookie_pairs(answer: Answer) -> list[tuple[str, str]]:
    """Return names and values of the cookies that ANSWER sets; those that it takes back do not count."""
    getlist = getattr(answer.headers, "getlist", None)
    lines = getlist("Set-Cookie") if getlist is not None else [answer.headers.get("Set-Cookie", "")]
    pairs = (line.partition(";") for line in lines)
    kept = (pair.strip() for pair, _, rest in pairs if "=" in pair and "max-age=0" not in rest.lower())
    return [(name, value) for name, _, value in (pair.partition("=") for pair in kept)]


def joined(cookies: Mapping[str, str]) -> str:
    """Return COOKIES as a request brings them."""
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def _crumb_in(page: str) -> dict[str, str]:
    """Return the crumb that PAGE holds for its form, by the field's name; empty if it holds none."""
    for found in _INPUT.findall(page):
        attributes = {name.lower(): html.unescape(value) for name, value in _ATTRIBUTE.findall(found)}
        if _CRUMB_FIELD.search(attributes.get("name", "")) and attributes.get("value"):
            return {attributes["name"]: attributes["value"]}
    field, crumb = (found.search(page) for found in (_HEAD["header"], _HEAD["value"]))
    return {html.unescape(field[1]): html.unescape(crumb[1])} if field and crumb else {}

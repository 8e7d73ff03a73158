"""What Jenkins' refusals mean: each status, header and page as one error that says what, where and what next."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

from cictl.core.jenkins_pages import is_crumb_refusal, logging_id, page_words, permission_title
from cictl.errors import AnswerLost, CictlError, Conflict, FarSideFailed, NotAllowed, NotFound, StartingUp, Unreachable
from cictl.redaction import redacted

if TYPE_CHECKING:
    from cictl.clients.jenkins_transport import Answer, Request

_REDIRECTS = range(300, 400)
_PERMANENT = {301, 307, 308}
_GATEWAY = {502, 504}
_TOO_MANY = 429
_TOO_LARGE = "a proxy before Jenkins limits requests: raise it there, as nginx's client_max_body_size"


class PermissionMissing(NotAllowed):
    """Jenkins names the permission that is missing."""

    def __init__(self, message: str, *, permission: str, hint: str | None = None) -> None:
        """PERMISSION is Jenkins' id of it, as in hudson.model.Item.Create."""
        super().__init__(message, hint=hint)
        self.permission = permission


class SignInRefused(NotAllowed):
    """Jenkins does not know this user with this password or token."""


class Refused(FarSideFailed):
    """Jenkins says what is wrong with the request; `reason` is its own words."""

    def __init__(self, message: str, *, reason: str, hint: str | None = None) -> None:
        """REASON is what X-Error or the page says."""
        super().__init__(message, hint=hint)
        self.reason = reason


class ServerFailed(FarSideFailed):
    """Jenkins answers with its error page; `logging_id` finds the exception in its log, None if it names none."""

    def __init__(self, message: str, *, logging_id: str | None, hint: str | None = None) -> None:
        """LOGGING_ID is what the page says."""
        super().__init__(message, hint=hint)
        self.logging_id = logging_id


def refusal(url: str, request: Request, answer: Answer, *, who: str) -> CictlError:
    """Return the error that ANSWER to REQUEST is; WHO asked, and with what from where."""
    where, what = f"Jenkins at {url}", described(request)
    status = answer.status
    if status in _REDIRECTS:
        return _redirected(url, what, answer)
    if status == 401:  # noqa: PLR2004 - the number says most
        hint = "check user and token, or make a new one with 'cictl login'"
        return SignInRefused(f"{where} does not know {who} (401)", hint=hint)
    if status == 403:  # noqa: PLR2004 - as above
        return _forbidden(where, what, answer, who)
    if status == 404:  # noqa: PLR2004 - as above
        hint = f"check the name; Jenkins also hides what {who.partition(' with ')[0]} may not see"
        return NotFound(f"{where} has nothing for {what}", hint=hint)
    return _failed(where, what, request, answer)


def described(request: Request) -> str:
    """Return REQUEST as people read it: the item by its full name, and no query."""
    path = unquote(request.path.partition("?")[0])
    item: list[str] = []
    rest = path.strip("/").split("/")
    while len(rest) > 1 and rest[0] == "job":
        item.append(unquote(rest[1]))
        rest = rest[2:]
    if not item:
        return f"{request.method} {path}"
    action = f"{'/'.join(rest)} of " if any(rest) else ""
    return f"{request.method} {action}{'/'.join(item)}"


def _forbidden(where: str, what: str, answer: Answer, who: str) -> CictlError:
    permission = answer.headers.get("X-Required-Permission")
    if permission:
        title = permission_title(permission)
        hint = f"have an administrator grant {title} there; docs/reference/permissions.md names the least rights"
        return PermissionMissing(
            f"{where} refuses {what} to {who}, for it needs {title}", permission=permission, hint=hint
        )
    if is_crumb_refusal(answer.text):
        hint = "sign in with an API token ('cictl login' makes one), which needs no crumb; a proxy may drop cookies"
        return NotAllowed(f"{where} refuses {what}: its crumb is not valid (403)", hint=hint)
    words = _words(answer)
    hint = "sign in with 'cictl login', or have the rights granted"
    return NotAllowed(f"{where} refuses {what} to {who} (403{f': {words}' if words else ''})", hint=hint)


def _failed(where: str, what: str, request: Request, answer: Answer) -> CictlError:
    status, words = answer.status, redacted(answer.headers.get("X-Error") or "") or _words(answer)
    said = f": {words}" if words else ""
    if status == 503:  # noqa: PLR2004 - the number says most
        return StartingUp(f"{where} is starting or restarting (503{said})", hint="wait until it is ready")
    if status in _GATEWAY and not request.is_harmless:
        message = f"{where} got {what}, but a proxy lost the answer ({status}): it may have acted"
        return AnswerLost(message, hint="run it again: what was done already is recognised")
    if status in _GATEWAY or status == _TOO_MANY:
        pause = asked_pause(answer)
        then = "try again later" if pause is None else f"it asks to be left alone for {pause:.0f} s; try again then"
        return Unreachable(f"{where} cannot answer {what} now ({status}{said})", hint=then)
    if status >= 500:  # noqa: PLR2004 - as above
        return _server_failed(where, what, answer, said)
    if status == 409:  # noqa: PLR2004 - as above
        return Conflict(f"{where} refuses {what} as things are (409{said})", hint="look at it in Jenkins")
    hint = _TOO_LARGE if status == 413 else None  # noqa: PLR2004 - as above
    return Refused(f"{where} refuses {what} ({status}{said})", reason=words, hint=hint)


def explained(error: CictlError, *, hint: str) -> CictlError:
    """Return ERROR with HINT, which knows better what to do next."""
    error.hint = hint
    return error


def asked_pause(answer: Answer) -> float | None:
    """Return how many seconds to wait before the next request, as ANSWER asks; None if it does not."""
    asked = str(answer.headers.get("Retry-After") or "").strip()
    if asked.isdecimal():
        return float(asked[:9])
    try:
        until = parsedate_to_datetime(asked)
        now = parsedate_to_datetime(answer.headers.get("Date") or "")
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError):
        return None


def _words(answer: Answer) -> str:
    """Return what the page of ANSWER says, without the secrets that it may repeat: masked before anything is cut."""
    return page_words(redacted(answer.text), masked=redacted)


def _server_failed(where: str, what: str, answer: Answer, said: str) -> ServerFailed:
    found = logging_id(answer.text)
    hint = f"an administrator finds {found} in Jenkins' log" if found else "look into Jenkins' log"
    return ServerFailed(f"{where} failed at {what} ({answer.status}{said})", logging_id=found, hint=hint)


def _redirected(url: str, what: str, answer: Answer) -> CictlError:
    target = answer.headers.get("Location") or "nowhere"
    parts = _split(target)
    shown = parts._replace(query="", fragment="", netloc=parts.netloc.rpartition("@")[2]).geturl()
    if is_sign_in(target):
        return NotAllowed(f"Jenkins at {url} sends {what} to sign in at {shown}", hint="sign in with 'cictl login'")
    hint = f"let jenkins.url be the address that it really has; {shown} is where it sends"
    return FarSideFailed(f"Jenkins at {url} redirects {what} ({answer.status})", hint=hint)


def is_sign_in(location: str) -> bool:
    """Whether LOCATION, of a redirect, is a page to sign in at: then nothing was done."""
    path = _split(location).path
    return path.endswith(("/login", "/loginError")) or "/securityRealm/" in path or "/oauth2/" in path


def is_elsewhere(answer: Answer, url: str, path: str) -> bool:
    """Whether ANSWER redirects the request for PATH below URL itself, instead of saying what was done by it."""
    if answer.status in _PERMANENT:
        return True
    parts, base = _split(answer.headers.get("Location") or ""), urlsplit(url)
    asked = f"{base.path}{path.partition('?')[0]}"
    return bool(parts.scheme) and parts.scheme != base.scheme and parts.path == asked


def _split(location: str) -> SplitResult:
    """Return the parts of LOCATION; none where it is no address."""
    try:
        return urlsplit(location)
    except ValueError:
        return SplitResult("", "", "", "", "")

"""The pages of Jenkins and of the web server under it, as far as a client can tell them apart: title and message."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from tests.fake_jenkins.messages import RefusedError, Response, html

VERSION_HASH = "08bdff28"
_OUTER = "\n  \n  "
_MISSING = "\n    \n    \n  \n  "
_SIMPLE = "\n      \n      \n    \n    \n    "
_BOOT = "\n    \n    \n    "


def _page(title: str, body: str, *, lead: str = _OUTER) -> str:
    static = f"/static/{VERSION_HASH}"
    head = f'<head resURL="{static}" data-rooturl="" data-resurl="{static}" data-crumb-header="Jenkins-Crumb">'
    return (
        f"{lead}<!DOCTYPE html><html>{head}\n    \n    \n\n    <title>{title}</title></head>"
        f'<body id="jenkins"><div id="main-panel">{body}</div></body></html>'
    )


def page(title: str, body: str = "") -> Response:
    """Return a page of Jenkins that a client asked for."""
    return html(_page(title, body))


def not_found() -> RefusedError:
    return RefusedError(html(_page("Not Found - Jenkins", "<h1>Not Found</h1>", lead=_MISSING), 404))


def method_not_allowed() -> RefusedError:
    body = "<h1>Method Not Allowed</h1><p>This URL requires POST</p>"
    return RefusedError(html(_page("Method Not Allowed - Jenkins", body), 405))


def failure(message: str, status: int = 400, *, with_header: bool = True) -> RefusedError:
    """Return the page of a `Failure`; its message stands in X-Error too, with typographic quotes flattened."""
    response = html(_page("Jenkins - Jenkins", f"<h1>Error</h1><p>{escape(message, quote=False)}</p>"), status)
    if with_header:
        response.headers.append(("X-Error", message.replace("\u2018", " ").replace("\u2019", " ")))
    return RefusedError(response)


def oops(status: int = 500) -> RefusedError:
    """Return the page of an exception that nobody caught; what it was stays in Jenkins' log."""
    body = (
        '<h1 style="text-align: center"><span style="color: gray">Oops!</span></h1>'
        "<p>A problem occurred while processing the request.</p><p>Logging ID=00000000-0000-0000-0000-000000000000</p>"
    )
    return RefusedError(html(_page("Jenkins - Jenkins", body), status))


def access_denied(user: str, permission_title: str, headers: list[tuple[str, str]]) -> RefusedError:
    body = f"<h1>Access Denied</h1><p>{escape(user)} is missing the {permission_title} permission</p>"
    response = html(_page("Jenkins", body), 403)
    response.headers[:0] = headers
    return RefusedError(response)


def login_required(target: str) -> RefusedError:
    """Return what anonymous gets where reading needs a login: a page that sends a browser to the login."""
    url = f"/login?from={quote(target, safe='')}"
    return RefusedError(html(_redirecting(url, "Authentication required\n<!--\n-->\n"), 403))


def redirecting_missing() -> RefusedError:
    """Return the 404 of code that throws its own: without X-Jenkins' page around it."""
    body = _redirecting("..", "Not found\n<!--\n-->\n").encode()
    return RefusedError(Response(404, body, [("Content-Type", "text/html;charset=utf-8")]))


def _redirecting(url: str, message: str) -> str:
    padding = " " * 200
    return (
        f"<html><head><meta http-equiv='refresh' content='1;url={url}'/><script id='redirect' "
        f"data-redirect-url='{url}' src='/static/{VERSION_HASH}/scripts/redirect.js'></script></head>"
        f"<body style='background-color:white; color:white;'>\n{message}\n</body></html>{padding}"
    )


def servlet_error(status: int, message: str, uri: str, *, servlet: str = "Stapler") -> Response:
    """Return the web server's own error page, which says nothing of Jenkins."""
    body = (
        '<html>\n<head>\n<meta http-equiv="Content-Type" content="text/html;charset=ISO-8859-1"/>\n'
        f"<title>Error {status} {escape(message, quote=False)}</title>\n</head>\n"
        f"<body><h2>HTTP ERROR {status} {escape(message, quote=False)}</h2>\n<table>\n"
        f"<tr><th>URI:</th><td>{escape(uri)}</td></tr>\n<tr><th>STATUS:</th><td>{status}</td></tr>\n"
        f"<tr><th>MESSAGE:</th><td>{escape(message, quote=False)}</td></tr>\n"
        f"<tr><th>SERVLET:</th><td>{servlet}</td></tr>\n</table>\n"
        '<hr/><a href="https://jetty.org/">Powered by Jetty:// 12.0.22</a><hr/>\n\n</body>\n</html>\n'
    )
    return Response(status, body.encode(), [("Content-Type", "text/html;charset=iso-8859-1")])


def login(form: str = "") -> Response:
    return html(
        _page("Sign in - Jenkins", form or "<form name=login action=j_spring_security_check></form>", lead=_SIMPLE)
    )


def booting(*, restarting: bool) -> Response:
    """Return what every URL answers while Jenkins starts or stops: 503 without X-Jenkins."""
    title = "Restarting Jenkins" if restarting else "Starting Jenkins"
    says = "Jenkins is restarting" if restarting else "Jenkins is getting ready to work"
    body = f'<h1 class="loading"><p class="jenkins-spinner">{says}</h1>'
    content = [("Content-Type", "text/html;charset=utf-8")]
    return Response(503, _page(title, body, lead=_BOOT).encode(), content)

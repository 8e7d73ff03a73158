"""What Jenkins' error pages, headers and names of permissions say; it reads them, and asks nobody."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

_SCRIPT = re.compile(r"<(script|style|head|svg|template)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_TITLE = re.compile(r"<title>\s*Error \d+ (.*?)</title>", re.DOTALL | re.IGNORECASE)
_DESCRIPTION = re.compile(r"""<p[^>]*>(.*?)</p>""", re.DOTALL | re.IGNORECASE)
_MAIN_PANEL = re.compile(r"""<div id=["']main-panel["'].*""", re.DOTALL | re.IGNORECASE)
_LOGGING_ID = re.compile(r"Logging ID=\s*([0-9A-Za-z-]{8,64})")
_CRUMB = re.compile(r"\bcrumb was included\b", re.IGNORECASE)
_LONGEST = 300
_SUBJECTS = {
    "hudson.model.Hudson": "Overall",
    "jenkins.model.Jenkins": "Overall",
    "hudson.model.Item": "Job",
    "hudson.model.View": "View",
    "hudson.model.Run": "Run",
    "hudson.model.Computer": "Agent",
    "hudson.scm.SCM": "SCM",
    "com.cloudbees.plugins.credentials.CredentialsProvider": "Credentials",
}


def page_words(page: str, *, masked: Callable[[str], str] = str) -> str:
    """Return what the error PAGE (HTML) says to people, in one line of at most 300 characters; "" if nothing.

    MASKED takes secrets out before anything is cut: half a secret is not recognised any more.
    """
    return _shortened(masked(_all_words(page)))


def _all_words(page: str) -> str:
    if title := _TITLE.search(page):
        return _plain(title[1])
    panel = _MAIN_PANEL.search(page)
    if panel is None:
        return "" if "<html" in page.lower() else _plain(page)
    paragraphs = (_plain(found[1]) for found in _DESCRIPTION.finditer(_SCRIPT.sub(" ", panel[0])))
    return next((words for words in paragraphs if words), "")


def logging_id(page: str) -> str | None:
    """Return the id under which an administrator finds the exception in Jenkins' log, None if PAGE names none."""
    found = _LOGGING_ID.search(page)
    return found[1] if found else None


def is_crumb_refusal(page: str) -> bool:
    """Whether PAGE, the body of a 403, refuses for want of a valid crumb: nothing was done then."""
    return _CRUMB.search(page) is not None


def permission_title(permission: str) -> str:
    """Return PERMISSION ("hudson.model.Item.Create") as Jenkins' pages call it ("Job/Create")."""
    subject, _, verb = permission.rpartition(".")
    return f"{_SUBJECTS[subject]}/{verb}" if subject in _SUBJECTS else permission


def _plain(text: str) -> str:
    return " ".join(html.unescape(_TAG.sub(" ", _COMMENT.sub(" ", text))).split())


def _shortened(words: str) -> str:
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"

"""Secrets in a config.xml made unreadable, so that documents can be kept, compared and shown without them.

A veiled secret is still told from another: it is replaced by a number made of it. What is sent is never veiled.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import sha256

from cictl.core.job_labels import is_secret
from cictl.core.text_secrets import HIDDEN, HIDDEN_OTHER, is_veil, without_secrets

# Plain searches: a regular expression that ignores case takes longer than all else that is done with most jobs.
_HINTS = (
    "{aqa", "pass", "secret", "token", "private", "key", "credential", "pwd", "authorization", "curl", "<hidden>true",
    "mysql", "mariadb", " login", "sig=", "gh", "glpat-", "xox",
)  # fmt: skip
_URL_WITH_USER = re.compile(r"://[^/\s@<>]*@")
_LEAF = re.compile(r"<([\w.-]+)((?:\s[^<>]*)?)>([^<>]+)</\1>")
_ATTRIBUTE = re.compile(r"(?<=\s)([\w.-]+)=([\"'])([^<>\"']+)\2(?=[^<>]*>)")
_ENCRYPTED = re.compile(r"\{AQA[A-Za-z0-9+/]{20,}={0,2}\}")
_LEAVES = r"(?:\s*<[\w.-]+(?:/>|>[^<>]*</[\w.-]+>))*?"
# A parameter, variable or header whose name says what it holds.
_NAMED = re.compile(rf"(<(?:name|key)>([^<>]*)</(?:name|key)>{_LEAVES}\s*<(defaultValue|value)>)([^<>]+)(?=</\3>)")
# A password parameter, or variable, whatever it is called; what is told to be hidden.
_PASSWORD = re.compile(
    rf"(<[\w.]*Password(?:ParameterDefinition|Entry)[^<>]*>{_LEAVES}\s*<(?:defaultValue|value)>)"
    r"([^<>]+)(?=</(?:defaultValue|value)>)"
)
_TOLD_TO_HIDE = re.compile(r"(<value>)([^<>]+)(?=</value>\s*<hidden>true</hidden>)")
_SWITCHES = frozenset({"true", "false"})
_DIGITS = 40


def veiled(xml: str) -> str:
    """Return XML with each secret replaced by a number, the same for the same; what is veiled stays as it is."""
    return _replaced(xml, _number_of)


def masked(xml: str) -> str:
    """Return XML as people may see it."""
    return _replaced(xml, lambda _: HIDDEN)


def masked_beside(xml: str, other: str) -> str:
    """Return XML as people may see it beside OTHER: what is not hidden there already is told to be another secret."""
    there: set[str] = set()

    def found(secret: str) -> str:
        there.add(secret)
        return HIDDEN

    _replaced(other, found)
    # Jenkins encrypts what Git says plainly, and nobody can tell whether it is the same.
    is_comparable = there and not any(map(_ENCRYPTED.fullmatch, there))
    return _replaced(xml, lambda secret: HIDDEN_OTHER if is_comparable and secret not in there else HIDDEN)


def _replaced(xml: str, stand_in: Callable[[str], str]) -> str:
    lowered = xml.lower()
    if not any(hint in lowered for hint in _HINTS) and ("@" not in xml or _URL_WITH_USER.search(xml) is None):
        return xml

    def leaf(found: re.Match[str]) -> str:
        tag, attributes, text = found.groups()
        is_plain = not is_secret(tag, ()) or is_veil(text) or text in _SWITCHES
        return found[0] if is_plain else f"<{tag}{attributes}>{stand_in(text)}</{tag}>"

    def attribute(found: re.Match[str]) -> str:
        name, quote, text = found.groups()
        is_plain = not is_secret(name, ()) or is_veil(text) or text in _SWITCHES
        return found[0] if is_plain else f"{name}={quote}{stand_in(text)}{quote}"

    def named(found: re.Match[str]) -> str:
        is_plain = not is_secret(found[3], (found[2],)) or is_veil(found[4])
        return found[0] if is_plain else found[1] + stand_in(found[4])

    def last(found: re.Match[str]) -> str:
        return found[0] if is_veil(found[2]) else found[1] + stand_in(found[2])

    text = _ENCRYPTED.sub(lambda found: stand_in(found[0]), xml)
    text = _TOLD_TO_HIDE.sub(last, _PASSWORD.sub(last, _NAMED.sub(named, _LEAF.sub(leaf, text))))
    text = _ATTRIBUTE.sub(attribute, text) if "password=" in lowered or "secret=" in lowered else text
    return without_secrets(text, stand_in)


def _number_of(secret: str) -> str:
    """Return what stands for SECRET: an encrypted one looks encrypted, so that it is compared as such."""
    number = sha256(secret.encode(errors="surrogatepass")).hexdigest()[:_DIGITS]
    return f"{{{number}}}" if _ENCRYPTED.fullmatch(secret) else f"hidden-{number}"

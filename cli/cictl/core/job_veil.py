"""Secrets in a config.xml made unreadable, so that documents can be kept, compared and shown without them.

A veiled secret is still told from another: it is replaced by a number made of it. What is sent is never veiled.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import sha256

from cictl.core.job_labels import HIDDEN, is_secret

# Plain searches: a regular expression that ignores case takes longer than all else that is done with most jobs.
_HINTS = ("{aqa", "passw", "passphrase", "secret", "token", "private", "apikey", "api_key", "accesskey", "credential")
_URL_WITH_USER = re.compile(r"://[^/\s@<>]*@")
_LEAF = re.compile(r"<([\w.-]+)((?:\s[^<>]*)?)>([^<>]+)</\1>")
_ENCRYPTED = re.compile(r"\{AQA[A-Za-z0-9+/]{20,}={0,2}\}")
_LEAVES = r"(?:\s*<[\w.-]+(?:/>|>[^<>]*</[\w.-]+>))*?"
# A parameter or variable whose name says what it holds; a password parameter, whatever it is called.
_NAMED = re.compile(rf"(<name>([^<>]*)</name>{_LEAVES}\s*<(defaultValue|value)>)([^<>]+)(?=</\3>)")
_PASSWORD = re.compile(
    rf"(<[\w.]*PasswordParameterDefinition[^<>]*>{_LEAVES}\s*<defaultValue>)([^<>]+)(?=</defaultValue>)"
)
_IN_URL = re.compile(r"(://[^/\s:@<>]*:)([^/\s@<>]+)(?=@)")
_DIGITS = 40
_VEIL = re.compile(rf"\{{[0-9a-f]{{{_DIGITS}}}\}}|hidden-[0-9a-f]{{{_DIGITS}}}")


def veiled(xml: str) -> str:
    """Return XML with each secret replaced by a number, the same for the same; what is veiled stays as it is."""
    return _replaced(xml, _number_of)


def masked(xml: str) -> str:
    """Return XML as people may see it."""
    return _replaced(xml, lambda _: HIDDEN)


def _replaced(xml: str, stand_in: Callable[[str], str]) -> str:
    lowered = xml.lower()
    if not any(hint in lowered for hint in _HINTS) and ("@" not in xml or _URL_WITH_USER.search(xml) is None):
        return xml

    def leaf(found: re.Match[str]) -> str:
        tag, attributes, text = found.groups()
        return f"<{tag}{attributes}>{stand_in(text)}</{tag}>" if is_secret(tag, ()) and not _is_veil(text) else found[0]

    def named(found: re.Match[str]) -> str:
        is_plain = not is_secret(found[3], (found[2],)) or _is_veil(found[4])
        return found[0] if is_plain else found[1] + stand_in(found[4])

    def last(found: re.Match[str]) -> str:
        return found[0] if _is_veil(found[2]) else found[1] + stand_in(found[2])

    text = _ENCRYPTED.sub(lambda found: stand_in(found[0]), xml)
    text = _PASSWORD.sub(last, _NAMED.sub(named, _LEAF.sub(leaf, text)))
    return _IN_URL.sub(last, text)


def _is_veil(text: str) -> bool:
    return text == HIDDEN or _VEIL.fullmatch(text) is not None


def _number_of(secret: str) -> str:
    """Return what stands for SECRET: an encrypted one looks encrypted, so that it is compared as such."""
    number = sha256(secret.encode(errors="surrogatepass")).hexdigest()[:_DIGITS]
    return f"{{{number}}}" if _ENCRYPTED.fullmatch(secret) else f"hidden-{number}"

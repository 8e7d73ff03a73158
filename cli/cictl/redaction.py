"""What must never leave the process: registered secrets, and what has the shape of one."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from enum import Enum

MASK = "[redacted]"
_SHORTEST_SECRET = 4  # shorter values would mask half of every sentence
_LONG_WORD = 20  # as in a line of a key; what is shorter in a file of many lines is no secret by itself
# What everybody tries first. To mask these words in every sentence would hide nothing, and would tell which one it is.
# With digits they stand in no sentence: "jenkins2026" is a weak password, and a password all the same.
_COMMON_WORD = re.compile(
    "admin|administrator|changeit|changeme|cictl|default|demo|docker|example|git|guest|initial|jenkins|letmein|local|"
    "login|me|my|none|null|pass|passwd|password|pw|pwd|qwerty|registry|robot|root|secret|service|system|temp|test|"
    "tester|testing|tests|token|user|username|welcome|your"
)
_COMMON_NUMBERS = frozenset({"0000", "1111", "1234", "12345", "123456", "1234567", "12345678", "123456789"})

_secrets: set[str] = set()
_PATTERNS = (
    r"(?i)(\b(?:proxy-)?authorization['\"]?\s*[:=]\s*['\"]?(?:(?:basic|bearer|token)\s+)?)[^\s'\",}]+",
    r"(?i)(\b(?:basic|bearer)\s+)[A-Za-z0-9._~+/=-]{8,}",
    r"(://[^\s/:@]*:)[^\s/@]+(?=@)",  # without the scheme, which would be tried from each letter of a long word
    r"(?i)(['\"]?\b(?:password|passwd|(?:api|access)[_-]?token|secret[_-]?key)['\"]?\s*[:=]\s*['\"]?)[^\s'\",}&]+",
)


def redact(value: str) -> str:
    """Register VALUE as a secret, so that it is masked wherever text leaves the process; return it unchanged.

    It is masked as it is and as servers repeat it in their errors: quoted for JSON, XML, HTML and URLs, in base64,
    on one line, and by the long words of what has many lines, as a key has.

    What is made of common words alone ("admin", "initial-password") is masked only where it stands as a secret, as
    after "password=", and where it is encoded.
    """
    kept = {value, value.strip()} if _is_anybodys_guess(value.strip()) else set()
    _secrets.update(form for form in _forms(value) - kept if len(form) >= _SHORTEST_SECRET)
    return value


def _is_anybodys_guess(text: str) -> bool:
    """Whether TEXT is nothing but common words, or digits in their order."""
    if text in _COMMON_NUMBERS:
        return True
    words = re.findall(r"[^\W\d_]+", text.lower())
    is_plain = re.fullmatch(r"(?:[.-]|[^\W\d])+", text) is not None
    return bool(words) and is_plain and all(map(_COMMON_WORD.fullmatch, words))


def _forms(value: str) -> set[str]:
    from base64 import b64encode  # noqa: PLC0415 - these cost, and --help knows no secret
    from html import escape  # noqa: PLC0415
    from json import dumps  # noqa: PLC0415
    from urllib.parse import quote, quote_plus  # noqa: PLC0415

    text = value.strip()
    if len(text) < _SHORTEST_SECRET:
        return {value}
    lines = {value, text, " ".join(text.split()), *_long_words(text)}
    quoted = {each for line in lines for each in (escape(line), escape(line, quote=False), repr(line)[1:-1])}
    as_json = {dumps(line, ensure_ascii=is_ascii)[1:-1] for line in lines for is_ascii in (True, False)}
    in_urls = {each for line in (value, text) for each in (_in_url(quote, line), _in_url(quote_plus, line))}
    encoded = {b64encode(line.encode(errors="surrogatepass")).decode() for line in (value, text)}
    in_headers = set() if text.isascii() else {each for line in lines for each in _in_header(line)}
    return lines | quoted | as_json | in_urls | encoded | in_headers


def _in_header(text: str) -> list[str]:
    """Return what a header, which knows few letters, makes of TEXT."""
    mangled = text.encode(errors="surrogatepass").decode("latin-1")
    return [mangled, *(text.encode(few, errors="replace").decode(few) for few in ("latin-1", "ascii"))]


def _in_url(quote: Callable[..., str], text: str) -> str:
    return quote(text, safe="", errors="surrogatepass")


def _long_words(text: str) -> list[str]:
    if "\n" not in text:
        return []
    return [word for word in text.split() if len(word) >= _LONG_WORD and "://" not in word and word[-1] != ":"]


def redacted(text: str) -> str:
    """Return TEXT without registered secrets and without what has the shape of one."""
    for secret in sorted(filter(text.__contains__, _secrets), key=len, reverse=True):
        text = text.replace(secret, MASK)
    for pattern in _PATTERNS:
        text = re.sub(pattern, rf"\1{MASK}", text)
    return text


def redacted_data(value: object) -> object:
    """Return VALUE as what JSON can say, its texts redacted: a secret with quotes would look different in JSON."""
    if isinstance(value, Mapping):
        return {str(key): redacted_data(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted_data(inner) for inner in value]
    if isinstance(value, Enum):
        return redacted_data(value.value)
    if isinstance(value, float) and not math.isfinite(value):
        return None  # JSON has no NaN
    return value if value is None or isinstance(value, bool | int | float) else redacted(str(value))

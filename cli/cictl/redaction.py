"""What must never leave the process: registered secrets, and what has the shape of one."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from enum import Enum

MASK = "[redacted]"
_SHORTEST_SECRET = 4  # shorter values would mask half of every sentence

_secrets: set[str] = set()
_PATTERNS = (
    r"(?i)(\b(?:proxy-)?authorization['\"]?\s*[:=]\s*['\"]?(?:(?:basic|bearer|token)\s+)?)[^\s'\",}]+",
    r"(?i)(\b(?:basic|bearer)\s+)[A-Za-z0-9._~+/=-]{8,}",
    r"(://[^\s/:@]*:)[^\s/@]+(?=@)",  # without the scheme, which would be tried from each letter of a long word
    r"(?i)(['\"]?\b(?:password|passwd|(?:api|access)[_-]?token|secret[_-]?key)['\"]?\s*[:=]\s*['\"]?)[^\s'\",}&]+",
)


def redact(value: str) -> str:
    """Register VALUE as a secret, so that it is masked wherever text leaves the process; return it unchanged."""
    for part in {value, value.strip()}:
        if len(part) >= _SHORTEST_SECRET:
            _secrets.add(part)
    return value


def redacted(text: str) -> str:
    """Return TEXT without registered secrets and without what has the shape of one."""
    for secret in sorted(_secrets, key=len, reverse=True):
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

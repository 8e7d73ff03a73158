"""Secrets within texts that people write: URLs, commands, headers, settings. What only might be one stays readable."""

from __future__ import annotations

import re
from collections.abc import Callable

HIDDEN = "(hidden)"
HIDDEN_OTHER = "(hidden, another)"
_DIGITS = 40
VEIL = re.compile(rf"\{{[0-9a-f]{{{_DIGITS}}}\}}|hidden-[0-9a-f]{{{_DIGITS}}}")
# As texts are and as they stand in XML.
_QUOTE = r"(?:[\"']|&quot;|&apos;|\\\")"
_NAMES = (
    r"(?:password|passwd|passphrase|pwd|token|secret|api[_-]?key|access[_-]?key|secret[_-]?key|private[_-]?key"
    r"|storepass|keypass)"
)
# A reference to a variable tells no secret: $NAME, ${NAME}, $(command), %NAME%, {{ name }}, <name>, ***.
_NO_REFERENCE = r"(?!\$[\w({]|%\w+%|\{\{|<|&lt;|\*\*|\(hidden|\\?\$)"
_IS_REFERENCE = re.compile(rf"(?!{_NO_REFERENCE})").match
_WORD = rf"{_NO_REFERENCE}((?:&(?:amp|lt|gt);|[^\s\"'<>&|;`\\])+)"
_QUOTED = rf"{_NO_REFERENCE}((?:&(?:amp|lt|gt);|[^\n\"'<>&`\\])+)"
_VALUE = rf"(?:{_QUOTE}{_QUOTED}|{_WORD})"
_LINE = r"(?:[^\n|;]|\\\n)*?"  # what goes on behind a backslash is still the same command
# In prose, the word after an option's name is the sentence's.
_NO_PROSE = (
    r"(?!(?:a|an|and|are|as|at|can|for|from|has|if|in|is|it|of|on|or|the|to|was|will|with)\b|(?:id|src|type|env)=)"
)
_SET = "password= passwd= passphrase= pwd= token= secret= key= pass="
# Each with the words without one of which it is not even tried: a search for words is quick.
_PATTERNS = tuple(
    (tuple(hints.split()), re.compile(pattern))
    for hints, pattern in (
        ("@", r"(://[^/\s:@<>]*:)([^/\s@<>]+)(?=@)"),
        (
            "token= key= passw pwd= secret= sig=",
            rf"((?i:[?&;](?:amp;)?(?:[\w.-]*{_NAMES}|sig|signature)=))({_NO_REFERENCE}[^\s&\"'<>#;)]+)",
        ),
        ("curl", rf"((?i:\bcurl\b){_LINE}\s(?:-u|--user|-U|--proxy-user)(?:\s+|=)?{_QUOTE}[^\s:\"'&]+:){_QUOTED}"),
        ("curl", rf"((?i:\bcurl\b){_LINE}\s(?:-u|--user|-U|--proxy-user)(?:\s+|=)?[^\s:\"'&]+:){_WORD}"),
        (
            "authorization",
            rf"((?i:\bauthorization{_QUOTE}?\s*[:=]\s*{_QUOTE}?(?:basic|bearer|token|apikey|digest)\s+)){_WORD}",
        ),
        (
            "-h --header",
            (
                rf"((?:-H|--header)[ =]*{_QUOTE}?(?i:[\w-]*(?:token|key|secret|password|authorization)[\w-]*:)\s*)"
                rf"(?!(?i:basic|bearer|token|apikey|digest)\s){_WORD}"
            ),
        ),
        (
            "-passw -pwd token secret key -passphrase storepass keypass",
            rf"((?i:(?<![\w-])--?(?:[a-z]+-)*{_NAMES})(?:=|\s+(?!-){_NO_PROSE})){_VALUE}",
        ),
        ("-d", rf"(\B-D[\w.-]*(?i:{_NAMES})=){_VALUE}"),
        (_SET, rf"((?:(?<=[\s\"';>])|^)(?:[A-Z][A-Z0-9]*_)*(?:{_NAMES.upper().replace('[_-]', '_')})=){_VALUE}"),
        (_SET, rf"((?m:^|(?<=>))[\w.-]*{_NAMES}=){_VALUE}"),
        ("mysql mariadb", rf"(\b(?:mysql|mariadb)[\w-]*\b{_LINE}\s-p){_VALUE}"),
        ("sshpass login", rf"(\b(?:sshpass|(?:docker|podman|registry|buildah)\s+login)\b{_LINE}\s-p[ =]*){_VALUE}"),
        ("private key", r"(-----BEGIN [A-Z ]*PRIVATE KEY-----)([^<-]+)"),
        ("gh", r"(\b)(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})"),
        ("glpat- xox", r"(\b)(glpat-[\w-]{16,}|xox[abeprs]-[\w-]{10,})"),
    )
)


def without_secrets(text: str, stand_in: Callable[[str], str]) -> str:
    """Return TEXT, plain or of XML, with STAND_IN(secret) for each secret; what stands for one already stays."""
    lowered = text.lower()
    for hints, pattern in _PATTERNS:
        if any(hint in lowered for hint in hints):
            text = pattern.sub(lambda found: _replaced(found, stand_in), text)
    return text


def has_secret(text: str) -> bool:
    """Whether a secret that is sure stands in TEXT."""
    found: list[str] = []

    def keep(secret: str) -> str:
        found.append(secret)
        return secret

    without_secrets(text, keep)
    return bool(found)


def is_reference(text: str) -> bool:
    """Whether TEXT only says where a secret comes from: it begins with a variable, or stands for what is hidden."""
    return _IS_REFERENCE(text) is not None


def is_veil(text: str) -> bool:
    """Whether TEXT stands for a secret."""
    return text in {HIDDEN, HIDDEN_OTHER} or VEIL.fullmatch(text) is not None


def _replaced(found: re.Match[str], stand_in: Callable[[str], str]) -> str:
    group = next(number for number, text in enumerate(found.groups(), 1) if number > 1 and text is not None)
    secret, whole = found[group], found[0]
    if HIDDEN in secret or HIDDEN_OTHER in secret or VEIL.search(secret):
        return whole
    start, end = found.start(group) - found.start(), found.end(group) - found.start()
    return whole[:start] + stand_in(secret) + whole[end:]

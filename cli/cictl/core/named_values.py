"""Takes apart what options say as NAME=VALUE."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cictl.errors import UsageProblem

if TYPE_CHECKING:
    from collections.abc import Iterable


def named_values(words: Iterable[str], *, flag: str, form: str = "NAME=VALUE") -> dict[str, str]:
    """Return the names and values of WORDS, which FLAG gave; UsageProblem for any other, and for a name given twice.

    FORM is what is shown then. The word is not: it may be a value, and that a secret.
    """
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise UsageProblem(f"{flag} takes {form}: the name or the '=' is missing", hint=f"write {flag} {form}")
        if name in found:
            raise UsageProblem(f"{flag} names {name!r} twice", hint="name each once")
        found[name] = value
    return found

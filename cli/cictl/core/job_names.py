"""Names of items in Jenkins: what it refuses, what collides, and how a name stands in a URL."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

# Jenkins makes a directory of each name; most file systems take 255 bytes.
MAX_NAME_BYTES = 255
_UNSAFE = frozenset("?*/\\%!@#$^&|<>[]:;")
_UNRESERVED = "-_.~"
_JOB = "job"


def refusal_of(name: str) -> str | None:
    """Return why Jenkins refuses to create an item called NAME (one name, no path), None if it takes it."""
    if not name.strip():
        return "it is empty"
    if name.strip() in {".", ".."}:
        return f"'{name.strip()}' is not an allowed name"
    if name != name.strip():
        return "it begins or ends with a blank, which Jenkins takes away"
    return _refused_character(name) or _refused_length(name)


def refusal_of_path(full_name: str) -> str | None:
    """Return why Jenkins refuses FULL_NAME (`shop/ci/checkout`), with the part it refuses; None if it takes it."""
    for part in full_name.split("/"):
        if reason := refusal_of(part):
            return f"{part!r}: {reason}"
    return None


def item_path(full_name: str) -> str:
    """Return the path of the item FULL_NAME below Jenkins' root: `job/shop/job/ci`; '' for the root itself.

    Each part is a name as Jenkins has it, so the branch `a/b` is the part `a%2Fb` and stands as `a%252Fb` in the path.
    """
    return "/".join(f"{_JOB}/{quote(part, safe=_UNRESERVED)}" for part in full_name.split("/")) if full_name else ""


def view_path(full_name: str) -> str:
    """Return the path of the view FULL_NAME (`shop/deploys` is the view `deploys` of the folder `shop`)."""
    folder, _, name = full_name.rpartition("/")
    own = f"view/{quote(name, safe=_UNRESERVED)}"
    return f"{item_path(folder)}/{own}" if folder else own


def full_name_of(location: str) -> str | None:
    """Return the item that LOCATION, a URL or path from Jenkins, names; None if it names none.

    Only the tail counts: Jenkins builds URLs from its configured root, which may be another host or prefix. The item
    begins at the first `job` segment, goes on while `job` and names alternate, and ends before `42/` or `config.xml`.
    """
    segments = [each for each in urlsplit(location).path.split("/") if each]
    for start in range(len(segments)):
        if segments[start] == _JOB and (names := _alternating(segments[start:])):
            return "/".join(unquote(each) for each in names)
    return None


def branch_item(branch: str) -> str:
    """Return the name of the item that a multibranch project makes of BRANCH: `a%2Fb` for `a/b`."""
    return "".join(_encoded(character) for character in branch)


def branch_of(item: str) -> str:
    """Return the branch that ITEM of a multibranch project was made of."""
    return unquote(item)


def collisions(full_names: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Return the groups of FULL_NAMES that are one item to Jenkins: it tells no capitals from small letters."""
    groups: defaultdict[str, set[str]] = defaultdict(set)
    for full_name in full_names:
        groups[folded(full_name)].add(full_name)
    return tuple(tuple(sorted(group)) for _, group in sorted(groups.items()) if len(group) > 1)


def folded(full_name: str) -> str:
    """Return FULL_NAME as Jenkins compares it."""
    return full_name.lower()


def parent_of(full_name: str) -> str:
    """Return the folder that FULL_NAME is in, '' for the root."""
    return full_name.rpartition("/")[0]


def ancestors_of(full_name: str) -> tuple[str, ...]:
    """Return the folders above FULL_NAME, the outermost first."""
    parts = full_name.split("/")[:-1]
    return tuple("/".join(parts[: depth + 1]) for depth in range(len(parts)))


def level_of(full_name: str) -> int:
    """Return how deep FULL_NAME lies: 0 in the root."""
    return full_name.count("/")


def _refused_character(name: str) -> str | None:
    for character in name:
        if unicodedata.category(character) == "Cc":
            return "it holds a control character"
        if character in _UNSAFE:
            return f"'{character}' is an unsafe character"
    return "a name cannot end with '.'" if name.endswith(".") else None


def _refused_length(name: str) -> str | None:
    size = len(name.encode(errors="surrogatepass"))
    return (
        f"it is {size} bytes long, and a directory's name has at most {MAX_NAME_BYTES}"
        if size > MAX_NAME_BYTES
        else None
    )


def _alternating(segments: list[str]) -> list[str]:
    """Return the names of `job/a/job/b/…`, as far as it goes."""
    names: list[str] = []
    while len(segments) >= 2 * len(names) + 2 and segments[2 * len(names)] == _JOB:
        names.append(segments[2 * len(names) + 1])
    return names


# What the branch API spells in percent, as in a URL: everything that a name may not hold.
_ENCODED = re.compile(r"[?*/\\%!@#$^&|<>\[\]:;]")


def _encoded(character: str) -> str:
    return quote(character, safe="") if _ENCODED.match(character) else character

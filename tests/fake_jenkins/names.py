"""Which names of items Jenkins refuses, in its words."""

from __future__ import annotations

from urllib.parse import quote

from tests.fake_jenkins import pages

_UNSAFE = "?*/\\%!@#$^&|<>[]:;"
_LONGEST_BYTES = 255  # of a file's name, which a job's folder has


def check_good_name(name: str | None) -> str:
    """Return the name, trimmed, or raise the refusal that Jenkins answers."""
    if (problem := problem_with(name)) is not None:
        raise pages.failure(problem)
    return (name or "").strip()


def problem_with(name: str | None) -> str | None:
    """Return what Jenkins says about a name, or None if it is good; a name too long for the disk is a 500."""
    name = (name or "").strip()
    if not name:
        return "No name is specified"
    if name in {".", ".."}:
        return f"\u2018{name}\u2019 is not an allowed name"
    for character in name:
        if ord(character) < 32 or 0x7F <= ord(character) < 0xA0:
            printable = "".join("?" if ord(each) < 32 else each for each in name)
            return f"No control code is allowed: {printable}"  # not recorded: jenkins.model.Jenkins.checkGoodName
        if character in _UNSAFE:
            return f"\u2018{character}\u2019 is an unsafe character"
    return "A name cannot end with \u2018.\u2019" if name.endswith(".") else None


def check_length(name: str) -> None:
    if len(name.encode()) > _LONGEST_BYTES:
        raise pages.oops()


def raw_encoded(name: str) -> str:
    """Return a name as Jenkins writes it in a path (not recorded beyond letters: hudson.Util.rawEncode)."""
    return quote(name, safe="!$&'()*+,-.=@_").replace("~", "%7E")

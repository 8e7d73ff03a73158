"""The mark in a job's description that says whose it is; it is no part of any comparison.

Job Builder's `--delete-old` takes every job whose description ends with its own comment. The mark stands after that
comment, so such a description no longer ends with it.
"""

from __future__ import annotations

import re

BUILDER_MARK = "<!-- Managed by Jenkins Job Builder -->"
_MARK = re.compile(r"(?:\r?\n)?<!-- cictl: owned by (?P<owner>[^<>]*?) -->")
_UNSAFE = re.compile(r"--+|[<>\x00-\x1f\x7f]")

MARK_FORMER = "cictl wrote it and Git no longer makes it, but it bears a mark that other trees of that name bore, too"
MARK_LOST = "cictl wrote it and Git no longer makes it, but its mark was taken out of its description"


def mark_of(owner: str) -> str:
    """Return the mark of OWNER."""
    return f"<!-- cictl: owned by {owner} -->"


def how_to_mark(owner: str) -> str:
    """Return what to do with a job of OWNER's whose mark was lost."""
    return f"nothing deletes it: put '{mark_of(owner)}' back at the end of its description, or delete it in Jenkins"


def how_to_take(former: str) -> str:
    """Return what to do with a job that bears the FORMER mark."""
    return f"if it is yours, 'cictl jobs prune --owner \"{former}\"' deletes it"


def owner_of(description: str) -> str | None:
    """Return who owns the job of DESCRIPTION, or None if it bears no mark."""
    marks = _MARK.findall(description)
    return marks[-1] if marks else None


def can_mark(owner: str) -> bool:
    """Whether OWNER can stand in a mark: an HTML comment holds no double hyphen."""
    return bool(owner.strip()) and owner == owner.strip() and not _UNSAFE.search(owner)


def put_mark(description: str, owner: str) -> str:
    """Return DESCRIPTION with OWNER's mark at its end, in place of any other.

    Raises ValueError for an OWNER that an HTML comment cannot hold.
    """
    if not can_mark(owner):
        raise ValueError(f"owner {owner!r} cannot stand in a comment: use letters, digits, '.', '/', ':', single '-'")
    return f"{without_mark(description)}\n{mark_of(owner)}"


def without_mark(description: str) -> str:
    """Return DESCRIPTION without any mark; what a person wrote around it stays."""
    return _MARK.sub("", description) if "<!-- cictl:" in description else description


def written_text(description: str) -> str:
    """Return what a person wrote of DESCRIPTION: neither our mark nor Job Builder's, which both come by themselves."""
    return without_mark(description).replace(BUILDER_MARK, "").rstrip()


def is_job_builders(description: str) -> bool:
    """Whether Job Builder takes the job of DESCRIPTION for its own, and so may delete it."""
    return description.endswith(BUILDER_MARK)

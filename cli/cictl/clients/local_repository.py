"""A repository on this machine, and as whom root acts in it.

Root acts as whom it belongs to: so no link that they make, before a look or after it, leads to what is not theirs.
"""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cictl.errors import NotFound


@dataclass(frozen=True, slots=True)
class Owner:
    """Whom a repository belongs to; NAME and HOME are None for a user that this machine does not know."""

    uid: int
    gid: int
    groups: tuple[int, ...]
    name: str | None = None
    home: str | None = None


def repository_at(place: str) -> Path | None:
    """Return the repository that PLACE names as Git takes it: itself, its `.git`, or with `.git` behind it."""
    for path in (Path(place), Path(place, ".git"), Path(f"{place}.git")):
        with suppress(PermissionError):
            if (path / "HEAD").exists() and (path / "objects").is_dir():
                return path.resolve()
    return None


def find_repository(place: str) -> Path:
    """Return the repository that PLACE names; NotFound where there is none."""
    if found := repository_at(place):
        return found
    raise NotFound(f"there is no Git repository {place}", hint="name the folder that holds HEAD")


def owner_to_act_as(repository: Path) -> Owner | None:
    """Return whom REPOSITORY belongs to where we are root and it is not root's; None where we act as ourselves."""
    if os.geteuid() != 0:
        return None
    status = repository.stat()
    if status.st_uid == 0:
        return None
    try:
        known = pwd.getpwuid(status.st_uid)
    except KeyError:
        return Owner(status.st_uid, status.st_gid, ())
    groups = tuple(os.getgrouplist(known.pw_name, known.pw_gid))
    return Owner(status.st_uid, status.st_gid, groups, known.pw_name, known.pw_dir)


def may_run(owner: Owner, python: str) -> bool:
    """Whether OWNER gets cictl to run by PYTHON, which may lie where only root can look."""
    try:
        done = subprocess.run(
            [python, "-P", "-c", "import cictl"],
            cwd="/",
            user=owner.uid,
            group=owner.gid,
            extra_groups=owner.groups,
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0


@contextmanager
def acting_as_owner(repository: Path) -> Iterator[None]:
    """Have what is done meanwhile done with no more rights than the owner of REPOSITORY has, by all threads."""
    owner = owner_to_act_as(repository)
    if owner is None:
        yield
        return
    ours = os.getegid(), os.getgroups()
    os.setgroups(owner.groups)
    os.setegid(owner.gid)
    os.seteuid(owner.uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(ours[0])
        os.setgroups(ours[1])

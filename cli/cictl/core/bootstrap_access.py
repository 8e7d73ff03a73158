"""Who is signed in, how far the setup wizard is and what may be done, as steps of a plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cictl.core.bootstrap_plan import Part, Standing, Step, refused
from cictl.core.jenkins_server import Probed, Right, Wizard
from cictl.errors import ExitCode

FIRST_ADMINISTRATOR = "first administrator"
SIGN_IN = "sign-in"
WIZARD = "setup wizard"
ROOT_URL = "root URL"
_NEEDS_CREATE = frozenset({Part.FOLDERS, Part.JOBS})
_UNPROBED = "Credentials/Create, Credentials/Update, View/Create, Job/Delete, Agent/Create"


@dataclass(frozen=True, slots=True)
class SignInSeen:
    """Who signs in, with what from where; IS_PASSWORD where a token is to be made of it."""

    user: str
    origin: str
    is_password: bool


def first_administrator_step(user: str, origin: str) -> Step:
    """Return the making of USER, with ORIGIN's password, in place of the administrator that Jenkins began with."""
    detail = f"{user}, by {origin}; 'admin' goes, with its initial password"
    return Step(Part.ACCESS, FIRST_ADMINISTRATOR, Standing.CREATED, detail)


@dataclass(frozen=True, slots=True)
class RightsSeen:
    """What probes found: (permission, full name of where, answer); an administrator needs none."""

    is_administrator: bool
    probed: tuple[tuple[str, str, Probed], ...] = ()


def sign_in_step(seen: SignInSeen, url: str) -> Step:
    """Return what becomes of the sign-in: a password becomes a token, once."""
    if seen.is_password:
        detail = f"an API token for {seen.user}, by {seen.origin}; it is kept for you alone, the password is not"
        return Step(Part.ACCESS, SIGN_IN, Standing.CREATED, detail)
    return Step(Part.ACCESS, SIGN_IN, Standing.UNCHANGED, f"{seen.user} at {url} by {seen.origin}")


def wizard_step(wizard: Wizard, *, is_admin_kept: bool = True) -> tuple[Step, ...]:
    """Return the end of the wizard, if it is not over; IS_ADMIN_KEPT where nobody takes the place of 'admin'."""
    if wizard is Wizard.OVER:
        return ()
    kept = "'admin' stays the administrator, " if is_admin_kept else ""
    detail = f"it ends: {kept}the root URL becomes the configured one"
    todo = "make an administrator of your own with --admin-user, or give admin another password, as a file has this one"
    todo = todo if is_admin_kept else ""
    return (Step(Part.ACCESS, WIZARD, Standing.CHANGED, detail, todo, after=SIGN_IN),)


def root_url_step(told: str, configured: str, wizard: Wizard) -> tuple[Step, ...]:
    """Return a word on the address that Jenkins builds links from, where it is another than the CONFIGURED one."""
    if wizard is not Wizard.OVER or not told or told.rstrip("/") == configured.rstrip("/"):
        return ()
    todo = f"set it to {configured}/ under Manage Jenkins > System, unless only this machine reaches Jenkins so"
    detail = f"Jenkins takes itself to be at {told}; its links and mails lead there, cictl goes on by its own address"
    return (Step(Part.ACCESS, ROOT_URL, Standing.UNCHANGED, detail, todo),)


def rights_steps(seen: RightsSeen) -> Iterator[Step]:
    """Yield what the user may do, as far as Jenkins tells without being changed."""
    if seen.is_administrator:
        yield Step(Part.ACCESS, "Overall/Administer", Standing.UNCHANGED, "it includes all that follows")
        return
    for permission, place, probed in seen.probed:
        yield _right(permission, place, probed)
    detail = "no page tells of these without a write; each part says which one it lacks"
    yield Step(Part.ACCESS, _UNPROBED, Standing.UNVERIFIED, detail)


def _right(permission: str, place: str, probed: Probed) -> Step:
    subject = f"{permission} in {place}" if place else f"{permission} at the top"
    if probed.right is Right.ALLOWED:
        return Step(Part.ACCESS, subject, Standing.UNCHANGED, "granted")
    why = f"it needs {probed.permission or permission}, which is not granted"
    blocks = _NEEDS_CREATE if permission == "Job/Create" else frozenset({Part.FOLDERS})
    todo = f"have {permission} granted {f'in {place}' if place else 'at the top'}, or have the folder made"
    return refused(Part.ACCESS, subject, why, todo, exit_code=ExitCode.NOT_ALLOWED, blocks=blocks)

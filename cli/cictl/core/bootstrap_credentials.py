"""Which credentials must be written; Jenkins gives no secret back, so what is there cannot be compared."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from cictl.core.bootstrap_plan import Part, Standing, Step, refused
from cictl.core.jenkins_credentials import StoredCredential
from cictl.errors import ExitCode

NOT_COMPARABLE = "not comparable"


@dataclass(frozen=True, slots=True)
class WantedCredential:
    """A credential that cictl.yaml names: FOLDER is the full name of whose store, SOURCE where its secret is."""

    folder: str
    credential_id: str
    kind: str
    source: str
    problem: str = ""  # why its secret cannot be read

    @property
    def subject(self) -> str:
        """What steps call it."""
        return f"{self.credential_id} in {self.folder or 'the system'}"


Stores = Mapping[str, Iterable[StoredCredential] | None]  # None: the user may not see it


def credential_steps(
    wanted: Iterable[WantedCredential], stores: Stores, *, rotate: Collection[str] = ()
) -> tuple[Step, ...]:
    """Return a step for each of WANTED, by what STORES hold; ROTATE names those to write over."""
    return tuple(_step(each, stores.get(each.folder, ()), is_rotated=each.credential_id in rotate) for each in wanted)


def unknown_rotations(wanted: Iterable[WantedCredential], rotate: Iterable[str]) -> tuple[str, ...]:
    """Return which of ROTATE cictl.yaml does not name."""
    known = {each.credential_id for each in wanted}
    return tuple(each for each in dict.fromkeys(rotate) if each not in known)


def _step(wanted: WantedCredential, stored: Iterable[StoredCredential] | None, *, is_rotated: bool) -> Step:
    part, subject = Part.CREDENTIALS, wanted.subject
    if stored is None:
        why = "Jenkins does not show this store: it takes Credentials/View there"
        todo = "have Credentials/View, Create and Update granted on the folder"
        return refused(part, subject, why, todo, exit_code=ExitCode.NOT_ALLOWED)
    is_there = any(each.credential_id == wanted.credential_id for each in stored)
    if is_there and not is_rotated:
        return Step(part, subject, Standing.UNCHANGED, f"{wanted.kind}, {NOT_COMPARABLE}: --rotate writes it anew")
    if wanted.problem:
        return refused(part, subject, wanted.problem, "set it, and run this again", exit_code=ExitCode.CONFIG)
    if is_there:
        return Step(part, subject, Standing.CHANGED, f"{wanted.kind}, written anew from {wanted.source}")
    return Step(part, subject, Standing.CREATED, f"{wanted.kind} from {wanted.source}")

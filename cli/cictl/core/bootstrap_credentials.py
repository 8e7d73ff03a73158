"""Which credentials must be written; Jenkins gives no secret back, so kind, user and file name alone are compared."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from cictl.core.bootstrap_plan import Part, Standing, Step, refused
from cictl.core.jenkins_credentials import SecretFile, SecretText, SshKey, StoredCredential, UserPassword
from cictl.core.job_xml import MalformedConfig, parse_config
from cictl.errors import ExitCode

NOT_COMPARABLE = "not comparable"
_KINDS = {
    UserPassword.kind: "username-password",
    SecretText.kind: "secret-text",
    SshKey.kind: "ssh-key",
    SecretFile.kind: "file",
}


@dataclass(frozen=True, slots=True)
class WantedCredential:
    """A credential that cictl.yaml names: FOLDER is the full name of whose store, SOURCE where its secret is.

    USERNAME and FILE_NAME are what cictl.yaml says of them, "" if nothing.
    """

    folder: str
    credential_id: str
    kind: str
    source: str
    problem: str = ""  # why its secret cannot be read
    username: str = ""
    file_name: str = ""

    @property
    def subject(self) -> str:
        """What steps call it."""
        return f"{self.credential_id} in {self.folder or 'the system'}"


Stores = Mapping[str, Iterable[StoredCredential] | None]  # None: the user may not see it
Documents = Mapping[WantedCredential, str]  # what Jenkins shows of those that are there, as far as it shows them


def credential_steps(
    wanted: Iterable[WantedCredential], stores: Stores, documents: Documents, *, rotate: Collection[str] = ()
) -> tuple[Step, ...]:
    """Return a step for each of WANTED, by what STORES and DOCUMENTS hold; ROTATE names those to write over."""
    return tuple(
        _step(
            each,
            stores.get(each.folder, ()),
            difference(each, documents.get(each, "")),
            is_rotated=each.credential_id in rotate,
        )
        for each in wanted
    )


def difference(wanted: WantedCredential, document: str) -> str:
    """Return in which way the credential that is there as DOCUMENT visibly is not the one WANTED; "" in none."""
    try:
        live = parse_config(document)
    except MalformedConfig:
        return ""  # not shown, or a page in its place
    kind = _KINDS.get(live.tag, live.tag.rpartition(".")[2])
    if kind != wanted.kind:
        return f"it is {kind} in Jenkins, and {wanted.kind} in cictl.yaml"
    for what, tag, ours in (("user", "username", wanted.username), ("file", "fileName", wanted.file_name)):
        theirs = live.text_of(tag)
        if ours and theirs and theirs != ours:
            return f"its {what} is {theirs!r} in Jenkins, and {ours!r} in cictl.yaml"
    return ""


def unknown_rotations(wanted: Iterable[WantedCredential], rotate: Iterable[str]) -> tuple[str, ...]:
    """Return which of ROTATE cictl.yaml does not name."""
    known = {each.credential_id for each in wanted}
    return tuple(each for each in dict.fromkeys(rotate) if each not in known)


def _step(
    wanted: WantedCredential, stored: Iterable[StoredCredential] | None, differs: str, *, is_rotated: bool
) -> Step:
    part, subject = Part.CREDENTIALS, wanted.subject
    if stored is None:
        why = "Jenkins does not show this store: it takes Credentials/View there"
        todo = "have Credentials/View, Create and Update granted on the folder"
        return refused(part, subject, why, todo, exit_code=ExitCode.NOT_ALLOWED)
    is_there = any(each.credential_id == wanted.credential_id for each in stored)
    if is_there and differs and not is_rotated:
        todo = f"--rotate {wanted.credential_id} writes it anew; if it is not yours, name another id in cictl.yaml"
        return refused(part, subject, differs, todo, exit_code=ExitCode.CONFLICT)
    if is_there and not is_rotated:
        return Step(part, subject, Standing.UNCHANGED, f"{wanted.kind}, {NOT_COMPARABLE}: --rotate writes it anew")
    if wanted.problem:
        return refused(part, subject, wanted.problem, "set it, and run this again", exit_code=ExitCode.CONFIG)
    if is_there:
        why = f": {differs}" if differs else ""
        return Step(part, subject, Standing.CHANGED, f"{wanted.kind}, written anew from {wanted.source}{why}")
    return Step(part, subject, Standing.CREATED, f"{wanted.kind} from {wanted.source}")

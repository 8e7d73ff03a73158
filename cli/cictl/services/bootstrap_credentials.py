"""Part four: the credentials that cictl.yaml names, each in the store of its folder; no secret is ever shown."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from cictl.core.bootstrap_credentials import Stores, WantedCredential, credential_steps
from cictl.core.bootstrap_plan import Part, Step
from cictl.core.jenkins_credentials import Credential, StoredCredential
from cictl.core.jenkins_items import Item
from cictl.errors import AnswerLost, Conflict, FarSideFailed, NotAllowed, NotFound


class CredentialStores(Protocol):
    """The credential stores of one Jenkins."""

    def credentials(self, folder: str) -> tuple[StoredCredential, ...]:
        """Return what FOLDER's store holds; NotFound where the user may not see it."""

    def config_xml(self, folder: str, credential_id: str) -> str | None:
        """Return a credential's document without its secrets, None if there is none."""

    def create(self, folder: str, credential: Credential) -> None:
        """Create CREDENTIAL; Conflict if its id is taken."""

    def update(self, folder: str, credential: Credential) -> None:
        """Write CREDENTIAL over the one of its id."""


class Items(Protocol):
    """What there is."""

    def item(self, full_name: str) -> Item | None:
        """Return what FULL_NAME is."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The part; READ returns a wanted credential with its secret, ROTATE names those to write over."""

    stores: CredentialStores
    items: Items
    wanted: Sequence[WantedCredential]
    read: Callable[[WantedCredential], Credential]
    rotate: Collection[str] = ()
    part = Part.CREDENTIALS

    def plan(self) -> tuple[Step, ...]:
        """Look which ids the stores hold; a folder that is yet to be made holds none."""
        folders = dict.fromkeys(each.folder for each in self.wanted)
        stores = {folder: self._stored(folder) for folder in folders}
        return credential_steps(self.wanted, stores, dict(self._documents(stores)), rotate=self.rotate)

    def apply(self, step: Step) -> Step:
        """Write the credential of STEP, unless it came to be meanwhile."""
        wanted = next(each for each in self.wanted if each.subject == step.subject)
        credential = self.read(wanted)
        if not self._holds(wanted):
            self._create(wanted, credential)
        elif wanted.credential_id in self.rotate:
            # Sent again after a lost answer: the same secret twice is the same secret.
            self.stores.update(wanted.folder, credential)
        if not self._holds(wanted):
            message = f"Jenkins took the credential {wanted.subject}, and does not list it"
            raise FarSideFailed(message, hint="check that the plugin of its kind is installed")
        return step

    def _documents(self, stores: Stores) -> Iterator[tuple[WantedCredential, str]]:
        """Yield those that are there with what Jenkins shows of them, which is no secret; not every store shows it."""
        for each in self.wanted:
            if all(stored.credential_id != each.credential_id for stored in stores.get(each.folder) or ()):
                continue
            with suppress(NotAllowed, NotFound, FarSideFailed):
                yield each, self.stores.config_xml(each.folder, each.credential_id) or ""

    def _create(self, wanted: WantedCredential, credential: Credential) -> None:
        try:
            self.stores.create(wanted.folder, credential)
        except (AnswerLost, Conflict):
            if not self._holds(wanted):
                raise

    def _holds(self, wanted: WantedCredential) -> bool:
        stored = self._stored(wanted.folder)
        if stored is None:
            message = f"Jenkins does not show the store of {wanted.folder or 'the system'}"
            raise NotAllowed(message, hint="have Credentials/View, Create and Update granted there")
        return any(each.credential_id == wanted.credential_id for each in stored)

    def _stored(self, folder: str) -> tuple[StoredCredential, ...] | None:
        try:
            return self.stores.credentials(folder)
        except NotFound:
            return () if folder and self.items.item(folder) is None else None

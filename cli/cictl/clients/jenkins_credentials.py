"""Credential stores of one Jenkins, of folders and the system; Jenkins gives no secret back, and nothing here asks."""

from __future__ import annotations

from urllib.parse import quote

from cictl.clients.jenkins_connection import JenkinsConnection
from cictl.clients.jenkins_documents import understood
from cictl.clients.jenkins_errors import explained
from cictl.clients.jenkins_jobs import item_path
from cictl.core.jenkins_credentials import Credential, StoredCredential, credential_xml
from cictl.errors import Conflict, NotFound

_NOT_FOUND = 404
_TREE = "credentials[id,description,displayName,typeName]"


class JenkinsCredentials:
    """Each method takes the FOLDER whose store it is; "" is the system's."""

    def __init__(self, connection: JenkinsConnection) -> None:
        """Use CONNECTION for every request."""
        self._connection = connection

    @understood
    def credentials(self, folder: str) -> tuple[StoredCredential, ...]:
        """Return what the store holds; NotFound where the user may not see it, or the plugin is missing."""
        try:
            document = self._connection.get_json(f"{store_path(folder)}/api/json", {"tree": _TREE})
        except NotFound as error:
            hint = "it takes Credentials/View there, and the plugin credentials; a folder's takes cloudbees-folder too"
            raise explained(error, hint=hint) from error
        return tuple(
            StoredCredential(str(entry["id"]), str(entry.get("typeName", "")), str(entry.get("description") or ""))
            for entry in document.get("credentials") or ()
            if isinstance(entry, dict) and "id" in entry
        )

    def create(self, folder: str, credential: Credential) -> None:
        """Create CREDENTIAL; Conflict if its id is taken."""
        path = f"{store_path(folder)}/createCredentials"
        try:
            self._connection.post(path, xml=credential_xml(credential))
        except Conflict as error:
            taken = f"{folder or 'the system'} has a credential {credential.credential_id!r} already"
            raise Conflict(taken, hint=f"write it anew with --rotate {credential.credential_id}") from error

    def update(self, folder: str, credential: Credential) -> None:
        """Write CREDENTIAL over the one of its id; NotFound if there is none."""
        path = f"{credential_path(folder, credential.credential_id)}/config.xml"
        self._connection.post(path, xml=credential_xml(credential))

    def config_xml(self, folder: str, credential_id: str) -> str | None:
        """Return the credential's document with its secrets redacted, None if there is none."""
        answer = self._connection.get(f"{credential_path(folder, credential_id)}/config.xml", also={_NOT_FOUND})
        return None if answer.status == _NOT_FOUND else answer.text

    def delete(self, folder: str, credential_id: str) -> bool:
        """Delete the credential; whether it was there."""
        answer = self._connection.post(f"{credential_path(folder, credential_id)}/doDelete", also={_NOT_FOUND})
        return answer.status != _NOT_FOUND


def store_path(folder: str) -> str:
    """Return the path of FOLDER's store, its domain for all."""
    return f"{item_path(folder)}/credentials/store/{'folder' if folder else 'system'}/domain/_"


def credential_path(folder: str, credential_id: str) -> str:
    """Return the path of one credential in FOLDER's store."""
    return f"{store_path(folder)}/credential/{quote(credential_id, safe='')}"

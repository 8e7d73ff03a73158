"""Jobs, folders and views of one Jenkins: read, written and deleted; it compares nothing and keeps nothing.

Full names have slashes between folders, as in `shop/ci/checkout`; a branch's slash is `%2F` in its name. `config.xml`
is text in both directions: the declaration's encoding means nothing, since Jenkins sends and takes UTF-8.
"""

from __future__ import annotations

from typing import Any

from cictl.clients.jenkins_connection import JenkinsConnection
from cictl.clients.jenkins_documents import understood
from cictl.clients.jenkins_errors import Refused, explained
from cictl.core import job_names
from cictl.core.jenkins_items import Item
from cictl.errors import Conflict, FarSideFailed, NotFound

_NOT_FOUND = 404
_DELETE_SECONDS = 300.0  # a folder takes its builds' files with it, one by one


class JenkinsJobs:
    """The items and views that the connection's user may see."""

    def __init__(self, connection: JenkinsConnection) -> None:
        """Use CONNECTION for every request."""
        self._connection = connection

    def item(self, full_name: str) -> Item | None:
        """Return what FULL_NAME is, as Jenkins writes its name; None where there is nothing that the user may see."""
        document = self._read(full_name, "fullName")
        return None if document is None else Item(str(document.get("fullName") or full_name), _class(document))

    def config_xml(self, full_name: str) -> str | None:
        """Return the item's config.xml, None where there is no such item; Extended Read or Configure is needed."""
        return self._document(f"{item_path(full_name)}/config.xml")

    def create(self, full_name: str, xml: str) -> None:
        """Create the item; Conflict if the name is taken. A computed folder answers well and creates nothing."""
        folder, _, name = full_name.rpartition("/")
        self._created(f"{item_path(folder)}/createItem", name, xml)

    def update(self, full_name: str, xml: str) -> None:
        """Replace the item's whole config.xml: what XML leaves out is gone."""
        self._connection.post(f"{item_path(full_name)}/config.xml", xml=xml)

    def describe(self, full_name: str, description: str) -> None:
        """Set a job's description, upon which Jenkins saves it its own way; a folder's goes to its primary view."""
        self._connection.post(f"{item_path(full_name)}/submitDescription", form={"description": description})

    def delete(self, full_name: str) -> bool:
        """Delete the item with all in it; whether it was there."""
        return self._deleted(f"{item_path(full_name)}/doDelete")

    @understood
    def next_build_number(self, full_name: str) -> int | None:
        """Return the number of the next build, None for what does not build or is not there."""
        number = (self._read(full_name, "nextBuildNumber") or {}).get("nextBuildNumber")
        return number if isinstance(number, int) else None

    def set_next_build_number(self, full_name: str, number: int) -> None:
        """Let the next build have NUMBER; Jenkins alone cannot, the plugin next-build-number can."""
        path = f"{item_path(full_name)}/nextbuildnumber/submit"
        try:
            self._connection.post(path, form={"nextBuildNumber": number})
        except NotFound as error:
            raise explained(
                error, hint="install the plugin next-build-number; without it numbers start anew"
            ) from error

    def view_xml(self, full_name: str) -> str | None:
        """Return the view's config.xml, None where there is no such view."""
        return self._document(f"{view_path(full_name)}/config.xml")

    def create_view(self, full_name: str, xml: str) -> None:
        """Create the view; Conflict if the name is taken."""
        folder, _, name = full_name.rpartition("/")
        self._created(f"{item_path(folder)}/createView", name, xml)

    def update_view(self, full_name: str, xml: str) -> None:
        """Replace the view's whole config.xml."""
        self._connection.post(f"{view_path(full_name)}/config.xml", xml=xml)

    def describe_view(self, full_name: str, description: str) -> None:
        """Set the view's description."""
        self._connection.post(f"{view_path(full_name)}/submitDescription", form={"description": description})

    def delete_view(self, full_name: str) -> bool:
        """Delete the view; whether it was there."""
        return self._deleted(f"{view_path(full_name)}/doDelete")

    def _read(self, full_name: str, tree: str) -> dict[str, Any] | None:
        path = f"{item_path(full_name)}/api/json"
        answer = self._connection.get(path, {"tree": tree}, also={_NOT_FOUND})
        if answer.status == _NOT_FOUND:
            return None
        document = self._connection.decoded(answer, path)
        return document if isinstance(document, dict) else {}

    def _document(self, path: str) -> str | None:
        answer = self._connection.get(path, also={_NOT_FOUND})
        return None if answer.status == _NOT_FOUND else answer.text

    def _created(self, path: str, name: str, xml: str) -> None:
        try:
            answer = self._connection.post(path, {"name": name}, xml=xml)
        except Refused as error:
            raise _taken(error) from error
        if answer.headers.get("Location"):
            message = f"{self._connection.url} answers the creation of {name!r} by a redirect, which no Jenkins does"
            raise FarSideFailed(message, hint="look for a proxy that asks people to sign in, and let cictl pass by it")

    def _deleted(self, path: str) -> bool:
        answer = self._connection.post(path, also={_NOT_FOUND}, timeout_seconds=_DELETE_SECONDS)
        return answer.status != _NOT_FOUND


def item_path(full_name: str) -> str:
    """Return the path of the item as requests take it: "/job/shop/job/ci" for "shop/ci", "" for the top."""
    path = job_names.item_path(full_name)
    return f"/{path}" if path else ""


def view_path(full_name: str) -> str:
    """Return the path of the view as requests take it: "/job/shop/view/deploys" for "shop/deploys"."""
    return f"/{job_names.view_path(full_name)}"


def _taken(error: Refused) -> FarSideFailed | Conflict:
    """Return ERROR, or a Conflict where it says that the name is taken."""
    if "already exists" not in error.reason and "already in use" not in error.reason:
        return error
    return Conflict(error.message, hint="read what is there: names are compared without regard to case")


def _class(document: dict[str, Any]) -> str:
    return str(document.get("_class", ""))

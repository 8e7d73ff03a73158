"""What is in a Jenkins and whose, without reading a config.xml of each: descriptions bear the marks; and what runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from cictl.clients.jenkins_connection import JenkinsConnection
from cictl.clients.jenkins_documents import assure_told, understood
from cictl.clients.jenkins_jobs import item_path
from cictl.core.jenkins_items import Item, joined
from cictl.core.job_activity import Activity
from cictl.core.job_marks import owner_of
from cictl.core.job_plan import ItemKey
from cictl.core.job_prune import Found
from cictl.errors import NotFound

_NOT_FOUND = 404
_AT_ONCE = 8
_OPEN_PAGE = "/whoAmI/api/json"  # anyone may ask it
_TREE = "jobs[name,description],views[name,description],primaryView[name]"
# `builds` ends at the 100 newest; a build may wait longer for an answer. Jenkins reads them one by one, so not all.
_BUILDS = "name,inQueue,allBuilds[number,building]{0,1000}"
_ACTIVITY = f"{_BUILDS},jobs[{_BUILDS},jobs[{_BUILDS}]]"


class JenkinsInventory:
    """What the connection's user may see."""

    def __init__(self, connection: JenkinsConnection) -> None:
        """Use CONNECTION for every request."""
        self._connection = connection
        self._is_jenkins = False

    def found(self, folder: str = "") -> tuple[Found, ...]:
        """Return all jobs, folders and views below FOLDER ("" is the top), by name; none where it is not there.

        What computes its jobs itself is a leaf.
        """
        found: list[Found] = []
        level = [folder]
        with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
            while level:
                inside = [each for listed in pool.map(self._listed, level) for each in listed]
                found += inside
                level = [each.key.full_name for each in inside if each.is_folder]
        return tuple(sorted(found, key=lambda each: (each.key.full_name, each.key.is_view)))

    def listed(self, folders: Iterable[str]) -> tuple[Found, ...]:
        """Return what is directly in each of FOLDERS; none where one is not there."""
        with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
            return tuple(each for listed in pool.map(self._listed, folders) for each in listed)

    def inside(self, folder: str) -> tuple[str, ...]:
        """Return the full names of what is directly in FOLDER."""
        return tuple(each.key.full_name for each in self._listed(folder) if not each.key.is_view)

    @understood
    def activity(self, full_name: str) -> Activity:
        """Return what runs or waits in a job, or in the jobs that a computed folder made; nothing if it is gone."""
        path = f"{item_path(full_name)}/api/json"
        answer = self._connection.get(path, {"tree": _ACTIVITY}, also={_NOT_FOUND})
        if answer.status == _NOT_FOUND:
            return Activity()
        document = self._connection.decoded(answer, path)
        if document.keys().isdisjoint({"allBuilds", "jobs"}):
            return Activity(("nobody knows what: Jenkins does not tell its builds",))
        computed = tuple(_computed(document, ""))
        busy = [*_busy("", document), *(said for name, each in computed for said in _busy(name, each))]
        return Activity(tuple(busy), tuple(name for name, _ in computed))

    @understood
    def _listed(self, folder: str) -> list[Found]:
        path = f"{item_path(folder)}/api/json"
        answer = self._connection.get(path, {"tree": _TREE}, also={_NOT_FOUND})
        if answer.status == _NOT_FOUND:
            self._assure_jenkins()
            return []
        document = self._connection.decoded(answer, path)
        assure_told(document, "_class", "jobs")
        primary = _name(document.get("primaryView"))
        jobs = [_job(folder, each) for each in _list(document, "jobs")]
        return [*jobs, *(_view(folder, each, primary) for each in _list(document, "views"))]

    def _assure_jenkins(self) -> None:
        """Raise NotFound where not the folder is missing but Jenkins: any server has nothing at a wrong address."""
        if self._is_jenkins:
            return
        try:
            self._connection.get(_OPEN_PAGE)
        except NotFound as error:
            message = f"there is no Jenkins at {self._connection.url}: it answers 404 even to {_OPEN_PAGE}"
            raise NotFound(
                message, hint="check jenkins.url or JENKINS_URL: is a prefix as /jenkins missing?"
            ) from error
        self._is_jenkins = True


def _job(folder: str, document: Mapping[str, Any]) -> Found:
    item = Item(joined(folder, str(document["name"])), str(document.get("_class", "")))
    return Found(ItemKey(item.full_name), _owner(document), item.is_folder, item.is_computed)


def _view(folder: str, document: Mapping[str, Any], primary: str) -> Found:
    name = str(document["name"])
    return Found(ItemKey(joined(folder, name), is_view=True), _owner(document), is_primary_view=name == primary)


def _owner(document: Mapping[str, Any]) -> str | None:
    return owner_of(str(document.get("description") or ""))


def _computed(document: Mapping[str, Any], above: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for each in _list(document, "jobs"):
        name = joined(above, str(each["name"]))
        yield name, each
        yield from _computed(each, name)


def _busy(name: str, document: Mapping[str, Any]) -> Iterator[str]:
    whose = f"{name} " if name else ""
    if document.get("inQueue"):
        yield f"{whose}waits to be built"
    for build in document.get("allBuilds") or ():
        if isinstance(build, dict) and build.get("building"):
            yield f"{whose}#{build.get('number')} runs"


def _name(document: object) -> str:
    return str(document.get("name", "")) if isinstance(document, dict) else ""


def _list(document: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """Return DOCUMENT's list at KEY; what a user may not see at all has none."""
    return [each for each in document.get(key) or () if isinstance(each, dict) and "name" in each]

"""Walk a path from Jenkins' root to the object that answers, as Stapler does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tests.fake_jenkins import pages, security
from tests.fake_jenkins.build_routes import PERMALINKS, Artifact, Question, find_build
from tests.fake_jenkins.builds import Build
from tests.fake_jenkins.credential_store import find_store
from tests.fake_jenkins.exchange import Exchange
from tests.fake_jenkins.items import Folder, Item, Job, MultiBranch
from tests.fake_jenkins.multibranch import item_name
from tests.fake_jenkins.nodes import COMPUTER_VERBS, LabelAtom, find_computer
from tests.fake_jenkins.plugin_routes import find_plugin
from tests.fake_jenkins.queue import Queue
from tests.fake_jenkins.user_routes import find_user
from tests.fake_jenkins.views import ViewOf

Step = tuple["Target", int]


class Target(Protocol):
    @property
    def kinds(self) -> Sequence[str]: ...


def find_target(exchange: Exchange) -> tuple[Target, str]:
    """Return the object that a path leads to and what is left of the path."""
    target: Target = exchange.controller.root
    rest = exchange.request.segments
    while rest and (step := _step(target, rest, exchange)) is not None:
        target, count = step
        rest = rest[count:]
    return target, "/".join(rest)


def _step(target: Target, rest: Sequence[str], exchange: Exchange) -> Step | None:
    if isinstance(target, Folder):
        return _step_of_folder(target, rest, exchange)
    if isinstance(target, Job):
        return _step_of_job(target, rest)
    if isinstance(target, Build):
        return _step_of_build(target, rest)
    if isinstance(target, Queue):
        return _step_of_queue(target, rest)
    return None


def _step_of_queue(queue: Queue, rest: Sequence[str]) -> Step | None:
    if rest[0] != "item":
        return None
    item = queue.items.get(int(rest[1])) if len(rest) > 1 and rest[1].isdigit() else None
    if item is None:
        raise pages.not_found()
    return item, 2


def _step_of_folder(folder: Folder, rest: Sequence[str], exchange: Exchange) -> Step | None:
    if rest[0] == "job":
        return visible_item(folder, rest[1] if len(rest) > 1 else "", exchange), 2
    if rest[0] == "view" and len(rest) > 1:
        view = folder.find_view(rest[1])
        if view is None:
            raise pages.not_found()
        return ViewOf(view, folder), 2
    if rest[0] == "credentials" and len(rest) > 1 and rest[1] == "store":
        return find_store(folder, rest, exchange)
    if folder is exchange.controller.root:
        return _step_of_root(rest, exchange)
    return None


def _step_of_root(rest: Sequence[str], exchange: Exchange) -> Step | None:
    if rest[0] == "queue":
        return exchange.controller.queue, 1
    if rest[0] in {"user", "me"}:
        return find_user(rest, exchange)
    if rest[0] in {"computer", "label"} and len(rest) > 1 and rest[1] not in COMPUTER_VERBS:
        return LabelAtom(rest[1]) if rest[0] == "label" else find_computer(rest[1], exchange), 2
    if rest[0] == "manage" and len(rest) > 1:
        return exchange.controller.root, 1
    if rest[:2] == ("pluginManager", "plugin") and len(rest) > 2:
        return find_plugin(rest[2], exchange), 3
    return None


def visible_item(folder: Folder, name: str, exchange: Exchange) -> Item:
    """Return the item, or refuse: what one may not see is not there, or, with Discover, needs a login."""
    item = folder.get(name)
    if item is None and isinstance(folder, MultiBranch):
        item = folder.get(item_name(name))  # a path that encodes a branch once finds it too
    if item is None:
        raise pages.not_found()
    if exchange.sees(item):
        return item
    if exchange.may(security.ITEM_DISCOVER, item):
        # not recorded: jenkins.model.Jenkins.getItem throws AccessDeniedException for who may discover alone.
        raise (
            pages.login_required(exchange.request.target)
            if exchange.user == "anonymous"
            else security.denied(exchange.user, security.ITEM_READ)
        )
    raise pages.not_found()


def _step_of_job(job: Job, rest: Sequence[str]) -> Step | None:
    if not (rest[0].isdigit() or rest[0] in PERMALINKS):
        return None
    build = find_build(job, rest[0])
    if build is None:
        raise pages.not_found()
    return build, 1


def _step_of_build(build: Build, rest: Sequence[str]) -> Step | None:
    if rest[0] == "artifact" and len(rest) > 1:
        content = build.script.artifacts.get("/".join(rest[1:]))
        if content is None or build.building:
            raise pages.not_found()
        return Artifact(rest[-1], content), len(rest)
    if rest[0] == "input" and len(rest) > 2 and rest[1] != "api":
        asked = next((each for each in build.inputs if each.id == rest[1]), None)
        if asked is None:
            raise pages.not_found()
        return Question(build, asked), 2
    return None

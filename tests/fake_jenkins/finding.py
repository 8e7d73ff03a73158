"""Walk a path from Jenkins' root to the object that answers, as Stapler does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from tests.fake_jenkins import pages, security
from tests.fake_jenkins.exchange import Exchange
from tests.fake_jenkins.items import Folder, Item, Job
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
        return _step_of_job(target, rest, exchange)
    return None


def _step_of_folder(folder: Folder, rest: Sequence[str], exchange: Exchange) -> Step | None:
    if rest[0] == "job":
        return visible_item(folder, rest[1] if len(rest) > 1 else "", exchange), 2
    if rest[0] == "view" and len(rest) > 1:
        view = folder.find_view(rest[1])
        if view is None:
            raise pages.not_found()
        return ViewOf(view, folder), 2
    return exchange.controller.step_into(folder, rest, exchange)


def visible_item(folder: Folder, name: str, exchange: Exchange) -> Item:
    """Return the item, or refuse: what one may not see is not there, or, with Discover, needs a login."""
    item = folder.get(name)
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


def _step_of_job(job: Job, rest: Sequence[str], exchange: Exchange) -> Step | None:
    return exchange.controller.step_into_job(job, rest, exchange)

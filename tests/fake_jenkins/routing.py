"""Which code answers which request. What is in no table is not modelled, and fails the test."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from tests.fake_jenkins import pages
from tests.fake_jenkins.messages import NotModelledError, Request, Response

if TYPE_CHECKING:
    from tests.fake_jenkins.exchange import Exchange

Handler = Callable[["Exchange", Any], Response]
H = TypeVar("H", bound=Handler)


@dataclass(frozen=True, slots=True)
class Route:
    handler: Handler
    query: frozenset[str]
    form: frozenset[str] | None  # None: any field, where the names are the user's, as with parameters of a build


ROUTES: dict[tuple[str, str], dict[str, Route]] = {}


def route(
    kind: str, method: str, *tails: str, query: Iterable[str] = (), form: Iterable[str] | None = ()
) -> Callable[[H], H]:
    """Answer `method` for what follows an object of this kind in a path, with these parameters and no others."""

    def register(handler: H) -> H:
        entry = Route(handler, frozenset(query), None if form is None else frozenset(form))
        for tail in tails:
            ROUTES.setdefault((kind, tail), {})[method] = entry
        return handler

    return register


def find(kinds: Iterable[str], tail: str, request: Request) -> Route:
    """Return the route; a method that Jenkins would refuse is a 405, what is not modelled an error."""
    for kind in kinds:
        if (methods := ROUTES.get((kind, tail))) is not None:
            found = methods.get(request.method)
            if found is None and request.method in {"GET", "PUT", "PATCH"} and "POST" in methods:
                raise pages.method_not_allowed()
            if found is not None:
                _check_names(found, request)
                return found
    raise NotModelledError(f"nothing answers {request.method} {tail!r} of {'/'.join(kinds)}")


def _check_names(found: Route, request: Request) -> None:
    if found.form is None:
        return
    unknown = {name for name, _ in request.query} - found.query - found.form
    unknown |= {name for name, _ in request.form} - found.form - found.query
    if unknown:
        raise NotModelledError(f"unknown parameter {sorted(unknown)}")

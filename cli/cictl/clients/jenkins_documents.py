"""What Jenkins' documents must be: whatever else answers in its place is said to be no Jenkins."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar

from cictl.errors import FarSideFailed

if TYPE_CHECKING:
    from cictl.clients.jenkins_transport import Answer

_HINT = "check jenkins.url in cictl.yaml: is a sign-in page or another server in between?"


def decoded(url: str, answer: Answer, path: str) -> Any:  # noqa: ANN401 - JSON
    """Return the JSON of ANSWER, which PATH of the Jenkins at URL gave."""
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise FarSideFailed(f"{url}{path} answers what no Jenkins does: no JSON", hint=_HINT) from error


class _Untold(ValueError):
    """A document lacks what any Jenkins tells."""


class _Connection(Protocol):
    @property
    def url(self) -> str: ...


class _Client(Protocol):
    @property
    def _connection(self) -> _Connection: ...


_S = TypeVar("_S", bound=_Client)
_P = ParamSpec("_P")
_R = TypeVar("_R")


def understood(method: Callable[Concatenate[_S, _P], _R]) -> Callable[Concatenate[_S, _P], _R]:
    """Let METHOD, which takes a Jenkins' document apart, say so where it has another shape than Jenkins gives it."""

    @functools.wraps(method)
    def wrapper(self: _S, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return method(self, *args, **kwargs)
        except (ArithmeticError, AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            what = _told(error)
            message = f"Jenkins at {self._connection.url} answers what no Jenkins does: {what}"
            raise FarSideFailed(message, hint=_HINT) from error

    return wrapper


def _told(error: Exception) -> str:
    """Return what is wrong with a document that ERROR came of, in no words of Python's."""
    if isinstance(error, _Untold):
        return str(error)
    if isinstance(error, KeyError) and error.args and isinstance(error.args[0], str):
        return f"a document without {error.args[0]}"
    return "a document of another shape than Jenkins gives it"


def assure_told(document: Mapping[str, Any], *keys: str) -> None:
    """Raise what `understood` tells if DOCUMENT has none of KEYS, one of which any Jenkins tells."""
    if document.keys().isdisjoint(keys):
        raise _Untold(f"a document without {' or '.join(keys)}")

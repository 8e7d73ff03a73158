"""Loads what a connection needs of the kubernetes library, without the classes of its some seven hundred models.

We send and read plain JSON, and those classes would take longer to load than all else of a command together.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any, NamedTuple

_NAME = "kubernetes"
_EMPTIED = (_NAME, f"{_NAME}.client", f"{_NAME}.client.models")
Library = Any  # it ships no types


class Loaded(NamedTuple):
    """The classes of `kubernetes.client`, and the module `kubernetes.config`."""

    ApiClient: Library
    Configuration: Library
    config: Library


def load() -> Loaded:
    """Return what is needed; the whole library is loaded where it is there already, or is not what it was."""
    if _NAME not in sys.modules:
        try:
            return _loaded_alone()
        except Exception:  # noqa: BLE001 - whatever another version of it does, the usual way is left
            return _loaded_whole()
    return _loaded_whole()


def _loaded_whole() -> Loaded:
    client = import_module(f"{_NAME}.client")
    return Loaded(client.ApiClient, client.Configuration, import_module(f"{_NAME}.config"))


def _loaded_alone() -> Loaded:
    with _emptied_packages() as client:
        client.Configuration = import_module(f"{_NAME}.client.configuration").Configuration
        client.ApiClient = import_module(f"{_NAME}.client.api_client").ApiClient
        return Loaded(client.ApiClient, client.Configuration, import_module(f"{_NAME}.config"))


@contextmanager
def _emptied_packages() -> Iterator[Library]:
    """Have modules found in packages whose own code is not run, and give `client`; later imports find all as ever."""
    spec = find_spec(_NAME)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(_NAME)
    (root, *_) = spec.submodule_search_locations
    made = {name: ModuleType(name) for name in _EMPTIED}
    for name, module in made.items():
        module.__path__ = ["/".join([root, *name.split(".")[1:]])]
        parent, _, own_name = name.rpartition(".")
        if parent:
            setattr(made[parent], own_name, module)
    sys.modules.update(made)
    try:
        yield made[f"{_NAME}.client"]
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] == _NAME]:
            del sys.modules[name]

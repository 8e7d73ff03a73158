"""All routes, by their modules' import."""

from __future__ import annotations

from importlib import import_module

_MODULES = ("item_routes", "view_routes", "account_routes")


def load_all() -> None:
    """Fill the routing table."""
    for name in _MODULES:
        import_module(f"tests.fake_jenkins.{name}")

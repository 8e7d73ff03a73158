"""All routes, by their modules' import."""

from __future__ import annotations

from importlib import import_module

_MODULES = (
    "item_routes", "view_routes", "account_routes", "build_routes", "credential_store", "user_routes", "nodes",
    "plugin_routes", "wizard_routes", "git_routes", "multibranch_routes", "lifecycle_routes", "linter_routes",
)  # fmt: skip


def load_all() -> None:
    """Fill the routing table."""
    for name in _MODULES:
        import_module(f"tests.fake_jenkins.{name}")

"""Fixtures of several modules, each beside what it makes."""

from tests.contract.bootstrap_platform import platform, ready
from tests.contract.builds_jenkins import cictl, cictl_one, jenkins, one_jenkins
from tests.contract.canaries import vault
from tests.contract.hooked_repository import place
from tests.contract.jobs_shop import shop
from tests.contract.jobs_tree import applied, fresh
from tests.contract.kubernetes_server import api, api_server, threaded_server
from tests.contract.push_server import server

__all__ = [
    "api",
    "api_server",
    "applied",
    "cictl",
    "cictl_one",
    "fresh",
    "jenkins",
    "one_jenkins",
    "place",
    "platform",
    "ready",
    "server",
    "shop",
    "threaded_server",
    "vault",
]

"""Connections to clusters, one for each context."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cictl.errors import UsageProblem

if TYPE_CHECKING:
    from cictl.clients.kubernetes_api import KubernetesApi
    from cictl.config.platform import Environment
    from cictl.wiring.app import App


@dataclass(frozen=True, slots=True)
class Place:
    """A namespace of a cluster; `environment` where the configuration names it, `deployment` where a user did."""

    service: str
    namespace: str
    context: str | None
    environment: Environment | None = None
    deployment: str | None = None


def place_of(app: App, target: str, *, environment: str | None, namespace: str | None, context: str | None) -> Place:
    """Return where TARGET is: a service of an environment, or `deployment/NAME` in a namespace."""
    kind, slash, name = target.partition("/")
    if slash:
        return _deployment_place(kind, name, namespace, context)
    if namespace is not None or context is not None:
        message = "a service's namespace and context come from its environment"
        raise UsageProblem(message, hint=f"use --env, or name the Deployment: deployment/{target} -n {namespace}")
    found = _environment(app, environment)
    return Place(target, found.namespace, found.context, found)


def _deployment_place(kind: str, name: str, namespace: str | None, context: str | None) -> Place:
    if kind not in {"deployment", "deploy", "deployments", "deployment.apps", "deployments.apps"} or not name:
        raise UsageProblem(
            f"{kind}/{name} is not supported", hint="name a service, or deployment/NAME with -n NAMESPACE"
        )
    if namespace is None:
        raise UsageProblem(f"the namespace of deployment/{name} is missing", hint="pass -n NAMESPACE")
    return Place(name, namespace, context, deployment=name)


def _environment(app: App, name: str | None) -> Environment:
    config = app.config()
    if name is not None:
        return config.environment(name)
    known = config.environments()
    if len(known) == 1:
        return known[0]
    names = ", ".join(environment.name for environment in known)
    raise UsageProblem("the environment is missing", hint=f"pass --env with one of: {names}")


def cluster_api(app: App, context: str | None) -> KubernetesApi:
    """Return the API of the cluster called CONTEXT in the kubeconfig (None: the current one)."""
    from cictl.clients.kubernetes_api import KubernetesApi  # noqa: PLC0415 - the client costs 0.4 s to import
    from cictl.clients.kubernetes_connection import Connection  # noqa: PLC0415

    return KubernetesApi(Connection.from_kubeconfig(context, path=app.environ.get("KUBECONFIG")))

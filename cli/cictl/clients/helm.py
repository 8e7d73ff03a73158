"""Helm as a renderer, and nothing else of Helm: no release of it is made, no cluster is asked, no hook is run."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

from cictl.clients.helm_errors import translate
from cictl.clients.manifest_yaml import parse_manifests
from cictl.errors import NotFound, TimedOut

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cictl.core.chart_request import ChartRequest

BINARY_VARIABLE = "CICTL_HELM"
_INSTALL_HINT = f"install Helm 3 (https://helm.sh/docs/intro/install), or name its binary in {BINARY_VARIABLE}"
# These change what is rendered, or what Helm prints; all else (proxies, HOME, registries) is the user's.
_DROPPED_VARIABLES = frozenset({"HELM_DEBUG", "HELM_NAMESPACE", "HELM_KUBECONTEXT"})


class HelmMissing(NotFound):
    """There is no Helm to render charts with."""


class Helm:
    """Renders charts by `helm template`."""

    def __init__(self, environment: Mapping[str, str], *, timeout_seconds: float = 60.0) -> None:
        """Find Helm by ENVIRONMENT, which it runs in; a chart that takes longer than TIMEOUT_SECONDS is given up."""
        self._environment = {name: value for name, value in environment.items() if name not in _DROPPED_VARIABLES}
        self._timeout_seconds = timeout_seconds

    def template(self, request: ChartRequest) -> tuple[object, ...]:
        """Return the documents that REQUEST's chart renders; hooks are among them, for the caller to refuse."""
        result = self._run(_arguments(request), json.dumps(request.values))
        if result.returncode != 0:
            raise translate(result.stderr, request)
        return parse_manifests(result.stdout, f"what chart {request.chart} renders")

    def version(self) -> str:
        """Return Helm's version, as in `v3.18.0`."""
        result = self._run(["version", "--template", "{{.Version}}"], "")
        return result.stdout.strip()

    def _binary(self) -> str:
        """Return the path of Helm."""
        named = self._environment.get(BINARY_VARIABLE)
        found = shutil.which(named or "helm", path=self._environment.get("PATH"))
        if found is None:
            what = f"{BINARY_VARIABLE} names {named!r}, which is no program" if named else "there is no helm on PATH"
            raise HelmMissing(f"charts cannot be rendered: {what}", hint=_INSTALL_HINT)
        return found

    def _run(self, arguments: list[str], values: str) -> subprocess.CompletedProcess[str]:
        """Run Helm with VALUES on its standard input: neither arguments nor a file, where others could read them."""
        command = [self._binary(), *arguments]
        try:
            return subprocess.run(
                command,
                input=values,
                env=self._environment,
                capture_output=True,
                check=False,
                encoding="utf-8",
                timeout=self._timeout_seconds,
            )
        except subprocess.TimeoutExpired as error:
            message = f"helm {' '.join(arguments[-2:])} did not end within {self._timeout_seconds:.0f} s"
            raise TimedOut(message, hint="look for a template that loops") from error
        except OSError as error:
            raise HelmMissing(f"helm cannot be run: {error}", hint=_INSTALL_HINT) from error


def _arguments(request: ChartRequest) -> list[str]:
    """Return the arguments; without `--no-hooks`, which would drop hooks without a word."""
    options = ["--namespace", request.namespace, "--values", "-"]
    if request.kube_version:
        options += ["--kube-version", request.kube_version]
    for version in sorted(request.api_versions):
        options += ["--api-versions", version]
    return ["template", *options, "--", request.name, request.chart]

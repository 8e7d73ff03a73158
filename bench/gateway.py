"""The API server on plain HTTP on loopback, by `kubectl proxy`, with every request counted."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from bench.counting import CountingProxy
from bench.place import Place


@dataclass(frozen=True, slots=True)
class Gateway:
    """A kubeconfig that leads through the counter."""

    kubeconfig: Path
    counter: CountingProxy


@contextmanager
def gateway(place: Place, name: str) -> Iterator[Gateway]:
    """Open a gateway of its own for one client, called NAME."""
    words = place.kubectl_words("proxy", "--port=0", "--reject-methods=^$", "--reject-paths=^$")
    environment = {**os.environ, **place.variables}
    process = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline() if process.stdout else ""
        if (found := re.search(r":(\d+)\s*$", line)) is None:
            raise RuntimeError(f"kubectl proxy says {line!r}")
        with CountingProxy("127.0.0.1", int(found[1])) as counter:
            path = place.folder / f"{name}.kubeconfig"
            path.write_text(yaml.safe_dump(kubeconfig(place.context, counter.url)))
            yield Gateway(path, counter)
    finally:
        process.kill()
        process.communicate()


def kubeconfig(context: str, url: str) -> dict[str, object]:
    """Return a kubeconfig whose only context leads to URL, where nobody asks who one is."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "gateway", "cluster": {"server": url}}],
        "users": [{"name": "nobody", "user": {}}],
        "contexts": [{"name": context, "context": {"cluster": "gateway", "user": "nobody"}}],
        "current-context": context,
    }

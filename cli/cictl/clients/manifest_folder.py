"""A folder of plain manifests; renders nothing and follows no kustomization."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cictl.clients.manifest_yaml import parse_manifests
from cictl.errors import ConfigInvalid, NotFound

if TYPE_CHECKING:
    from pathlib import Path

_SUFFIXES = frozenset({".yaml", ".yml", ".json"})
_KUSTOMIZATIONS = frozenset({"kustomization.yaml", "kustomization.yml"})


class ManifestFolder:
    """Reads the manifests of a folder, as `kubectl apply -f FOLDER` would."""

    def read(self, folder: Path) -> tuple[object, ...]:
        """Return all documents of FOLDER's files, in the order of their names."""
        if not folder.is_dir():
            raise NotFound(f"there is no folder {folder}", hint="correct `manifests` in service.yaml")
        files = sorted(path for path in folder.iterdir() if path.suffix in _SUFFIXES)
        if kustomization := next((path for path in files if path.name in _KUSTOMIZATIONS), None):
            hint = f"write what 'kubectl kustomize {folder}' prints into a folder, and name that one"
            raise ConfigInvalid(f"{kustomization} is a kustomization, not a manifest", hint=hint)
        if not files:
            raise ConfigInvalid(
                f"{folder} holds no manifest (*.yaml, *.yml, *.json)", hint="add the service's manifests"
            )
        return tuple(document for path in files for document in _read(path))


def _read(path: Path) -> tuple[object, ...]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigInvalid(f"{path} cannot be read: {error}", hint="make it a readable UTF-8 file") from error
    return parse_manifests(text, str(path))

"""Bills of materials: whether a document is one, and of how much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sbom:
    """A bill of materials in CycloneDX's form; `spec_version` is as "1.6", `components` how many it lists."""

    spec_version: str
    components: int


class NoSbom(ValueError):
    """What was given is no bill of materials, or an empty one."""


def read_sbom(document: object) -> Sbom:
    """Return what DOCUMENT, the JSON of CycloneDX, comes to; raise `NoSbom` for anything else."""
    if not isinstance(document, Mapping) or document.get("bomFormat") != "CycloneDX":
        raise NoSbom("it is not CycloneDX in JSON")
    version, components = document.get("specVersion"), document.get("components")
    if not isinstance(version, str) or not isinstance(document.get("metadata"), Mapping):
        raise NoSbom("it is not whole: specVersion or metadata is missing")
    if not isinstance(components, list) or all(_is_no_part(each) for each in components):
        raise NoSbom("it lists nothing: no packages, no dependencies were understood")
    return Sbom(version, len(components))


def _is_no_part(component: object) -> bool:
    return isinstance(component, Mapping) and component.get("type") in {"operating-system", "file"}

"""What a chart is to be rendered for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class ChartRequest:
    """`chart` is where the chart lies; the versions are the live cluster's, so that `.Capabilities` tells the truth."""

    name: str
    chart: str
    namespace: str
    values: Mapping[str, Any]
    kube_version: str
    api_versions: tuple[str, ...] = ()

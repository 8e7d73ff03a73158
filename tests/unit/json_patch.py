"""JSON Patch (RFC 6902) as the API server applies it."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from cictl.core.workload import canonical_json
from cictl.errors import Conflict

Json = dict[str, Any]


def apply_patch(document: Json, operations: Sequence[Json]) -> Json:
    """Return DOCUMENT after a JSON Patch (RFC 6902), as the API server applies it; Conflict where a test fails."""
    changed = copy.deepcopy(document)
    for operation in operations:
        _apply_operation(changed, operation)
    return changed


def _apply_operation(document: Json, operation: Json) -> None:
    *parents, last = [part.replace("~1", "/").replace("~0", "~") for part in operation["path"].split("/")[1:]]
    place: Any = document
    for part in parents:
        place = place[int(part)] if isinstance(place, list) else place.get(part)
        if place is None:
            raise Conflict(f"{operation['path']} does not exist")
    key: Any = int(last) if isinstance(place, list) else last
    exists = key < len(place) if isinstance(place, list) else key in place
    match operation["op"]:
        case "test":
            found = place[key] if exists else None
            if canonical_json(found) != canonical_json(operation["value"]):
                raise Conflict(f"testing {operation['path']} failed")
        case "remove":
            del place[key]
        case "replace" if not exists:
            raise Conflict(f"{operation['path']} does not exist")
        case _:
            place[key] = copy.deepcopy(operation["value"])

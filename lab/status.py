"""What of the lab runs, as which process, with how much memory, and whether it is ready."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from lab import control, machine, parts
from lab.layout import Layout
from lab.parts import Part
from lab.probing import is_ready

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class PartStatus:
    """One part: its process on this machine, or none."""

    name: str
    pid: int | None
    memory_bytes: int
    ready: bool

    @property
    def state(self) -> str:
        """Whether the process is there."""
        return "running" if self.pid else "stopped"


def observe(layout: Layout) -> list[PartStatus]:
    """Return the status of every part; all are stopped when the lab is."""
    table = parts.table(layout)
    lab = control.running(layout)
    pids = control.outer_pids(layout, lab) if lab else {}

    def look(part: Part) -> PartStatus:
        pid = pids.get(part.name)
        memory = machine.memory_bytes(pid) if pid else 0
        return PartStatus(part.name, pid, memory, ready=pid is not None and is_ready(layout, part.ready))

    with ThreadPoolExecutor(len(table)) as pool:
        return list(pool.map(look, table.values()))


def as_data(statuses: list[PartStatus]) -> dict[str, Any]:
    """Return the statuses for machines."""
    items = [{**asdict(status), "state": status.state} for status in statuses]
    return {"apiVersion": "lab.cictl.dev/v1", "kind": "LabStatus", "ready": is_up(statuses), "parts": items}


def as_table(statuses: list[PartStatus]) -> str:
    """Return the statuses for people."""
    lines = [f"{'PART':<20}{'STATE':<10}{'PID':>8}{'MEMORY':>10}  READY"]
    for status in statuses:
        memory = f"{status.memory_bytes // MEBIBYTE} MiB" if status.pid else "-"
        ready = "yes" if status.ready else "no"
        lines.append(f"{status.name:<20}{status.state:<10}{status.pid or '-':>8}{memory:>10}  {ready}")
    return "\n".join(lines)


def is_up(statuses: list[PartStatus]) -> bool:
    """Tell whether every part is ready."""
    return all(status.ready for status in statuses)

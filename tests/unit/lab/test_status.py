"""Status for people and for programs."""

from lab import status
from lab.layout import Layout
from lab.status import PartStatus

RUNNING = PartStatus("etcd", 4711, 30 * status.MEBIBYTE, ready=True)
STOPPED = PartStatus("registry", None, 0, ready=False)


def test_table() -> None:
    assert [line.split() for line in status.as_table([RUNNING, STOPPED]).splitlines()] == [
        ["PART", "STATE", "PID", "MEMORY", "READY"],
        ["etcd", "running", "4711", "30", "MiB", "yes"],
        ["registry", "stopped", "-", "-", "no"],
    ]


def test_data() -> None:
    data = status.as_data([RUNNING, STOPPED])
    assert data["kind"] == "LabStatus"
    assert data["ready"] is False
    assert data["parts"][0] == {
        "name": "etcd",
        "pid": 4711,
        "memory_bytes": 30 * status.MEBIBYTE,
        "ready": True,
        "state": "running",
    }


def test_everything_is_stopped_when_there_is_no_lab(layout: Layout) -> None:
    assert {part.state for part in status.observe(layout)} == {"stopped"}

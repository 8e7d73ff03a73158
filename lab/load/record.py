"""What is kept of one request, and its line in a file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from http import HTTPStatus


@dataclass(frozen=True, slots=True)
class Record:
    """Times are seconds since the epoch; STATUS or ERROR is there, never both; latency counts from SCHEDULED."""

    scheduled: float
    sent: float
    latency: float
    status: int | None = None
    error: str | None = None
    version: str | None = None
    config: str | None = None

    @property
    def is_ok(self) -> bool:
        """Answered, and neither with the client's nor the server's fault."""
        return self.status is not None and self.status < HTTPStatus.BAD_REQUEST

    def to_line(self) -> str:
        """Write as one line of JSON."""
        return json.dumps(asdict(self)) + "\n"

    @classmethod
    def from_line(cls, line: str) -> Record:
        """Read what `to_line` wrote."""
        return cls(**json.loads(line))

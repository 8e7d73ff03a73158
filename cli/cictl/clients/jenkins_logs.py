"""Logs of one Jenkins that still grow: read from where one was, as they arrive."""

from __future__ import annotations

from collections.abc import Callable

from cictl.clients.jenkins_connection import JenkinsConnection
from cictl.core.jenkins_builds import LogPosition


def read_growing(connection: JenkinsConnection, path: str, start: int, sink: Callable[[bytes], None]) -> LogPosition:
    """Give SINK what the log of the page PATH has from START on, in bytes, and return where to go on.

    Asked for more than there is, Jenkins begins anew: what is told already is not given to SINK again.
    """
    with connection.stream(f"{path}/logText/progressiveText", {"start": start}) as (headers, pieces):
        told = headers.get("X-Text-Size") or ""
        size = int(told) if told.isdecimal() else start
        for piece in pieces:
            if size >= start:
                sink(piece)
        return LogPosition(max(size, start), headers.get("X-More-Data") == "true")

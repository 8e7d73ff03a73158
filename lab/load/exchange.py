"""One request over one connection: an answer, or the class of what went wrong."""

from __future__ import annotations

import asyncio
import errno
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.load.target import Target

LONGEST_HEAD = 64 * 1024
LONGEST_BODY = 4 * 1024 * 1024
CLASSES = {
    errno.ECONNREFUSED: "refused",
    errno.ECONNRESET: "reset",
    errno.EPIPE: "reset",
    errno.EHOSTUNREACH: "unreachable",
    errno.ENETUNREACH: "unreachable",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int | None = None
    error: str | None = None
    version: str | None = None
    config: str | None = None


async def exchange(target: Target, timeout_seconds: float) -> Answer:
    """Ask TARGET once. Never raises for what the network or the server did."""
    try:
        async with asyncio.timeout(timeout_seconds):
            return await ask(target)
    except TimeoutError:
        return Answer(error="timeout")
    except asyncio.IncompleteReadError:
        return Answer(error="truncated")
    except (asyncio.LimitOverrunError, ValueError, IndexError):
        return Answer(error="malformed")
    except OSError as error:
        return Answer(error=CLASSES.get(error.errno or 0, f"os-{error.errno}"))


async def ask(target: Target) -> Answer:
    """Connect, write, read the whole answer, hang up."""
    reader, writer = await asyncio.open_connection(target.address, target.port, limit=LONGEST_HEAD)
    try:
        writer.write(target.request)
        return await read_answer(reader)
    finally:
        writer.close()


async def read_answer(reader: asyncio.StreamReader) -> Answer:
    """Read head and body; an answer that breaks off is not one."""
    status_line, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    await read_body(reader, headers.get("content-length"))
    status = int(status_line.split(" ", 2)[1])
    return Answer(status=status, version=headers.get("x-version"), config=headers.get("x-config"))


async def read_body(reader: asyncio.StreamReader, length: str | None) -> None:
    """Read LENGTH bytes; without a length, whatever comes until the server hangs up."""
    if length is not None:
        await reader.readexactly(min(int(length), LONGEST_BODY))
        return
    left = LONGEST_BODY
    while left > 0 and (chunk := await reader.read(min(left, LONGEST_HEAD))):
        left -= len(chunk)

"""A proxy on loopback that counts the requests which pass: it reads as much of HTTP/1.1 as tells one from the next."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import Self

_LOOPBACK = "127.0.0.1"
_PIECE = 64 * 1024


class CountingProxy:
    """Passes everything on to HOST:PORT and counts requests by `METHOD`, watches apart as `WATCH`."""

    def __init__(self, host: str, port: int) -> None:
        """Listen on a port of its own from `start` until `stop`."""
        self._host, self._port = host, port
        self._counts: dict[str, int] = {}
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.port = 0

    @property
    def url(self) -> str:
        """Where to ask instead."""
        return f"http://{_LOOPBACK}:{self.port}"

    def reset(self) -> None:
        """Count from nothing again."""
        self._counts = {}

    @property
    def counts(self) -> dict[str, int]:
        """How many requests of each kind came since."""
        return dict(self._counts)

    def __enter__(self) -> Self:
        """Begin to listen."""
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        """Let every connection go."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, _LOOPBACK, 0, limit=_PIECE))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        server.close()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(self._host, self._port, limit=_PIECE)
        back = asyncio.create_task(_copy(far_reader, writer))
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):  # asyncio reports a cancelled one
            while True:
                await self._pass_request(reader, far_writer)
        back.cancel()
        far_writer.close()
        writer.close()

    async def _pass_request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        kind, length = read_head(head)
        self._counts[kind] = self._counts.get(kind, 0) + 1
        writer.write(head)
        if length:
            writer.write(await reader.readexactly(length))
        await writer.drain()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await reader.read(_PIECE):
            writer.write(piece)
            await writer.drain()
    writer.close()


def read_head(head: bytes) -> tuple[str, int]:
    """Return what kind of request HEAD begins, and the length of its body."""
    request, *lines = head.decode("latin-1").split("\r\n")
    method, target, *_ = request.split(" ")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    is_watch = "watch=true" in target or "watch=1" in target
    return "WATCH" if is_watch else method, int(headers.get("content-length", "0"))

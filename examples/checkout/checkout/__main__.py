"""`python -m checkout`: serve until SIGTERM."""

from __future__ import annotations

import signal
import sys
import threading

from prometheus_client import REGISTRY, start_http_server

from checkout.server import Server
from checkout.settings import Settings, SettingsError, load


def main() -> int:
    """Serve until told to stop; 0 after every request under way was answered."""
    try:
        settings = load()
    except (SettingsError, OSError) as error:
        return complain(str(error))
    if settings.fault_crash_at_start:
        return complain("fault_crash_at_start")
    serve(settings)
    return 0


def serve(settings: Settings) -> None:
    """Listen on both ports until SIGTERM or SIGINT, then drain."""
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # none is lost that comes before it is waited for
    server = Server(settings, REGISTRY)
    start_http_server(settings.metrics_port)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    print(f"checkout {settings.version} listens on {server.server_port}", file=sys.stderr)  # noqa: T201
    signal.sigwait(ends)
    server.drain()


def complain(message: str) -> int:
    """Say on stderr why it ends."""
    print(f"checkout: {message}", file=sys.stderr)  # noqa: T201
    return 1


if __name__ == "__main__":
    sys.exit(main())

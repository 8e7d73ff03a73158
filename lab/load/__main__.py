"""`python -m lab.load URL --rate 50 --duration 30 --out FILE.jsonl`."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from lab.load.arrivals import Plan
from lab.load.generator import Generator
from lab.load.summary import summarize
from lab.load.target import Target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lab.load.record import Record


def parser() -> argparse.ArgumentParser:
    """Return what the command line takes."""
    made = argparse.ArgumentParser(prog="python -m lab.load", description="Open-loop HTTP load with Poisson arrivals.")
    made.add_argument("url", help="http:// address to GET")
    made.add_argument("--rate", type=float, default=20.0, help="requests per second on average (%(default)s)")
    made.add_argument("--duration", type=float, default=10.0, help="seconds to send for (%(default)s)")
    made.add_argument("--count", type=int, default=1_000_000, help="most requests to send (%(default)s)")
    made.add_argument("--timeout", type=float, default=2.0, help="seconds until a request counts as lost (%(default)s)")
    made.add_argument("--seed", type=int, help="repeat the same arrivals")
    made.add_argument("--out", type=Path, help="file for the records, one line of JSON each")
    made.add_argument("--allow-any", action="store_true", help="targets beyond loopback and 198.18.0.0/15")
    made.add_argument("--quiet", action="store_true", help="print no summary")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Send, record, sum up on stdout; 2 for a target or numbers that are refused."""
    options = parser().parse_args(arguments)
    try:
        target = Target.parse(options.url, allow_any=options.allow_any)
        plan = Plan(options.rate, options.duration, options.count, options.seed)
    except ValueError as error:
        print(f"lab.load: {error}", file=sys.stderr)
        return 2
    records = asyncio.run(send(target, plan, options.out, options.timeout))
    if not options.quiet:
        print(json.dumps(summarize(records).to_dict(), indent=2))
    return 0


async def send(target: Target, plan: Plan, out: Path | None, timeout_seconds: float) -> list[Record]:
    """Run PLAN; SIGTERM and SIGINT end it early and in order."""
    records: list[Record] = []
    with out.open("w", encoding="utf-8", buffering=1) if out else nullcontext() as file:

        def keep(one: Record) -> None:
            records.append(one)
            if file:
                file.write(one.to_line())

        generator = Generator(target, plan, keep, timeout_seconds=timeout_seconds)
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, generator.stop)
        await generator.run()
    return records


if __name__ == "__main__":
    sys.exit(main())

"""Where the program starts: what the same line printed of the same files is printed before Click is loaded."""

from __future__ import annotations

import os
import sys


def main() -> int:
    """Run the command line of this process and return its exit status."""
    try:
        if sys.argv[1:3] == ["jobs", "render"] and _is_printed_again():
            return 0
    except (OSError, KeyboardInterrupt) as problem:
        return _ended_by(problem)
    from cictl.root import main as run  # noqa: PLC0415 - Click and all that it loads

    return run()


def _is_printed_again() -> bool:
    from cictl.clients.job_builder_lines import RenderedLine  # noqa: PLC0415 - other commands need none
    from cictl.user_folders import cache_place  # noqa: PLC0415 - as above

    printed = RenderedLine(cache_place(os.environ), sys.argv[1:], os.environ).find()
    if printed is None or sys.stdout is None:
        return False
    sys.stdout.buffer.write(printed)
    sys.stdout.buffer.flush()
    return True


def _ended_by(problem: BaseException) -> int:
    from cictl.root import main as run  # noqa: PLC0415 - as above

    def fail(*_: object) -> int:
        raise problem

    return run(run=fail)

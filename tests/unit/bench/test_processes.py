from __future__ import annotations

import os

from bench.processes import cpu_seconds, usage_of


def test_cpu_seconds_are_user_and_system_time_whatever_the_name() -> None:
    ticks = os.sysconf("SC_CLK_TCK")
    stat = f"7 (a ) b) S {' '.join(['0'] * 10)} {ticks} {2 * ticks} 0 0"
    assert cpu_seconds(stat) == 3.0


def test_usage_of_this_process() -> None:
    usage = usage_of(os.getpid())
    assert 0 < usage.memory <= usage.peak_memory
    assert usage.cpu_seconds > 0

"""What a pusher who waits is shown."""

from __future__ import annotations

import pytest

from cictl.core.push_run_lines import brief, complaint


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("16:03:19 stage Checkout: success (0.0s)", "16:03:19 stage Checkout: success (0.0s)"),
        ("16:03:47 run 1: success: checkout sha256:1", "16:03:47 run 1: success: checkout sha256:1"),
        ("[Build checkout/checkout] 15:45:01 15:45:01 #1 DONE 0.0s", None),
        ("[Deploy checkout/checkout] 15:45:06 + mkdir -p /tmp", None),
        (
            "[Deploy checkout/checkout] 15:45:11 15:45:11 promoting → succeeded: every pod is of the new release",
            "15:45:11 [Deploy checkout] promoting → succeeded: every pod is of the new release",
        ),
        ("[Deploy checkout] 15:45:11 15:45:11 promoting: 2 of 3 new, 5 available (stable 3/1 ready)", None),
        ("[Deploy checkout] stepping 1/2 (30 %): 0 of 1 new pods ready (new 0/1 ready)", None),
        ("[Deploy a] 16:04:25 gate default: insufficient: traffic: 15 of 200 requests [targets 1]", None),
        (
            "[Deploy a] gate default: healthy: error-rate 0 of 212",
            "[Deploy a] gate default: healthy: error-rate 0 of 212",
        ),
        ("[Deploy a] 16:04:22   step 1    weight 30 %", "16:04:22 [Deploy a]   step 1    weight 30 %"),
        ("publishChecks is left out: it needs a Jenkins", None),
        ("", None),
    ],
)
def test_brief(line: str, shown: str | None) -> None:
    assert brief(line) == shown


def test_the_last_error_is_the_reason() -> None:
    log = "10:00:00 run 1 begins\nerror: old\nhint: x\nerror: Jenkinsfile has 2 errors:\n  a\n  b\nhint: y\n"
    assert complaint(log) == "Jenkinsfile has 2 errors: a b"
    assert complaint("10:00:00 run 1 begins\nno error: here\n") is None

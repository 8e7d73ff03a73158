"""What clients saw of a rollout, by the load generator's record."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Self

from scipy.stats import binom

from lab.load import Load, Record

CHANCE = 1e-6  # of a test failing although pods are chosen at random by their number
ROUTING_SECONDS = 4.0  # until kube-proxy on a busy machine has heard that a pod is going


class Clients:
    """Requests at a steady rate while the test goes on; what each saw is judged afterwards."""

    def __init__(self, url: str, *, rate: float = 40.0) -> None:
        """Ask URL, RATE times a second."""
        self._load = Load(url, rate=rate, duration=180, timeout=5.0)
        self.records: Sequence[Record] = ()

    def start(self) -> Self:
        """Return once requests are on their way."""
        self._load.start()
        return self

    def stop(self) -> None:
        """Send no more, and keep what was seen; once more changes nothing."""
        self.records = self._load.stop()

    def so_far(self) -> list[Record]:
        """Return what is known while it goes on."""
        return self._load.records()

    def finish(self) -> float:
        """Go on for a while, so that what comes after the end is seen too; return when that end was."""
        ended = time.time()
        time.sleep(ROUTING_SECONDS + 0.5)
        self.stop()
        return ended

    def assert_no_request_lost(self, *, faulty: str | None = None) -> None:
        """No request failed, but those that the version FAULTY itself answered with an error."""
        assert len(self.records) > 10, "there was no traffic"
        lost = [one for one in self.records if not one.is_ok and (faulty is None or one.version != faulty)]
        assert not lost, f"{len(lost)} of {len(self.records)} requests lost: {lost[:5]}"

    def seen(self, version: str) -> list[Record]:
        """Return the responses of VERSION."""
        return [one for one in self.records if one.version == version]

    def configs(self, version: str) -> set[str | None]:
        """Return the configurations that VERSION answered with."""
        return {one.config for one in self.seen(version)}

    def assert_share_at_most(self, version: str, share: float) -> None:
        """Between its first and its last response VERSION answered no more than SHARE of the requests."""
        times = [one.sent for one in self.seen(version)]
        if len(times) < 3:
            return
        inside = [one for one in self.records if min(times) < one.sent < max(times)]
        theirs = sum(one.version == version for one in inside)
        bound = binom.isf(CHANCE, len(inside), share)
        assert theirs <= bound, f"{version} answered {theirs} of {len(inside)} requests, more than {share:.0%} allows"

    def assert_none_after(self, version: str, when: float) -> None:
        """VERSION answered nothing that was sent after WHEN, but for the time that routing takes."""
        late = [one for one in self.seen(version) if one.sent > when + ROUTING_SECONDS]
        assert not late, (
            f"{len(late)} responses of {version} after its end, the last {late[-1].sent - when:.2f} s after"
        )
        assert any(one.sent > when + ROUTING_SECONDS for one in self.records), "nobody asked after the end"

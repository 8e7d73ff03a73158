"""What clients saw of a rollout, by the load generator's record."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import Self

import requests
from scipy.stats import binom

from lab.load import Load, Record
from tests.e2e.support.program import PATIENCE_SECONDS
from tests.running import eventually

CHANCE = 1e-6  # of a test failing although pods are chosen at random by their number
LOOK_SECONDS = 4.5  # beyond what kube-proxy takes to hear that a pod is going, where the machine is not too busy
ROUTING_SECONDS = 20.0  # until it has heard, and the pod has ended, on the busiest
ANSWERS = 50  # so many in a row of one version: no pod of another is among those that are chosen from


class Clients:
    """Requests at a steady rate while the test goes on; what each saw is judged afterwards."""

    def __init__(self, url: str, *, rate: float = 40.0) -> None:
        """Ask URL, RATE times a second."""
        self._url = url
        self._load = Load(url, rate=rate, duration=900, timeout=20.0)
        self.records: Sequence[Record] = ()

    def start(self) -> Self:
        """Return once requests are on their way; the first is sent when kube-proxy has heard of the Service."""
        eventually(self._is_reached, seconds=PATIENCE_SECONDS, what=f"an answer of {self._url}")
        self._load.start()
        return self

    def _is_reached(self) -> bool:
        try:
            return requests.get(self._url, timeout=20).ok
        except requests.RequestException:
            return False

    def stop(self) -> None:
        """Send no more, and keep what was seen; once more changes nothing."""
        self.records = self._load.stop()

    def so_far(self) -> list[Record]:
        """Return what is known while it goes on."""
        return self._load.records()

    def finish(self) -> float:
        """Go on until one version alone answers, so that what comes after the end is seen too; return when that was."""
        ended = time.time()
        try:
            eventually(
                lambda: self._is_settled(ended),
                seconds=2 * ROUTING_SECONDS,
                every=0.5,
                what=lambda: f"one version alone: {Counter(one.version for one in self._newest())} answered last",
            )
        finally:
            self.stop()
        return ended

    def _is_settled(self, ended: float) -> bool:
        """Whether requests are sent that see nothing of what came before the end any more."""
        newest = self._newest()
        is_after = newest[0].sent > ended and newest[-1].sent > ended + LOOK_SECONDS
        return is_after and len({one.version for one in newest}) == 1

    def _newest(self) -> list[Record]:
        return sorted(self.so_far(), key=lambda one: one.sent)[-ANSWERS:]

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
        last = max((one.sent for one in self.seen(version)), default=when)
        assert last < when + ROUTING_SECONDS, f"{version} still answered {last - when:.2f} s after its end"
        after = [one for one in self.records if one.sent > max(last, when)]
        assert len(after) >= ANSWERS, f"only {len(after)} asked after the last answer of {version}"

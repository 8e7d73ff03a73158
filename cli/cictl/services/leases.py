"""Holding the Lease of a service's rollouts; expiry is judged by this process's own clock since it saw a change."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from cictl.clock import Clock
from cictl.core.lease import RENEW_SECONDS, Holder, lease_body, lease_name, read_lease
from cictl.errors import CictlError, Conflict
from cictl.services.once import do_once

Json = dict[str, Any]
_LOOK_SECONDS = 0.5


class LeaseHeld(Conflict):
    """Somebody else drives."""


class Leases(Protocol):
    """What holding a Lease needs of the cluster."""

    def find(self, kind: str, namespace: str, name: str) -> Json | None:
        """Read one object, None where there is none."""

    def create(self, namespace: str, body: Json, *, dry_run: bool = False) -> Json:
        """Create one object."""

    def replace(self, namespace: str, body: Json) -> Json:
        """Replace an object whose resourceVersion is still the one in BODY."""

    def now(self) -> float:
        """Return the API server's time."""


class LeaseKeeper:
    """One process's claim on one service's rollouts."""

    def __init__(self, cluster: Leases, namespace: str, service: str, identity: str, clock: Clock) -> None:
        """Claim in the name of IDENTITY, which no other process has."""
        self._cluster, self._namespace, self._service = cluster, namespace, service
        self.identity, self._clock = identity, clock
        self._done = threading.Event()
        self._version: str | None = None
        self._renewing = threading.Thread(target=self._renew, name="lease", daemon=True)

    def holder(self) -> Holder | None:
        """Return who holds the Lease, None where it was never made."""
        raw = self._cluster.find("Lease", self._namespace, lease_name(self._service))
        return None if raw is None else read_lease(raw)

    def acquire(self, *, take_over: bool, on_wait: Callable[[str], None]) -> None:
        """Take the Lease: at once where it is free or TAKE_OVER is set, else when its holder has stopped renewing.

        Raises LeaseHeld where the holder renews it.
        """
        holder = self.holder()
        if holder is not None and not holder.is_free and not take_over:
            holder = self._wait_until_expired(holder, on_wait)
        try:
            self._write(holder.resource_version if holder else None)
        except LeaseHeld:
            if not take_over or (holder := self.holder()) is None:
                raise
            self._write(holder.resource_version)  # its holder has renewed it since
        self._renewing.start()

    def _wait_until_expired(self, holder: Holder, on_wait: Callable[[str], None]) -> Holder | None:
        on_wait(f"{holder.identity} held the rollout: waiting {holder.duration_seconds} s to see whether it still runs")
        latest: Holder | None = holder
        end = self._clock.monotonic() + holder.duration_seconds
        while self._clock.monotonic() < end:
            self._clock.sleep(_LOOK_SECONDS)
            latest = self.holder()
            if latest is None or latest.is_free:
                break
            if latest.resource_version != holder.resource_version:
                message = f"{self._service} is driven by {latest.identity} (renewed {latest.renewed})"
                raise LeaseHeld(message, hint="wait for it, or take over with 'cictl rollout resume --take-over'")
        return latest

    def _write(self, resource_version: str | None) -> None:
        """Write that this process drives; after a lost answer the Lease may say so already, in a newer version."""
        body = lease_body(self._service, self.identity, self._cluster.now(), resource_version=resource_version)
        send = self._cluster.create if resource_version is None else self._cluster.replace
        try:
            answer = do_once(lambda: send(self._namespace, body), self._find_own)
        except Conflict as problem:
            message = f"somebody else began to drive {self._service} at the same moment"
            raise LeaseHeld(message, hint=f"run 'cictl rollout status {self._service}'") from problem
        self._version = answer["metadata"]["resourceVersion"]

    def _find_own(self) -> Json | None:
        raw = self._cluster.find("Lease", self._namespace, lease_name(self._service))
        return raw if raw is not None and read_lease(raw).identity == self.identity else None

    def _renew(self) -> None:
        while not self._done.wait(RENEW_SECONDS):
            try:
                self._write(self._version)
            except LeaseHeld:
                return  # the token on the Deployment will stop this driver
            except CictlError:
                continue

    def release(self) -> None:
        """Give the Lease back, so that nobody has to wait for it; failing that, it expires."""
        if self._done.is_set() or self._version is None:
            return
        self._done.set()
        if self._renewing.is_alive():
            self._renewing.join(_LOOK_SECONDS)  # a renewal under way would make what follows a conflict
        with suppress(CictlError):
            self._give_back(self._version)

    def _give_back(self, resource_version: str) -> None:
        """Write that nobody drives; a renewal that came in between, later than it was waited for, made it newer."""
        body = lease_body(self._service, "", self._cluster.now(), resource_version=resource_version)
        try:
            self._cluster.replace(self._namespace, body)
        except Conflict:
            if (own := self._find_own()) is None:
                return
            body["metadata"]["resourceVersion"] = own["metadata"]["resourceVersion"]
            self._cluster.replace(self._namespace, body)

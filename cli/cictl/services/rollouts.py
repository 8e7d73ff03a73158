"""Starting, resuming, aborting and undoing rollouts: who may drive, the first act, and then the driver's loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from cictl.core.acts import abort_by_user, first_write, take_over
from cictl.core.holding import is_held
from cictl.core.outcome import Outcome
from cictl.core.patches import fence_operations, write_operations
from cictl.core.plan import Plan
from cictl.core.record import ReleaseRecord
from cictl.core.release_plan import first_install_body
from cictl.core.rollout_state import Phase, Reason, RolloutState
from cictl.core.wanted import Wanted
from cictl.core.workload import Deployment, is_owned_by, label_selector, read_deployment, read_replica_set, template_key
from cictl.errors import Conflict, NotFound, Unreachable
from cictl.services.driver import Driver, Reporter
from cictl.services.planning import read_state
from cictl.services.release_store import StoredRelease
from cictl.services.sessions import Parts, claim, driving_session

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """A release whose rollout is not finished, and what is live of it."""

    stored: StoredRelease
    deployment: Deployment | None
    state: RolloutState | None

    @property
    def is_begun(self) -> bool:
        """Whether the first act was done."""
        return self.state is not None and self.state.release == self.stored.revision

    @property
    def is_removed(self) -> bool:
        """Whether a first install was being taken back and its Deployment is gone."""
        return self.deployment is None and self.stored.ending is not None

    @property
    def is_left_held(self) -> bool:
        """Whether the Deployment is held though its labels say nothing of it."""
        return not self.is_begun and self.deployment is not None and is_held(self.deployment.held)


class Rollouts:
    """The rollouts of one namespace."""

    def __init__(self, parts: Parts, namespace: str) -> None:
        """Work with PARTS in NAMESPACE."""
        self._parts, self._namespace = parts, namespace

    def plan(self, wanted: Wanted) -> Plan:
        """Return what a rollout of WANTED would do."""
        return self._parts.planner.plan(wanted)

    def start(self, plan: Plan, reporter: Reporter) -> Outcome:
        """Do what PLAN says, exactly: where anything moved since, nothing is done (Conflict)."""
        record = plan.record
        with self._driving(record.service, take_over=False, reporter=reporter):
            stored = self._parts.store.create(record)
            self._parts.objects.create_missing(stored)
            self._begin(stored, plan.deployment, plan.token)
            return self._drive(stored, plan.token, reporter)

    def _begin(self, stored: StoredRelease, planned: Deployment | None, token: int) -> None:
        """Do the first act, once; after a lost answer look whether it was done."""
        try:
            self._first_act(stored.record, planned, token)
        except Unreachable:
            self._find_first_act(stored, token)
        except Conflict as problem:
            if not self._is_begun(stored, token):
                why = "the Deployment was changed since the plan was made"
                self._parts.store.finish(stored, Phase.SUPERSEDED, why, "")
                raise Conflict(f"{stored.record.service}: {why}; nothing was done", hint="run it again") from problem

    def _first_act(self, record: ReleaseRecord, planned: Deployment | None, token: int) -> None:
        if planned is None:
            self._parts.cluster.create(self._namespace, first_install_body(record, token))
            return
        write = first_write(record, token, self._parts.cluster.now())
        operations = write_operations(planned, write, record.templates())
        self._parts.cluster.patch("Deployment", self._namespace, planned.name, operations)

    def _find_first_act(self, stored: StoredRelease, token: int) -> None:
        if not self._is_begun(stored, token):
            message = f"{stored.record.service}: the answer to the first act was lost, and it was not done"
            raise Unreachable(message, hint=f"run 'cictl rollout resume {stored.record.service}'")

    def _is_begun(self, stored: StoredRelease, token: int) -> bool:
        deployment = self._deployment(stored.record.deployment)
        state = None if deployment is None else read_state(deployment)
        return state is not None and (state.release, state.token) == (stored.revision, token)

    def _deployment(self, name: str) -> Deployment | None:
        raw = self._parts.cluster.find("Deployment", self._namespace, name)
        return None if raw is None else read_deployment(raw)

    def resume(self, service: str, reporter: Reporter, *, take_over: bool) -> Outcome:
        """Go on with the rollout of SERVICE that its driver left."""
        standing = self.standing(service)
        with self._driving(service, take_over=take_over, reporter=reporter):
            standing = self.standing(service)
            if standing.is_removed:
                return self._finish_removal(standing.stored)
            token = self._claim(standing)
            return self._drive(standing.stored, token, reporter)

    def _claim(self, standing: Standing) -> int:
        """Make the rollout this process's own: write a higher token, or do the first act that was never done."""
        stored, deployment, state = standing.stored, standing.deployment, standing.state
        token = (state.token if state else 0) + 1
        if not standing.is_begun:
            self._check_untouched(standing)
            self._parts.objects.create_missing(stored)
            self._begin(stored, deployment, token)
            return token
        if deployment is None or state is None or state.phase.is_terminal:
            return state.token if state else token
        operations = write_operations(deployment, take_over(state, token), {})
        self._parts.cluster.patch("Deployment", self._namespace, deployment.name, operations)
        self._fence(deployment, token)
        return token

    def _check_untouched(self, standing: Standing) -> None:
        if standing.is_left_held:
            message = f"{standing.stored.record.service} is held, and the labels that say where it was are gone"
            raise Conflict(message, hint="run 'cictl rollout abort': the release's record knows what to give back")
        record, deployment = standing.stored.record, standing.deployment
        stable = None if record.stable_template is None else template_key(record.stable_template)
        live = None if deployment is None else deployment.template_key
        if live != stable:
            why = "the Deployment was changed before the first act"
            self._parts.store.finish(standing.stored, Phase.SUPERSEDED, why, "")
            raise Conflict(f"{record.service}: {why}; nothing was done", hint="start the rollout again")

    def _fence(self, deployment: Deployment, token: int) -> None:
        """Make repairs that the driver before still has under way fail: they depend on the ReplicaSets as they were."""
        listed = self._parts.cluster.list("ReplicaSet", self._namespace, labels=label_selector(deployment.selector))
        for raw in listed["items"]:
            if is_owned_by(raw, deployment.uid) and raw["spec"].get("replicas"):
                view = read_replica_set(raw)
                self._parts.cluster.patch("ReplicaSet", self._namespace, view.name, fence_operations(view, token))

    def abort(self, service: str, reporter: Reporter) -> Outcome:
        """Take the rollout of SERVICE back; who drives it is taken over from."""
        standing = self.standing(service)
        with self._driving(service, take_over=True, reporter=reporter):
            return self._abort(standing, reporter)

    def _abort(self, standing: Standing, reporter: Reporter) -> Outcome:
        stored, state = standing.stored, standing.state
        if standing.is_removed:
            return self._finish_removal(stored)
        if not standing.is_begun and not standing.is_left_held:
            return self._drop(stored)
        token = (state.token if state else 0) + 1
        if standing.is_begun and state is not None and state.phase.is_terminal:
            return self._drive(stored, state.token, reporter)
        with self._driver(stored, token, reporter) as driver:
            driver.order(abort_by_user)
            return driver.drive()

    def _finish_removal(self, stored: StoredRelease) -> Outcome:
        """Finish taking a first install back, whose Deployment is gone already."""
        record, phase = stored.record, stored.ending or Phase.ROLLED_BACK
        self._parts.objects.remove_created(record)
        self._parts.store.finish(stored, phase, stored.why, "")
        reason = Reason.GONE if phase is Phase.SUPERSEDED else Reason.BY_USER
        return Outcome(record.service, record.namespace, record.revision, phase, reason, stored.why, record.image)

    def _drop(self, stored: StoredRelease) -> Outcome:
        """End a release whose first act was never done."""
        record, why = stored.record, "aborted by hand before the first act"
        self._parts.objects.remove_created(record)
        self._parts.store.finish(stored, Phase.ROLLED_BACK, why, "")
        return Outcome(
            record.service, record.namespace, record.revision, Phase.ROLLED_BACK, Reason.BY_USER, why, record.image
        )

    def undo_target(self, service: str, to_revision: int | None) -> StoredRelease:
        """Return the release to go back to: TO_REVISION, else the last that succeeded before the one that runs."""
        releases = self._parts.store.all(service)
        if not releases:
            message = f"{service} has no releases in {self._namespace}"
            raise NotFound(message, hint="a Deployment that cictl never rolled out goes back by 'kubectl rollout undo'")
        if to_revision is not None:
            return self._parts.store.get(service, to_revision)
        deployment = self._deployment(releases[-1].record.deployment)
        return _last_good(releases, deployment, service)

    def standing(self, service: str) -> Standing:
        """Return the rollout of SERVICE that is not finished; NotFound where there is none."""
        releases = self._parts.store.all(service)
        if not releases:
            raise NotFound(f"{service} has no releases in {self._namespace}", hint="start one: 'cictl rollout start'")
        deployment = self._deployment(releases[-1].record.deployment)
        state = None if deployment is None else read_state(deployment)
        is_stuck = deployment is not None and is_held(deployment.held)
        active = _active(releases, state) or (releases[-1] if is_stuck else None)
        if active is None:
            newest = releases[-1]
            message = f"no rollout of {service} is under way in {self._namespace}: release {newest.revision}"
            raise NotFound(
                f"{message} {newest.outcome.value if newest.outcome else ''}", hint="nothing needs to be done"
            )
        return Standing(active, deployment, state)

    def _drive(self, stored: StoredRelease, token: int, reporter: Reporter) -> Outcome:
        with self._driver(stored, token, reporter) as driver:
            return driver.drive()

    def _driver(self, stored: StoredRelease, token: int, reporter: Reporter) -> AbstractContextManager[Driver]:
        return driving_session(self._parts, stored, token, reporter)

    def _driving(self, service: str, *, take_over: bool, reporter: Reporter) -> AbstractContextManager[None]:
        return claim(self._parts.lease(service), service, take_over=take_over, reporter=reporter)


def _active(releases: Sequence[StoredRelease], state: RolloutState | None) -> StoredRelease | None:
    """Return the release whose rollout is not finished: the one the labels name, else one that never began."""
    named = next((stored for stored in releases if state is not None and stored.revision == state.release), None)
    if named is not None and state is not None and (named.outcome is None or not state.phase.is_terminal):
        return named
    newest = releases[-1]
    return newest if newest.outcome is None and (state is None or newest.revision > state.release) else None


def _last_good(releases: Sequence[StoredRelease], deployment: Deployment | None, service: str) -> StoredRelease:
    """Return the release before the one that runs; an undo counts as what it brought back, so undos walk on."""
    running = None if deployment is None else deployment.template_key
    succeeded = {each.revision: each for each in releases if each.outcome is Phase.SUCCEEDED}
    current = max((each for each in succeeded.values() if _key(each) == running), key=_revision, default=None)
    before = releases[-1].revision + 1 if current is None else _origin(current, succeeded)
    good = [each for each in succeeded.values() if each.revision < before and _key(each) != running]
    if not good:
        message = f"{service} has no earlier release that succeeded"
        raise NotFound(message, hint=f"run 'cictl rollout history {service}' for those that are kept")
    return max(good, key=_revision)


def _key(stored: StoredRelease) -> str:
    return template_key(stored.record.template)


def _revision(stored: StoredRelease) -> int:
    return stored.revision


def _origin(stored: StoredRelease, releases: Mapping[int, StoredRelease]) -> int:
    """Return the release that STORED brought back, through undos of undos; itself where it is no undo."""
    before = stored.record.undo_of
    if before is None or before >= stored.revision:
        return stored.revision
    return _origin(releases[before], releases) if before in releases else before

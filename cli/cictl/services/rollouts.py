"""Starting, resuming, aborting and undoing rollouts: who may drive, the first act, and then the driver's loop."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from functools import partial
from typing import Any

from cictl.core.acts import abort_by_user, by_hand, first_write, resume_by_user
from cictl.core.holding import is_held
from cictl.core.outcome import Outcome, outcome_of
from cictl.core.patches import fence_operations, write_operations
from cictl.core.plan import Plan
from cictl.core.record import ReleaseRecord
from cictl.core.release_plan import first_install_body
from cictl.core.rollout import Write
from cictl.core.rollout_state import Phase, Reason, RolloutState
from cictl.core.wanted import Wanted
from cictl.core.workload import (
    Deployment,
    ReplicaSet,
    is_owned_by,
    label_selector,
    read_deployment,
    read_replica_set,
    template_key,
)
from cictl.errors import Conflict, NotFound
from cictl.services.driver import Driver
from cictl.services.driver_tools import Reporter
from cictl.services.once import do_once
from cictl.services.planning import read_state
from cictl.services.release_store import StoredRelease
from cictl.services.sessions import Parts, claim, driving_session
from cictl.services.standing import Standing, active_release
from cictl.services.undo_target import last_good

Json = dict[str, Any]


class Rollouts:
    """The rollouts of one namespace."""

    def __init__(self, parts: Parts, namespace: str) -> None:
        """Work with PARTS in NAMESPACE."""
        self._parts, self._namespace = parts, namespace

    def plan(self, wanted: Wanted) -> Plan:
        """Return what a rollout of WANTED would do; a conflict says who drives."""
        try:
            return self._parts.planner.plan(wanted)
        except Conflict as problem:
            holder = self._parts.lease(wanted.service).holder()
            if holder is None or holder.is_free:
                raise
            message = f"{problem.message}; its driver is {holder.identity}, heard of at {holder.renewed}"
            raise Conflict(message, hint=problem.hint) from problem

    def start(self, plan: Plan, reporter: Reporter) -> Outcome:
        """Do what PLAN says, exactly: where anything moved since, nothing is done (Conflict)."""
        record = plan.record
        with self._driving(record.service, take_over=False, reporter=reporter):
            self._finish_left(plan, reporter)
            stored = self._parts.store.create(record)
            self._begin(stored, plan.deployment, plan.token)
            return self._drive(stored, plan.token, reporter)

    def _finish_left(self, plan: Plan, reporter: Reporter) -> None:
        """Finish what drivers before have left: a rollout that had ended but for its record, releases never begun."""
        state = None if plan.deployment is None else read_state(plan.deployment)
        for stored in self._parts.store.all(plan.record.service):
            if stored.outcome is not None or stored.revision >= plan.record.revision:
                continue
            if state is not None and state.release == stored.revision:
                self._drive(stored, state.token, reporter)
            else:
                why = f"left by its driver; release {plan.record.revision} came after it"
                self._parts.store.finish(stored, Phase.SUPERSEDED, why, "")

    def _begin(self, stored: StoredRelease, planned: Deployment | None, token: int) -> None:
        """Make what was not there before, then do the first act, each once."""
        do_once(lambda: self._parts.objects.create_missing(stored), lambda: None)
        first_act = self._first_act(stored.record, planned, token)
        try:
            do_once(first_act, lambda: self._find_first_act(stored, token))
        except Conflict as problem:
            why = "the Deployment was changed since the plan was made"
            if self._parts.store.get(stored.record.service, stored.revision).outcome is None:
                self._parts.objects.remove_created(stored.record)
                self._parts.store.finish(stored, Phase.SUPERSEDED, why, "")
            raise Conflict(f"{stored.record.service}: {why}; nothing was done", hint="run it again") from problem

    def _first_act(self, record: ReleaseRecord, planned: Deployment | None, token: int) -> Callable[[], Json]:
        cluster = self._parts.cluster
        if planned is None:
            body = first_install_body(record, token, cluster.now())
            return lambda: cluster.create(self._namespace, body)
        operations = write_operations(planned, first_write(record, token, cluster.now()), record.templates())
        return lambda: cluster.patch("Deployment", self._namespace, planned.name, operations)

    def _find_first_act(self, stored: StoredRelease, token: int) -> Json | None:
        """Return the Deployment where the first act was done, also where it was taken over from since."""
        raw = self._parts.cluster.find("Deployment", self._namespace, stored.record.deployment)
        state = None if raw is None else read_state(read_deployment(raw))
        is_done = state is not None and state.release == stored.revision and state.token >= token
        return raw if is_done and state is not None and state.phase is not Phase.ROLLED_BACK else None

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
            return self._go_on(standing, reporter)

    def _go_on(self, standing: Standing, reporter: Reporter) -> Outcome:
        """Make the rollout this process's own: do the first act that was never done, or write a higher token."""
        stored, deployment, state = standing.stored, standing.deployment, standing.state
        if not standing.is_begun:
            self._check_untouched(standing)
            token = (state.token if state else 0) + 1
            self._begin(stored, deployment, token)
            return self._drive(stored, token, reporter)
        if deployment is None or state is None or state.phase.is_terminal:
            return self._drive(stored, state.token if state else 0, reporter)
        with self._driver(stored, state.token + 1, reporter) as driver:
            driver.order(resume_by_user)
            self._fence(deployment, state.token + 1)
            return driver.drive()

    def _check_untouched(self, standing: Standing) -> None:
        record, deployment = standing.stored.record, standing.deployment
        if standing.is_left_behind:
            message = f"{record.service} was begun, and the labels that say where it was are gone"
            hint = f"run 'cictl rollout abort {record.address}': the release's record knows what to give back"
            raise Conflict(message, hint=hint)
        stable = None if record.stable_template is None else template_key(record.stable_template)
        live = None if deployment is None else deployment.template_key
        if live != stable or (deployment is not None and (deployment.held != record.own or deployment.paused)):
            why = "the Deployment was changed before the first act"
            self._parts.store.finish(standing.stored, Phase.SUPERSEDED, why, "")
            raise Conflict(f"{record.service}: {why}; nothing was done", hint="start the rollout again")

    def _fence(self, deployment: Deployment, token: int) -> None:
        """Make repairs that the driver before still has under way fail: they depend on the ReplicaSets as they were."""
        listed = self._parts.cluster.list("ReplicaSet", self._namespace, labels=label_selector(deployment.selector))
        for raw in listed["items"]:
            if is_owned_by(raw, deployment.uid) and raw["spec"].get("replicas"):
                self._fence_one(read_replica_set(raw), token)

    def _fence_one(self, view: ReplicaSet, token: int) -> None:
        patch, operations = self._parts.cluster.patch, fence_operations(view, token)
        with suppress(Conflict, NotFound):  # it is gone, and so is what a repair of it was for
            do_once(lambda: patch("ReplicaSet", self._namespace, view.name, operations), lambda: None)

    def abort(self, service: str, reporter: Reporter, *, why: str = "") -> Outcome:
        """Take the rollout of SERVICE back; who drives it is taken over from. WHY is kept with the release."""
        self.standing(service, is_strict=False)
        with self._driving(service, take_over=True, reporter=reporter):
            return self._abort(self.standing(service, is_strict=False), reporter, why)

    def _abort(self, standing: Standing, reporter: Reporter, why: str) -> Outcome:
        stored, state = standing.stored, standing.state
        if standing.is_removed:
            return self._finish_removal(stored)
        if not standing.is_begun and not standing.is_left_behind:
            return self._drop(standing, why)
        if standing.is_begun and state is not None and state.phase.is_terminal and not standing.is_held:
            return self._drive(stored, state.token, reporter)
        with self._driver(stored, standing.next_token(self._parts.cluster.now()), reporter) as driver:
            driver.order(partial(abort_by_user, why=why))
            return driver.drive()

    def _finish_removal(self, stored: StoredRelease) -> Outcome:
        """Finish taking a first install back, whose Deployment is gone already."""
        record, phase = stored.record, stored.ending or Phase.ROLLED_BACK
        self._parts.objects.remove_created(record)
        self._parts.store.finish(stored, phase, stored.why, "")
        reason = Reason.GONE if phase is Phase.SUPERSEDED else Reason.BY_USER
        return outcome_of(record, phase, reason, stored.why)

    def _drop(self, standing: Standing, reason: str) -> Outcome:
        """End a release whose first act was never done; labels on a live Deployment keep its driver from it."""
        stored, live = standing.stored, standing.deployment
        record, why = stored.record, by_hand(reason or "before the first act")
        if live is not None:
            token, now = (standing.state.token if standing.state else 0) + 2, self._parts.cluster.now()
            ended = RolloutState(record.revision, Phase.ROLLED_BACK, 0, now, token, Reason.BY_USER)
            operations = write_operations(live, Write(ended, why), {})
            self._parts.cluster.patch("Deployment", self._namespace, live.name, operations)
        self._parts.objects.remove_created(record)
        self._parts.store.finish(stored, Phase.ROLLED_BACK, why, "")
        return outcome_of(record, Phase.ROLLED_BACK, Reason.BY_USER, why)

    def undo_target(self, service: str, to_revision: int | None) -> StoredRelease:
        """Return the release to go back to: TO_REVISION, else the last that succeeded before the one that runs."""
        releases = self._parts.store.all(service)
        if not releases:
            message = f"{service} has no releases in {self._namespace}"
            raise NotFound(message, hint="a Deployment that cictl never rolled out goes back by 'kubectl rollout undo'")
        if to_revision is not None:
            return self._parts.store.get(service, to_revision)
        deployment = self._deployment(releases[-1].record.deployment)
        return last_good(releases, deployment, service)

    def is_under_way(self, wanted: Wanted) -> bool:
        """Whether a rollout of what is WANTED is not finished, whoever drives it."""
        return self.is_under_way_of(wanted.service, image=wanted.image)

    def is_under_way_of(self, service: str, *, image: str | None = None) -> bool:
        """Whether a rollout of SERVICE, or only one of IMAGE, is not finished, whoever drives it."""
        try:
            standing = self.standing(service, is_strict=False)
        except NotFound:
            return False
        return image in {None, standing.stored.record.image}

    def standing(self, service: str, *, is_strict: bool = True) -> Standing:
        """Return the rollout of SERVICE that is not finished; NotFound where there is none.

        Labels that a person has broken are a conflict, or where not IS_STRICT count as gone.
        """
        releases = self._parts.store.all(service)
        if not releases:
            raise NotFound(f"{service} has no releases in {self._namespace}", hint="start one: 'cictl rollout start'")
        deployment = self._deployment(releases[-1].record.deployment)
        state = None if deployment is None else read_state(deployment, is_strict=is_strict)
        is_stuck = deployment is not None and is_held(deployment.held)
        active = active_release(releases, state) or (releases[-1] if is_stuck else None)
        if active is None:
            newest = releases[-1]
            ended = f" {newest.outcome.value}" if newest.outcome else ""
            message = f"no rollout of {service} is under way in {self._namespace}: release {newest.revision}{ended}"
            raise NotFound(message, hint="nothing needs to be done")
        return Standing(active, deployment, state)

    def _drive(self, stored: StoredRelease, token: int, reporter: Reporter) -> Outcome:
        with self._driver(stored, token, reporter) as driver:
            return driver.drive()

    def _driver(self, stored: StoredRelease, token: int, reporter: Reporter) -> AbstractContextManager[Driver]:
        return driving_session(self._parts, stored, token, reporter)

    def _driving(self, service: str, *, take_over: bool, reporter: Reporter) -> AbstractContextManager[None]:
        return claim(self._parts.lease(service), service, take_over=take_over, reporter=reporter)

"""A release in the model of a Deployment, with who drives it, who else acts, and what has to hold whatever happens."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from cictl.core.acts import first_write, take_over
from cictl.core.decide import decide
from cictl.core.gate import Gate
from cictl.core.holding import is_held, settled_split
from cictl.core.observe import Sight, observe
from cictl.core.patches import Operation, fence_operations, scale_operations, write_operations
from cictl.core.pods import Graces
from cictl.core.rollout import Action, End, PodTrouble, Rollout, Scale, Snapshot, Stop, Wait, Write
from cictl.core.rollout_state import Phase, from_labels
from cictl.core.strategy import OnInsufficient, Strategy
from cictl.core.verdict import GateResult, Verdict
from cictl.core.workload import HeldFields, read_deployment, read_replica_set, template_key
from cictl.errors import Conflict, NotFound
from tests.unit.rollout_model import Model
from tests.unit.rollout_objects import template_of

OWN = HeldFields(3, 600, "30%", 1)
NEW_OWN = HeldFields(2, 500, "40%", "20%")
STABLE, CANARY = template_of("v1"), template_of("v2")
TEMPLATES = {"stable": STABLE, "canary": CANARY}
STABLE_KEY, CANARY_KEY = template_key(STABLE), template_key(CANARY)
GATE = Gate("default", ())
MAX_TURNS = 400


@dataclass
class World:
    """One rollout, its cluster, and what is to hold whatever happens."""

    model: Model
    rollout: Rollout
    verdict: Verdict | None = Verdict.HEALTHY
    is_trouble: bool = False
    delayed: list[tuple[int, str, str, list[Operation]]] = field(default_factory=list)
    passed: set[int] = field(default_factory=set)
    was_edited: bool = False
    are_pods_broken: bool = False
    was_scaled: bool = False
    ended: Action | None = None

    def begin(self) -> None:
        write = self._first()
        deployment = read_deployment(self.model.live)
        self.model.patch("Deployment", "shop", write_operations(deployment, write, TEMPLATES))

    def _first(self) -> Write:
        strategy, now = self.rollout.strategy, self.model.now
        record = _RecordLike(self.rollout.release, strategy, self.rollout.new_own, self.rollout.replicas)
        return first_write(record, self.rollout.token, now)  # type: ignore[arg-type]

    def look(self) -> Sight:
        sight = observe(
            self.model.seen(),
            self.rollout,
            now=self.model.now,
            service="shop",
            objects_are="any",
            graces=Graces(),
        )
        state = sight.snapshot.state
        gate = None
        if state is not None and state.phase in {Phase.STEPPING, Phase.PROMOTING, Phase.WATCHING} and self.verdict:
            gate = GateResult("default", self.verdict, self.verdict.value, self.model.now)
        trouble = PodTrouble("crash") if self.is_trouble else None
        return replace(sight, snapshot=replace(sight.snapshot, gate=gate, trouble=trouble))

    def turn(self, *, fate: str = "done") -> Action:
        """Decide and act once; FATE says what becomes of the write: done, delayed (and the driver killed), refused."""
        sight = self.look()
        action = decide(self.rollout, sight.snapshot)
        self._check_decision(sight.snapshot, action)
        self.do(action, sight.snapshot, fate=fate)
        return action

    def do(self, action: Action, now: Snapshot, *, fate: str = "done") -> None:
        if isinstance(action, Write) and now.deployment is not None:
            self._note_passed(action, now)
            operations = write_operations(now.deployment, action, TEMPLATES)
            self._send("Deployment", "shop", operations, fate)
            self._check_write(fate)
        elif isinstance(action, Scale):
            operations = scale_operations(action.replica_set, action.replicas)
            self._send("ReplicaSet", action.replica_set.name, operations, fate)
        elif isinstance(action, End | Stop):
            self.ended = action
        self.check()

    def _note_passed(self, action: Write, now: Snapshot) -> None:
        state = now.state
        if state is None or state.phase is not Phase.STEPPING:
            return
        moves_on = action.state.phase is Phase.PROMOTING or action.state.step == state.step + 1
        if moves_on:
            strategy = self.rollout.strategy
            verdict = now.gate.verdict if now.gate else None
            told = verdict is Verdict.INSUFFICIENT and strategy.on_insufficient is OnInsufficient.PROCEED
            assert strategy.gate is None or verdict is Verdict.HEALTHY or told, "advanced without the gate's word"
            assert now.now >= state.since + strategy.steps[state.step].pause_seconds - 0.11
            self.passed.add(state.step)

    def _send(self, kind: str, name: str, operations: list[Operation], fate: str) -> None:
        if fate == "delayed":
            self.delayed.append((self.rollout.token, kind, name, operations))
            return
        self.model.patch(kind, name, operations)

    def _check_decision(self, now: Snapshot, action: Action) -> None:
        state, deployment = now.state, now.deployment
        judged = isinstance(action, Wait) and action.why == "pausing"
        if isinstance(action, Write) and state is not None and state.phase is Phase.STEPPING:
            goes_on = action.state.phase in {Phase.STEPPING, Phase.PROMOTING}
            judged = goes_on and (action.state.step, action.state.phase) != (state.step, state.phase)
        if judged and state is not None and deployment is not None:
            split = settled_split(self.rollout.strategy, state.step, deployment.replicas)
            sizes = (now.stable.wanted if now.stable else 0, now.canary.wanted if now.canary else 0)
            assert sizes == (split.stable, split.canary), "judged at another split than the step's"

    def _check_write(self, fate: str) -> None:
        """No write of a driver lets a template go that was not judged."""
        if fate == "done" and not self.was_edited and not is_held(self.model.held) and self.model.key != STABLE_KEY:
            assert self.model.key == CANARY_KEY, "a template that nobody judged is promoted"
            every = set(range(len(self.rollout.strategy.steps)))
            assert self.passed == every, f"promoted with only {self.passed} of {every} passed"

    def check(self) -> None:
        """Check what holds at every moment, whoever did what."""
        state = from_labels(self.model.live["metadata"]["labels"])
        if state is not None and state.phase.is_terminal and not self.was_edited:
            assert not is_held(self.model.held), "left held"

    def check_end(self) -> None:
        state = from_labels(self.model.live["metadata"]["labels"])
        assert state is not None
        if isinstance(self.ended, Stop):
            assert self.ended.held, self.ended.why
            return
        assert state.phase.is_terminal
        own = NEW_OWN if state.phase is Phase.SUCCEEDED else OWN
        assert self.model.held == own
        assert not self.model.live["spec"].get("paused")
        assert self.model.key == (CANARY_KEY if state.phase is Phase.SUCCEEDED else STABLE_KEY)
        for pod in self.model.pods:
            pod.is_broken = False
        for _ in range(4):
            self.model.settle()
            self.model.now += 10
        assert self.model.split == ((self.model.wanted,) if self.model.wanted else ())

    def take_over(self) -> None:
        """Become another driver, which writes a higher token first."""
        raw = self.model.live
        deployment = read_deployment(raw)
        state = from_labels(deployment.labels)
        assert state is not None
        token = state.token + 1
        self.rollout = replace(self.rollout, token=token)
        if state.phase.is_terminal:
            self.rollout = replace(self.rollout, token=state.token)
            return
        self.model.patch("Deployment", "shop", write_operations(deployment, take_over(state, token), TEMPLATES))
        for each in [read_replica_set(each) for each in self.model.replica_sets if each["spec"]["replicas"]]:
            self.model.patch("ReplicaSet", each.name, fence_operations(each, token))

    def deliver(self) -> None:
        """Let requests of drivers that were taken over from arrive: nothing may come of them."""
        old = [each for each in self.delayed if each[0] < self.rollout.token]
        self.delayed = [each for each in self.delayed if each not in old]
        for _, kind, name, operations in old:
            try:
                self.model.patch(kind, name, operations)
            except (Conflict, NotFound):
                continue
            raise AssertionError(f"a stale driver changed {kind} {name}: {operations}")

    def finish(self) -> None:
        """Drive on alone, with the controllers at work, until it has ended."""
        self.take_over()
        for _ in range(MAX_TURNS):
            before = self.model.version
            action = self.turn()
            if self.ended is not None:
                self.check_end()
                return
            self.model.settle()
            if isinstance(action, Wait) and self.model.version == before:
                assert action.until is not None, f"waits for ever: {action.why}"
                assert action.until > self.model.now
                self.model.now = min(action.until, self.model.now + 4)
        raise AssertionError(f"does not end: {self.model.split} {self.model.live['metadata']['labels']}")


@dataclass(frozen=True)
class _RecordLike:
    """What `first_write` reads of a release's record."""

    revision: int
    strategy: Strategy
    new_own: HeldFields
    replicas: int | None

"""The decision table driven against a model of Kubernetes, with people, autoscalers and other drivers in between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from cictl.core.acts import abort_by_user, first_write, take_over
from cictl.core.decide import decide
from cictl.core.gate import Gate
from cictl.core.holding import is_held, settled_split
from cictl.core.observe import Sight, observe
from cictl.core.patches import Operation, fence_operations, scale_operations, write_operations
from cictl.core.pods import Graces
from cictl.core.rollout import Action, End, PodTrouble, Rollout, Scale, Snapshot, Stop, Wait, Write
from cictl.core.rollout_state import Phase, Reason, from_labels
from cictl.core.strategy import Capacity, OnInsufficient, OnUnknown, Step, Strategy
from cictl.core.verdict import GateResult, Verdict
from cictl.core.workload import HeldFields, read_deployment, read_replica_set, template_key
from cictl.errors import Conflict, NotFound
from tests.unit.rollout_model import Model, template_of

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


def test_zero_and_back_while_nobody_drives_is_taken_back() -> None:
    strategy = Strategy("careful", (Step(20, 10.0),))
    rollout = Rollout(7, 3, strategy, CANARY_KEY, STABLE_KEY, OWN, NEW_OWN)
    world = World(Model(replicas=5, own=OWN), rollout)
    world.begin()
    world.model.settle()
    for size in (0, 5):
        world.model.edit(replicas=size)
        world.model.settle()
    assert (world.model.count(STABLE_KEY), world.model.count(CANARY_KEY)) == (0, 5)
    world.finish()
    assert isinstance(world.ended, End)
    assert world.ended.state.reason is Reason.SCALED_TO_ZERO


STRATEGIES = st.builds(
    Strategy,
    name=st.just("careful"),
    steps=st.lists(st.integers(1, 99), min_size=1, max_size=3, unique=True).map(
        lambda weights: tuple(Step(weight, 10.0) for weight in sorted(weights))
    ),
    capacity=st.sampled_from(Capacity),
    watch_seconds=st.sampled_from([0.0, 30.0]),
    deadline_seconds=st.just(60.0),
    abort_patience_seconds=st.just(5.0),
    on_unknown=st.sampled_from(OnUnknown),
    on_insufficient=st.sampled_from(OnInsufficient),
    gate=st.sampled_from([None, "default"]),
)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    strategy = draw(STRATEGIES)
    rollout = Rollout(
        release=7,
        token=3,
        strategy=strategy,
        canary_key=CANARY_KEY,
        stable_key=STABLE_KEY,
        own=OWN,
        new_own=NEW_OWN,
        may_double=draw(st.booleans()),
    )
    world = World(Model(replicas=draw(st.integers(1, 12)), own=OWN), rollout)
    world.model.now += 100
    world.model.settle()
    world.begin()
    return world


def _turn(world: World) -> None:
    world.turn()


def _some_turns(world: World) -> None:
    for _ in range(4):
        world.turn()
        world.model.settle()
        if world.ended is not None:
            return


def _delayed_turn(world: World) -> None:
    world.turn(fate="delayed")
    world.take_over()


def _pass_time(seconds: float) -> Callable[[World], None]:
    def act(world: World) -> None:
        world.model.now += seconds

    return act


def _scale_to(replicas: int) -> Callable[[World], None]:
    def act(world: World) -> None:
        world.was_scaled = True
        world.model.edit(replicas=replicas)

    return act


def _judge(verdict: Verdict | None) -> Callable[[World], None]:
    def act(world: World) -> None:
        world.verdict = verdict

    return act


def _trouble(world: World) -> None:
    world.is_trouble = not world.is_trouble


def _break_pod(of: str) -> Callable[[World], None]:
    def act(world: World) -> None:
        world.are_pods_broken = True
        for pod in world.model.pods_of(of)[:1]:
            pod.is_broken, pod.ready_since = True, None

    return act


def _lose_pod(of: str) -> Callable[[World], None]:
    def act(world: World) -> None:
        world.are_pods_broken = True
        gone = world.model.pods_of(of)[:1]
        world.model.pods = [pod for pod in world.model.pods if pod not in gone]

    return act


def _heal(world: World) -> None:
    for pod in world.model.pods:
        pod.is_broken = False


def _undo(world: World) -> None:
    world.model.edit(template=STABLE)


def _restart(world: World) -> None:
    world.model.edit(template=template_of("v3"))


def _pause(world: World) -> None:
    world.model.edit(paused=True)


def _edit_fields(world: World) -> None:
    """Do what promotes at once; whatever becomes of the template then is theirs."""
    world.was_edited = True
    world.model.edit(minReadySeconds=0)


def _edit_surge(world: World) -> None:
    world.model.edit(strategy={"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 3, "maxUnavailable": 0}})


def _abort(world: World) -> None:
    """Another person's abort: a higher token and the way back in one write."""
    sight = world.look()
    state = sight.snapshot.state
    assert state is not None
    if state.phase.is_terminal:
        return
    world.rollout = replace(world.rollout, token=state.token + 1)
    world.do(abort_by_user(world.rollout, sight.snapshot), sight.snapshot)


def _sync_deployment(world: World) -> None:
    world.model.sync_deployment()


def _sync_replica_sets(world: World) -> None:
    world.model.sync_replica_sets()


def _start_pods(world: World) -> None:
    world.model.start_pods()


def _settle(world: World) -> None:
    world.model.settle()


def _take_over(world: World) -> None:
    world.take_over()


def _deliver(world: World) -> None:
    world.deliver()


CALM: list[Callable[[World], None]] = [
    _turn,
    _some_turns,
    _some_turns,
    _sync_deployment,
    _sync_replica_sets,
    _start_pods,
    _settle,
    _pass_time(11.0),
    _take_over,
    _delayed_turn,
    _deliver,
]
WILD: list[Callable[[World], None]] = [
    *(_scale_to(replicas) for replicas in (0, 1, 2, 3, 5, 6, 8, 10, 13)),
    *(_judge(verdict) for verdict in (None, *Verdict)),
    _judge(Verdict.HEALTHY),
    _break_pod(STABLE_KEY),
    _break_pod(CANARY_KEY),
    _lose_pod(STABLE_KEY),
    _lose_pod(CANARY_KEY),
    _heal,
    _trouble,
    _undo,
    _restart,
    _pause,
    _edit_surge,
    _edit_fields,
    _abort,
    _pass_time(100.0),
]


def _play(world: World, events: list[Callable[[World], None]]) -> None:
    for event in events:
        event(world)
        world.check()
        state = from_labels(world.model.live["metadata"]["labels"])
        if world.ended is not None or (state is not None and state.phase.is_terminal):
            break


@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(worlds(), st.lists(st.one_of(st.sampled_from(CALM), st.sampled_from(WILD)), max_size=25))
def test_whatever_happens_it_ends_and_promotes_nothing_unjudged(
    world: World, events: list[Callable[[World], None]]
) -> None:
    _play(world, events)
    if world.ended is None:
        world.deliver()
        world.finish()
    elif not isinstance(world.ended, Stop):
        world.check_end()
    world.deliver()


def _is_swapped_without_breaks(world: World) -> bool:
    return not world.was_scaled and not world.are_pods_broken


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    worlds(),
    st.lists(
        st.one_of(
            st.sampled_from([*CALM, _sync_deployment, _sync_replica_sets, _start_pods]),
            st.sampled_from([_judge(verdict) for verdict in Verdict]),
        ),
        max_size=50,
    ),
)
def test_never_fewer_pods_serve_than_asked_for(world: World, events: list[Callable[[World], None]]) -> None:
    assume(not world.rollout.may_double or world.rollout.strategy.capacity is Capacity.SWAPPED)
    slowly = [*[_sync_deployment, _sync_replica_sets] * 3, _start_pods] * 2
    for event in [*events, _settle, _judge(Verdict.UNHEALTHY), _turn, *slowly]:
        if world.ended is None:
            event(world)
        state = from_labels(world.model.live["metadata"]["labels"])
        if state is not None and state.phase in {Phase.STEPPING, Phase.ABORTING}:
            assert world.model.ready >= world.model.wanted


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(worlds(), st.lists(st.sampled_from([0, 1, 2, 3, 5, 8, 13]), max_size=6))
def test_a_healthy_release_that_is_only_scaled_succeeds_or_ends_at_zero(world: World, sizes: list[int]) -> None:
    for size in sizes:
        world.model.edit(replicas=size)
        for _ in range(8):
            if world.ended is None:
                world.turn()
            world.model.settle()
    if world.ended is None:
        world.finish()
    assert isinstance(world.ended, End)
    expected = Reason.SCALED_TO_ZERO if world.ended.state.phase is Phase.SUPERSEDED else Reason.NONE
    assert world.ended.state.reason is expected
    assert (0 in sizes) or world.ended.state.phase is Phase.SUCCEEDED

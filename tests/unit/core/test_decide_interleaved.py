"""The decision table driven against a model of Kubernetes, with people, autoscalers and other drivers in between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from cictl.core.acts import abort_by_user
from cictl.core.rollout import End, Rollout, Stop
from cictl.core.rollout_state import Phase, Reason, from_labels
from cictl.core.strategy import Capacity, OnInsufficient, OnUnknown, Step, Strategy
from cictl.core.verdict import Verdict
from tests.unit.rollout_model import Model
from tests.unit.rollout_objects import template_of
from tests.unit.rollout_world import CANARY_KEY, NEW_OWN, OWN, STABLE, STABLE_KEY, World


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


def test_scaled_so_small_that_stable_keeps_no_pod_is_taken_back() -> None:
    strategy = Strategy("careful", (Step(80, 10.0),), capacity=Capacity.SWAPPED)
    world = World(Model(replicas=5, own=OWN), Rollout(7, 3, strategy, CANARY_KEY, STABLE_KEY, OWN, NEW_OWN))
    world.begin()
    for _ in range(4):
        world.turn()
        world.model.settle()
    world.model.edit(replicas=1)
    world.model.settle()
    world.finish()
    assert isinstance(world.ended, End)
    assert (world.ended.state.phase, world.ended.state.reason) == (Phase.SUPERSEDED, Reason.SCALED_TO_ZERO)
    assert (world.model.count(STABLE_KEY), world.model.count(CANARY_KEY)) == (1, 0)


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
    all_sizes = [world.model.wanted, *sizes]
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
    shrinks = any(after < before for before, after in pairwise(all_sizes))
    may_lose_stable = shrinks and world.rollout.strategy.capacity is Capacity.SWAPPED
    assert 0 in sizes or may_lose_stable or world.ended.state.phase is Phase.SUCCEEDED

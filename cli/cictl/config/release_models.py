"""What cictl.yaml may say of environments, and of how releases come into them."""

from __future__ import annotations

from itertools import pairwise
from typing import Self

from pydantic import Field, model_validator

from cictl.config.fields import Duration, ObjectName, Strict, TimeZone, Weight
from cictl.core.freeze import window_problem
from cictl.core.strategy import Capacity, OnInsufficient, OnUnknown


class FreezeEntry(Strict):
    """When nothing is promoted: once, each week or each day, by the wall clock of its zone."""

    begins: str = Field(alias="from", description="As in `2026-12-20`, `2026-12-20 18:00`, `fri 16:00` or `22:00`.")
    ends: str = Field(alias="until", description="As `from`, and not part of the window any more.")
    zone: TimeZone = Field(description="The time zone, as in Europe/Berlin or UTC.")
    reason: str = Field(min_length=1, description="What people are told.")

    @model_validator(mode="after")
    def _is_a_window(self) -> Self:
        if problem := window_problem(self.begins, self.ends):
            raise ValueError(problem)
        return self


class ApprovalEntry(Strict):
    """Whose approval a promotion needs."""

    by: tuple[str, ...] = Field(default=(), description="Who of `people` may approve; empty: all of them.")
    four_eyes: bool = Field(
        default=False, description="Whether the author of the newest commit of the service is not enough."
    )


class EnvironmentEntry(Strict):
    """A place that services run in."""

    context: str = Field(description="The kubeconfig context; the current one is never used by accident.")
    namespace: ObjectName = Field(description="The namespace of all services there.")
    strategy: str = Field(default="direct", description="How releases come in: a name of `strategies`.")
    after: str | None = Field(default=None, description="The environment that a release must have passed before.")
    gate: str | None = Field(default=None, description="A gate of its own, in place of the strategy's.")
    soak: Duration = Field(
        default="0s", validate_default=True, description="How long a release must have run in `after` before."
    )
    freeze: tuple[FreezeEntry, ...] = Field(default=(), description="When nothing is promoted into it.")
    approval: ApprovalEntry | None = Field(default=None, description="Who may promote into it; by default everybody.")


class StepEntry(Strict):
    """A share of pods, and how long at least to look at it."""

    weight: Weight = Field(description="The share of pods in percent, 1 to 99.")
    pause: Duration = Field(description="How long at least to look before the next step.")


class StrategyEntry(Strict):
    """How a release comes in; without steps it is `direct`."""

    steps: tuple[StepEntry, ...] = Field(default=(), description="Weights in ascending order, each with its pause.")
    capacity: Capacity = Field(
        default=Capacity.EXTRA, description="`extra`: the canary's pods come on top; `swapped`: in place of stable's."
    )
    gate: str | None = Field(default=None, description="What must hold before each next step: a name of `gates`.")
    watch: Duration = Field(
        default="0s", validate_default=True, description="How long to go on judging after promotion."
    )
    deadline: Duration = Field(
        default="30m", validate_default=True, description="How long each step may take beyond its pause."
    )
    abort_patience: Duration = Field(
        default="30s", validate_default=True, description="How long an abort waits for stable's pods before it insists."
    )
    on_unknown: OnUnknown = Field(default=OnUnknown.ABORT, description="At the deadline, with telemetry missing.")
    on_insufficient: OnInsufficient = Field(
        default=OnInsufficient.ABORT, description="At the deadline, with too little traffic to tell."
    )

    @model_validator(mode="after")
    def _weights_ascend(self) -> Self:
        weights = [step.weight for step in self.steps]
        if any(later <= earlier for earlier, later in pairwise(weights)):
            message = f"the weights of the steps must ascend: {weights}"
            raise ValueError(message)
        return self

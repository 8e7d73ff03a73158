"""What cictl.yaml may say of gates."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from cictl.config.fields import Duration, LimitValue, ObjectName, Percentage, Strict


class CheckEntry(Strict):
    """One measured thing: a ratio (`bad`, `total`, `max`) or a value (`query`, `max` or `min`, `for`)."""

    name: ObjectName = Field(description="What messages call it.")
    bad: str | None = Field(default=None, description="PromQL: how many events were bad.")
    total: str | None = Field(default=None, description="PromQL: how many events there were.")
    query: str | None = Field(default=None, description="PromQL: the value or quantile.")
    max: LimitValue | None = Field(default=None, description="The most it may be; a percentage for a ratio.")
    min: LimitValue | None = Field(default=None, description="The least it may be; for values only.")
    looks: int = Field(default=1, ge=1, alias="for", description="How many looks in a row must break the limit.")

    @property
    def is_ratio(self) -> bool:
        """Whether events are counted, instead of a value measured."""
        return self.query is None

    @model_validator(mode="after")
    def _is_one_kind(self) -> Self:
        problem = self._ratio_problem() if self.is_ratio else self._value_problem()
        if problem:
            raise ValueError(problem)
        return self

    def _ratio_problem(self) -> str | None:
        if self.bad is None or self.total is None:
            return "a check needs `bad` and `total` (a ratio), or `query` (a value)"
        if self.max is None or self.max.unit != "ratio":
            return "a ratio needs `max` as a percentage, as in max: 1%"
        if self.min is not None or "looks" in self.model_fields_set:
            return "`min` and `for` belong to checks with `query`; a ratio is judged on all counts since the step began"
        return None

    def _value_problem(self) -> str | None:
        if self.bad is not None or self.total is not None:
            return "`query` stands in place of `bad` and `total`, not beside them"
        if (self.max is None) == (self.min is None):
            return "a check with `query` needs either `max` or `min`"
        return None


class GateEntry(Strict):
    """A named set of checks."""

    every: Duration = Field(default="10s", validate_default=True, description="How often to look.")
    alpha: Percentage = Field(
        default="1%", validate_default=True, description="The chance to abort a release that meets its limits."
    )
    min_requests: int = Field(default=0, ge=0, description="Below this `traffic` there is too little to tell.")
    traffic: str | None = Field(default=None, description="PromQL: how many requests there were.")
    selector: str | None = Field(
        default=None,
        description="What `$selector` expands to; by default the pods of the release. "
        "`$release`, `$namespace` and `$service` are filled in.",
    )
    checks: tuple[CheckEntry, ...] = Field(min_length=1, description="What is measured.")

    @model_validator(mode="after")
    def _has_consistent_parts(self) -> Self:
        names = [check.name for check in self.checks]
        if repeated := next((name for name in names if names.count(name) > 1), None):
            message = f"two checks are called {repeated!r}"
            raise ValueError(message)
        if self.min_requests and self.traffic is None:
            message = "`min_requests` needs a `traffic` query to compare with"
            raise ValueError(message)
        return self

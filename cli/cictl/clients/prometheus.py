"""Prometheus' HTTP API, as little of it as gates need; it evaluates nothing and keeps nothing."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import requests
import stamina

from cictl.clients.http_reason import innermost_reason
from cictl.core.telemetry import Reading, Sample
from cictl.errors import CictlError, FarSideFailed, NotAllowed, TimedOut, Unreachable

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST_URL_QUERY = 2000  # what proxies pass on; beyond it the query is posted
_ATTEMPTS = 3
_SHORTEST_ATTEMPT_SECONDS = 0.1
_LONGEST_BODY_IN_MESSAGE = 200
_NOT_ALLOWED = {401, 403}
_TRY_AGAIN = {429, 502, 503, 504}


class Prometheus:
    """One Prometheus, or what speaks its API, through one kept connection."""

    def __init__(self, url: str, *, token: str | None = None, timeout_seconds: float = 5.0) -> None:
        """URL may have a path prefix; TOKEN is sent as a bearer token; queries are given up after TIMEOUT_SECONDS."""
        self.url = url.rstrip("/")
        self._timeout_seconds = timeout_seconds
        self._session = requests.Session()
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"

    def query(self, promql: str, *, at: float | None = None, timeout_seconds: float | None = None) -> Reading:
        """Evaluate PROMQL at AT (epoch seconds, by default the server's own now)."""
        seconds = timeout_seconds or self._timeout_seconds
        parameters = {"query": promql, "timeout": f"{max(1, int(seconds * 1000))}ms"}
        if at is not None:
            parameters["time"] = f"{at:.3f}"
        answer = self._call("query", parameters, seconds)
        try:
            samples = _samples(answer["data"])
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise FarSideFailed(f"{self.url} answers what no Prometheus does: {error!r}", hint=_URL_HINT) from error
        return Reading(samples, tuple(answer.get("warnings") or ()))

    def now(self, *, timeout_seconds: float | None = None) -> float:
        """Return the server's time in seconds since the epoch."""
        reading = self.query("time()", timeout_seconds=timeout_seconds)
        return reading.samples[0].value

    def version(self) -> str:
        """Return the server's version."""
        data = self._call("status/buildinfo", {}, self._timeout_seconds)["data"]
        return str(data.get("version", "unknown")) if isinstance(data, dict) else "unknown"

    def bucket_bounds(self, metric: str) -> tuple[float, ...]:
        """Return the upper bounds of the histogram METRIC's buckets, ascending and without +Inf; none if unknown."""
        reading = self.query(f'group by (le) ({{__name__="{metric}"}})')
        bounds = (float(sample.labels["le"]) for sample in reading.samples if "le" in sample.labels)
        return tuple(sorted(bound for bound in bounds if math.isfinite(bound)))

    def close(self) -> None:
        """Let the connection go."""
        self._session.close()

    def _call(self, path: str, parameters: Mapping[str, str], seconds: float) -> dict[str, Any]:
        """Ask once more where that may help: reading changes nothing; all attempts together end after SECONDS."""
        deadline = time.monotonic() + seconds
        for attempt in stamina.retry_context(
            on=(Unreachable, TimedOut),
            attempts=_ATTEMPTS,
            timeout=seconds,
            wait_initial=0.05,
            wait_max=0.5,
            wait_jitter=0.05,
        ):
            with attempt:
                left = max(_SHORTEST_ATTEMPT_SECONDS, deadline - time.monotonic())
                return self._decoded(self._sent(path, parameters, left))
        raise AssertionError  # stamina raises the last error itself

    def _sent(self, path: str, parameters: Mapping[str, str], seconds: float) -> requests.Response:
        is_long = len(parameters.get("query", "")) > _LONGEST_URL_QUERY
        try:
            return self._session.request(
                "POST" if is_long else "GET",
                f"{self.url}/api/v1/{path}",
                params=None if is_long else dict(parameters),
                data=dict(parameters) if is_long else None,
                timeout=seconds,
            )
        except requests.Timeout as error:
            raise TimedOut(f"Prometheus at {self.url} did not answer in time", hint=_URL_HINT) from error
        except requests.RequestException as error:
            message = f"Prometheus at {self.url} cannot be reached: {innermost_reason(error)}"
            raise Unreachable(message, hint=_URL_HINT) from error

    def _decoded(self, response: requests.Response) -> dict[str, Any]:
        try:
            answer = response.json()
        except requests.JSONDecodeError:
            answer = None
        if response.ok and isinstance(answer, dict) and answer.get("status") == "success":
            return answer
        raise self._refusal(response, answer if isinstance(answer, dict) else {})

    def _refusal(self, response: requests.Response, answer: Mapping[str, Any]) -> CictlError:
        said = str(answer.get("error") or " ".join(response.text.split())[:_LONGEST_BODY_IN_MESSAGE] or response.reason)
        if response.status_code in _NOT_ALLOWED:
            message = f"Prometheus at {self.url} refuses ({response.status_code}): {said}"
            return NotAllowed(message, hint="name a token in cictl.yaml: prometheus: {token: {env: NAME}}")
        if answer.get("errorType") in {"timeout", "canceled"}:
            return TimedOut(
                f"Prometheus at {self.url} gave up: {said}", hint="make the query cheaper, or record it by a rule"
            )
        if response.status_code in _TRY_AGAIN:
            return Unreachable(
                f"Prometheus at {self.url} is not ready ({response.status_code}): {said}", hint=_URL_HINT
            )
        if answer.get("errorType"):
            return FarSideFailed(f"Prometheus refuses the query: {said}", hint="run 'cictl gate lint'")
        return FarSideFailed(f"{self.url} answers {response.status_code}: {said}", hint=_URL_HINT)


_URL_HINT = "check prometheus.url in cictl.yaml; 'cictl doctor' tries it"


def _samples(data: Mapping[str, Any]) -> tuple[Sample, ...]:
    """Return the series of an instant query's DATA; a scalar is one without labels."""
    if data["resultType"] == "scalar":
        at, value = data["result"]
        return (Sample({}, float(value), float(at)),)
    if data["resultType"] != "vector":
        message = f"a {data['resultType']}, where one value for each series is needed"
        raise ValueError(message)
    return tuple(_sample(series) for series in data["result"])


def _sample(series: Mapping[str, Any]) -> Sample:
    at, value = series["value"]
    return Sample(series["metric"], float(value), float(at))

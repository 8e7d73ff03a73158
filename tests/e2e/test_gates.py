"""Gates against the lab's Prometheus, which scrapes pods that count what the test says."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cictl.clients.kubernetes_api import KubernetesApi
from cictl.clients.kubernetes_connection import Connection
from cictl.clients.prometheus import Prometheus
from cictl.core.gate import Gate
from cictl.core.release_target import ReleaseTarget
from cictl.core.verdict import GateResult, Verdict
from cictl.errors import ExitCode
from cictl.services.gates import GateJudge
from cictl.services.live_release import LiveReleases
from cictl.wiring.app import App
from tests.e2e.support.locks import lock
from tests.e2e.telemetry_source import telemetry_source
from tests.running import eventually

NAMESPACE = "e2e-gates"
RATE = 120  # requests that both pods of a source count in a second, at most: a busy machine counts fewer
CONFIG = """\
version: 1
prometheus: {{url: "{prometheus}"}}
environments:
  lab: {{context: {context}, namespace: e2e-gates, gate: default}}
gates:
  default:
    every: 1s
    min_requests: 50
    traffic: sum(increase(http_requests_total{{$selector}}[$window]))
    checks:
      - name: error-rate
        bad: sum(increase(http_requests_total{{$selector,code=~"5.."}}[$window]))
        total: sum(increase(http_requests_total{{$selector}}[$window]))
        max: 1%
      - name: latency-p99
        query: histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{{$selector}}[$window])))
        max: {limit}
        for: 3
"""


@dataclass
class Bench:
    """What the tests measure with."""

    folder: Path
    prometheus: Prometheus
    api: KubernetesApi
    environ: dict[str, str]

    def target(self, name: str) -> ReleaseTarget:
        return LiveReleases(self.api, NAMESPACE).find_release(name)

    def gate(self) -> Gate:
        return App(directory=self.folder, environ=self.environ).config().gate("default")

    def cictl(self, *argv: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "cictl", *argv]
        return subprocess.run(command, cwd=self.folder, env=self.environ, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def prometheus_stays() -> Iterator[None]:
    """Keep tests that kill Prometheus waiting from the first scrape on: a gap in a window is no knowledge."""
    with lock("prometheus", shared=True):
        yield


@pytest.fixture(scope="module")
def bench(lab: dict[str, str], prometheus_stays: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    del prometheus_stays
    image = f"{lab['CICTL_LAB_REGISTRY']}/e2e-gates/python:3"
    _run(lab, "docker", "tag", "cictl-lab/python:3", image)
    _run(lab, "docker", "push", "--quiet", image)
    _kubectl(lab, "delete", "namespace", NAMESPACE, "--ignore-not-found")
    _kubectl(lab, "create", "namespace", NAMESPACE)
    for source in (
        telemetry_source("good", image, rate=60, errors=0.001),
        telemetry_source("bad", image, rate=60, errors=0.05),
        telemetry_source("slow", image, rate=60, latency=0.7),
        telemetry_source("idle", image, rate=0),
        telemetry_source("mute", image, rate=60, serves=False),
    ):
        _kubectl(lab, "apply", "-n", NAMESPACE, "-f", "-", text=source)
    _kubectl(lab, "wait", "-n", NAMESPACE, "deployment", "--all", "--for=condition=Available", "--timeout=180s")
    folder = tmp_path_factory.mktemp("gates")
    config = CONFIG.format(prometheus=lab["CICTL_LAB_PROMETHEUS"], context=lab["CICTL_LAB_CONTEXT"], limit="500ms")
    (folder / "cictl.yaml").write_text(config)
    api = KubernetesApi(Connection.from_kubeconfig(lab["CICTL_LAB_CONTEXT"], path=lab["KUBECONFIG"]))
    prometheus = Prometheus(lab["CICTL_LAB_PROMETHEUS"])
    built = Bench(folder, prometheus, api, lab)
    eventually(lambda: len(prometheus.query(f'up{{namespace="{NAMESPACE}"}} == 1').samples) == 8, seconds=120)
    yield built
    prometheus.close()
    _kubectl(lab, "delete", "namespace", NAMESPACE, "--wait=false")


@pytest.mark.parametrize(
    ("name", "verdict", "reason"),
    [
        pytest.param("good", Verdict.HEALTHY, "at most 1%", id="healthy"),
        pytest.param("bad", Verdict.UNHEALTHY, "error-rate", id="bad"),
        pytest.param("slow", Verdict.UNHEALTHY, "broken at 3 of 3 looks in a row", id="slow"),
        pytest.param("idle", Verdict.INSUFFICIENT, "0 of 50 requests", id="no-traffic"),
        pytest.param("mute", Verdict.UNKNOWN, "cannot scrape mute-", id="target-down"),
    ],
)
def test_verdicts(bench: Bench, name: str, verdict: Verdict, reason: str) -> None:
    results = _looks(bench, name, 12, until=lambda seen: seen.verdict is verdict and reason in seen.reason)
    assert results[-1].verdict is verdict, results[-1]
    assert reason in results[-1].reason
    good = {Verdict.HEALTHY, Verdict.UNKNOWN, Verdict.INSUFFICIENT}
    assert {result.verdict for result in results} <= good | {verdict}


def test_a_bad_release_is_found_by_seconds_of_its_traffic(bench: Bench) -> None:
    watch = GateJudge(bench.prometheus).begin(bench.gate(), bench.prometheus.now())
    target, seen = bench.target("bad"), list[GateResult]()

    def is_found() -> bool:
        seen.append(watch.look(target))
        return seen[-1].verdict is Verdict.UNHEALTHY

    eventually(is_found, seconds=60)
    assert _total(seen[-1]) < 15 * RATE


def test_counts_are_whole_and_a_second_driver_goes_on_with_them(bench: Bench) -> None:
    began = bench.prometheus.now()
    target, judge = bench.target("good"), GateJudge(bench.prometheus)

    def counted() -> int:
        return _total(judge.begin(bench.gate(), began).look(target))

    first = eventually(counted, seconds=60)
    second = eventually(lambda: total if (total := counted()) > first + RATE else 0, seconds=60)
    elapsed = bench.prometheus.now() - began
    assert 0 < first < second <= 1.5 * RATE * elapsed


def test_another_release_is_not_counted(bench: Bench) -> None:
    target = bench.target("idle")
    checks = eventually(lambda: _looks(bench, "idle", 1)[0].checks)
    queries = [str(check.evidence.get("totalQuery", "")) for check in checks]
    assert any(f'pod=~"{target.replica_set}-[a-z0-9]{{5}}"' in query for query in queries)


def test_no_prometheus_is_unknown_and_quick(bench: Bench) -> None:
    nobody, target = Prometheus(bench.prometheus.url.rpartition(":")[0] + ":1"), bench.target("good")
    watch = GateJudge(nobody).begin(bench.gate(), time.time() - 30)
    began = time.monotonic()
    result = watch.look(target)
    assert result.verdict is Verdict.UNKNOWN
    assert "cannot be reached" in result.reason
    assert time.monotonic() - began < 6


def test_one_look_asks_few_questions(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = GateJudge(bench.prometheus).begin(bench.gate(), bench.prometheus.now() - 10)
    target, asked = bench.target("good"), Counter[str]()
    monkeypatch.setitem(bench.prometheus._session.hooks, "response", [lambda *_, **__: asked.update(["all"])])
    watch.look(target)
    first = asked["all"]
    watch.look(target)
    assert (first, asked["all"] - first) == (5, 4)


@pytest.mark.parametrize(
    ("name", "status", "verdict"),
    [
        pytest.param("good", 0, "healthy", id="healthy"),
        pytest.param("bad", 10, "unhealthy", id="unhealthy"),
        pytest.param("slow", 10, "unhealthy", id="slow-at-the-first-look"),
        pytest.param("idle", 11, "insufficient", id="insufficient"),
        pytest.param("mute", 11, "unknown", id="unknown"),
    ],
)
def test_gate_check(bench: Bench, name: str, status: int, verdict: str) -> None:
    answer = eventually(lambda: _checked(bench, name, status, verdict), seconds=120, what=f"it is never {verdict}")
    assert answer["kind"] == "GateResult"
    assert [check["name"] for check in answer["checks"]] == ["targets", "traffic", "error-rate", "latency-p99"]


def _checked(bench: Bench, name: str, status: int, verdict: str) -> dict[str, Any]:
    """Return a check that ended with STATUS and VERDICT, nothing where scrapes were late; any other end is wrong."""
    done = bench.cictl("gate", "check", name, "--env", "lab", "--window", "1m", "-o", "json")
    assert done.returncode in {status, ExitCode.GATE_UNDECIDED}, f"exit {done.returncode}: {done.stderr}"
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer if (done.returncode, answer["verdict"]) == (status, verdict) and answer["checks"] else {}


def test_gate_check_of_nothing(bench: Bench) -> None:
    done = bench.cictl("gate", "check", "nothing", "--env", "lab")
    assert done.returncode == 4
    assert "no Deployment 'nothing'" in done.stderr


def test_gate_lint_compares_limits_with_the_real_buckets(bench: Bench) -> None:
    path = bench.folder / "far.yaml"
    near = (bench.folder / "cictl.yaml").read_text()
    path.write_text(near.replace("max: 500ms", "max: 600ms"))
    assert bench.cictl("gate", "lint").stdout.strip() == "no findings"
    done = bench.cictl("--config", str(path), "gate", "lint")
    assert done.returncode == 0
    assert "between the bucket bounds 500ms and " in done.stdout
    path.write_text(near.replace("max: 500ms", "max: 9s"))
    assert bench.cictl("--config", str(path), "gate", "lint").returncode == 3


def _looks(
    bench: Bench, name: str, count: int, *, until: Callable[[GateResult], bool] = lambda _: True
) -> list[GateResult]:
    """Look COUNT times, a second apart, at a step that begins now; up to a minute longer UNTIL the last is as asked."""
    target = bench.target(name)
    watch = GateJudge(bench.prometheus).begin(bench.gate(), bench.prometheus.now())
    results: list[GateResult] = []
    while len(results) < count or not (until(results[-1]) or len(results) >= count + 60):
        time.sleep(1)
        results.append(watch.look(target))
    return results


def _total(result: GateResult) -> int:
    """Return how many requests RESULT counted; 0 where it could not count."""
    found = next((check.evidence for check in result.checks if check.name == "error-rate"), {})
    total = found.get("total", 0)
    assert isinstance(total, int)
    return total


def _kubectl(environ: dict[str, str], *argv: str, text: str = "") -> None:
    _run(environ, "kubectl", *argv, text=text)


def _run(environ: dict[str, str], *argv: str, text: str = "") -> None:
    done = subprocess.run(argv, env=environ, input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

"""How long jobs take to be planned and seeded, beside `jenkins-jobs update` and a bare client of the same requests."""

from __future__ import annotations

import base64
import http.client
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Figure, ratio_text
from bench.jobs_tree import make_pipelines
from bench.peers import CICTL
from bench.report import Table, Topic, goal
from bench.run import Run

TITLE = "Jobs: seeding and planning against a live Jenkins"
JOBS, MANY = 200, 5_000
FLOOR_RATIO, PASSWORD_RATIO = 1.5, 20.0
SEED, SEED_PASSWORD = "cictl, token", "cictl, password"
FLOOR = "bare client, the same requests"
PEER, PEER_PASSWORD = "jenkins-jobs, token", "jenkins-jobs, password"
PLAN, PEER_CACHED = "cictl jobs plan, all read", "jenkins-jobs update, its cache alone"
_JENKINS_JOBS = Path(sys.executable).with_name("jenkins-jobs")
_PASSWORD = "admin-password"  # noqa: S105 - the fake Jenkins'
_STARTED = 30.0


@dataclass(frozen=True, slots=True)
class Server:
    """A fake Jenkins in a process of its own."""

    port: int
    token: str

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def server(record: Path | None = None) -> Iterator[Server]:
    """Have an empty Jenkins; RECORD is where it notes what it is asked."""
    words = [sys.executable, "-m", "bench.jobs_server", *([str(record)] if record else [])]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("no pipes")
    try:
        port, token = process.stdout.readline().split()
        yield Server(int(port), token)
    finally:
        process.stdin.close()
        process.wait(_STARTED)
        process.stdout.close()


def measure(run: Run) -> Topic:
    """Seed and plan JOBS, and plan MANY."""
    folder = run.place.folder
    tree = make_pipelines(folder / "pipelines", JOBS)
    seeded: dict[str, list[float]] = {name: [] for name in (SEED, SEED_PASSWORD, FLOOR, PEER)}
    unchanged: dict[str, list[float]] = {name: [] for name in (PLAN, PEER_CACHED)}
    counts: list[int] = []
    for turn in range(run.repeats + 1):
        run.machine.await_quiet()
        once = _once(folder, tree)
        counts.append(once.requests)
        if turn:  # the first finds nothing in the page cache, nor what is rendered
            for name, seconds in {**once.seeded, **once.unchanged}.items():
                (seeded if name in seeded else unchanged)[name].append(seconds)
    seeded[PEER_PASSWORD] = [_peer_by_password(folder, tree)]
    many = _many(folder, run.repeats)
    return _topic(run, seeded, unchanged, many, counts[-1])


@dataclass(frozen=True, slots=True)
class Once:
    """What one round took, in seconds, and how many REQUESTS seeding was."""

    seeded: Mapping[str, float]
    unchanged: Mapping[str, float]
    requests: int


def _once(folder: Path, tree: Path) -> Once:
    record = folder / "requests"
    record.unlink(missing_ok=True)
    with server(record) as jenkins:
        seed = _cictl(folder, jenkins, "apply", "--yes", tree=tree)
        requests = [json.loads(line) for line in record.read_text().splitlines()]
        plan = _cictl(folder, jenkins, "plan", tree=tree)
    with server() as jenkins:
        by_password = _cictl(folder, jenkins, "apply", "--yes", tree=tree, secret=_PASSWORD)
    with server() as jenkins:
        floor = replayed(jenkins, requests)
    with server() as jenkins:
        shutil.rmtree(folder / "peer", ignore_errors=True)
        peer = _peer(folder, jenkins, tree, jenkins.token)
        cached = _peer(folder, jenkins, tree, jenkins.token)
    seeded = {SEED: seed, SEED_PASSWORD: by_password, FLOOR: floor, PEER: peer}
    return Once(seeded, {PLAN: plan, PEER_CACHED: cached}, len(requests))


def _peer_by_password(folder: Path, tree: Path) -> float:
    shutil.rmtree(folder / "peer", ignore_errors=True)
    with server() as jenkins:
        return _peer(folder, jenkins, tree, _PASSWORD)


def _many(folder: Path, repeats: int) -> tuple[float, list[float]]:
    """Return how long MANY take to be seeded, and then to be planned."""
    tree = make_pipelines(folder / "many", MANY)
    with server() as jenkins:
        seeded = _cictl(folder, jenkins, "apply", "--yes", tree=tree)
        return seeded, [_cictl(folder, jenkins, "plan", tree=tree) for _ in range(repeats)]


def replayed(jenkins: Server, requests: Sequence[Mapping[str, str]]) -> float:
    """Send REQUESTS one after the other over one connection; return the seconds."""
    pair = base64.b64encode(f"admin:{jenkins.token}".encode()).decode()
    prepared = [
        (each["method"], each["target"], base64.b64decode(each["body"]), {"Content-Type": each["type"]})
        for each in requests
    ]
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", jenkins.port)
    for method, target, body, headers in prepared:
        connection.request(method, target, body or None, {**headers, "Authorization": f"Basic {pair}"})
        connection.getresponse().read()
    connection.close()
    return time.perf_counter() - began


def _cictl(folder: Path, jenkins: Server, *words: str, tree: Path, secret: str | None = None) -> float:
    variables = {
        **os.environ,
        "JENKINS_URL": jenkins.url,
        "JENKINS_USER_ID": "admin",
        "JENKINS_API_TOKEN": secret or jenkins.token,
        "XDG_CACHE_HOME": str(folder / "cache"),
        "XDG_STATE_HOME": str(folder / "state"),
    }
    return _timed([str(CICTL), "jobs", *words, "-r", str(tree)], variables, folder)


def _peer(folder: Path, jenkins: Server, tree: Path, secret: str) -> float:
    ini = folder / "jenkins_jobs.ini"
    ini.write_text(f"[job_builder]\n[jenkins]\nurl={jenkins.url}\nuser=admin\npassword={secret}\n")
    variables = {**os.environ, "XDG_CACHE_HOME": str(folder / "peer"), "HOME": str(folder)}
    return _timed([str(_JENKINS_JOBS), "--conf", str(ini), "update", "-r", str(tree)], variables, folder)


def _timed(words: Sequence[str], variables: Mapping[str, str], folder: Path) -> float:
    said = folder / "said"
    with said.open("wb") as file:
        began = time.perf_counter()
        process = subprocess.run(words, env=variables, cwd=folder, stdout=file, stderr=file, check=False)
        seconds = time.perf_counter() - began
    if process.returncode:
        raise RuntimeError(f"{' '.join(words[:3])} ended with {process.returncode}: {said.read_text()[-500:]}")
    return seconds


def _topic(
    run: Run,
    seeded: Mapping[str, Sequence[float]],
    unchanged: Mapping[str, Sequence[float]],
    many: tuple[float, Sequence[float]],
    requests: int,
) -> Topic:
    figures = {name: Figure.of(values) for name, values in {**seeded, **unchanged}.items()}
    ratio = figures[SEED].over(figures[FLOOR])
    faster = figures[PEER_PASSWORD].over(figures[SEED_PASSWORD])
    goals = [
        goal(f"{JOBS} jobs seeded in at most {FLOOR_RATIO:g} times the floor", is_met=(ratio or 99) <= FLOOR_RATIO),
        goal(
            f"{JOBS} jobs seeded at least {PASSWORD_RATIO:g} times as fast as jenkins-jobs, both given a password",
            is_met=(faster or 0) >= PASSWORD_RATIO,
        ),
        goal(
            "nothing changed, checked against the live Jenkins: faster than jenkins-jobs that asks its cache alone",
            is_met=figures[PLAN].median < figures[PEER_CACHED].median,
        ),
    ]
    many_figures = {f"seeding {MANY:,} jobs": Figure.of([many[0]]), f"planning {MANY:,} jobs": Figure.of(many[1])}
    tables = [
        _table(f"seeding {JOBS} jobs", {name: figures[name] for name in seeded}, figures[FLOOR]),
        _table(f"{JOBS} jobs, nothing changed", {name: figures[name] for name in unchanged}, figures[PLAN]),
        Table(("cictl, token", "seconds"), [[name, each.text()] for name, each in many_figures.items()]),
    ]
    method = (
        f"{run.repeats} rounds against a fake Jenkins in a process of its own, which takes 55 ms for a request by "
        "password and 2 ms for one by token or in a session, as a real one did. cictl opens a session by a password; "
        f"jenkins-jobs given one sends it with each request, and runs once. Seeding is {requests} requests of cictl: "
        "lock, records, and three for each job, the last of which reads it back. The floor sends the same over one "
        "connection, without starting, rendering or comparing anything."
    )
    return Topic(TITLE, goals, method, tables, run.machine.stamp())


def _table(what: str, figures: Mapping[str, Figure], floor: Figure) -> Table:
    rows = [[name, figure.text(), ratio_text(figure, floor)] for name, figure in figures.items()]
    return Table((what, "seconds", "ratio"), rows)

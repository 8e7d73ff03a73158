"""The demo's chapters, in order."""

from __future__ import annotations

import fcntl
import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from lab.demo import shop
from lab.demo.claims import judge, judge_beyond
from lab.demo.clients import ROUTING_SECONDS, Clients
from lab.demo.place import Place
from lab.demo.processes import kill_worker
from lab.demo.runner import DemoError, Runner
from lab.demo.screen import Screen
from lab.demo.shop import SERVER, Change, Pace
from lab.layout import REPOSITORY

_KILL_AFTER_SECONDS = 2.0
_TO_SEE_SECONDS = ROUTING_SECONDS + 1.0  # for who answers once routes have changed
_FIRST = "1"
_GOOD = Change("2", "checkout 2; staging judges before production has to", gates_staging=True)
_BAD = Change("3", "checkout 3: one request in twenty fails, another greeting", "cheers", {"FAULT_ERROR_RATE": "0.05"})
_NEXT = Change("4", "checkout 4: the fault mended, the greeting kept", "cheers")
_PASSED = ("KUBECONFIG", "DOCKER_HOST")


def play(folder: Path, variables: Mapping[str, str], pace: Pace) -> None:
    """Play the demo in FOLDER on the lab that VARIABLES name; DemoError where something did not go as it should."""
    with _alone(folder):
        Play(folder, variables, pace).play()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold FOLDER and the lab's namespaces for one showing; DemoError where another one has them."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as problem:
            message = "another demo is under way on this lab, and would be overwritten"
            raise DemoError(message, hint="wait until it has ended, or end it with Ctrl-C") from problem
        yield


class Play:
    """One showing."""

    def __init__(self, folder: Path, variables: Mapping[str, str], pace: Pace) -> None:
        """Get the stage ready; nothing is changed yet."""
        self._folder, self._variables, self._pace = folder / "shop", variables, pace
        self._server = folder / "shop.git"
        self._screen = Screen()
        self._runner = Runner(self._screen, self._folder, variables)
        self._place = Place(self._runner, variables["CICTL_LAB_CONTEXT"])

    def play(self) -> None:
        """Show every chapter, then what the clients saw."""
        kill_worker(self._server)  # of an earlier showing that was broken off
        shop.create(self._folder, self._variables, self._pace)
        self._place.clear()
        shop.begin(self._runner)
        self._hook()
        self._install()
        staging = self._clients("staging")
        try:
            self._good(staging)
            bad_until = self._bad(staging)
            production = self._promote(staging)
            self._killed(staging)
        finally:
            staging.end()
        self._account(staging, production, bad_until)
        self._where_to_look()

    def _hook(self) -> None:
        self._screen.chapter("a repository whose pushes are built")
        passed = [word for name in _PASSED if name in self._runner.environment for word in ("--variable", name)]
        self._runner.run("cictl", "hook", "install", "--run", SERVER, "--jenkinsfile", shop.PIPELINE, *passed)
        self._place.prepare()

    def _install(self) -> None:
        self._screen.chapter("the first push: both services are built, tested, pushed and brought to staging")
        self._push("SUCCESS", "--set-upstream", "origin", "main")
        self._screen.chapter("and from there, by digest, to production")
        for service in shop.SERVICES:
            self._runner.run("cictl", "promote", service, "--to", "production")

    def _push(self, result: str, *words: str) -> None:
        """Push, and look on; DemoError where the run's end is not RESULT."""
        self._runner.run("git", "push", "--no-progress", "-o", "wait", *words)
        seen = self._newest_run()["result"]
        if seen != result:
            raise DemoError(f"the pushed pipeline ended with {seen}, not with {result}", hint="its log says why")

    def _newest_run(self) -> dict[str, str]:
        found: list[dict[str, str]] = json.loads(self._runner.ask("cictl", "hook", "runs", SERVER, "-o", "json"))[
            "runs"
        ]
        return found[0]

    def _clients(self, environment: str) -> Clients:
        url = self._place.url("checkout", "/checkout", environment=environment)
        rate = self._pace.rate
        self._screen.say(f"\nfrom now on clients ask {environment}, {url}, {rate:g} times a second, at random")
        clients = Clients(url, rate=rate, allow_any=self._variables["CICTL_LAB_PROVIDER"] != "native")
        clients.begin()
        return clients

    def _good(self, staging: Clients) -> None:
        self._screen.chapter("a good push, with which staging gets a gate: canary, more, all")
        staging.enter("2 is built, and comes in")
        shop.commit(self._folder, self._runner, _GOOD)
        self._push("SUCCESS")

    def _bad(self, staging: Clients) -> float:
        self._screen.chapter(
            "a bad push, with a change of configuration: found by its gate, taken back, pusher told why"
        )
        staging.enter("3 is built, and comes in")
        shop.commit(self._folder, self._runner, _BAD)
        self._push("FAILURE")
        return staging.enter("3 is back out")

    def _promote(self, staging: Clients) -> Clients:
        self._screen.chapter("a release manager promotes the good one to production, and undoes it")
        staging.enter("2 is promoted")
        production = self._clients("production")
        try:
            self._to_production_and_back(production)
        finally:
            production.end()
        return production

    def _to_production_and_back(self, production: Clients) -> None:
        production.enter("1 runs, 2 is looked at")
        promote = ("cictl", "promote", "checkout", "--to", "production")
        self._runner.run("cictl", "releases", "checkout")
        self._runner.run(*promote, "--plan")
        production.enter("2 comes in")
        self._runner.run(*promote)
        production.enter("2 runs")
        time.sleep(_TO_SEE_SECONDS)
        production.enter("1 comes back")
        self._runner.run("cictl", "rollout", "undo", "checkout", "--env", "production")
        production.enter("1 runs")
        time.sleep(_TO_SEE_SECONDS)

    def _killed(self, staging: Clients) -> None:
        self._screen.chapter("all that drives is killed in the middle of a step, and somebody else goes on")
        staging.enter("4 is built, and comes in")
        shop.commit(self._folder, self._runner, _NEXT)
        before = self._place.release("checkout")
        self._runner.run("git", "push", "--no-progress")
        self._place.wait_for_step("checkout", after=before)
        time.sleep(_KILL_AFTER_SECONDS)
        killed = kill_worker(self._server)
        if not killed:
            raise DemoError("nobody drives the rollout, so nobody can be killed")
        staging.enter("nobody drives")
        self._screen.say(f"\n{killed} processes were killed: worker, pipeline, rollout; it stays where it was:")
        self._runner.run("kubectl", *self._place.listing)
        self._runner.run("cictl", "hook", "runs", SERVER)
        staging.enter("4 goes on")
        work = ("cictl", "hook", "work", SERVER)
        self._screen.command(work)
        worker = self._runner.start(*work)
        self._runner.run("cictl", "hook", "log", SERVER, "--brief", "--follow")
        worker.wait()
        staging.enter("4 runs")
        time.sleep(_TO_SEE_SECONDS)

    def _account(self, staging: Clients, production: Clients, bad_until: float) -> None:
        claims = judge(staging, good=(_FIRST, _GOOD.version, _NEXT.version), bad=_BAD.version, bad_until=bad_until)
        self._show("staging", staging)
        for claim in claims:
            self._screen.claim(claim.text, holds=claim.holds)
        beyond = judge_beyond(production, first=_FIRST, promoted=_GOOD.version, bad=_BAD.version)
        self._show("production", production)
        for claim in beyond:
            self._screen.claim(claim.text, holds=claim.holds)
        if not all(claim.holds for claim in (*claims, *beyond)):
            raise DemoError("not everything went as it should", hint="the lines marked NOT say what")

    def _show(self, environment: str, clients: Clients) -> None:
        self._screen.chapter(f"what the clients of {environment} saw")
        self._screen.table(*clients.rows_by_part())
        self._screen.say("")
        self._screen.table(*clients.rows_by_version())
        self._screen.say("")

    def _where_to_look(self) -> None:
        folder, prometheus = self._folder, self._variables["CICTL_LAB_PROMETHEUS"]
        rate = quote('sum by (pod, code) (rate(http_requests_total{namespace="staging",service="checkout"}[10s]))')
        self._screen.chapter("where to look")
        self._runner.run("cictl", "hook", "runs", SERVER)
        self._runner.run("cictl", "releases")
        self._runner.run("cictl", "rollout", "history", "checkout", "--env", "staging")
        self._screen.say(f"""
everything is left running; look around in the demo's own repository, commit something, push it:
  cd {REPOSITORY} && export PATH={Path(sys.executable).parent}:$PATH && eval "$(python -m lab env)" && cd {folder}
  git push -o wait
  kubectl {" ".join(self._place.listing)}
  cictl promote checkout --to production
  {prometheus}/graph?g0.tab=0&g0.range_input=5m&g0.expr={rate}

done in {self._screen.seconds:.0f} s""")

"""The demo's chapters, in order."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from lab.demo import shop
from lab.demo.claims import judge
from lab.demo.clients import ROUTING_SECONDS, Clients
from lab.demo.place import Place
from lab.demo.runner import DemoError, Runner
from lab.demo.screen import Screen
from lab.demo.shop import Change, Pace
from lab.layout import REPOSITORY

_GATE_UNHEALTHY = 10
_KILL_AFTER_SECONDS = 2.0
_FIRST = "1"
_GOOD = Change("2", "checkout 2")
_BAD = Change("3", "checkout 3: one request in twenty fails, another greeting", "cheers", {"FAULT_ERROR_RATE": "0.05"})
_NEXT = Change("4", "checkout 4: the fault mended, the greeting kept", "cheers")


def play(folder: Path, variables: Mapping[str, str], pace: Pace) -> None:
    """Play the demo in FOLDER on the lab that VARIABLES name; DemoError where something did not go as it should."""
    Play(folder, variables, pace).play()


class Play:
    """One showing."""

    def __init__(self, folder: Path, variables: Mapping[str, str], pace: Pace) -> None:
        """Get the stage ready; nothing is changed yet."""
        self._folder, self._variables, self._pace = folder, variables, pace
        self._screen = Screen()
        self._runner = Runner(self._screen, folder, variables)
        self._place = Place(self._runner, variables["CICTL_LAB_CONTEXT"])

    def play(self) -> None:
        """Show every chapter, then what the clients saw."""
        shop.create(self._folder, self._variables, self._pace)
        self._place.clear()
        shop.begin(self._runner)
        self._screen.chapter("build, test and push both services")
        images = {service: self._make(service) for service in shop.SERVICES}
        self._install(images)
        clients = self._clients()
        clients.begin()
        try:
            self._good(clients)
            bad_until = self._bad(clients)
            self._killed(clients)
        finally:
            clients.end()
        self._account(clients, bad_until)
        self._where_to_look()

    def _make(self, service: str) -> str:
        self._runner.read("cictl", "image", "build", service)
        self._runner.read("cictl", "image", "test", service)
        return self._runner.read("cictl", "image", "push", service, "-o", "name").splitlines()[-1]

    def _install(self, images: Mapping[str, str]) -> None:
        self._screen.chapter("first install of both services: staging, then production")
        self._place.prepare()
        for environment in shop.NAMESPACES:
            for service, image in images.items():
                self._roll_out(service, image, environment=environment)

    def _roll_out(self, service: str, image: str, *, environment: str = "production", expect: int = 0) -> None:
        words = ("cictl", "rollout", "start", service, "--env", environment, "--image", image)
        self._runner.run(*words, expect=expect)

    def _clients(self) -> Clients:
        url = self._place.url("checkout", "/checkout")
        self._screen.say(f"\nfrom now on clients ask {url}, {self._pace.rate:g} times a second, at random")
        return Clients(url, rate=self._pace.rate, allow_any=self._variables["CICTL_LAB_PROVIDER"] != "native")

    def _release(self, change: Change) -> str:
        shop.commit(self._folder, self._runner, change)
        return self._make("checkout")

    def _good(self, clients: Clients) -> None:
        self._screen.chapter("a good version: canary, more, all")
        clients.enter("1 runs, 2 is built")
        image = self._release(_GOOD)
        clients.enter("2 comes in")
        self._roll_out("checkout", image)

    def _bad(self, clients: Clients) -> float:
        self._screen.chapter("a bad version, with a change of configuration: found by its gate and taken back")
        clients.enter("2 runs, 3 is built")
        image = self._release(_BAD)
        clients.enter("3 comes in")
        self._roll_out("checkout", image, expect=_GATE_UNHEALTHY)
        return clients.enter("3 is back out, 4 is built")

    def _killed(self, clients: Clients) -> None:
        self._screen.chapter("a driver that is killed in the middle of a step, and another that goes on")
        image = self._release(_NEXT)
        before = self._place.release("checkout")
        clients.enter("4 comes in")
        words = ("cictl", "rollout", "start", "checkout", "--env", "production", "--image", image)
        self._screen.command(words)
        driver = self._runner.start(*words)
        self._place.wait_for_step("checkout", after=before)
        time.sleep(_KILL_AFTER_SECONDS)
        driver.process.kill()
        status = driver.wait()
        self._screen.recover()
        clients.enter("nobody drives")
        self._screen.say(f"\nthe driver was killed and ended with {status}; the rollout stays where it was:")
        self._runner.run("kubectl", *self._place.listing)
        clients.enter("4 goes on")
        self._runner.run("cictl", "rollout", "resume", "checkout", "--env", "production")
        clients.enter("4 runs")
        time.sleep(2 * ROUTING_SECONDS)

    def _account(self, clients: Clients, bad_until: float) -> None:
        self._screen.chapter("what the clients saw")
        self._screen.table(*clients.rows_by_part())
        self._screen.say("")
        self._screen.table(*clients.rows_by_version())
        self._screen.say("")
        claims = judge(clients, good=(_FIRST, _GOOD.version, _NEXT.version), bad=_BAD.version, bad_until=bad_until)
        for claim in claims:
            self._screen.claim(claim.text, holds=claim.holds)
        if not all(claim.holds for claim in claims):
            raise DemoError("not everything went as it should", hint="the lines marked NOT say what")

    def _where_to_look(self) -> None:
        folder, prometheus = self._folder, self._variables["CICTL_LAB_PROMETHEUS"]
        rate = quote('sum by (pod, code) (rate(http_requests_total{namespace="production",service="checkout"}[10s]))')
        self._screen.chapter("where to look")
        self._runner.run("cictl", "rollout", "history", "checkout", "--env", "production")
        self._runner.run("cictl", "rollout", "status", "checkout", "--env", "production")
        self._screen.say(f"""
everything is left running; look around in the demo's own repository:
  cd {REPOSITORY} && export PATH={Path(sys.executable).parent}:$PATH && eval "$(python -m lab env)" && cd {folder}
  kubectl {" ".join(self._place.listing)}
  cictl rollout history checkout --env production
  cictl rollout undo checkout --env production
  {prometheus}/graph?g0.tab=0&g0.range_input=5m&g0.expr={rate}

done in {self._screen.seconds:.0f} s""")

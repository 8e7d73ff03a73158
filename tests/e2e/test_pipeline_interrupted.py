"""Builds that die, are aborted, or meet each other: no state is mixed, and each says what became of it."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from lab.demo.processes import kill_tree
from tests.e2e.support.clients import Clients
from tests.e2e.support.program import Running
from tests.e2e.support.project import GATE
from tests.e2e.support.shop import Build, Shop, open_shop, parameters
from tests.running import eventually

_PATIENCE = 120.0  # seconds: a build goes before the rollout, on a machine that other tests use too
LEAVING = """@Library('cictl') _
node {
  checkout scm
  withCictl(clusters: true) {
    deployService(service: params.SERVICE, environment: params.ENVIRONMENT, image: params.IMAGE, onAbort: 'leave')
  }
}
"""


@pytest.fixture(scope="module")
def shop(lab: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Make a repository whose first release runs in staging; each test leaves one there that is well."""
    with open_shop(tmp_path_factory.mktemp("interrupted") / "shop", lab, repository="e2e-pipeline-interrupted") as made:
        made.install("1")
        yield made


def _lose_power(running: Running) -> None:
    kill_tree(running.process.pid)
    running.process.wait()


def test_a_build_that_was_killed_in_the_rollout_goes_on_when_run_again(shop: Shop) -> None:
    shop.rules("staging", strategy="long")
    known = shop.history("staging")
    commit = shop.commit("second", VERSION="2")
    first = shop.begin("checkout/Jenkinsfile")
    shop.staging.await_phase("stepping", seconds=_PATIENCE)
    _lose_power(first)
    left = shop.staging.state()

    again = shop.build().expect(0)
    assert "is under way; going on with it" in again.log
    assert again.data["events"][1]["number"] == 2
    now = shop.staging.state()
    assert (left["phase"], now["phase"], now["release"]) == ("stepping", "succeeded", left["release"])
    newest, *others = shop.history("staging")
    assert (newest["outcome"], newest["commit"], len(others)) == ("succeeded", commit, len(known))
    assert int(now["token"]) > int(left["token"])


def test_a_promotion_that_was_killed_goes_on_when_run_again(shop: Shop) -> None:
    shop.platform["environments"]["staging"]["strategy"] = "direct"
    shop.program.run("promote", "checkout", "--to", "production").expect(0)
    image = shop.install("7")
    shop.rules("production", strategy="long")
    running = shop.begin("pipelines/promote.Jenkinsfile", "--approve", *parameters("production"))
    shop.production.await_phase("stepping", seconds=_PATIENCE)
    _lose_power(running)
    again = shop.promote().expect(0)
    assert f"a rollout of {image} is under way in production; going on with it" in again.log
    assert (shop.production.phase(), shop.production.image("checkout")) == ("succeeded", image)
    assert [each["outcome"] for each in shop.history("production")] == ["succeeded", "succeeded"]


@pytest.mark.usefixtures("prometheus_stays")
def test_of_two_builds_at_once_one_comes_in_and_the_other_says_why_not(shop: Shop) -> None:
    # The one that comes in waits for requests, so that the other one meets it however much later that is built.
    shop.platform["gates"]["asked"] = {**GATE, "checks": GATE["checks"][:1]}
    steps = [{"weight": 50, "pause": "1s"}]
    shop.platform["strategies"]["awaited"] = {"steps": steps, "gate": "asked", "deadline": "5m"}
    shop.rules("staging", strategy="awaited")
    known, shops, running = len(_succeeded(shop)), list[Shop](), list[Running]()
    for version in ("3", "4"):
        shop.commit(f"push {version}", VERSION=version)
        shops.append(shop.clone(f"build-{version}"))
    for each in shops:
        running.append(each.begin("checkout/Jenkinsfile"))
    eventually(lambda: not all(each.is_running for each in running), seconds=2 * _PATIENCE)
    clients = Clients(shop.staging.service_url("/checkout")).start()
    try:
        builds = [Build(each.wait(_PATIENCE)) for each in running]
    finally:
        clients.stop()

    assert sorted(build.code for build in builds) == [0, 9]
    won, lost = sorted(builds, key=lambda build: build.code)
    assert "(exit 6)" in lost.error
    assert "checkout" in lost.error.partition("staging: ")[2]
    digest = shop.staging.image("checkout").rpartition(":")[2]
    assert digest[:12] in won.description
    assert digest[:12] not in lost.description
    succeeded = _succeeded(shop)
    assert (shop.staging.phase(), succeeded[0], len(succeeded)) == ("succeeded", digest, known + 1)
    assert eventually(lambda: shop.staging.ready(digest) == 1)


def _succeeded(shop: Shop) -> list[str]:
    """Return the digests that came into staging, newest first."""
    return [each["image"].rpartition(":")[2] for each in shop.history("staging") if each["outcome"] == "succeeded"]


def _await_step(shop: Shop, image: str) -> None:
    """Wait until the rollout of IMAGE is in its first step."""
    seen = shop.staging
    eventually(lambda: seen.image("checkout") == image and seen.phase() == "stepping", seconds=_PATIENCE)


def test_an_aborted_build_takes_its_rollout_back(shop: Shop) -> None:
    before = shop.staging.image("checkout")
    shop.rules("staging", strategy="endless")
    image = shop.push("5")
    running = shop.deploy(image)
    _await_step(shop, image)
    running.send(signal.SIGTERM)
    ended = running.wait(_PATIENCE).expect(143)
    assert "deployService: the build was aborted; the rollout of checkout is taken back" in ended.err
    assert (shop.staging.phase(), shop.staging.image("checkout")) == ("rolled-back", before)
    newest = shop.history("staging")[0]
    assert (newest["image"], newest["outcome"]) == (image, "rolled-back")


def test_or_leaves_it_where_it_is_told_to(shop: Shop) -> None:
    shop.rules("staging", strategy="endless")
    image = shop.push("6")
    (shop.directory / "leaving.Jenkinsfile").write_text(LEAVING)
    running = shop.deploy(image, jenkinsfile="leaving.Jenkinsfile")
    _await_step(shop, image)
    running.send(signal.SIGINT)
    ended = running.wait(_PATIENCE).expect(130)
    assert "the rollout of checkout goes on; 'cictl rollout resume' drives it" in ended.err
    assert (shop.staging.phase(), shop.staging.image("checkout")) == ("stepping", image)
    shop.program.run("rollout", "abort", "checkout", "--env", "staging").expect(0)
    assert shop.staging.phase() == "rolled-back"

"""The jobs of the release manager: what is refused changes nothing, what is allowed can be taken back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from tests.e2e.support.shop import ANN, Shop, open_shop, parameters

ALWAYS = [{"from": "00:00", "until": "24:00", "zone": "UTC", "reason": "inventory"}]
FOUR_EYES = {"approval": {"four_eyes": True}}
ONLY_BOB, BOB = {"approval": {"by": ["bob"]}}, {"bob": "bob@example.com"}


@dataclass(frozen=True)
class Stocked:
    """A shop with its releases: FIRST runs in production, SECOND in staging; FAILED did not stay there."""

    shop: Shop
    first: str
    second: str
    failed: str


@pytest.fixture(scope="module")
def stocked(lab: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stocked]:
    """Make the releases once: refusals change nothing."""
    with open_shop(tmp_path_factory.mktemp("promotion") / "shop", lab, repository="e2e-pipeline-promotion") as shop:
        first, second, failed = shop.install("1"), shop.install("2"), shop.push("3")
        shop.program.run("promote", "checkout", "--to", "production", "--release", "1").expect(0)
        left = shop.program.start(*_start(failed))
        shop.staging.await_phase("stepping", seconds=120)
        shop.program.run("rollout", "abort", "checkout", "--env", "staging").expect(0)
        left.wait()
        yield Stocked(shop, first, second, failed)


def _start(image: str) -> list[str]:
    return ["rollout", "start", "checkout", "--env", "staging", "--strategy", "endless", "--image", image]


@pytest.mark.parametrize(
    ("rules", "people", "stage", "message", "code"),
    [
        pytest.param({"soak": "1h"}, {}, "Plan", "1h are asked for", 11, id="soak"),
        pytest.param({"freeze": ALWAYS}, {}, "Plan", "production is frozen, from 00:00", 5, id="frozen"),
        pytest.param(ONLY_BOB, BOB, "Promote", "root may not promote into", 5, id="not-permitted"),
        pytest.param(FOUR_EYES, {}, "Promote", "nobody knows the Git address of root", 5, id="unmapped"),
        pytest.param(FOUR_EYES, {"root": ANN}, "Promote", "root wrote release 2", 5, id="four-eyes"),
    ],
)
def test_rules_that_are_not_met(
    stocked: Stocked, rules: Mapping[str, object], people: Mapping[str, str], stage: str, message: str, code: int
) -> None:
    shop, before = stocked.shop, stocked.shop.production.written()
    plain = {"soak": "0s", "freeze": []}
    shop.platform["people"] = dict(people)
    shop.rules("production", **{**plain, **rules})
    try:
        build = shop.promote().expect(9)
    finally:
        shop.platform["environments"]["production"].pop("approval", None)
        shop.rules("production", **plain)
    assert message in build.error
    assert f"(exit {code})" in build.error
    assert message in build.description
    assert build.stages[stage] == "FAILURE"
    assert shop.production.written() == before


def test_what_was_not_healthy_there(stocked: Stocked) -> None:
    before = stocked.shop.production.written()
    build = stocked.shop.promote(IMAGE=stocked.failed).expect(9)
    assert "was not healthy in staging: rolled-back, aborted by hand (exit 10)" in build.error
    assert stocked.shop.production.written() == before


def test_an_image_that_is_gone(stocked: Stocked) -> None:
    before = stocked.shop.production.written()
    stocked.shop.forget(stocked.second)
    try:
        build = stocked.shop.promote().expect(9)
    finally:
        stocked.shop.push_again("2")
    assert f"the registry has {stocked.second} no more (exit 4)" in build.error
    assert stocked.shop.production.written() == before


def test_what_nobody_approves(stocked: Stocked) -> None:
    before = stocked.shop.production.written()
    build = stocked.shop.promote(answer="--reject").expect(9)
    assert "ABORTED: Rejected by root" in build.error
    assert stocked.shop.production.written() == before


def test_newer_ones_are_not_overwritten_and_can_be_taken_back(stocked: Stocked) -> None:
    shop, production = stocked.shop, stocked.shop.production
    assert production.image("checkout") == stocked.first
    shop.promote().expect(0)
    assert production.image("checkout") == stocked.second

    before = production.written()
    again = shop.promote().expect(0)
    assert again.description.endswith("runs in production already: nothing to change")
    older = shop.promote(RELEASE="1").expect(9)
    assert "production runs a newer one: release 2" in older.error
    assert "(exit 6)" in older.error
    nameless = shop.build("pipelines/rollback.Jenkinsfile", *parameters("production")).expect(9)
    assert "rollbackRelease: the option 'reason' is missing" in nameless.error
    assert production.written() == before

    undone = shop.build("pipelines/rollback.Jenkinsfile", *parameters("production", REASON="orders fail")).expect(0)
    assert production.image("checkout") == stocked.first
    newest = shop.history("production")[0]
    assert (newest["undoOf"], newest["outcome"], newest["reason"]) == (1, "succeeded", "orders fail")
    assert "orders fail" in undone.description


def test_what_nobody_committed(stocked: Stocked) -> None:
    shop, before = stocked.shop, stocked.shop.production.written()
    (shop.directory / "checkout" / "by-hand").write_text("tried out")
    tag = shop.program.json("image", "build", "checkout")["tag"]
    image = shop.program.json("image", "push", "checkout", "--tag", tag)["image"]
    options = ("--env", "staging", "--strategy", "direct", "--image", image)
    shop.program.run("rollout", "start", "checkout", *options).expect(0)
    assert f" {tag.partition('-')[0]}-dirty " in shop.program.run("releases", "checkout").expect(0).out
    build = shop.promote().expect(9)
    assert "was built from files that nobody committed (exit 6)" in build.error
    assert shop.production.written() == before

"""From a push to production by the real Jenkinsfiles, without a Jenkins, and what stops on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.support.clients import Clients
from tests.e2e.support.shop import Shop, git, open_shop, parameters

REPOSITORY = "e2e-pipeline-delivery"
MONOREPO = "pipelines/service.Jenkinsfile"


@pytest.fixture
def shop(lab: dict[str, str], tmp_path: Path) -> Iterator[Shop]:
    """Make a repository and two namespaces."""
    with open_shop(tmp_path / "shop", lab, repository=REPOSITORY) as made:
        yield made


def test_from_a_push_to_production(shop: Shop) -> None:
    shop.platform["people"] = {"root": "root@example.com"}
    shop.rules("production", soak="1s", approval={"by": ["root"]})
    commit = shop.commit("ready")
    pushed = shop.build().expect(0)
    running = shop.staging.image("checkout")
    assert shop.has_tag(commit)
    assert pushed.stages == dict.fromkeys(("Checkout", "Build", "Test", "Push", "Deploy"), "SUCCESS")
    assert pushed.data["tests"] == {"passed": 1, "failed": 0, "skipped": 0}
    assert pushed.description == f"checkout sha256:{running.rpartition(':')[2][:12]}, staging"

    promoted = shop.promote().expect(0)
    assert shop.production.image("checkout") == running
    assert promoted.description.endswith("production, by root")
    kept = shop.history("production")[0]
    assert (kept["outcome"], kept["approvedBy"], kept["promotedFrom"]) == ("succeeded", "root", "staging/1")
    assert (kept["commit"], kept["image"]) == (commit, running)


def test_a_failing_unit_test_stops_before_the_push(shop: Shop) -> None:
    shop.test_expects("2.0")
    commit = shop.commit("broken")
    build = shop.build().expect(9)
    assert build.stages == {"Checkout": "SUCCESS", "Build": "SUCCESS", "Test": "FAILURE"}
    assert build.data["tests"] == {"passed": 0, "failed": 1, "skipped": 0}
    assert "test_seconds" in build.log
    assert "1 of 1 test cases failed" in build.error
    assert "1 of 1 test cases failed" in build.description
    assert not shop.has_tag(commit)
    assert shop.staging.find("deployment", "checkout") is None


@pytest.mark.usefixtures("prometheus_stays")
def test_a_failing_gate_rolls_back_and_marks_the_build(shop: Shop) -> None:
    shop.build().expect(0)
    good = shop.staging.image("checkout")
    shop.platform["strategies"]["patient"] = {**shop.platform["strategies"]["canary"], "deadline": "2m"}
    shop.rules("staging", strategy="patient")
    shop.commit("bad", FAULT_ERROR_RATE="0.5", VERSION="bad")
    clients = Clients(shop.staging.service_url("/checkout")).start()
    try:
        build = shop.build().expect(9)
    finally:
        clients.stop()
    assert build.stages["Deploy"] == "FAILURE"
    assert "rolled back: error-rate: " in build.error
    assert "rolled back: error-rate: " in build.description
    assert (shop.staging.phase(), shop.staging.image("checkout")) == ("rolled-back", good)
    kept = {Path(path).name: Path(path) for path in build.data["artifacts"]}
    outcome = json.loads(kept["rollout-start-checkout-staging.json"].read_text())
    assert (outcome["phase"], outcome["release"]) == ("rolled-back", 2)
    assert "junit.xml" in kept


def test_an_unchanged_service_is_neither_built_nor_deployed(shop: Shop) -> None:
    shop.build(MONOREPO).expect(0)
    first = shop.staging.written()
    (shop.directory / "README.md").write_text("about the shop\n")
    commit = shop.commit("only words")
    build = shop.build(MONOREPO).expect(0)
    assert "no service has changed" in build.log
    assert (list(build.stages), shop.has_tag(commit)) == (["Checkout"], False)
    assert shop.staging.written() == first
    commit = shop.commit("a new version", VERSION="2")
    assert "Deploy checkout" in shop.build(MONOREPO).expect(0).stages
    assert (len(shop.history("staging")), shop.has_tag(commit)) == (2, True)


@pytest.mark.parametrize(
    ("branch", "environment"),
    [
        pytest.param("feature/x", {}, id="branch"),
        pytest.param("main", {"CHANGE_ID": "7"}, id="pull-request"),
    ],
)
def test_what_is_not_main_is_built_and_tested_and_no_more(shop: Shop, branch: str, environment: dict[str, str]) -> None:
    commit = shop.commit("not yet")
    build = shop.build("checkout/Jenkinsfile", "--branch", branch, **environment).expect(0)
    assert list(build.stages) == ["Checkout", "Build", "Test"]
    assert build.description == "checkout built and tested"
    assert not shop.has_tag(commit)
    found = shop.staging.items("deployments,configmaps,services,leases")
    assert {each["metadata"]["name"] for each in found} <= {"kube-root-ca.crt"}, "Kubernetes' own, in each namespace"


BRANCH = "feature/$(touch${IFS}x)`touch${IFS}x`\"';touch${IFS}x;-é漢"
HOSTILE = "$(touch x) `touch x` \"'; touch x; #\n\n%s ${HOME} $$ é漢 <b>&amp;"


def test_hostile_names_are_no_code(lab: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "shop $(touch x) 'q\" é漢" / "a b"
    with open_shop(folder, lab, repository=REPOSITORY) as shop:
        git(shop.directory, "tag", "v1;$(touch${IFS}x)é")
        for version in ("1", "2$(touch x)'\""):
            commit = shop.commit(HOSTILE, author="$(touch x) \"'; touch x é漢", VERSION=version)
            shop.build().expect(0)
            assert (shop.history("staging")[0]["commit"], shop.has_tag(commit)) == (commit, True)
        undo = shop.build("pipelines/rollback.Jenkinsfile", *parameters("staging", REASON=HOSTILE)).expect(0)
        assert HOSTILE in undo.description
        assert shop.history("staging")[0]["reason"] == HOSTILE
        assert "the option 'service' is to be a name" in shop.promote(SERVICE="$(touch x)").expect(9).error
        git(shop.directory, "checkout", "--quiet", "-b", BRANCH)
        assert shop.build().expect(0).description == "checkout built and tested"
    assert [path for path in tmp_path.rglob("x") if path.is_file()] == []

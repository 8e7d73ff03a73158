"""Reports of real rollouts: one that was taken back by its gate, and one that a second driver ended."""

from __future__ import annotations

from html.parser import HTMLParser

from tests.e2e.conftest import ClientsOf
from tests.e2e.support.cluster import Namespace
from tests.e2e.support.images import Images
from tests.e2e.support.program import PATIENCE_SECONDS
from tests.e2e.support.project import Json, Project
from tests.running import eventually


class Page(HTMLParser):
    """What of a page a browser would show, and what it is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.said, self.tags = "", list[str]()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.said += data


def report(project: Project, *options: str) -> tuple[Json, Page]:
    """Return the report as data and as a page."""
    told = project.rollout("report", "--out", "out/report.html", "-o", "json", *options).expect(0).json
    return told, Page((project.directory / "out" / "report.html").read_text(encoding="utf-8"))


def test_a_release_that_its_gate_took_back(
    project: Project, images: Images, clients_of: ClientsOf, prometheus_stays: None
) -> None:
    del prometheus_stays
    project.change_gate(min_requests=50)  # of so many, some fail: the first step cannot pass by chance
    project.install(images["v1"])
    clients = clients_of()
    project.greet("welcome")
    project.roll_out(images["bad"]).expect(10)
    clients.finish()
    told, page = report(project)
    assert (told["release"], told["status"], told["reason"]) == (2, "rolled-back", "gate-unhealthy")
    assert told["headline"] in page.said
    assert [span["phase"] for span in told["phases"]] == ["preparing", "stepping", "aborting"]
    assert all(span["seconds"] is not None for span in told["phases"])
    errors = next(check for check in told["gate"]["checks"] if check["name"] == "error-rate")
    result, newest = errors["results"][-1], errors["looks"][-1]
    assert (result["verdict"], result["endOf"], errors["limit"]) == ("unhealthy", "step 1", 0.01)
    assert result["eValue"] > result["eNeeded"]
    assert 0.01 < result["low"] < result["value"] < result["high"]
    assert (newest["bad"], newest["total"]) == (result["bad"], result["total"])
    assert any(each["new"]["ready"] == 1 and each["old"]["ready"] == 3 for each in told["pods"])
    assert any(line.startswith("ConfigMap/checkout-config") for line in told["differences"])
    assert told["undo"]["text"] == "There is nothing to undo: the Deployment is at release 1."
    assert page.tags.count("svg") >= 2
    first, _ = report(project, "--release", "1")
    assert (first["status"], first["firstInstall"], first["gate"]) == ("succeeded", True, None)
    assert "cictl rollout undo" not in str(first["undo"]["command"])
    assert "error-rate" in project.rollout("report").expect(0).out
    project.rollout("report", "--release", "9").expect(4)


def test_what_a_driver_saw_stays_when_another_ends_the_rollout(
    project: Project, namespace: Namespace, images: Images
) -> None:
    project.change_values(replicas=1)
    project.install(images["v1"])
    running = project.begin(images["v2"], "--strategy", "endless")
    namespace.await_phase("stepping")
    eventually(lambda: "pausing" in running.stderr, seconds=PATIENCE_SECONDS)
    under_way, _ = report(project)
    assert (under_way["status"], under_way["ended"]) == ("under-way", None)
    assert under_way["undo"]["command"] == "cictl rollout abort checkout --env test"
    project.rollout("abort").expect(0)
    running.wait().expect(6)
    told, page = report(project)
    assert (told["status"], told["why"]) == ("rolled-back", "aborted by hand")
    assert [span["phase"] for span in told["phases"]] == ["preparing", "stepping", "aborting"]
    assert told["events"][0]["where"] == "step 1"
    assert "aborted by hand" in page.said

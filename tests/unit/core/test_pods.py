from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.pods import FindingKind, LogRequest, PodFinding, by_gravity, log_request, worst_finding

NOW = 1000.0


def found(kind: FindingKind, since: float | None = NOW, grace: float = 0.0, pod: str = "p") -> PodFinding:
    return PodFinding(pod, kind, "why", "app", since, grace)


@pytest.mark.parametrize(
    ("since", "grace", "expected"),
    [
        pytest.param(NOW, 0, True, id="at-once"),
        pytest.param(None, 0, True, id="at-once-whenever-it-began"),
        pytest.param(NOW - 19.9, 20, False, id="in-its-grace"),
        pytest.param(NOW - 20, 20, True, id="grace-is-over"),
        pytest.param(None, 20, False, id="nobody-knows-since-when"),
        pytest.param(NOW + 5, 20, False, id="began-after-now"),
    ],
)
def test_has_lasted(since: float | None, grace: float, expected: bool) -> None:
    assert found(FindingKind.PULL_ERROR, since, grace).has_lasted(NOW) is expected


OOM, PULL = found(FindingKind.OOM), found(FindingKind.PULL_ERROR)
FRESH = found(FindingKind.OOM, NOW - 1, 60)
OLDER = found(FindingKind.PULL_ERROR, NOW - 100, pod="older")


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        pytest.param([], None, id="none"),
        pytest.param([FRESH], None, id="there-is-hope"),
        pytest.param([PULL, OOM], OOM, id="gravest"),
        pytest.param([FRESH, PULL], PULL, id="gravest-that-lasted"),
        pytest.param([PULL, OLDER], OLDER, id="oldest-of-its-kind"),
    ],
)
def test_worst_finding(findings: list[PodFinding], expected: PodFinding | None) -> None:
    assert worst_finding(findings, NOW) == expected


@given(st.lists(st.builds(found, st.sampled_from(FindingKind), st.floats(0, NOW), st.floats(0, 100))))
def test_worst_finding_is_the_first_by_gravity_that_lasted(findings: list[PodFinding]) -> None:
    lasting = tuple(each for each in by_gravity(findings) if each.has_lasted(NOW))
    worst = worst_finding(findings, NOW)
    assert (worst.kind if worst else None) == (lasting[0].kind if lasting else None)


@pytest.mark.parametrize(
    ("finding", "expected"),
    [
        (
            PodFinding("p", FindingKind.CRASH_LOOP, "", "app", log_of_previous=True),
            LogRequest("p", "app", previous=True),
        ),
        (PodFinding("p", FindingKind.NOT_READY, "", "app"), LogRequest("p", "app", previous=False)),
        (PodFinding("p", FindingKind.PULL_ERROR, "", "app"), None),
        (PodFinding("p", FindingKind.UNSCHEDULABLE, ""), None),
        (PodFinding("", FindingKind.QUOTA, ""), None),
    ],
)
def test_log_request(finding: PodFinding, expected: LogRequest | None) -> None:
    assert log_request(finding) == expected

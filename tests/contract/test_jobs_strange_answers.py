"""Whatever a Jenkins, or what stands before it, answers to an apply: no traceback, and the next run ends well."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cictl.errors import ExitCode
from tests.contract.jobs_shop import Shop
from tests.contract.jobs_tree import write_tree
from tests.fake_jenkins.messages import Response
from tests.running import Run

_HTML = "text/html;charset=utf-8"
_ANSWERS = {
    "a-page": Response(200, b"<html><body>Sign in</body></html>", [("Content-Type", _HTML)]),
    "nothing": Response(200, b"", []),
    "other-json": Response(200, b'{"jobs": [{"name": 3}], "views": "x"}', [("Content-Type", "application/json")]),
    "a-list": Response(200, b"[1, null]", [("Content-Type", "application/json")]),
    "empty-json": Response(200, b"{}", [("Content-Type", "application/json")]),
    "other-xml": Response(200, b"<project><x></project>", [("Content-Type", "application/xml")]),
    "an-error": Response(500, b"<html>Oops</html>", [("Content-Type", _HTML)]),
    "forbidden": Response(403, b"<html>no</html>", [("Content-Type", _HTML)]),
    "sign-in": Response(302, b"", [("Location", "/login?from=x")]),
    "gone": Response(404, b"", []),
    "too-busy": Response(429, b"", []),
    "gateway": Response(502, b"<html>Bad Gateway</html>", [("Content-Type", _HTML)]),
}
_REQUESTS = 40


@pytest.mark.parametrize("kind", _ANSWERS)
def test_no_answer_is_a_bug_of_ours(tmp_path: Path, run: Run, kind: str) -> None:
    first = list(_ANSWERS).index(kind)
    for number in range(1 + first % 4, _REQUESTS, 4):
        shop = Shop(tmp_path / str(number))
        write_tree(shop)
        shop.fake.faults.answer_instead(_ANSWERS[kind], nth=number)
        outcome = shop.run(run, "apply", "--yes")
        assert outcome.status != ExitCode.BUG, f"request {number}: {outcome.stderr}"
        assert "Traceback" not in outcome.stdout + outcome.stderr
        shop.fake.faults.clear()
        again = shop.run(run, "apply", "--yes", "--take-over")
        assert again.status == 0, f"after request {number}: {again.stdout}{again.stderr}"
        assert shop.run(run, "plan", "--detailed-exitcode").status == 0
        shop.close()


@pytest.mark.parametrize("body", [b"[1, 2]", b"null", b'"x"', b"3", b'{"jobs": [null], "views": 3}'])
def test_what_is_no_document_of_jenkins_is_told_in_plain_words(tmp_path: Path, run: Run, body: bytes) -> None:
    shop = Shop(tmp_path / "shop")
    shop.fake.faults.answer_instead(Response(200, body, [("Content-Type", "application/json")]), times=1000)
    outcome = shop.run(run, "plan")
    assert outcome.status == ExitCode.FAR_SIDE_FAILED
    assert "answers what no Jenkins does" in outcome.stderr
    assert not re.search(r"Error\b|object|NoneType|'list'|'dict'|subscript|iterable", outcome.stderr)
    shop.fake.faults.clear()
    shop.close()


@pytest.mark.parametrize("command", ["plan", "apply", "adopt", "prune"])
def test_what_tells_no_jobs_is_no_empty_jenkins(tmp_path: Path, run: Run, command: str) -> None:
    shop = Shop(tmp_path / "shop")
    shop.fake.faults.answer_instead(_ANSWERS["empty-json"], times=1000)
    outcome = shop.run(run, command)
    assert outcome.status == ExitCode.FAR_SIDE_FAILED
    assert "answers what no Jenkins does: a document without _class or jobs" in outcome.stderr
    assert shop.writes() == []
    shop.fake.faults.clear()
    shop.close()

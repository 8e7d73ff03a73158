from __future__ import annotations

from dataclasses import dataclass

import pytest

from cictl.core.jenkins_builds import Branch, BuildableJob
from cictl.errors import CictlError, NotFound, UsageProblem
from cictl.services.build_jobs import JobFinder, NamedJob

_MULTIBRANCH = "org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject"
_CHECKOUT = NamedJob("shop/ci/checkout", "checkout")


@dataclass
class FakeJobs:
    known: tuple[Branch, ...] = ()
    class_name: str | None = _MULTIBRANCH

    def job(self, full_name: str) -> BuildableJob:
        if self.class_name is None:
            raise NotFound("404")
        return BuildableJob(full_name, self.class_name, is_buildable=True)

    def branches(self, full_name: str) -> tuple[Branch, ...]:
        assert full_name == "shop/ci/checkout"
        return self.known


def _branches(*names: str) -> tuple[Branch, ...]:
    return tuple(Branch(f"shop/ci/checkout/{name}", name, name.replace("%2F", "/")) for name in names)


def _found(known: tuple[Branch, ...], branch: str | None) -> str:
    fake = FakeJobs(known)
    return JobFinder(fake, fake).find(_CHECKOUT, branch).removeprefix("shop/ci/checkout/")


_PULL_REQUEST = Branch("shop/ci/checkout/PR-12", "PR-12", "Mend the cart")

_CASES = [
    pytest.param(_branches("feature%2Fx", "main", "master"), None, "main", id="main"),
    pytest.param(_branches("feature%2Fx", "master"), None, "master", id="master"),
    pytest.param(_branches("develop"), None, "develop", id="the-only-one"),
    pytest.param(_branches("feature%2Fx", "main"), "feature/x", "feature%2Fx", id="a-slash"),
    pytest.param(_branches("bug%231"), "bug#1", "bug%231", id="a-hash"),
    pytest.param(_branches("main", "\uae30\ub2a5"), "\uae30\ub2a5", "\uae30\ub2a5", id="another-script"),
    pytest.param((*_branches("main"), _PULL_REQUEST), "PR-12", "PR-12", id="a-pull-request"),
    pytest.param((*_branches("main"), _PULL_REQUEST), "Mend the cart", "PR-12", id="by-what-jenkins-shows"),
    pytest.param((*_branches("a"), Branch("shop/ci/checkout/b", "b", "a")), "a", "a", id="names-come-first"),
]


@pytest.mark.parametrize(("known", "branch", "expected"), _CASES)
def test_which_branch(known: tuple[Branch, ...], branch: str | None, expected: str) -> None:
    assert _found(known, branch) == expected


_REFUSED = [
    pytest.param((), None, NotFound, "cictl build scan checkout", id="none-yet"),
    pytest.param(_branches("develop", "next"), None, UsageProblem, "develop, next", id="no-main-one"),
    pytest.param(_branches("main"), "mian", NotFound, "did you mean 'main'?", id="misspelt"),
    pytest.param(_branches("main"), "Main", NotFound, "cictl build scan checkout", id="git-tells-capitals-apart"),
]


@pytest.mark.parametrize(("known", "branch", "kind", "hint"), _REFUSED)
def test_no_branch(known: tuple[Branch, ...], branch: str | None, kind: type[CictlError], hint: str) -> None:
    with pytest.raises(kind) as problem:
        _found(known, branch)
    assert hint in (problem.value.hint or "")


@pytest.mark.parametrize(
    ("named", "hint"), [(_CHECKOUT, "cictl jobs apply"), (NamedJob("shop/x"), "check the name")], ids=["service", "job"]
)
def test_what_is_not_there_or_hidden(named: NamedJob, hint: str) -> None:
    fake = FakeJobs(class_name=None)
    with pytest.raises(NotFound) as problem:
        JobFinder(fake, fake).find(named)
    assert hint in (problem.value.hint or "")
    assert "Job/Read" in (problem.value.hint or "")

"""The comparer on edits of every field that forms offer, and on what saves, forms and plugins do by themselves."""

from __future__ import annotations

from typing import Any

import pytest

from cictl.core.job_changes import changes
from cictl.core.job_graft import graft
from cictl.core.job_three_way import Side, three_way
from cictl.core.job_xml import parse_config, serialise
from tests.contract.edited_jobs import CASES_OF, JOBS, are_apart, base, edited, generated, lean, paths

CASES = [pytest.param(job, case, id=f"{job}-{case['what']}") for job in JOBS for case in CASES_OF[job]]
# Of two equal steps no one can say which was there before; for these the position is another.
POSITIONS = {"second shell that is equal": ["steps/shell 1"]}
# A generator that leaves `false` and empty lists out cannot say these.
DEFAULTED = frozenset({"default excludes off", "metric gone", "no metrics", "view's old filter", "id gone"})


@pytest.mark.parametrize(("job", "case"), CASES)
def test_an_edit_is_called_by_its_field_and_a_save_by_none(job: str, case: dict[str, Any]) -> None:
    after = edited(job, case)
    assert paths(base(job), after) == case["fields"]
    assert bool(paths(after, base(job))) == bool(case["fields"])


@pytest.mark.parametrize("job", JOBS)
def test_the_first_save_of_what_was_generated_is_no_edit(job: str) -> None:
    assert generated(job) != base(job)
    assert paths(generated(job), base(job)) == []
    assert paths(base(job), generated(job)) == []


@pytest.mark.parametrize(("job", "case"), CASES)
def test_an_edit_is_found_beneath_what_the_first_save_adds(job: str, case: dict[str, Any]) -> None:
    found = paths(generated(job), edited(job, case))
    assert sorted(found) == sorted(POSITIONS.get(case["what"], case["fields"]))


@pytest.mark.parametrize(("job", "case"), CASES)
def test_what_moved_can_be_carried_over_and_back(job: str, case: dict[str, Any]) -> None:
    before, after = parse_config(base(job)), parse_config(edited(job, case))
    for old, new in ((before, after), (after, before)):
        assert changes(graft(old, new, [each.steps for each in changes(old, new)]), new) == ()


@pytest.mark.parametrize("job", JOBS)
def test_two_edits_are_two(job: str) -> None:
    """Edits of one job at once, as far as they stand in different places, are the edits one by one."""
    cases = CASES_OF[job]
    together = 0
    for distance in range(1, 7):
        for one, other in zip(cases, cases[distance:], strict=False):
            after = edited(job, one)
            if after.count(other["from"]) == 1 and are_apart(one, other):
                found = set(paths(base(job), after.replace(other["from"], other["to"])))
                assert found == {*one["fields"], *other["fields"]}, (one["what"], other["what"])
                together += 1
    assert together >= 2 * len(cases)


@pytest.mark.parametrize("job", JOBS)
def test_an_edit_in_git_and_another_in_jenkins_are_told_apart(job: str) -> None:
    """Each is called by who made it, or both are a conflict; what is no conflict can be merged."""
    sent, saved, merged = parse_config(generated(job)), parse_config(base(job)), 0
    cases = [each for each in CASES_OF[job] if each["what"] not in DEFAULTED]
    for in_git, in_jenkins in (*zip(cases, cases[3:], strict=False), *zip(cases[1:], cases, strict=False)):
        together = edited(job, in_git)
        if together.count(in_jenkins["from"]) != 1 or not are_apart(in_git, in_jenkins):
            continue
        wanted, there = lean(parse_config(edited(job, in_git))), parse_config(edited(job, in_jenkins))
        fields = three_way(wanted, there, sent, saved)
        if not any(each.side is Side.BOTH for each in fields):
            theirs = [each for each in fields if each.side is Side.JENKINS]
            assert ["/".join(each.path) for each in theirs] == in_jenkins["fields"]
            both = parse_config(together.replace(in_jenkins["from"], in_jenkins["to"]))
            assert changes(graft(wanted, there, [each.steps for each in theirs]), both) == (), (in_git, in_jenkins)
            merged += 1
    assert merged > len(cases) // 4


def test_an_edit_of_a_source_with_an_invented_id_is_carried_to_one_without() -> None:
    text = base("multibranch")
    identified = "<id>gt-https://git.example.com/app.git</id>"
    wanted, saved = parse_config(text.replace(identified, "")), parse_config(text)
    there = parse_config(text.replace(">git<", ">key<"))
    (field,) = three_way(wanted, there, wanted, saved)
    merged = serialise(graft(wanted, there, [field.steps]))
    assert merged.count("<jenkins.branch.BranchSource>") == 1
    assert "<credentialsId>key<" in merged


def test_a_long_script_takes_no_time() -> None:
    script = "echo 'x' // http://u:p@h\n" * 20_000
    before = base("inline").replace("agent any", script)
    assert paths(before, before.replace("agent any", "x")) == []
    assert paths(before, base("inline").replace("agent any", script + "y")) == ["script"]

"""Adoption of jobs as a real Jenkins wrote them: the first plan is what Git would change, and nothing is lost."""

from __future__ import annotations

import pytest

from cictl.core.job_adoption import adopted_base, plan_adoption
from cictl.core.job_carry import redacted_fields
from cictl.core.job_changes import compare_configs
from cictl.core.job_plan import Action, ItemKey, plan_job
from cictl.core.job_three_way import Side
from cictl.core.job_write import marked, text_to_send
from cictl.core.job_xml import parse_config, serialise
from tests.contract.test_job_changes import PAIRS

OWNER, KEY = "shop", ItemKey("shop/a")
_EACH = pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: str(pair["why"])[:60])


@_EACH
def test_git_wants_what_was_there_before_the_edit(pair: dict[str, str]) -> None:
    """Somebody edited the job in Jenkins; Git, which makes it as it was, is to win after the adoption."""
    desired, live = pair["before"], pair["after"]
    found = plan_adoption(KEY, desired=desired, live=live, owner=OWNER)
    assert found is not None
    assert found.after is not None
    assert found.after.action in {Action.UNCHANGED, Action.UPDATE, Action.DRIFTED}
    assert {each.side for each in found.after.fields} <= {Side.GIT, Side.ALIKE, Side.UNMANAGED}


@_EACH
def test_nothing_is_to_do_where_git_makes_it_as_it_is(pair: dict[str, str]) -> None:
    found = plan_adoption(KEY, desired=pair["after"], live=pair["after"], owner=OWNER)
    assert found is not None
    assert found.becomes == "unchanged"


@_EACH
def test_what_is_sent_then_makes_it_what_git_says(pair: dict[str, str]) -> None:
    desired, live = pair["before"], pair["after"]
    there = serialise(marked(parse_config(live), OWNER))
    base = adopted_base(desired, there)
    plan = plan_job(KEY, desired=desired, base=base, live=there, owner=OWNER)
    if plan.action is not Action.UPDATE:
        return
    sent = text_to_send(plan, base=base, live=there, owner=OWNER)
    assert isinstance(sent, str), "nothing is in the way of it"
    assert redacted_fields(parse_config(sent)) == ()
    left = [each for each in compare_configs(desired, sent) if each.path != ("disabled",)]
    assert left == [], "but for what is carried over"

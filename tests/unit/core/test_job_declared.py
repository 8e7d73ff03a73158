"""What a Jenkinsfile says of its own job is nobody's edit, and a write keeps it."""

from __future__ import annotations

import pytest

from cictl.core.job_changes import compare_configs
from cictl.core.job_plan import Action, ItemKey, plan_job
from cictl.core.job_three_way import Base
from cictl.core.job_write import text_to_send
from cictl.core.job_xml import parse_config, serialise
from tests.unit.job_documents import CRON, DISCARDER, POLL, parameter, parameters_property, triggers_property

TRACKER = "org.jenkinsci.plugins.pipeline.modeldefinition.actions.DeclarativeJobPropertyTrackerAction"
SCRIPTED = "org.jenkinsci.plugins.workflow.multibranch.JobPropertyTrackerAction"
KEEP = f'<{DISCARDER}><strategy class="hudson.tasks.LogRotator"><numToKeep>%s</numToKeep></strategy></{DISCARDER}>'
HOURLY = POLL % "H * * * *"


def _note(properties: str = "", triggers: str = "", parameters: str = "") -> str:
    fields = {"jobProperties": properties, "triggers": triggers, "parameters": parameters, "options": ""}
    held = "".join(
        f"<{tag}>{''.join(f'<string>{name}</string>' for name in names.split())}</{tag}>"
        for tag, names in fields.items()
    )
    return f"<actions><{TRACKER}>{held}</{TRACKER}></actions>"


def _job(properties: str = "", actions: str = "", description: str = "") -> str:
    mark = "&lt;!-- cictl: owned by me --&gt;"
    return (
        f"<flow-definition>{actions}<description>{description}{mark}</description>"
        f"<properties>{properties}</properties></flow-definition>"
    )


def _parameters(*names: str) -> str:
    return parameters_property(*map(parameter, names))


TIMER = "hudson.triggers.TimerTrigger"
BUILDS = [
    pytest.param(_job(), _job(KEEP % 5, _note(DISCARDER)), id="a-property"),
    pytest.param(_job(), _job(triggers_property(CRON % "H 1 * * *"), _note(triggers=TIMER)), id="a-trigger"),
    pytest.param(
        _job(triggers_property(HOURLY)),
        _job(triggers_property(HOURLY, CRON % "H 1 * * *"), _note(triggers=TIMER)),
        id="a-trigger-beside-one-of-git",
    ),
    pytest.param(_job(_parameters("A")), _job(_parameters("A", "B"), _note(parameters="B")), id="a-parameter"),
    pytest.param(
        _job(),
        _job(
            KEEP % 5,
            f"<actions><{SCRIPTED}><jobPropertyDescriptors><string>{DISCARDER}</string></jobPropertyDescriptors>"
            f"</{SCRIPTED}></actions>",
        ),
        id="by-a-step",
    ),
]
UNSAID = pytest.param(_job(KEEP % 5, _note(DISCARDER)), _job("", _note()), id="the-jenkinsfile-no-longer-says-it")
EDITS = [
    pytest.param(_job(), _job(KEEP % 5, _note()), ["build discarder"], id="nobody-noted-it"),
    pytest.param(
        _job(KEEP % 5, _note(DISCARDER)),
        _job(KEEP % 7, _note(DISCARDER)),
        ["build discarder/builds to keep"],
        id="another-value",
    ),
    pytest.param(_job(KEEP % 5, _note(DISCARDER)), _job("", _note(DISCARDER)), ["build discarder"], id="taken-away"),
    pytest.param(
        _job(KEEP % 5), _job(KEEP % 7, _note(DISCARDER)), ["build discarder/builds to keep"], id="git-says-it-too"
    ),
    pytest.param(
        _job(_parameters("A")), _job(_parameters("A", "B", "C"), _note(parameters="B")), ["parameters/C"], id="a-third"
    ),
]


@pytest.mark.parametrize(("before", "after"), [*BUILDS, UNSAID])
def test_what_a_build_wrote_is_no_edit(before: str, after: str) -> None:
    assert compare_configs(before, after) == ()
    assert compare_configs(after, before) == ()


@pytest.mark.parametrize(("before", "after", "fields"), EDITS)
def test_what_no_note_accounts_for_is_an_edit(before: str, after: str, fields: list[str]) -> None:
    assert ["/".join(each.path) for each in compare_configs(before, after)] == fields
    assert compare_configs(after, before)


@pytest.mark.parametrize(("before", "after"), BUILDS)
def test_a_write_keeps_what_the_last_build_wrote(before: str, after: str) -> None:
    base, live = Base(before, serialise(parse_config(before))), serialise(parse_config(after))
    wanted = before.replace("<description>", "<description>another")
    plan = plan_job(ItemKey("a"), desired=wanted, base=base, live=live, owner="me")
    assert plan.action is Action.UPDATE
    text = text_to_send(plan, base=base, live=live, owner="me")
    assert isinstance(text, str)
    assert ["/".join(each.path) for each in compare_configs(live, text)] == ["description"]

from __future__ import annotations

import pytest

from cictl.core.pipeline_change import ChangeRequest, tag_variables


def test_a_change_request_is_known_by_jenkins_variables() -> None:
    request = ChangeRequest.parse("7,target=develop,title=Mend it, and test it,authorDisplayName=Ada L.,fork=ada/shop")
    assert request.target == "develop"
    assert request.variables(branch="mend") == {
        "BRANCH_NAME": "PR-7",
        "GIT_BRANCH": "PR-7",
        "CHANGE_ID": "7",
        "CHANGE_TARGET": "develop",
        "CHANGE_BRANCH": "mend",
        "CHANGE_TITLE": "Mend it, and test it",
        "CHANGE_AUTHOR_DISPLAY_NAME": "Ada L.",
        "CHANGE_FORK": "ada/shop",
    }


def test_its_own_branch_wins_and_its_target_is_main() -> None:
    variables = ChangeRequest.parse("7,branch=own").variables(branch="checked-out")
    assert (variables["CHANGE_BRANCH"], variables["CHANGE_TARGET"]) == ("own", "main")
    assert "CHANGE_BRANCH" not in ChangeRequest.parse("7").variables(branch=None)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("7,targt=main", "no 'targt'; did you mean 'target'", id="unknown-field"),
        pytest.param("target=main", "begins with no id", id="no-id"),
        pytest.param("", "begins with no id", id="nothing"),
    ],
)
def test_what_is_no_change_request(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ChangeRequest.parse(text)


def test_a_tag_has_its_time_in_three_forms() -> None:
    assert tag_variables("v1", 1_577_836_800) == {
        "BRANCH_NAME": "v1",
        "GIT_BRANCH": "v1",
        "TAG_NAME": "v1",
        "TAG_TIMESTAMP": "1577836800000",
        "TAG_UNIXTIME": "1577836800",
        "TAG_DATE": "Wed Jan 01 00:00:00 UTC 2020",
    }
    assert tag_variables("v1", None) == {"BRANCH_NAME": "v1", "GIT_BRANCH": "v1", "TAG_NAME": "v1"}

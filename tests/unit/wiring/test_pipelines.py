"""What the command line's wishes become for the runner."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cictl.core.pipeline_change import ChangeRequest
from cictl.core.pipeline_request import Manner
from cictl.errors import NotFound, UsageProblem
from cictl.redaction import redacted
from cictl.wiring.app import App
from cictl.wiring.pipeline_wishes import Head, PipelineWishes
from cictl.wiring.pipelines import request_of, run


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    root.mkdir()
    (root / "Jenkinsfile").write_text("echo 'hi'")
    return root


def _app(tmp_path: Path, **environ: str) -> App:
    return App(environ={"XDG_STATE_HOME": str(tmp_path / "state"), **environ})


def test_a_jenkinsfile_alone_runs_where_it_stands(tmp_path: Path, shop: Path) -> None:
    request = request_of(_app(tmp_path), PipelineWishes(shop / "Jenkinsfile"))
    assert (request.workspace, request.source, request.job, request.number) == (str(shop), None, "shop", 1)
    assert request.libraries == {}
    assert request.variables["BUILD_TAG"] == "jenkins-shop-1"
    assert "BRANCH_NAME" not in request.variables


def test_another_workspace_is_filled_from_the_working_tree(tmp_path: Path, shop: Path) -> None:
    request = request_of(_app(tmp_path), PipelineWishes(shop / "Jenkinsfile", workspace=tmp_path / "elsewhere"))
    assert (request.workspace, request.source) == (str(tmp_path / "elsewhere"), str(shop))


def test_a_tag_or_a_change_request_takes_the_place_of_the_branch(tmp_path: Path, shop: Path) -> None:
    tagged = request_of(_app(tmp_path), PipelineWishes(shop / "Jenkinsfile", head=Head(tag="v1")))
    assert (tagged.variables["TAG_NAME"], tagged.variables["BRANCH_NAME"]) == ("v1", "v1")
    wishes = PipelineWishes(shop / "Jenkinsfile", head=Head("mend", change_request=ChangeRequest("7")))
    changed = request_of(_app(tmp_path), wishes)
    names = ("BRANCH_NAME", "CHANGE_ID", "CHANGE_TARGET", "CHANGE_BRANCH")
    assert [changed.variables[name] for name in names] == ["PR-7", "7", "main", "mend"]


def test_the_repositorys_library_stands_for_every_name_that_has_no_other(tmp_path: Path, shop: Path) -> None:
    (shop / "shared-lib").mkdir()
    request = request_of(_app(tmp_path), PipelineWishes(shop / "Jenkinsfile", libraries=(f"mine={tmp_path}",)))
    assert request.libraries == {"mine": str(tmp_path), "*": str(shop / "shared-lib")}


def test_secrets_come_from_files_and_variables_and_are_masked_from_then_on(tmp_path: Path, shop: Path) -> None:
    (tmp_path / "key").write_text("from-a-file\n")
    wishes = PipelineWishes(shop / "Jenkinsfile", credentials=(f"key={tmp_path / 'key'}", "login=LOGIN"))
    request = request_of(_app(tmp_path, LOGIN="me:from-a-variable"), wishes)
    assert request.credentials == {"key": "from-a-file\n", "login": "me:from-a-variable"}
    assert redacted("from-a-file or from-a-variable") == "[redacted] or [redacted]"
    assert "from-a" not in repr(request)


@pytest.mark.parametrize(
    ("wishes", "error", "said"),
    [
        pytest.param({"parameters": ("NAME",)}, UsageProblem, "-p takes NAME=VALUE", id="parameter"),
        pytest.param({"credentials": ("a=NONE",)}, NotFound, "neither such a file nor", id="credential"),
        pytest.param({"libraries": ("a=/none",)}, NotFound, "no library a in /none", id="library"),
    ],
)
def test_what_cannot_be_is_refused(
    tmp_path: Path, shop: Path, wishes: dict[str, tuple[str, ...]], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        request_of(_app(tmp_path), PipelineWishes(shop / "Jenkinsfile", **wishes))  # type: ignore[arg-type]
    assert request_of(_app(tmp_path), PipelineWishes(shop / "Jenkinsfile")).number == 1  # no number was taken


def test_a_run_without_a_java_takes_no_number(tmp_path: Path, shop: Path) -> None:
    app = _app(tmp_path, PATH=str(tmp_path), XDG_CACHE_HOME=str(tmp_path / "cache"))
    with pytest.raises(NotFound, match="no Java 17 or newer was found"):
        run(app, PipelineWishes(shop / "Jenkinsfile"))
    assert request_of(app, PipelineWishes(shop / "Jenkinsfile")).number == 1


def test_a_credential_that_is_no_text_is_refused_and_not_shown(tmp_path: Path, shop: Path) -> None:
    (tmp_path / "store").write_bytes(b"secret\xff")
    with pytest.raises(UsageProblem, match="the file is no text in UTF-8") as caught:
        request_of(_app(tmp_path), PipelineWishes(shop / "Jenkinsfile", credentials=(f"key={tmp_path / 'store'}",)))
    assert "secret" not in f"{caught.value} {caught.value.hint}"


def test_a_jenkinsfile_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no Jenkinsfile"):
        request_of(_app(tmp_path), PipelineWishes(tmp_path / "Jenkinsfile"))


def test_the_message_is_json_and_names_everything(tmp_path: Path, shop: Path) -> None:
    wishes = PipelineWishes(shop / "Jenkinsfile", parameters=("A=b=c",), manner=Manner(stage="Test"))
    request = request_of(_app(tmp_path), wishes)
    message = json.loads(json.dumps(request.message(scratch="/scratch")))
    assert message["parameters"] == {"A": "b=c"}
    assert (message["stage"], message["from"], message["scratch"]) == ("Test", None, "/scratch")

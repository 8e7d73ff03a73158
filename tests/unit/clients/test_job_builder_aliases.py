"""Job files whose few lines stand for more than memory holds, and those that only look so."""

from __future__ import annotations

from pathlib import Path

import pytest

from cictl.clients.job_builder import JobBuilder, JobTree
from cictl.errors import ConfigInvalid

_ALIASES = "- _a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"- _a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 9)
)
_MERGES = "- _a0: &a0 {k: v}\n" + "".join(
    f"- _a{level}: &a{level} {{<<: [{', '.join([f'*a{level - 1}'] * 9)}]}}\n" for level in range(1, 9)
)
_BOMB = _ALIASES + "- job: {name: a, description: *a8}\n"
_INCLUDED = {"jobs/inc/bomb.yaml": _BOMB, "jobs/z.yaml": "- job: {name: z, builders: !include: inc/bomb.yaml}\n"}


@pytest.fixture(autouse=True)
def _tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("jobs/inc").mkdir(parents=True)
    Path("jobs/a.yaml").write_text("- job: {name: a}\n")


@pytest.mark.parametrize("is_trusted", [True, False])
@pytest.mark.parametrize(
    ("files", "place"),
    [
        pytest.param({"jobs/z.yaml": _BOMB}, "jobs/z.yaml:6:", id="in-a-job"),
        pytest.param({"jobs/z.yaml": f"# why?\n{_ALIASES}"}, "jobs/z.yaml:7:", id="for-the-library-s-parser"),
        pytest.param({"jobs/z.yaml": _MERGES}, "jobs/z.yaml:7:", id="by-merges"),
        pytest.param(_INCLUDED, "bomb.yaml:6:", id="included"),
    ],
)
def test_a_few_lines_that_stand_for_millions_are_refused(
    files: dict[str, str], place: str, *, is_trusted: bool
) -> None:
    for name, text in files.items():
        Path(name).write_text(text)
    ini = Path("jobs/ini")
    ini.write_text("[job_builder]\ninclude_path=jobs\n")
    tree = JobTree((Path("jobs/z.yaml"),), ini=ini, confined_to=None if is_trusted else Path("jobs"))
    with pytest.raises(ConfigInvalid, match="its aliases stand for too many values, over 400,000") as caught:
        JobBuilder({}).render(tree)
    assert place in caught.value.message
    assert len(caught.value.message) < 2_000
    assert "write fewer aliases" in str(caught.value.hint)


def test_data_with_aliases_of_aliases_is_refused_by_its_name() -> None:
    with pytest.raises(ConfigInvalid, match=r"<data>:6:"):
        JobBuilder({}).render(JobTree((), data=_BOMB))


def test_one_list_may_serve_many_jobs() -> None:
    text = f"- _steps: &steps [{', '.join(['{shell: x}'] * 30)}]\n"
    text += "".join(f"- job: {{name: a{at}, builders: *steps}}\n" for at in range(100))
    jobs = JobBuilder({}).render(JobTree((), data=text))
    assert len(jobs) == 100
    assert all(job.xml.count("<hudson.tasks.Shell>") == 30 for job in jobs)


def test_an_error_does_not_show_all_of_a_long_value() -> None:
    text = f"{{a: [{', '.join(['a long value'] * 10_000)}]}}"
    with pytest.raises(ConfigInvalid, match="The topmost collection must be a list") as caught:
        JobBuilder({}).render(JobTree((), data=text))
    assert len(caught.value.message) < 2_000


@pytest.mark.parametrize("version", ["*a8", "{<<: *a8}"])
def test_a_plugin_list_of_aliases_of_aliases_is_refused(version: str) -> None:
    Path("plugins_info.yaml").write_text(f"{_ALIASES}- {{shortName: git, version: {version}}}\n")
    with pytest.raises(ConfigInvalid, match=r"plugins_info\.yaml:6: its aliases stand for too many values") as caught:
        JobBuilder({}).render(JobTree((Path("jobs"),), plugins=Path("plugins_info.yaml")))
    assert len(caught.value.message) < 2_000


def test_a_plugin_list_of_merges_in_the_tree_is_read_as_jobs_are() -> None:
    Path("jobs/plugins_info.yaml").write_text(_MERGES)
    with pytest.raises(ConfigInvalid, match=r"plugins_info\.yaml:7:.* its aliases stand for too many values"):
        JobBuilder({}).render(JobTree((Path("jobs"),)))

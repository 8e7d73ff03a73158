from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from cictl.clients import job_builder
from cictl.clients.job_builder import JobBuilder, JobTree
from cictl.clients.job_builder_cache import RenderCache
from cictl.core.rendered_job import RenderedJob
from cictl.errors import CictlError, ConfigInvalid, ExitCode

TREE = {
    "jobs/a.yaml": "- job: {name: a, builders: [{shell: !include-raw-verbatim: inc/a.sh}], scm: [{git: {url: u}}]}\n",
    "jobs/b.yaml": "- job-template: {name: 'b-{x}', description: !j2: '{% include \"inc/p.j2\" %} {{ x }}'}\n",
    "jobs/c.yaml": "- project: {name: c, x: [1, 2], jobs: ['b-{x}']}\n- view: {name: v, view-type: all}\n",
    "jobs/sub/d.yaml": "- job: {name: d}\n",
    "jobs/inc/a.sh": "echo a\n",
    "jobs/inc/p.j2": "part\n",
    "jenkins_jobs.ini": "[job_builder]\ninclude_path=first:jobs\nkeep_descriptions=False\n"
    "[jenkins]\npassword=x\nuser=y\n",
    "plugins_info.yaml": "- {shortName: git, version: 5.0.0}\n",
}
Edit = Callable[[], None]


@pytest.fixture(autouse=True)
def _tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in TREE.items():
        path = Path(name)
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text)
    _age()


def _age(seconds: float = 60.0) -> None:
    """Make all files older than what is kept of them, as files mostly are."""
    then = time.time() - seconds
    for path in Path().rglob("*"):
        os.utime(path, (then, then))


@pytest.fixture
def cache(tmp_path: Path) -> RenderCache:
    return RenderCache(tmp_path / "cache")


def _jobs_tree(data: str | None = None) -> JobTree:
    return JobTree((Path("jobs"),), ini=Path("jenkins_jobs.ini"), plugins=Path("plugins_info.yaml"), data=data)


def _render(cache: RenderCache | None, data: str | None = None) -> tuple[RenderedJob, ...]:
    return JobBuilder({}, cache).render(_jobs_tree(data))


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count files as settled at once: a test's are young, and their ctime cannot be set back."""
    monkeypatch.setattr("cictl.clients.job_builder_cache._TICK_NANOSECONDS", 0)


@pytest.fixture
def unrendered(monkeypatch: pytest.MonkeyPatch) -> Edit:
    """Let nothing be rendered from now on."""

    def arrange() -> None:
        def refuse(*_: object) -> None:
            pytest.fail("rendered, although nothing changed")

        monkeypatch.setattr(job_builder, "_render", refuse)

    return arrange


def test_jobs_and_views_in_order_with_their_sources() -> None:
    found = [(job.full_name, job.is_view, job.source) for job in _render(None)]
    assert found == [
        ("a", False, "jobs/a.yaml:1"),
        ("b-1", False, "jobs/b.yaml:1"),
        ("b-2", False, "jobs/b.yaml:1"),
        ("d", False, "jobs/sub/d.yaml:1"),
        ("v", True, "jobs/c.yaml:2"),
    ]


@pytest.mark.usefixtures("settled")
def test_what_did_not_change_is_not_rendered(cache: RenderCache, unrendered: Edit) -> None:
    fresh = _render(cache)
    unrendered()
    assert _render(cache) == fresh
    assert [job.full_name for job in JobBuilder({}, cache).render(_jobs_tree(), ["b*", "v"])] == ["b-1", "b-2", "v"]


def _write(name: str, text: str) -> Edit:
    def edit() -> None:
        Path(name).parent.mkdir(exist_ok=True, parents=True)
        Path(name).write_text(text)

    return edit


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(_write("jobs/a.yaml", TREE["jobs/a.yaml"].replace("u}", "w}")), id="file-of-the-same-size"),
        pytest.param(_write("jobs/z.yaml", "- job: {name: z}\n"), id="another-file"),
        pytest.param(_write("jobs/sub/z.yml", "- job: {name: z}\n"), id="another-file-deeper"),
        pytest.param(_write("jobs/new/z.yml", "- job: {name: z}\n"), id="another-folder"),
        pytest.param(lambda: Path("jobs/sub/d.yaml").unlink(), id="a-file-less"),
        pytest.param(_write("jobs/inc/a.sh", "echo b\n"), id="raw-include"),
        pytest.param(_write("jobs/inc/p.j2", "trap\n"), id="jinja-include"),
        pytest.param(_write("first/inc/a.sh", "echo other\n"), id="include-that-is-found-before"),
        pytest.param(_write("first/inc/p.j2", "other\n"), id="jinja-include-that-is-found-before"),
        pytest.param(
            _write("jenkins_jobs.ini", TREE["jenkins_jobs.ini"].replace("=False", "=True")), id="option-of-the-ini"
        ),
    ],
)
def test_every_input_counts(cache: RenderCache, edit: Edit) -> None:
    before = _render(cache)
    edit()
    after = _render(cache)
    assert after == _render(None)
    assert after != before


@pytest.mark.usefixtures("settled")
def test_a_file_that_keeps_size_and_time_is_told_by_its_content(cache: RenderCache) -> None:
    before, was = _render(cache), Path("jobs/a.yaml").stat()
    Path("jobs/a.yaml").write_text(TREE["jobs/a.yaml"].replace("u}", "w}"))
    os.utime("jobs/a.yaml", ns=(was.st_atime_ns, was.st_mtime_ns))
    assert _render(cache) != before


@pytest.mark.usefixtures("settled")
def test_plugin_versions_count(cache: RenderCache, monkeypatch: pytest.MonkeyPatch) -> None:
    _render(cache)
    Path("plugins_info.yaml").write_text("- {shortName: git, version: 1.0.0}\n")
    rendered: list[object] = []

    def take(*words: object) -> tuple[RenderedJob, ...]:
        rendered.append(words[2])
        return ()

    monkeypatch.setattr(job_builder, "_render", take)
    _render(cache)
    assert rendered == [[{"shortName": "git", "version": "1.0.0"}]]


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("name", ["nowhere.yaml", "jobs"])
def test_plugins_that_cannot_be_read_are_not_passed_over_because_something_is_kept(
    cache: RenderCache, name: str
) -> None:
    tree = JobTree((Path("jobs"),), ini=Path("jenkins_jobs.ini"))
    JobBuilder({}, cache).render(tree)
    with pytest.raises(CictlError, match=name):
        JobBuilder({}, cache).render(replace(tree, plugins=Path(name)))


@pytest.mark.usefixtures("settled")
def test_data_that_no_file_holds_counts(cache: RenderCache) -> None:
    one, two = (_render(cache, f"- job: {{name: {name}}}\n") for name in ("x", "y"))
    assert {job.full_name for job in one} ^ {job.full_name for job in two} == {"x", "y"}


@pytest.mark.usefixtures("settled")
def test_a_secret_of_the_ini_is_kept_nowhere(cache: RenderCache, unrendered: Edit, tmp_path: Path) -> None:
    _render(cache)
    _write("jenkins_jobs.ini", TREE["jenkins_jobs.ini"].replace("password=x", "password=hunter22"))()
    unrendered()
    _render(cache)
    assert not any(b"hunter22" in path.read_bytes() for path in (tmp_path / "cache").iterdir())


@pytest.mark.usefixtures("settled")
def test_what_is_kept_is_its_owner_s_alone(cache: RenderCache, tmp_path: Path) -> None:
    _render(cache)
    (entry,) = (tmp_path / "cache").iterdir()
    assert entry.stat().st_mode & 0o777 == 0o600
    assert entry.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("length", [0, 3, 200, -5], ids=["empty", "cut-early", "cut-in-the-header", "cut-at-the-end"])
def test_a_broken_entry_is_no_entry(cache: RenderCache, tmp_path: Path, length: int) -> None:
    fresh = _render(cache)
    (entry,) = (tmp_path / "cache").iterdir()
    entry.write_bytes(entry.read_bytes()[:length])
    assert _render(cache) == fresh


@pytest.mark.usefixtures("settled")
def test_an_entry_that_something_else_wrote_into_is_no_entry(cache: RenderCache, tmp_path: Path) -> None:
    fresh = _render(cache)
    (entry,) = (tmp_path / "cache").iterdir()
    content = entry.read_bytes()
    entry.write_bytes(content[:-1] + b"\xff")
    assert _render(cache) == fresh


@pytest.mark.usefixtures("settled")
def test_the_texts_are_those_of_the_jobs_kept_or_not(cache: RenderCache, unrendered: Edit) -> None:
    builder, tree = JobBuilder({}, cache), _jobs_tree()
    fresh = b"".join(builder.texts(tree))
    assert fresh == b"".join(job.xml.encode() for job in _render(None))
    unrendered()
    assert list(builder.texts(tree)) == [fresh]


def test_what_is_written_meanwhile_is_not_kept(cache: RenderCache, tmp_path: Path) -> None:
    Path("jobs/a.yaml").touch()
    _render(cache)
    assert not (tmp_path / "cache").exists()


@contextmanager
def _files_of_at_most(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("settled")
def test_what_does_not_fit_on_the_disk_leaves_nothing_there(cache: RenderCache, tmp_path: Path) -> None:
    with _files_of_at_most(100):
        found = _render(cache)
    assert found == _render(None)
    assert list((tmp_path / "cache").iterdir()) == []


def test_the_inputs_are_looked_at_once(cache: RenderCache, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[object] = []

    def look(*parts: object) -> str:
        looked.append(parts)
        return "key"

    monkeypatch.setattr(job_builder, "key_of", look)
    assert list(JobBuilder({}, cache).texts(_jobs_tree()))
    assert len(looked) == 1


def test_old_entries_go(monkeypatch: pytest.MonkeyPatch, cache: RenderCache, tmp_path: Path) -> None:
    monkeypatch.setattr("cictl.clients.job_builder_cache._TICK_NANOSECONDS", 0)
    monkeypatch.setattr("cictl.clients.job_builder_cache._KEPT", 2)
    for name in "xyz":
        _render(cache, f"- job: {{name: {name}}}\n")
    assert len(list((tmp_path / "cache").iterdir())) == 2


def test_a_folder_that_cannot_be_written_is_no_matter(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert _render(RenderCache(tmp_path / "file" / "cache")) == _render(None)


def test_code_of_the_user_s_own_is_never_kept(
    cache: RenderCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cictl.clients.job_builder_cache._TICK_NANOSECONDS", 0)
    monkeypatch.syspath_prepend(str(tmp_path))
    Path("filters_of_mine.py").write_text("FILTERS = {'twice': lambda text: text * 2}\n")
    Path("jenkins_jobs.ini").write_text("[job_builder]\nfilter_modules=filters_of_mine\ninclude_path=jobs\n")
    Path("jobs/a.yaml").write_text("- job: {name: a, description: !j2: \"{{ 'x'|twice }}\"}\n")
    assert "<description>xx" in _render(cache)[0].xml
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(
    ("tree", "message", "status"),
    [
        pytest.param(JobTree((Path("nowhere"),)), "there is no", ExitCode.NOT_FOUND, id="no-path"),
        pytest.param(JobTree((), data="- job: {x: 1}"), "<data>:1", ExitCode.CONFIG, id="data"),
        pytest.param(
            JobTree((), data="", plugins=Path("jobs/a.yaml")), "jobs/a.yaml", ExitCode.CONFIG, id="no-list-of-plugins"
        ),
        pytest.param(JobTree((), data="", plugins=Path("nowhere")), "nowhere", ExitCode.NOT_FOUND, id="no-plugins"),
        pytest.param(JobTree((), data="", ini=Path("jobs/a.yaml")), "cannot be read", ExitCode.CONFIG, id="no-ini"),
        pytest.param(
            JobTree((), data="", ini=Path("nowhere.ini")), "nowhere.ini", ExitCode.NOT_FOUND, id="ini-is-gone"
        ),
    ],
)
def test_errors(tree: JobTree, message: str, status: ExitCode) -> None:
    with pytest.raises(CictlError) as caught:
        JobBuilder({}).render(tree)
    assert message in caught.value.message
    assert caught.value.exit_code == status
    assert caught.value.hint


def test_a_plugin_list_in_the_tree_is_no_job() -> None:
    Path("plugins_info.yaml").rename("jobs/plugins_info.yaml")
    found = JobBuilder({}).render(JobTree((Path("jobs"),), ini=Path("jenkins_jobs.ini")))
    assert "plugins_info" not in {job.full_name for job in found}


def test_the_environment_names_ini_and_section() -> None:
    Path("other.ini").write_text("[job_builder]\nkeep_descriptions=True\n[mine]\nurl=http://x\n")
    builder = JobBuilder({"JJB_CONF": "other.ini", "JJB_SECTION": "mine"})
    (job,) = builder.render(JobTree((), data="- job: {name: a}"))
    assert "Managed by" not in job.xml


def test_nothing_at_all_is_rendered_to_nothing() -> None:
    assert JobBuilder({}).render(JobTree((), data="")) == ()


def test_without_the_fast_path_the_library_renders(monkeypatch: pytest.MonkeyPatch) -> None:
    fast = _render(None)
    monkeypatch.setitem(sys.modules, "cictl.clients.job_builder_fast", None)
    monkeypatch.delattr("cictl.clients.job_builder_fast", raising=False)
    assert _render(None) == fast


def test_nothing_of_the_library_stays_replaced() -> None:
    from cictl.clients.job_builder_fast import _REPLACED  # noqa: PLC0415 - imports the library

    before = [getattr(owner, name) for owner, name, _ in _REPLACED]
    with pytest.raises(ConfigInvalid):
        JobBuilder({}).render(JobTree((), data="- job: {x: 1}"))
    assert [getattr(owner, name) for owner, name, _ in _REPLACED] == before


def test_an_ini_that_wants_a_live_jenkins_is_told_what_to_do(caplog: pytest.LogCaptureFixture) -> None:
    Path("live.ini").write_text("[jenkins]\nurl=http://localhost:1\nquery_plugins_info=True\n")
    assert JobBuilder({}).render(JobTree((), data="- job: {name: a}", ini=Path("live.ini")))
    assert "'cictl jobs plugins-info'" in caplog.text


def test_a_value_that_nobody_gives_says_where_values_come_from() -> None:
    Path("jobs").mkdir(exist_ok=True)
    text = "- job-template: {name: 'a-{missing}'}\n- project: {name: p, jobs: ['a-{missing}']}\n"
    Path("jobs/missing.yaml").write_text(text)
    with pytest.raises(ConfigInvalid, match="Missing parameter") as caught:
        JobBuilder({}).render(JobTree((Path("jobs/missing.yaml"),)))
    assert "cictl jobs render --data" in str(caught.value.hint)


_LOOP = """
- builder: {name: one, builders: [other]}
- builder: {name: other, builders: [{shell: x}, one]}
- job: {name: a, builders: [one]}
"""


def test_a_macro_that_calls_itself_is_named() -> None:
    with pytest.raises(ConfigInvalid, match=r"'one' calls 'other'|'other' calls 'one'") as caught:
        JobBuilder({}).render(JobTree((), data=_LOOP))
    assert "job 'a' has a macro without end" in caught.value.message
    assert "something else than itself" in str(caught.value.hint)
    assert "RecursionError" not in caught.value.message


def test_a_value_of_a_wrong_type_says_where_it_stands() -> None:
    Path("jobs").mkdir(exist_ok=True)
    Path("jobs/odd.yaml").write_text(
        "- job:\n    name: a\n    builders:\n      - shell: x\n      - copyartifact: [b]\n"
    )
    with pytest.raises(ConfigInvalid, match=r"in a builder \(.*odd\.yaml:5\)"):
        JobBuilder({}).render(JobTree((Path("jobs/odd.yaml"),)))

"""What is built, and when it is built again."""

from dataclasses import replace
from pathlib import Path

import pytest

from lab import golang
from lab.golang import PROGRAMS, Program
from lab.layout import Layout


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("go1.26.8\n", (1, 26, 8), id="release"),
        pytest.param("go1.27rc1", (1, 27), id="candidate"),
        pytest.param("devel +abc", (), id="unknown"),
        pytest.param("", (), id="does-not-run"),
    ],
)
def test_parse_version(text: str, expected: tuple[int, ...]) -> None:
    assert golang.parse_version(text) == expected


@pytest.mark.parametrize("program", [pytest.param(program, id=program.name) for program in PROGRAMS])
def test_every_program_has_a_tidy_module(program: Program) -> None:
    assert (program.module / "go.mod").exists()
    assert (program.module / "go.sum").exists()
    assert "-mod=readonly" in program.flags


def test_the_key_changes_with_what_is_built() -> None:
    program = PROGRAMS[0]
    assert program.key == replace(program).key
    assert program.key != replace(program, tags="other").key
    assert program.key != replace(program, package="other").key


def test_the_key_changes_with_the_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(golang, "MODULES", tmp_path)
    program = Program("thing", ".", ("thing",))
    program.module.mkdir()
    (program.module / "go.mod").write_text("module thing\n")
    before = program.key
    (program.module / "main.go").write_text("package main\n")
    assert program.key != before


def test_an_interrupted_build_does_not_look_finished(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    program = PROGRAMS[0]
    layout.programs.mkdir(parents=True)

    def interrupted(argv: list[object], **_: object) -> str:
        Path(str(argv[argv.index("-o") + 1])).write_text("half")
        raise KeyboardInterrupt

    monkeypatch.setattr(golang, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        golang.build(layout, program, Path("/go"))
    assert not golang.built(layout, program).exists()


def test_what_is_built_is_only_linked(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    layout.programs.mkdir(parents=True)
    for program in PROGRAMS:
        golang.built(layout, program).touch()
    monkeypatch.setattr(golang, "run", lambda *_, **__: pytest.fail("nothing is left to run"))
    golang.ensure(layout)
    assert (layout.bin / "kubectl").resolve().name.startswith("kubernetes-")
    assert (layout.bin / "docker").readlink() == Path("/usr/bin/docker")

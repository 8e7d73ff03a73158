"""Images on the lab's engine: built both ways, tested, and what goes wrong."""

from __future__ import annotations

import signal
import time
import uuid
from collections.abc import Collection, Mapping
from pathlib import Path

import git
import pytest

from tests.e2e.support.checkout import (
    BASE,
    EXAMPLE,
    SERVICE,
    Checkout,
    containers_of,
    docker_says,
    inspect_image,
    remove_images,
)

FAILING = "def test_that_fails():\n    assert 1 == 2, 'one is not two'\n"


@pytest.fixture(params=["buildkit", "engine"])
def builder(request: pytest.FixtureRequest, lab: Mapping[str, str], tmp_path: Path) -> dict[str, str]:
    """Return what makes cictl build in one of the two ways: a client without buildx refuses BuildKit."""
    if request.param == "buildkit":
        return {}
    client = tmp_path / "no-buildx" / "docker"
    client.parent.mkdir()
    client.write_text(
        "#!/bin/sh\necho 'ERROR: BuildKit is enabled but the buildx component is missing or broken.' >&2\nexit 1\n"
    )
    client.chmod(0o755)
    return {"PATH": f"{client.parent}:{lab['PATH']}", "EXPECTED": "engine"}


def test_build_both_ways(checkout: Checkout, builder: dict[str, str], docker: Mapping[str, str]) -> None:
    commit = checkout.commit()
    built = checkout.document("build", SERVICE, "--build-arg", "VERSION=v7", environment=builder)
    assert built["builder"] == builder.get("EXPECTED", "buildkit")
    assert built["image"] == f"{checkout.repository}:{commit[:12]}"
    assert not built["dirty"]
    image = inspect_image(docker, built["image"])
    assert image["Id"] == built["id"]
    assert "VERSION=v7" in image["Config"]["Env"]
    labels = image["Config"]["Labels"]
    assert labels["org.opencontainers.image.revision"] == commit
    assert labels["org.opencontainers.image.created"] == "2023-11-14T22:13:20Z"
    assert labels["org.opencontainers.image.version"] == commit[:12]


def test_progress_is_streamed_on_stderr(checkout: Checkout, builder: dict[str, str]) -> None:
    done = checkout.cictl("build", SERVICE, "-o", "name", environment=builder).expect(0)
    assert "COPY requirements.txt" in done.err
    assert done.out.count("\n") == 1


def test_a_dirty_tree_is_marked_and_each_edit_has_its_own_tag(checkout: Checkout) -> None:
    clean = checkout.document("build", SERVICE)["tag"]
    tags = set()
    for text in ("# one\n", "# two\n"):
        (checkout.folder / "catalog.py").write_text((EXAMPLE / "catalog.py").read_text() + text)
        built = checkout.document("build", SERVICE)
        assert built["dirty"]
        tags.add(built["tag"])
    assert len(tags) == 2
    assert all(tag.startswith(f"{clean}-dirty-") for tag in tags)


def test_testing_does_not_make_the_tree_dirty(checkout: Checkout) -> None:
    checkout.cictl("test", SERVICE).expect(0)
    assert not checkout.document("build", SERVICE)["dirty"]


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        pytest.param("RUN echo before; exit 3", ["RUN echo before; exit 3", "\n  before"], id="step"),
        pytest.param("RUNN x", ["unknown instruction: RUNN"], id="syntax"),
        pytest.param("COPY not-there /", ["COPY not-there /", "not-there"], id="copy"),
    ],
)
def test_a_failing_build_names_the_step(
    checkout: Checkout, builder: dict[str, str], edit: str, said: list[str]
) -> None:
    (checkout.folder / "Dockerfile").write_text(f"FROM {BASE} AS runtime\n{edit}\n")
    error = checkout.cictl("build", SERVICE, environment=builder).expect(9).err.partition("error: ")[2]
    assert [words for words in said if words not in error] == [], error


def test_an_unknown_target(checkout: Checkout, builder: dict[str, str]) -> None:
    done = checkout.cictl("build", SERVICE, "--target", "nope", environment=builder).expect(9)
    assert "nope" in done.err.partition("error: ")[2]


def test_a_missing_dockerfile(checkout: Checkout) -> None:
    (checkout.folder / "Dockerfile").unlink()
    done = checkout.cictl("build", SERVICE).expect(4)
    assert "Dockerfile" in done.err
    assert "hint: image.dockerfile in service.yaml" in done.err


def test_build_arguments_are_not_in_any_command_line(checkout: Checkout) -> None:
    lasting = f"RUN sleep 3; : {uuid.uuid4().hex}"  # which no earlier build has left in the cache
    (checkout.folder / "Dockerfile").write_text(f"FROM {BASE} AS runtime\nARG TOKEN\n{lasting}\n")
    running = checkout.program.start(
        "image", "build", SERVICE, "--build-arg", "TOKEN", environment={"TOKEN": "hunter2hunter2"}
    )
    seen: set[str] = set()
    while running.is_running:
        seen |= {_command_line(entry) for entry in Path("/proc").glob("[0-9]*")}
        time.sleep(0.1)
    running.wait().expect(0)
    assert any("--build-arg=TOKEN" in line for line in seen)
    assert not any("hunter2hunter2" in line for line in seen)


def _command_line(entry: Path) -> str:
    try:
        return (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def test_tests_that_pass(checkout: Checkout, builder: dict[str, str], docker: Mapping[str, str]) -> None:
    before = docker_says(docker, "ps", "--all", "--quiet").split()
    tested = checkout.document("test", SERVICE, environment=builder)
    assert tested["passed"]
    assert {case["outcome"] for case in tested["cases"]} == {"passed"}
    assert "<testsuite" in (checkout.folder / "build/reports" / SERVICE / "junit.xml").read_text()
    assert set(containers_of(docker, tested["image"])) <= set(before)


def test_a_failing_case_is_shown_and_its_report_copied(checkout: Checkout, docker: Mapping[str, str]) -> None:
    (checkout.folder / "tests" / "test_failing.py").write_text(FAILING)
    done = checkout.cictl("test", SERVICE, "--junit-dir", "mine").expect(9)
    assert "failed tests.test_failing::test_that_fails" in done.out
    assert "one is not two" in done.out
    assert "error: catalog: 1 of" in done.err
    assert "test_that_fails" in (checkout.folder / "mine" / "junit.xml").read_text()
    with git.Repo(checkout.folder) as repository:
        tag = repository.head.commit.hexsha[:12]
    images = docker_says(docker, "images", "--format={{.Tag}}", checkout.repository).split()
    assert [image for image in images if image.startswith(f"{tag}-dirty-") and image.endswith("-test")]


def test_tests_that_never_begin_show_their_last_lines(checkout: Checkout) -> None:
    checkout.configure("r.invalid", "x", service={"test": {"command": ["python3", "-c", "raise SystemExit('no way')"]}})
    done = checkout.cictl("test", SERVICE).expect(9)
    assert "exit code 1:\n  no way" in done.err


def test_a_container_that_never_ends_is_ended(checkout: Checkout, docker: Mapping[str, str]) -> None:
    hangs = {"test": {"command": ["python3", "-c", "print('here', flush=True); import time; time.sleep(600)"]}}
    checkout.configure("r.invalid", "e2e-images-hang", service=hangs)
    before = docker_says(docker, "ps", "--all", "--quiet").split()
    done = checkout.cictl("test", SERVICE, "--timeout", "10s").expect(8)
    assert "here" in done.err
    assert "did not end within 10 s" in done.err
    _assert_none_left(docker, "r.invalid/e2e-images-hang/catalog", before)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_leaves_no_container(
    checkout: Checkout, docker: Mapping[str, str], number: signal.Signals, code: int
) -> None:
    hangs = {"test": {"command": ["python3", "-c", "print('here', flush=True); import time; time.sleep(600)"]}}
    checkout.configure("r.invalid", "e2e-images-stop", service=hangs)
    before = docker_says(docker, "ps", "--all", "--quiet").split()
    running = checkout.program.start("image", "test", SERVICE)
    while " here\n" not in running.stderr:
        assert running.is_running, running.stderr
        time.sleep(0.05)
    running.send(number)
    running.wait().expect(code)
    _assert_none_left(docker, "r.invalid/e2e-images-stop/catalog", before)


def _assert_none_left(environment: Mapping[str, str], repository: str, before: Collection[str]) -> None:
    """Assert that no container of REPOSITORY's images is left but those that were there BEFORE."""
    images = set(docker_says(environment, "images", "--quiet", repository).split())
    assert images
    assert {each for image in images for each in containers_of(environment, image)} <= set(before)
    remove_images(f"{repository}*", environment)


def test_no_engine(checkout: Checkout, tmp_path: Path) -> None:
    nowhere = {"DOCKER_HOST": f"unix://{tmp_path}/none.sock"}
    for verb in ("build", "push", "test"):
        done = checkout.cictl(verb, SERVICE, environment=nowhere).expect(7)
        assert f"{tmp_path}/none.sock" in done.err

"""Images on the lab's engine and registry: built both ways, tested, pushed, resolved, and what goes wrong."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import git
import pytest
import requests
import yaml

from cictl.clients.docker_credentials import DockerCredentials
from cictl.clients.oci_registry import MANIFEST_TYPES, OciRegistry
from cictl.core.image import ImageReference, parse_reference
from tests.e2e.support.program import Done, Program
from tests.e2e.support.registry import LOGIN, PrivateRegistry
from tests.registry_checks import CHECKS, Check
from tests.unit.core.test_scan import TRIVY

EXAMPLE = Path(__file__).parents[2] / "examples" / "catalog"
SERVICE = "catalog"
BASE = "cictl-lab/python:3"
FAILING = "def test_that_fails():\n    assert 1 == 2, 'one is not two'\n"


@dataclass
class Checkout:
    """A service in a Git repository of its own, with a cictl.yaml beside it."""

    program: Program
    folder: Path
    repository: str

    def cictl(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Done:
        return self.program.run("image", *arguments, environment=environment, timeout=180.0)

    def document(self, *arguments: str, environment: Mapping[str, str] | None = None) -> dict[str, Any]:
        return self.cictl(*arguments, "-o", "json", environment=environment).expect(0).json

    def commit(self) -> str:
        with git.Repo(self.folder) as repository:
            repository.git.add(all=True)
            ann = git.Actor("Ann", "ann@example.com")
            made = repository.index.commit("change", author=ann, committer=ann, commit_date="1700000000 +0000")
            return made.hexsha

    def configure(self, registry: str, repository: str, *, insecure: bool = True, service: Any = None) -> None:  # noqa: ANN401 - YAML
        entry = {"url": registry, "repository": repository, "insecure": insecure}
        config = {"version": 1, "registry": entry, "services": {SERVICE: {"path": "."}}}
        (self.folder / "cictl.yaml").write_text(yaml.safe_dump(config))
        file = self.folder / "service.yaml"
        given = yaml.safe_load(file.read_text())
        described = {"name": SERVICE, "image": given["image"], "test": given["test"], **(service or {})}
        described["image"]["args"] = {"BASE": BASE}
        file.write_text(yaml.safe_dump(described))


@pytest.fixture
def docker(lab: Mapping[str, str]) -> Mapping[str, str]:
    """Return an environment in which `docker` speaks to the lab."""
    return {**os.environ, **lab}


@pytest.fixture
def checkout(lab: Mapping[str, str], program: Program) -> Iterator[Checkout]:
    """Return a copy of an example that nobody else builds."""
    shutil.copytree(
        EXAMPLE,
        program.directory,
        dirs_exist_ok=True,
        ignore=lambda _folder, names: [name for name in names if name.endswith("_cache") or name == "__pycache__"],
    )
    git.Repo.init(program.directory).close()
    name = f"e2e-images-{uuid.uuid4().hex[:8]}"
    made = Checkout(program, program.directory, f"{lab['CICTL_LAB_REGISTRY']}/{name}/{SERVICE}")
    made.configure(lab["CICTL_LAB_REGISTRY"], name)
    made.commit()
    yield made
    _remove_images(f"{made.repository}*", {**os.environ, **lab})


def _remove_images(pattern: str, environment: Mapping[str, str]) -> None:
    listed = _docker(environment, "images", "--quiet", "--no-trunc", f"--filter=reference={pattern}")
    if found := sorted(set(listed.split())):
        _docker(environment, "rmi", "--force", *found)


def _docker(environment: Mapping[str, str], *arguments: str) -> str:
    done = subprocess.run(["docker", *arguments], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _inspect(environment: Mapping[str, str], image: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_docker(environment, "inspect", image))[0]
    return found


def _containers(environment: Mapping[str, str], image: str) -> list[str]:
    return _docker(environment, "ps", "--all", "--quiet", f"--filter=ancestor={image}").split()


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
    image = _inspect(docker, built["image"])
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
    (checkout.folder / "Dockerfile").write_text(f"FROM {BASE} AS runtime\nARG TOKEN\nRUN sleep 3\n")
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
    before = _docker(docker, "ps", "--all", "--quiet").split()
    tested = checkout.document("test", SERVICE, environment=builder)
    assert tested["passed"]
    assert {case["outcome"] for case in tested["cases"]} == {"passed"}
    assert "<testsuite" in (checkout.folder / "build/reports" / SERVICE / "junit.xml").read_text()
    assert set(_containers(docker, tested["image"])) <= set(before)


def test_a_failing_case_is_shown_and_its_report_copied(checkout: Checkout, docker: Mapping[str, str]) -> None:
    (checkout.folder / "tests" / "test_failing.py").write_text(FAILING)
    done = checkout.cictl("test", SERVICE, "--junit-dir", "mine").expect(9)
    assert "failed tests.test_failing::test_that_fails" in done.out
    assert "one is not two" in done.out
    assert "error: catalog: 1 of" in done.err
    assert "test_that_fails" in (checkout.folder / "mine" / "junit.xml").read_text()
    with git.Repo(checkout.folder) as repository:
        tag = repository.head.commit.hexsha[:12]
    images = _docker(docker, "images", "--format={{.Tag}}", checkout.repository).split()
    assert [image for image in images if image.startswith(f"{tag}-dirty-") and image.endswith("-test")]


def test_tests_that_never_begin_show_their_last_lines(checkout: Checkout) -> None:
    checkout.configure("r.invalid", "x", service={"test": {"command": ["python3", "-c", "raise SystemExit('no way')"]}})
    done = checkout.cictl("test", SERVICE).expect(9)
    assert "exit code 1:\n  no way" in done.err


def test_a_container_that_never_ends_is_ended(checkout: Checkout, docker: Mapping[str, str]) -> None:
    hangs = {"test": {"command": ["python3", "-c", "print('here', flush=True); import time; time.sleep(600)"]}}
    checkout.configure("r.invalid", "e2e-images-hang", service=hangs)
    before = _docker(docker, "ps", "--all", "--quiet").split()
    done = checkout.cictl("test", SERVICE, "--timeout", "2s").expect(8)
    assert "here" in done.err
    assert "did not end within 2 s" in done.err
    _assert_none_left(docker, "r.invalid/e2e-images-hang/catalog", before)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_leaves_no_container(
    checkout: Checkout, docker: Mapping[str, str], number: signal.Signals, code: int
) -> None:
    hangs = {"test": {"command": ["python3", "-c", "print('here', flush=True); import time; time.sleep(600)"]}}
    checkout.configure("r.invalid", "e2e-images-stop", service=hangs)
    before = _docker(docker, "ps", "--all", "--quiet").split()
    running = checkout.program.start("image", "test", SERVICE)
    while " here\n" not in running.stderr:
        assert running.is_running, running.stderr
        time.sleep(0.05)
    running.send(number)
    running.wait().expect(code)
    _assert_none_left(docker, "r.invalid/e2e-images-stop/catalog", before)


def _assert_none_left(environment: Mapping[str, str], repository: str, before: Collection[str]) -> None:
    """Assert that no container of REPOSITORY's images is left but those that were there BEFORE."""
    images = set(_docker(environment, "images", "--quiet", repository).split())
    assert images
    assert {each for image in images for each in _containers(environment, image)} <= set(before)
    _remove_images(f"{repository}*", environment)


def test_push_gives_the_digest_that_the_registry_has(checkout: Checkout, docker: Mapping[str, str]) -> None:
    built = checkout.document("build", SERVICE)
    pushed = checkout.document("push", SERVICE)
    registry, _, path = checkout.repository.partition("/")
    answer = requests.get(
        f"http://{registry}/v2/{path}/manifests/{built['tag']}",
        headers={"Accept": ", ".join(MANIFEST_TYPES)},
        timeout=10,
    )
    assert pushed["digest"] == answer.headers["Docker-Content-Digest"]
    assert pushed["image"] == f"{checkout.repository}@{pushed['digest']}"
    assert pushed["image"] in _inspect(docker, built["image"])["RepoDigests"]


def test_push_of_what_was_not_built(checkout: Checkout) -> None:
    done = checkout.cictl("push", SERVICE, "--tag", "never-built").expect(4)
    assert "hint: build it first: cictl image build" in done.err


def test_resolve(checkout: Checkout) -> None:
    checkout.cictl("build", SERVICE, "--tag", "v1").expect(0)
    pinned = checkout.cictl("push", SERVICE, "--tag", "v1", "-o", "name").expect(0).out
    assert parse_reference(pinned.strip()).digest
    for text in (f"{SERVICE}:v1", f"{checkout.repository}:v1", pinned.strip()):
        assert checkout.cictl("resolve", text, "-o", "name").expect(0).out == pinned


def test_resolve_of_a_service_is_what_this_commit_was_pushed_as(checkout: Checkout) -> None:
    checkout.cictl("resolve", SERVICE).expect(4)
    checkout.cictl("build", SERVICE).expect(0)
    pushed = checkout.document("push", SERVICE)
    assert checkout.document("resolve", SERVICE) == pushed


def test_scan(checkout: Checkout, known: ImageReference, tmp_path: Path) -> None:
    image, report = known.pinned, tmp_path / "report.json"
    document = {**TRIVY, "ArtifactName": image, "Metadata": {"RepoDigests": [image]}}
    report.write_text(json.dumps(document))
    done = checkout.cictl("scan", image, "--report", str(report)).expect(9)
    assert "high       CVE-2024-1 openssl 3.0.11, fixed in 3.0.13" in done.out
    assert "does not pass: 1 high" in done.err

    path = checkout.folder / "cictl.yaml"
    config = yaml.safe_load(path.read_text())
    exemption = {"id": "CVE-2024-1", "until": "2999-12-31", "reason": "never called"}
    path.write_text(yaml.safe_dump({**config, "scan": {"ignore": [exemption]}}))
    told = checkout.document("scan", image, "--report", str(report), "--save", str(tmp_path / "kept.json"))
    assert (told["verdict"], told["exempted"][0]["exemption"]) == ("passed", "never called")
    assert json.loads((tmp_path / "kept.json").read_text()) == document

    assert "so nothing was scanned" in checkout.cictl("scan", image).expect(4).err
    report.write_text(json.dumps(TRIVY))
    assert "not about" in checkout.cictl("scan", image, "--report", str(report)).expect(6).err
    report.write_text(json.dumps({**document, "Results": []}))
    assert "nobody knows what is in" in checkout.cictl("scan", image, "--report", str(report)).expect(11).err


@pytest.fixture(scope="module")
def known(lab: Mapping[str, str]) -> Iterator[ImageReference]:
    """Return an image that the lab's registry has, by the digest that it told Docker."""
    environment = {**os.environ, **lab}
    repository = f"{lab['CICTL_LAB_REGISTRY']}/e2e-images/known-{uuid.uuid4().hex[:8]}"
    _docker(environment, "tag", BASE, f"{repository}:1")
    _docker(environment, "push", "--quiet", f"{repository}:1")
    digests = _inspect(environment, f"{repository}:1")["RepoDigests"]
    yield parse_reference(next(each for each in digests if each.startswith(f"{repository}@")))
    _docker(environment, "rmi", f"{repository}:1")


@pytest.mark.parametrize("check", CHECKS)
def test_what_the_stand_in_is_held_to(lab: Mapping[str, str], known: ImageReference, check: Check) -> None:
    client = OciRegistry(DockerCredentials({"HOME": "/nonexistent"}), insecure={lab["CICTL_LAB_REGISTRY"]})
    check(client, ImageReference(known.repository, "1", known.digest))


@pytest.fixture(scope="module")
def private(lab: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateRegistry]:
    """Return a registry that wants a password, where both this machine and the lab's engine reach it."""
    with PrivateRegistry(tmp_path_factory.mktemp("registry"), reached_by=lab["CICTL_LAB_REGISTRY"]) as running:
        yield running
    _remove_images(f"{running.host}/*/*", {**os.environ, **lab})


def test_push_with_the_right_credential(checkout: Checkout, private: PrivateRegistry, tmp_path: Path) -> None:
    checkout.configure(private.host, "e2e-images-private")
    allowed = {"DOCKER_CONFIG": str(private.docker_config(tmp_path / "config", LOGIN))}
    built = checkout.document("build", SERVICE)
    pushed = checkout.document("push", SERVICE, environment=allowed)
    assert checkout.document("resolve", SERVICE, environment=allowed)["digest"] == pushed["digest"]
    assert built["repository"] == f"{private.host}/e2e-images-private/{SERVICE}"


@pytest.mark.parametrize("login", ["ann:wrong", None], ids=["wrong", "none"])
def test_push_with_a_wrong_credential(
    checkout: Checkout, private: PrivateRegistry, tmp_path: Path, login: str | None
) -> None:
    checkout.configure(private.host, "e2e-images-private")
    checkout.cictl("build", SERVICE).expect(0)
    refused = {"DOCKER_CONFIG": str(private.docker_config(tmp_path / "config", login))}
    for verb in ("push", "resolve"):
        done = checkout.cictl(verb, SERVICE, environment=refused).expect(5)
        assert private.host in done.err
        assert "hint: docker login" in done.err
        assert "wrong" not in done.err


def test_a_credential_helper(
    checkout: Checkout, private: PrivateRegistry, tmp_path: Path, lab: Mapping[str, str]
) -> None:
    checkout.configure(private.host, "e2e-images-private")
    environment = private.credential_helper(tmp_path / "config", LOGIN, path=lab["PATH"])
    checkout.cictl("build", SERVICE).expect(0)
    pushed = checkout.document("push", SERVICE, environment=environment)
    assert checkout.document("resolve", SERVICE, environment=environment)["digest"] == pushed["digest"]


def test_a_registry_that_is_not_there(checkout: Checkout, lab: Mapping[str, str]) -> None:
    nobody = f"{lab['CICTL_LAB_REGISTRY'].partition(':')[0]}:5999"
    checkout.configure(nobody, "x")
    checkout.cictl("build", SERVICE).expect(0)
    for verb in ("push", "resolve"):
        done = checkout.cictl(verb, SERVICE).expect(7)
        assert nobody in done.err
        assert "hint: check registry.url" in done.err
    _remove_images(f"{nobody}/*/*", {**os.environ, **lab})


def test_http_is_spoken_only_where_the_configuration_says_so(checkout: Checkout, lab: Mapping[str, str]) -> None:
    checkout.configure(lab["CICTL_LAB_REGISTRY"], "e2e-images", insecure=False)
    done = checkout.cictl("resolve", f"{lab['CICTL_LAB_REGISTRY']}/e2e-images/known:1").expect(7)
    assert "insecure: true" in done.err


def test_no_engine(checkout: Checkout, tmp_path: Path) -> None:
    nowhere = {"DOCKER_HOST": f"unix://{tmp_path}/none.sock"}
    for verb in ("build", "push", "test"):
        done = checkout.cictl(verb, SERVICE, environment=nowhere).expect(7)
        assert f"{tmp_path}/none.sock" in done.err

"""Images in the lab's registry, and in one that wants a password: pushed, resolved, scanned, and what goes wrong."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import requests
import yaml

from cictl.clients.docker_credentials import DockerCredentials
from cictl.clients.oci_registry import MANIFEST_TYPES, OciRegistry
from cictl.core.image import ImageReference, parse_reference
from tests.e2e.support.checkout import BASE, SERVICE, Checkout, docker_says, inspect_image, remove_images
from tests.e2e.support.registry import LOGIN, PrivateRegistry
from tests.registry_checks import CHECKS, Check
from tests.unit.core.test_scan_reports import TRIVY


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
    assert pushed["image"] in inspect_image(docker, built["image"])["RepoDigests"]


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
    docker_says(environment, "tag", BASE, f"{repository}:1")
    docker_says(environment, "push", "--quiet", f"{repository}:1")
    digests = inspect_image(environment, f"{repository}:1")["RepoDigests"]
    yield parse_reference(next(each for each in digests if each.startswith(f"{repository}@")))
    docker_says(environment, "rmi", f"{repository}:1")


@pytest.mark.parametrize("check", CHECKS)
def test_what_the_stand_in_is_held_to(lab: Mapping[str, str], known: ImageReference, check: Check) -> None:
    client = OciRegistry(DockerCredentials({"HOME": "/nonexistent"}), insecure={lab["CICTL_LAB_REGISTRY"]})
    check(client, ImageReference(known.repository, "1", known.digest))


@pytest.fixture(scope="module")
def private(lab: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateRegistry]:
    """Return a registry that wants a password, where both this machine and the lab's engine reach it."""
    with PrivateRegistry(tmp_path_factory.mktemp("registry"), reached_by=lab["CICTL_LAB_REGISTRY"]) as running:
        yield running
    remove_images(f"{running.host}/*/*", {**os.environ, **lab})


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
    remove_images(f"{nobody}/*/*", {**os.environ, **lab})


def test_http_is_spoken_only_where_the_configuration_says_so(checkout: Checkout, lab: Mapping[str, str]) -> None:
    checkout.configure(lab["CICTL_LAB_REGISTRY"], "e2e-images", insecure=False)
    done = checkout.cictl("resolve", f"{lab['CICTL_LAB_REGISTRY']}/e2e-images/known:1").expect(7)
    assert "insecure: true" in done.err

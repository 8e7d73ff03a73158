from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cictl.config.service_file import ServiceFile, load_service_file
from cictl.core.image import ImageReference
from cictl.core.image_source import BuildPlan, SourceFacts
from cictl.errors import Conflict, NotFound, UsageProblem
from cictl.services.images import Builder, BuildRequest, ImageService, ImageTools, Progress

SHA = f"sha256:{'a' * 64}"
OTHER = f"sha256:{'b' * 64}"
REPOSITORY = "r.example:5000/shop/checkout"
FACTS = SourceFacts("0123456789abcdef0123456789abcdef01234567", 1_700_000_000, remote="https://git.example.com/a.git")
SERVICE = "name: checkout\nimage: {target: runtime, args: {BASE: python, LEVEL: low}, context: ..}\n"


@dataclass
class World:
    """All that ImageService needs, and what it did with it."""

    folder: Path
    available: bool = True
    pushed_digest: str | None = SHA
    registry_digest: str = SHA
    facts: SourceFacts = FACTS
    source_url: str | None = None
    looked_at: Sequence[Path] = ()
    plans: list[BuildPlan] = field(default_factory=list)
    pushed: list[ImageReference] = field(default_factory=list)
    resolved: list[ImageReference] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def images(self) -> ImageService:
        builders = (FakeBuilder("buildkit", self, available=self.available), FakeBuilder("engine", self))
        tools = ImageTools(FakeSource(self), builders, FakePusher(self), FakeRegistry(self))
        return ImageService(FakeCatalogue(self), tools, self.said.append)


@dataclass
class FakeCatalogue:
    world: World

    def names(self) -> Collection[str]:
        return ("checkout", "catalog")

    def service(self, name: str) -> ServiceFile:
        assert name == "checkout"
        return load_service_file(self.world.folder)

    def repository(self, name: str) -> str:
        return f"r.example:5000/shop/{name}"

    def source(self, name: str) -> str | None:
        assert name
        return self.world.source_url


@dataclass
class FakeSource:
    world: World

    def facts(self, folder: Path, paths: Sequence[Path]) -> SourceFacts:
        assert folder == self.world.folder
        self.world.looked_at = paths
        return self.world.facts


@dataclass
class FakeBuilder:
    name: str
    world: World
    available: bool = True

    def is_available(self) -> bool:
        return self.available

    def build(self, plan: BuildPlan, progress: Progress) -> str:
        self.world.plans.append(plan)
        progress("step 1")
        return SHA


@dataclass
class FakePusher:
    world: World

    def push(self, reference: ImageReference, progress: Progress) -> str | None:
        self.world.pushed.append(reference)
        progress("layer 1")
        return self.world.pushed_digest


@dataclass
class FakeRegistry:
    world: World

    def digest(self, reference: ImageReference) -> str:
        self.world.resolved.append(reference)
        return self.world.registry_digest

    def labels(self, reference: ImageReference) -> dict[str, str]:
        self.world.resolved.append(reference)
        return {"org.opencontainers.image.revision": "0123abc"}


@pytest.fixture
def world(tmp_path: Path) -> World:
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "service.yaml").write_text(SERVICE)
    (folder / "Dockerfile").write_text("FROM scratch\n")
    return World(folder)


def test_a_fake_builder_is_a_builder(world: World) -> None:
    builder: Builder = FakeBuilder("engine", world)
    assert builder.name == "engine"


def test_build(world: World) -> None:
    built = world.images().build("checkout", BuildRequest({"LEVEL": "high"}))
    assert built.reference == ImageReference(REPOSITORY, "0123456789ab")
    assert (built.image_id, built.builder) == (SHA, "buildkit")
    (plan,) = world.plans
    assert plan.reference == f"{REPOSITORY}:0123456789ab"
    assert plan.dockerfile == str(world.folder / "Dockerfile")
    assert Path(plan.context).resolve() == world.folder.parent
    assert plan.target == "runtime"
    assert plan.args == {"BASE": "python", "LEVEL": "high"}
    assert plan.committed_at == FACTS.committed_at
    assert plan.labels["org.opencontainers.image.version"] == "0123456789ab"
    assert plan.labels["org.opencontainers.image.source"] == "https://git.example.com/a.git"
    assert world.said == [f"building {REPOSITORY}:0123456789ab by buildkit", "step 1"]


def test_without_buildkit_the_engine_builds(world: World) -> None:
    world.available = False
    assert world.images().build("checkout").builder == "engine"


def test_all_that_goes_into_the_image_is_looked_at(world: World) -> None:
    world.images().build("checkout")
    looked = {path.resolve() for path in world.looked_at}
    assert {world.folder, world.folder.parent, world.folder / "Dockerfile"} <= looked


def test_target_and_tag_of_the_command_line_win(world: World) -> None:
    built = world.images().build("checkout", BuildRequest(target="debug", tag="v1"))
    assert built.reference.tag == "v1"
    assert world.plans[0].target == "debug"
    assert built.labels["org.opencontainers.image.version"] == "v1"
    assert built.labels["org.opencontainers.image.revision"] == FACTS.commit


def test_the_catalogues_address_is_the_source(world: World) -> None:
    world.source_url = "https://git.example.com/shop/checkout.git"
    built = world.images().build("checkout")
    assert built.labels["org.opencontainers.image.source"] == world.source_url


def test_a_dirty_tree_is_marked(world: World) -> None:
    world.facts = SourceFacts(FACTS.commit, 0, changes="fedcba9876543210")
    assert world.images().build("checkout").reference.tag == "0123456789ab-dirty-fedcba98"


def test_no_dockerfile(world: World) -> None:
    (world.folder / "Dockerfile").unlink()
    with pytest.raises(NotFound, match="Dockerfile") as caught:
        world.images().build("checkout")
    assert "image.dockerfile" in str(caught.value.hint)


@pytest.mark.parametrize("pushed", [SHA, None])
def test_push_gives_the_digest_that_the_registry_confirms(world: World, pushed: str | None) -> None:
    world.pushed_digest = pushed
    assert world.images().push("checkout") == ImageReference(REPOSITORY, "0123456789ab", SHA)
    assert world.pushed == world.resolved == [ImageReference(REPOSITORY, "0123456789ab")]


def test_push_notices_that_the_tag_is_somebody_elses_now(world: World) -> None:
    world.registry_digest = OTHER
    with pytest.raises(Conflict) as caught:
        world.images().push("checkout", tag="v1")
    assert SHA in caught.value.message
    assert OTHER in caught.value.message


@pytest.mark.parametrize("tag", ["", "a b", ".1", "1" * 129])
def test_a_tag_that_cannot_be(world: World, tag: str) -> None:
    with pytest.raises(UsageProblem):
        world.images().push("checkout", tag=tag)
    with pytest.raises(UsageProblem):
        world.images().build("checkout", BuildRequest(tag=tag))


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        pytest.param("checkout", ImageReference(REPOSITORY, "0123456789ab"), id="service"),
        pytest.param("checkout:v1", ImageReference(REPOSITORY, "v1"), id="service-and-tag"),
        pytest.param("r.example/a:1", ImageReference("r.example/a", "1"), id="reference"),
        pytest.param(f"r.example/a@{OTHER}", ImageReference("r.example/a", digest=OTHER), id="digest"),
        pytest.param("r.example/a", ImageReference("r.example/a"), id="no-tag"),
    ],
)
def test_resolve(world: World, text: str, asked: ImageReference) -> None:
    assert world.images().resolve(text) == asked.with_digest(SHA)
    assert world.resolved == [asked]


def test_resolve_suggests_the_service_that_was_meant(world: World) -> None:
    with pytest.raises(NotFound, match="no service 'chekout'") as caught:
        world.images().resolve("chekout:1")
    assert "'checkout'" in str(caught.value.hint)
    assert "docker.io/library/chekout" in str(caught.value.hint)


def test_resolve_of_what_is_no_reference(world: World) -> None:
    with pytest.raises(UsageProblem) as caught:
        world.images().resolve("r.example/App")
    assert "HOST[:PORT]/REPOSITORY" in str(caught.value.hint)


def test_the_commit_is_what_the_image_says(world: World) -> None:
    reference = ImageReference("r.example:5000/shop/checkout", digest=f"sha256:{'0' * 64}")
    assert world.images().commit(reference) == "0123abc"
    assert world.resolved == [reference]

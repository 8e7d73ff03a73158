"""From a service's name to an image: built, pushed, and named by its digest; deploys nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from cictl.core.image import ImageReference, is_tag, parse_reference
from cictl.core.image_source import BuildPlan, SourceFacts, commit_of_labels, image_labels
from cictl.core.spelling import suggestion
from cictl.errors import Conflict, NotFound, UsageProblem

if TYPE_CHECKING:
    from pathlib import Path

    from cictl.config.service_file import ServiceFile

Progress = Callable[[str], None]


class Catalogue(Protocol):
    """What knows the services of the platform."""

    def names(self) -> Collection[str]:
        """Return the names of all services."""

    def service(self, name: str) -> ServiceFile:
        """Return what the service called NAME says of itself."""

    def repository(self, name: str) -> str:
        """Return the image repository of the service called NAME."""

    def source(self, name: str) -> str | None:
        """Return the address of its Git repository, where the catalogue says it."""


class Source(Protocol):
    """What knows the commit."""

    def facts(self, folder: Path, paths: Sequence[Path]) -> SourceFacts:
        """Return the commit that FOLDER is at, and whether anything under PATHS differs from it."""


class Builder(Protocol):
    """What builds images."""

    @property
    def name(self) -> str:
        """What the result says it was built by."""

    def is_available(self) -> bool:
        """Whether it works here."""

    def build(self, plan: BuildPlan, progress: Progress) -> str:
        """Build PLAN and return the image's ID."""


class Pusher(Protocol):
    """What pushes images."""

    def push(self, reference: ImageReference, progress: Progress) -> str | None:
        """Push REFERENCE's tag and return the digest as the pusher knows it."""


class Registry(Protocol):
    """What knows digests."""

    def digest(self, reference: ImageReference) -> str:
        """Return the digest that REFERENCE names now."""

    def labels(self, reference: ImageReference) -> Mapping[str, str]:
        """Return the labels of the image that REFERENCE names."""


@dataclass(frozen=True, slots=True)
class ImageTools:
    """What images are made with; of the builders, the first that works is taken."""

    source: Source
    builders: Sequence[Builder]
    pusher: Pusher
    registry: Registry


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """What the command line says of a build; None leaves it to service.yaml and Git."""

    args: Mapping[str, str] = field(default_factory=dict)
    target: str | None = None
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class BuiltImage:
    """An image in the engine; it has no digest before a registry gives it one."""

    service: str
    reference: ImageReference
    image_id: str
    builder: str
    labels: Mapping[str, str]
    facts: SourceFacts


class ImageService:
    """The use cases of `cictl image`, but for tests."""

    def __init__(self, catalogue: Catalogue, tools: ImageTools, progress: Progress) -> None:
        """PROGRESS gets a line at a time."""
        self._catalogue = catalogue
        self._tools = tools
        self._progress = progress

    def build(self, name: str, request: BuildRequest | None = None, *, suffix: str = "") -> BuiltImage:
        """Build the image of the service called NAME; SUFFIX goes onto its tag."""
        request = request or BuildRequest()
        service = self._catalogue.service(name)
        if not service.dockerfile.is_file():
            hint = "image.dockerfile in service.yaml says where it is"
            raise NotFound(f"service {name!r} has no {service.dockerfile}", hint=hint)
        facts = self._facts(service)
        reference = ImageReference(self._catalogue.repository(name), f"{_tag(request.tag, facts)}{suffix}")
        labels = image_labels(facts, version=_tag(request.tag, facts), source=self._catalogue.source(name))
        plan = BuildPlan(
            context=str(service.build_context),
            dockerfile=str(service.dockerfile),
            reference=str(reference),
            target=request.target or service.image.target,
            args={**service.image.args, **request.args},
            labels=labels,
            committed_at=facts.committed_at,
        )
        builder = next(builder for builder in self._tools.builders if builder.is_available())
        self._progress(f"building {reference} by {builder.name}")
        return BuiltImage(name, reference, builder.build(plan, self._progress), builder.name, labels, facts)

    def push(self, name: str, *, tag: str | None = None) -> ImageReference:
        """Push the image of the service called NAME, and return it by the digest that the registry confirms."""
        reference = self._reference(name, tag)
        self._progress(f"pushing {reference}")
        pushed = self._tools.pusher.push(reference, self._progress)
        confirmed = self._tools.registry.digest(reference)
        if pushed is not None and pushed != confirmed:
            message = f"{reference} is {confirmed} at the registry, but {pushed} was pushed: somebody pushed it too"
            raise Conflict(message, hint="push again, or use a tag of your own with --tag")
        return reference.with_digest(confirmed)

    def exists(self, reference: ImageReference) -> bool:
        """Whether the registry has REFERENCE."""
        try:
            self._tools.registry.digest(reference)
        except NotFound:
            return False
        return True

    def resolve(self, text: str) -> ImageReference:
        """Return the image that TEXT means, with its digest: a reference, or SERVICE[:TAG] of the catalogue."""
        reference = self._named(text)
        return reference.with_digest(self._tools.registry.digest(reference))

    def commit(self, reference: ImageReference) -> str | None:
        """Return the commit that the image says it was built from, marked where files differed; None: it says none."""
        return commit_of_labels(self._tools.registry.labels(reference))

    def _named(self, text: str) -> ImageReference:
        name, _, tag = text.partition(":")
        if name in self._catalogue.names():
            return self._reference(name, tag or None)
        if "/" not in text:
            hint = f"{suggestion(name, self._catalogue.names())}; an image of Docker Hub is docker.io/library/{name}"
            raise NotFound(f"there is no service {name!r}", hint=hint)
        try:
            return parse_reference(text)
        except ValueError as error:
            hint = "write it as HOST[:PORT]/REPOSITORY[:TAG][@DIGEST]"
            raise UsageProblem(str(error), hint=hint) from error

    def _reference(self, name: str, tag: str | None) -> ImageReference:
        repository = self._catalogue.repository(name)
        if tag is not None:
            return ImageReference(repository, _checked(tag))
        return ImageReference(repository, self._facts(self._catalogue.service(name)).tag)

    def _facts(self, service: ServiceFile) -> SourceFacts:
        paths = [service.folder, service.build_context, service.dockerfile]
        return self._tools.source.facts(service.folder, paths)


def _tag(asked: str | None, facts: SourceFacts) -> str:
    return facts.tag if asked is None else _checked(asked)


def _checked(tag: str) -> str:
    if not is_tag(tag):
        hint = "letters, digits, '_', '.' and '-', at most 128, and no '.' or '-' first"
        raise UsageProblem(f"{tag!r} is not a tag", hint=hint)
    return tag

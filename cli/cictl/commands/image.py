"""`cictl image`: build, test, push and look into a service's image, and say which digest a tag names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cictl.commands.options import output_option, timeout_option, together
from cictl.errors import FarSideFailed

if TYPE_CHECKING:
    from cictl.services.images import BuildRequest
    from cictl.wiring.app import App


_tag_option = click.option("--tag", help="The image's tag.  [default: of the commit, marked if files differ from it]")
_build_options = together(
    _tag_option,
    click.option(
        "--build-arg",
        "build_args",
        multiple=True,
        metavar="NAME[=VALUE]",
        help="A build argument; without a value, the environment variable of that name.",
    ),
    click.option("--target", help="The stage to build.  [default: service.yaml's]"),
)


@click.group()
def group() -> None:
    """Build, test and push a service's image."""


@group.command("build")
@click.argument("service")
@_build_options
@output_option
@click.pass_obj
def build(app: App, *, service: str, build_args: tuple[str, ...], target: str | None, tag: str | None) -> None:
    """Build the image of SERVICE, by BuildKit where it works and by the engine's own builder where not.

    It is called after the commit; if files of the service differ from it, after them as well.
    """
    from cictl.commands.image_documents import built_document  # noqa: PLC0415 - after the command is chosen
    from cictl.wiring.images import image_service  # noqa: PLC0415 - as above

    request = _request(app, build_args, target, tag)
    app.output.show(built_document(image_service(app).build(service, request)))


@group.command("test")
@click.argument("service")
@_build_options
@click.option(
    "--junit-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where JUnit XML is put.  [default: build/reports/SERVICE]",
)
@timeout_option(default_seconds=600.0)
@output_option
@click.pass_obj
def test(
    app: App,
    *,
    service: str,
    build_args: tuple[str, ...],
    target: str | None,
    tag: str | None,
    junit_dir: Path | None,
    timeout_seconds: float,
) -> None:
    """Run the tests of SERVICE inside its image: exit 9 if a case fails.

    JUnit XML is copied out in any case. The container is removed in any case.
    """
    from cictl.commands.image_documents import tested_document  # noqa: PLC0415 - after the command is chosen
    from cictl.wiring.images import image_tests  # noqa: PLC0415 - as above

    request = _request(app, build_args, target, tag)
    tested = image_tests(app).test(service, request, junit_folder=junit_dir, timeout_seconds=timeout_seconds)
    app.output.show(tested_document(tested))
    if tested.failure is not None:
        hint = f"the reports are in {tested.folder}" if tested.folder else None
        raise FarSideFailed(f"{service}: {tested.failure}", hint=hint)


@group.command("push")
@click.argument("service")
@_tag_option
@output_option
@click.pass_obj
def push(app: App, *, service: str, tag: str | None) -> None:
    """Push the image of SERVICE, and print it by the digest that the registry confirms."""
    from cictl.commands.image_documents import image_document  # noqa: PLC0415 - after the command is chosen
    from cictl.wiring.images import image_service  # noqa: PLC0415 - as above

    app.output.show(image_document(image_service(app).push(service, tag=tag)))


@group.command("resolve")
@click.argument("image")
@output_option
@click.pass_obj
def resolve(app: App, *, image: str) -> None:
    """Print the digest of IMAGE: a reference, or SERVICE[:TAG]; without a tag, the one of the commit."""
    from cictl.commands.image_documents import image_document  # noqa: PLC0415 - after the command is chosen
    from cictl.wiring.images import image_service  # noqa: PLC0415 - as above

    app.output.show(image_document(image_service(app).resolve(image)))


@group.command("scan")
@click.argument("image")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Judge this JSON of trivy or grype, instead of running one.",
)
@click.option("--scanner", type=click.Choice(["trivy", "grype"]), help="Which to run.  [default: the one on PATH]")
@click.option("--save", type=click.Path(dir_okay=False, path_type=Path), help="Keep the scanner's report here.")
@timeout_option(default_seconds=600.0)
@output_option
@click.pass_obj
def scan(
    app: App, *, image: str, report: Path | None, scanner: str | None, save: Path | None, timeout_seconds: float
) -> None:
    """Look for known vulnerabilities of IMAGE, and say whether the policy lets it go on: exit 9 if not.

    IMAGE is a reference, or SERVICE[:TAG]. Where nothing could be found out, it does not pass: exit 11.
    """
    from cictl.commands.scan_documents import scan_document, scan_problem  # noqa: PLC0415 - after it is chosen
    from cictl.wiring.images import image_scans, image_service, is_insecure  # noqa: PLC0415

    reference, scans = image_service(app).resolve(image), image_scans(app, timeout_seconds=timeout_seconds)
    if report is not None:
        scanned = scans.read(reference, report)
    else:
        scanned = scans.scan(reference, scanner=scanner, insecure=is_insecure(app, reference))
    if save is not None:
        scans.keep(scanned, save)
    app.output.show(scan_document(scanned))
    if (problem := scan_problem(scanned)) is not None:
        raise problem


@group.command("sbom")
@click.argument("image")
@click.option(
    "--save",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write it here, as JSON of CycloneDX.",
)
@timeout_option(default_seconds=600.0)
@output_option
@click.pass_obj
def sbom(app: App, *, image: str, save: Path, timeout_seconds: float) -> None:
    """Have syft list what IMAGE is made of, as a bill of materials to keep beside it.

    IMAGE is a reference, or SERVICE[:TAG]. A bill that lists nothing is an error.
    """
    from cictl.commands.scan_documents import sbom_document  # noqa: PLC0415 - after the command is chosen
    from cictl.wiring.images import image_sboms, image_service, is_insecure  # noqa: PLC0415 - as above

    reference, sboms = image_service(app).resolve(image), image_sboms(app, timeout_seconds=timeout_seconds)
    app.output.show(sbom_document(sboms.keep(reference, save, insecure=is_insecure(app, reference))))


def _request(app: App, build_args: tuple[str, ...], target: str | None, tag: str | None) -> BuildRequest:
    from cictl.services.images import BuildRequest  # noqa: PLC0415 - after the command is chosen

    return BuildRequest(dict(_build_arg(app, text) for text in build_args), target, tag)


def _build_arg(app: App, text: str) -> tuple[str, str]:
    name, has_value, value = text.partition("=")
    if not name:
        raise click.BadParameter(f"{text!r} has no name; write NAME=VALUE", param_hint="--build-arg")
    if has_value:
        return name, value
    if name not in app.environ:
        raise click.BadParameter(
            f"the environment has no {name}; set it, or write {name}=VALUE", param_hint="--build-arg"
        )
    return name, app.environ[name]

"""How the results of the image commands are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cictl.output import Document

if TYPE_CHECKING:
    from cictl.core.image import ImageReference
    from cictl.core.test_report import CaseResult, TestReport
    from cictl.services.image_tests import ImageTestRun
    from cictl.services.images import BuiltImage


def built_document(built: BuiltImage) -> Document:
    """Return what was built; it has no digest yet, so its name is the tag."""
    data = {
        "service": built.service,
        "image": str(built.reference),
        "repository": built.reference.repository,
        "tag": built.reference.tag,
        "id": built.image_id,
        "commit": built.facts.commit,
        "dirty": built.facts.is_dirty,
        "builder": built.builder,
        "labels": dict(built.labels),
    }
    return Document(
        kind="ImageBuild",
        data=data,
        columns=("SERVICE", "IMAGE", "ID", "BUILDER"),
        rows=((built.service, str(built.reference), _short(built.image_id), built.builder),),
        names=(str(built.reference),),
    )


def image_document(image: ImageReference) -> Document:
    """Return IMAGE by its digest."""
    return Document(
        kind="Image",
        data={"image": image.pinned, "repository": image.repository, "tag": image.tag, "digest": image.digest},
        columns=("REPOSITORY", "TAG", "DIGEST"),
        rows=((image.repository, image.tag or "-", image.digest or "-"),),
        names=(image.pinned,),
    )


def tested_document(tested: ImageTestRun) -> Document:
    """Return what the tests came to, with each case that did not pass."""
    report = tested.report
    data = {
        "service": tested.service,
        "image": str(tested.image.reference),
        "passed": tested.failure is None,
        "summary": report.summary(),
        "seconds": round(report.seconds, 3),
        "reports": str(tested.folder) if tested.folder else None,
        "cases": [_case_data(case) for case in report.cases],
    }
    return Document(
        kind="ImageTest",
        data=data,
        names=tuple(case.name for case in report.failing),
        text=_test_text(tested.service, report),
    )


def _test_text(service: str, report: TestReport) -> str:
    lines = [f"{service}: {report.summary()} in {report.seconds:.1f} s"]
    for case in report.failing:
        lines += [f"  {case.outcome} {case.name}", *(f"    {line}" for line in case.message.splitlines())]
    return "\n".join(lines)


def _case_data(case: CaseResult) -> dict[str, object]:
    return {"name": case.name, "outcome": case.outcome, "message": case.message, "seconds": case.seconds}


def _short(image_id: str) -> str:
    return image_id.removeprefix("sha256:")[:12]

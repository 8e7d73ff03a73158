from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cictl.core.image import parse_reference
from cictl.errors import FarSideFailed
from cictl.services.image_sboms import ImageSboms
from tests.unit.core.test_sbom import BILL

IMAGE = parse_reference(f"r.example/shop/checkout@sha256:{'a' * 64}")


@dataclass
class Syft:
    document: object
    kept: dict[Path, object] = field(default_factory=dict)

    def bill_of(self, image: str, *, insecure: bool) -> object:
        assert (image, insecure) == (IMAGE.pinned, True)
        return self.document

    def keep(self, document: object, path: Path) -> None:
        self.kept[path] = document


def test_a_bill_is_kept() -> None:
    syft = Syft(BILL)
    made = ImageSboms(syft).keep(IMAGE, Path("sbom.json"), insecure=True)
    assert (made.sbom.components, syft.kept) == (2, {Path("sbom.json"): BILL})


def test_what_is_no_bill_is_not_kept() -> None:
    syft = Syft({**BILL, "components": []})
    with pytest.raises(FarSideFailed, match="lists nothing"):
        ImageSboms(syft).keep(IMAGE, Path("sbom.json"), insecure=True)
    assert syft.kept == {}

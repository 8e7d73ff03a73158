"""Bills of materials of images: made by a program of the user's, and kept only if they are some."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cictl.core.image import ImageReference
from cictl.core.sbom import NoSbom, Sbom, read_sbom
from cictl.errors import FarSideFailed


class Lister(Protocol):
    """What looks into images."""

    def bill_of(self, image: str, *, insecure: bool) -> object:
        """Return the bill of materials of IMAGE, as JSON."""

    def keep(self, document: object, path: Path) -> None:
        """Write DOCUMENT to PATH."""


@dataclass(frozen=True, slots=True)
class ImageSbom:
    """The bill of one image, and where it is."""

    image: ImageReference
    sbom: Sbom
    path: Path


class ImageSboms:
    """Has bills made by LISTER."""

    def __init__(self, lister: Lister) -> None:
        """LISTER looks into images."""
        self._lister = lister

    def keep(self, image: ImageReference, path: Path, *, insecure: bool = False) -> ImageSbom:
        """Write the bill of IMAGE, which has a digest, to PATH; one that is none is an error, and not kept."""
        document = self._lister.bill_of(image.pinned, insecure=insecure)
        try:
            sbom = read_sbom(document)
        except NoSbom as error:
            message = f"the bill of materials of {image.pinned} cannot be used: {error}"
            raise FarSideFailed(message, hint="look with 'syft scan' what it finds in the image") from error
        self._lister.keep(document, path)
        return ImageSbom(image, sbom, path)

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cictl.clients.manifest_folder import ManifestFolder
from cictl.errors import CictlError, ConfigInvalid, NotFound

if TYPE_CHECKING:
    from pathlib import Path


def test_reads_all_documents_in_the_order_of_names(tmp_path: Path) -> None:
    (tmp_path / "b.yml").write_text("kind: B\n---\nkind: C\n")
    (tmp_path / "a.yaml").write_text("kind: A\n")
    (tmp_path / "c.json").write_text('{"kind": "D"}')
    (tmp_path / "README.md").write_text("kind: no\n")
    assert ManifestFolder().read(tmp_path) == ({"kind": "A"}, {"kind": "B"}, {"kind": "C"}, {"kind": "D"})


@pytest.mark.parametrize(
    ("name", "content", "error", "message"),
    [
        ("notes.txt", b"", ConfigInvalid, "holds no manifest"),
        ("kustomization.yaml", b"resources: []", ConfigInvalid, "is a kustomization"),
        ("a.yaml", b"\xff\xfe\xfa", ConfigInvalid, "cannot be read"),
        ("a.yaml", b"a: [\n", ConfigInvalid, "a.yaml is not valid YAML: line 2"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, name: str, content: bytes, error: type[CictlError], message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(error, match=message) as caught:
        ManifestFolder().read(tmp_path)
    assert caught.value.hint


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="there is no folder"):
        ManifestFolder().read(tmp_path / "absent")

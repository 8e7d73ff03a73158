from __future__ import annotations

from pathlib import Path

import pytest

from cictl.config.fields import SecretReference
from cictl.config.secrets import read_secret
from cictl.errors import NotFound
from cictl.redaction import redacted


def test_from_the_environment(tmp_path: Path) -> None:
    assert read_secret(SecretReference(env="TOKEN"), environ={"TOKEN": "s3cret"}, root=tmp_path) == "s3cret"
    assert redacted("s3cret") == "[redacted]"


def test_from_a_file_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret\n")
    assert read_secret(SecretReference(file="token"), environ={}, root=tmp_path) == "s3cret"
    assert redacted("s3cret") == "[redacted]"


@pytest.mark.parametrize("reference", [SecretReference(env="NONE"), SecretReference(file="none")], ids=["env", "file"])
def test_missing(tmp_path: Path, reference: SecretReference) -> None:
    with pytest.raises(NotFound, match=r"the secret in .*(NONE|none)"):
        read_secret(reference, environ={}, root=tmp_path)

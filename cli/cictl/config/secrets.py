"""Reads a secret from where the configuration says it is; from then on it is masked in all output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cictl.errors import NotFound
from cictl.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cictl.config.fields import SecretReference


def read_secret(reference: SecretReference, *, environ: Mapping[str, str], root: Path) -> str:
    """Return the secret that REFERENCE names; a relative file begins at ROOT."""
    if reference.env is not None:
        value = environ.get(reference.env, "")
        where = f"the environment variable {reference.env}"
    else:
        path = root / (reference.file or "")
        where = str(path)
        try:
            value = path.read_text(encoding="utf-8").strip()
        except OSError as error:
            message = f"the secret in {where} cannot be read: {error.strerror}"
            raise NotFound(message, hint="check its path and mode") from error
    if not value:
        raise NotFound(f"the secret in {where} is missing or empty", hint="set it, or name another place for it")
    return redact(value)

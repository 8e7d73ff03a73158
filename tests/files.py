"""How tests write programs and change what stands in files."""

from __future__ import annotations

from pathlib import Path


def write_script(path: Path, text: str) -> None:
    """Write a program of a shell."""
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


def replace_in(path: Path, before: str, after: str) -> str:
    """Replace BEFORE, which has to be there, in the file PATH; return what was in it."""
    text = path.read_text(encoding="utf-8")
    assert before in text, f"{path} has no {before!r}"
    path.write_text(text.replace(before, after), encoding="utf-8")
    return text

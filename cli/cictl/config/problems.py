"""What is wrong in a file, each finding with its line and key; all of them, not only the first."""

from __future__ import annotations

from dataclasses import dataclass

from cictl.errors import ConfigInvalid

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One finding; LINE is 0 where the file does not show one."""

    file: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        """Return it as compilers do, so that editors and terminals can jump there."""
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.key}: {self.message}" if self.key else f"{where}: {self.message}"


class ConfigProblems(ConfigInvalid):
    """Everything that one or more files have wrong."""

    def __init__(self, problems: list[Problem]) -> None:
        """Keep PROBLEMS in the files' order."""
        self.problems = tuple(sorted(problems))
        lines = [str(problem) for problem in self.problems]
        message = lines[0] if len(lines) == 1 else "\n".join([f"{len(lines)} problems in the configuration", *lines])
        super().__init__(message, hint="'cictl config schema' prints what the keys may be")


def dotted(path: KeyPath) -> str:
    """Return PATH as people write it: `gates.default.checks[0].max`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")

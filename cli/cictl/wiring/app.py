"""What every command gets: output, clock, environment and the configuration, read when first asked for."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING

from cictl.clock import Clock, SystemClock
from cictl.errors import ConfigInvalid, FolderGone
from cictl.output import Format, Output

if TYPE_CHECKING:
    import logging
    from collections.abc import Mapping

    from cictl.config.platform import Config

_FILE_NAME = "cictl.yaml"


class App:
    """Click's context object; a test builds one with its own clock and environment."""

    def __init__(
        self,
        *,
        output: Output | None = None,
        clock: Clock | None = None,
        environ: Mapping[str, str] | None = None,
        directory: Path | None = None,
    ) -> None:
        """DIRECTORY is where the search for cictl.yaml begins, by default the working one."""
        self.clock: Clock = clock or SystemClock()
        self.output = output or Output(clock=self.clock)
        self.environ: Mapping[str, str] = os.environ if environ is None else environ
        self.words: tuple[str, ...] = ()
        """The command line without the program's name; empty where there is none."""
        self._named_path: Path | None = None
        self._directory = directory
        self._overrides: dict[str, tuple[str, str]] = {}
        self._config: Config | None = None

    @property
    def logger(self) -> logging.Logger:
        """The logger of what cictl itself does."""
        import logging  # noqa: PLC0415 - --help logs nothing

        return logging.getLogger("cictl")

    def select_format(self, format_: Format) -> None:
        """Let `-o` on a subcommand decide."""
        self.output = dataclasses.replace(self.output, format=format_)

    def name_config(self, path: Path) -> None:
        """Read PATH instead of searching upward."""
        self._named_path = path

    def override(self, path: str, value: str | None, *, flag: str) -> None:
        """Let FLAG's VALUE win over file and environment at PATH, as in "prometheus.url"; None changes nothing."""
        if value is not None:
            self._overrides[path] = (flag, value)
            self._config = None

    @property
    def config_path(self) -> Path | None:
        """The configuration file: named by --config or CICTL_CONFIG, else found upward; None if there is none."""
        named = self._named_path or (Path(value) if (value := self.environ.get("CICTL_CONFIG")) else None)
        if named is not None:
            return named.absolute()
        start = (self._directory or _working_directory()).absolute()
        return next((file for folder in (start, *start.parents) if (file := folder / _FILE_NAME).is_file()), None)

    def config(self) -> Config:
        """Return the configuration, read and checked once."""
        config = self.find_config()
        if config is None:
            message = f"no {_FILE_NAME} in {self._directory or _working_directory()} or above it"
            raise ConfigInvalid(message, hint="run it in the platform's repository, or name the file with --config")
        return config

    def find_config(self) -> Config | None:
        """Return the configuration, None where there is none: for what also works without."""
        if self._config is None and (path := self.config_path) is not None:
            from cictl.config.platform import load_config  # noqa: PLC0415 - pydantic only for those who need it

            self._config = load_config(path, environ=self.environ, flags=self._overrides)
        return self._config


def _working_directory() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError as error:
        raise FolderGone from error

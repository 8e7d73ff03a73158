"""The plugin versions that jobs are rendered for: a YAML list as `jenkins-jobs get-plugins-info` writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cictl.errors import ConfigInvalid, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

PLUGINS_FILE = "plugins_info.yaml"
_PREAMBLE = """\
# The plugin versions that jobs are rendered for. An administrator writes it anew with `cictl jobs plugins-info`.
"""
_MOST_NODES = 100_000
_HINT = "write it anew with 'cictl jobs plugins-info'"


Plugin = dict[str, str | None]


def read_plugins(path: Path) -> list[Plugin]:
    """Return the plugins that PATH lists, each with its `shortName` or `longName` and `version` (None: the newest)."""
    import yaml  # noqa: PLC0415 - what is kept needs no YAML

    try:
        found = _loaded(path)
    except FileNotFoundError:
        raise NotFound(f"there is no {path}", hint=_HINT) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigInvalid(f"{path} cannot be read: {error}", hint=_HINT) from error
    if not is_plugins(found):
        raise ConfigInvalid(f"{path} is not a list of plugins with their versions", hint=_HINT)
    return [{key: _text(value) for key, value in plugin.items()} for plugin in found]


def plugins_text(plugins: Iterable[tuple[str, str, str]]) -> str:
    """Return the list of PLUGINS (short name, long name, version) as `read_plugins` reads it, sorted by name."""
    import yaml  # noqa: PLC0415 - as above

    listed = [
        {"shortName": short, **({"longName": long} if long else {}), "version": version}
        for short, long, version in sorted(plugins)
    ]
    lines = [yaml.safe_dump([plugin], default_flow_style=None, sort_keys=False, width=200) for plugin in listed]
    return _PREAMBLE + "".join(lines)


def is_plugins(value: object) -> bool:
    """Whether VALUE is such a list."""
    return isinstance(value, list) and all(_is_plugin(item) for item in value)


def _is_plugin(item: object) -> bool:
    return isinstance(item, dict) and "version" in item and not {"shortName", "longName"}.isdisjoint(item)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def files_of(folder: Path) -> list[Path]:
    """Return FOLDER's own files of jobs in the library's order: its YAML, less a list of plugins."""
    files = sorted(path for path in folder.iterdir() if path.suffix in {".yml", ".yaml"})
    return [path for path in files if path.name != PLUGINS_FILE or not _lists_plugins(path)]


def _lists_plugins(path: Path) -> bool:
    import yaml  # noqa: PLC0415 - as above

    try:
        return is_plugins(_loaded(path))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ConfigInvalid):
        return False  # who reads it as jobs says what is wrong with it


def _loaded(path: Path) -> Any:  # noqa: ANN401 - as YAML's own
    """Return what PATH holds, if its aliases do not stand for too much: merges and texts of values unfold them."""
    import yaml  # noqa: PLC0415 - as above

    from cictl.config.aliases import may_unfold, unfolding_node  # noqa: PLC0415 - as above

    text = path.read_text(encoding="utf-8")
    large = (
        unfolding_node(yaml.compose(text, Loader=yaml.SafeLoader), at_most=_MOST_NODES) if may_unfold(text) else None
    )
    if large is not None:
        place = f"{path}:{large.start_mark.line + 1}"
        raise ConfigInvalid(f"{place}: its aliases stand for too many values, over {_MOST_NODES:,}", hint=_HINT)
    return yaml.safe_load(text)

"""Whether the platform's file and the services' files fit together; collects every finding before it complains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cictl.config.platform import shortest
from cictl.config.problems import ConfigProblems, Problem
from cictl.config.service_file import FILE_NAME, load_service_file
from cictl.core.spelling import suggestion
from cictl.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cictl.config.platform import Config, ServiceEntry
    from cictl.config.problems import KeyPath
    from cictl.config.service_file import ServiceFile


def check_services(config: Config) -> list[str]:
    """Return the files that were checked, CONFIG's own first; raise all that is wrong in them."""
    files = [shortest(config.path)]
    problems: list[Problem] = []
    for entry in config.services():
        file = shortest(entry.path / FILE_NAME)
        files.append(file)
        problems += [*_problems_of(config, entry, file), *_missing_uses(config, entry)]
    if problems:
        raise ConfigProblems(problems)
    return files


def _problems_of(config: Config, entry: ServiceEntry, file: str) -> list[Problem]:
    try:
        service = load_service_file(entry.path, name=file)
    except NotFound:
        origin = config.provenance.of(f"services.{entry.name}.path")
        return [Problem(origin, 0, f"services.{entry.name}.path", f"there is no {file}")]
    except ConfigProblems as error:
        return list(error.problems)
    return [service.problem(path, message) for path, message in _mismatches(config, entry, service)]


def _missing_uses(config: Config, entry: ServiceEntry) -> Iterator[Problem]:
    """Yield what ENTRY says that it uses and that is not there: no change would ever concern the service for it."""
    for path in entry.uses:
        if not path.exists():
            key = f"services.{entry.name}.uses"
            yield Problem(config.provenance.of(key), 0, key, f"there is no {shortest(path)}")


def load_listed(entry: ServiceEntry) -> ServiceFile:
    """Read and check the service.yaml of ENTRY, which must call itself as the catalogue does: its objects say so."""
    service = load_service_file(entry.path, name=shortest(entry.path / FILE_NAME))
    if service.name != entry.name:
        raise ConfigProblems([service.problem(("name",), _misnamed(service, entry, "the catalogue"))])
    return service


def _mismatches(config: Config, entry: ServiceEntry, service: ServiceFile) -> Iterator[tuple[KeyPath, str]]:
    if service.name != entry.name:
        yield ("name",), _misnamed(service, entry, shortest(config.path))
    for name in service.environments:
        if name not in config.model.environments:
            known = suggestion(name, config.model.environments)
            yield ("environments", name), f"no such environment; {known}"
    paths = {
        ("image", "dockerfile"): service.dockerfile,
        ("image", "context"): service.build_context,
        ("chart", "path"): service.chart_path,
        ("manifests",): service.manifests_path,
    }
    for key, path in paths.items():
        if path is not None and not path.exists():
            yield key, f"there is no {shortest(path)}"


def _misnamed(service: ServiceFile, entry: ServiceEntry, catalogue: str) -> str:
    return f"is {service.name!r}, but {catalogue} calls this service {entry.name!r}"

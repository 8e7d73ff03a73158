"""What Git remembers of a service: commits between two releases, and its files as one commit has them.

It reads the repository around the service's folder; a commit that is not there is fetched into a repository of
cictl's own, so that nobody's checkout changes.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import TYPE_CHECKING

from cictl.clients.git_python import translated
from cictl.core.commits import Commit
from cictl.core.image_source import without_credentials
from cictl.errors import CictlError, FarSideFailed, NotFound

if TYPE_CHECKING:
    import git

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_ADDRESS = re.compile(r"\w+://[^\s']+")
_MOST_COMMITS = 50
_FETCH_SECONDS = 120.0
_FORMAT = "--format=%H%x00%an%x00%ae%x00%s%x1e"


class GitHistory:
    """The history of the service in FOLDER; `remote` is where a commit may be fetched that is not here."""

    def __init__(self, folder: Path, remote: str | None, *, cache: Path) -> None:
        """Keep what is fetched under CACHE."""
        self._folder, self._remote, self._cache = folder, remote, cache

    def between(self, old: str, new: str) -> tuple[Commit, ...]:
        """Return the commits of NEW that OLD lacks, newest first, no more than 50; NotFound where one is missing."""
        with self._with(old, new) as (repository, path):
            return self._log(repository, f"{old}..{new}", f"--max-count={_MOST_COMMITS}", "--", path or ".")

    def newest(self, commit: str) -> Commit:
        """Return COMMIT itself."""
        with self._with(commit) as (repository, _):
            return self._log(repository, commit, "--max-count=1")[0]

    def last_change(self, commit: str) -> Commit:
        """Return the newest commit up to COMMIT that changed the service; COMMIT itself where none did."""
        with self._with(commit) as (repository, path):
            found = self._log(repository, commit, "--max-count=1", "--", path or ".")
            return found[0] if found else self._log(repository, commit, "--max-count=1")[0]

    def is_ancestor(self, old: str, new: str) -> bool:
        """Whether NEW holds all of OLD."""
        with self._with(old, new) as (repository, _):
            status, *_ = repository.git.merge_base(
                "--is-ancestor", old, new, with_exceptions=False, with_extended_output=True
            )
            return bool(status == 0)

    @contextmanager
    def files(self, commit: str, *more: Path) -> Iterator[tuple[Path, ...]]:
        """Lay the service's folder, and MORE folders of the same repository, out as COMMIT has them.

        Gives their places, in a folder that is gone afterwards; a folder of MORE that is in another repository, or
        that COMMIT lacks, is given as it is on disk.
        """
        with self._with(commit) as (repository, path), TemporaryDirectory(prefix="cictl-") as temporary:
            root = Path(temporary)
            _lay_out(repository, commit, path, root)
            places = [root / path]
            for folder in more:
                inside = self._inside(repository, folder)
                is_kept = inside is not None and _has(repository, f"{commit}:{inside}")
                if is_kept and inside is not None and not (root / inside).exists():
                    _lay_out(repository, commit, inside, root)
                places.append(root / inside if is_kept and inside is not None else folder)
            yield tuple(places)

    def _inside(self, repository: git.Repo, folder: Path) -> str | None:
        top = repository.working_tree_dir
        if top is None:
            return None
        try:
            return folder.resolve().relative_to(Path(top).resolve()).as_posix()
        except ValueError:
            return None

    @contextmanager
    def _with(self, *commits: str) -> Iterator[tuple[git.Repo, str]]:
        """Open a repository that has all COMMITS; gives it with the service's path in it."""
        wrong = next((each for each in commits if not _COMMIT.fullmatch(each)), None)
        if wrong is not None:
            raise NotFound(f"{wrong!r} is no commit", hint="images say their commit in a label; build it by cictl")
        with translated(self._problem), self._opened(commits) as found:
            yield found

    @contextmanager
    def _opened(self, commits: tuple[str, ...]) -> Iterator[tuple[git.Repo, str]]:
        import git  # noqa: PLC0415 - only who looks waits for it

        remote, path = self._remote, ""
        try:
            near = git.Repo(self._folder, search_parent_directories=True)
        except (git.InvalidGitRepositoryError, git.NoSuchPathError):
            near = None
        if near is not None:
            with near:
                inside, origin = self._inside(near, self._folder) or "", _origin(near)
                if all(_has(near, f"{each}^{{commit}}") for each in commits):
                    yield near, inside
                    return
            if remote in {None, origin}:  # a shallow clone, or one that was not updated
                remote, path = origin, inside
        with self._fetched(remote, commits) as far:
            yield far, path

    @contextmanager
    def _fetched(self, remote: str | None, commits: tuple[str, ...]) -> Iterator[git.Repo]:
        import git  # noqa: PLC0415 - as above

        missing = f"commit {commits[-1][:12]} is not in the repository of {self._folder}"
        if remote is None:
            raise NotFound(missing, hint="fetch it there, or say where it is: services: {NAME: {repo: …}}")
        place = self._cache / hashlib.sha256(remote.encode()).hexdigest()[:16]
        with git.Repo.init(place, bare=True, mkdir=True) as repository:
            repository.git.update_environment(GIT_TERMINAL_PROMPT="0")
            wanted = [each for each in commits if not _has(repository, f"{each}^{{commit}}")]
            if wanted:
                repository.git.fetch("--quiet", remote, *wanted, kill_after_timeout=_FETCH_SECONDS)
            yield repository

    def _log(self, repository: git.Repo, *arguments: str) -> tuple[Commit, ...]:
        text = str(repository.git.log(_FORMAT, "--no-show-signature", *arguments))
        entries = [entry.strip("\n").split("\0") for entry in text.split("\x1e") if entry.strip()]
        return tuple(Commit(*entry) for entry in entries)

    def _problem(self, said: str) -> CictlError:
        words = _ADDRESS.sub(lambda found: without_credentials(found[0]), said)
        hint = "check that the repository can be reached, and that the commit was pushed"
        return FarSideFailed(f"git cannot tell of {self._folder}: {words}", hint=hint)


def _origin(repository: git.Repo) -> str | None:
    return next((next(remote.urls, None) for remote in repository.remotes if remote.name == "origin"), None)


def _has(repository: git.Repo, name: str) -> bool:
    status, *_ = repository.git.cat_file("-e", name, with_exceptions=False, with_extended_output=True)
    return bool(status == 0)


def _lay_out(repository: git.Repo, commit: str, path: str, root: Path) -> None:
    with TemporaryFile() as archive:
        repository.archive(archive, commit, format="tar", path=path or ".")
        archive.seek(0)
        with tarfile.open(fileobj=archive) as packed:
            # Python 3.11.2, which Debian 12 has, knows no filters yet.
            packed.extractall(root, [member for member in packed if _stays_inside(member)])  # noqa: S202 - as filtered


def _stays_inside(member: tarfile.TarInfo) -> bool:
    """Whether MEMBER is a folder, a file or a link within what is laid out; Git itself knows no names that leave it."""
    if not member.issym():
        return member.isfile() or member.isdir()
    target = posixpath.normpath(posixpath.join(posixpath.dirname(member.name), member.linkname))
    return not target.startswith(("../", "/")) and target != ".."

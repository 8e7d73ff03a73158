"""What Jenkins' API lists: jobs, folders and what computes its jobs itself; no document of theirs."""

from __future__ import annotations

from dataclasses import dataclass

FOLDER_CLASS = "com.cloudbees.hudson.plugins.folder.Folder"
_COMPUTED_WORDS = ("MultiBranchProject", "OrganizationFolder", "ComputedFolder")


@dataclass(frozen=True, slots=True)
class Item:
    """A job, or what holds jobs; `class_name` is Jenkins' own."""

    full_name: str
    class_name: str

    @property
    def is_folder(self) -> bool:
        """Whether people put jobs into it."""
        return self.class_name == FOLDER_CLASS

    @property
    def is_computed(self) -> bool:
        """Whether it makes its jobs itself, as a multibranch project does: they are never ours."""
        return any(word in self.class_name for word in _COMPUTED_WORDS)

    @property
    def name(self) -> str:
        """The last part of the full name."""
        return self.full_name.rpartition("/")[2]


def joined(folder: str, name: str) -> str:
    """Return the full name of NAME in FOLDER; "" is the top."""
    return f"{folder}/{name}" if folder else name

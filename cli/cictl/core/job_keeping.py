"""The jobs of cictl's own in Jenkins: those that keep records of writes, and the lock; what stands in them.

They are disabled, sandboxed pipelines whose script is a comment: run by mistake, they do nothing.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace

from cictl.core.jenkins_items import FOLDER_CLASS, joined
from cictl.core.job_marks import put_mark
from cictl.core.job_xml import Element, parse_config, serialise

ADMIN = "admin"
OWNER = "cictl itself"
LOCK_NAME = "cictl-lock"
STATE_NAME = "cictl-state"
STALE_SECONDS = 300.0
_STATE = re.compile(rf"{STATE_NAME}(?:-(\d{{1,4}}))?")
_COMMENT = re.compile(r"/\*(.*?)\*/", re.DOTALL)
_CPS = "org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition"


@dataclass(frozen=True, slots=True)
class Lock:
    """Who writes jobs: HOLDER is a number of that run, WHO says it to people, PROCESS tells whether it lives.

    SINCE and RENEWED are Jenkins' own time, in seconds since the epoch.
    """

    holder: str
    who: str
    process: str
    since: float
    renewed: float

    def renewed_at(self, now: float) -> Lock:
        """Return the same lock, with a sign of life NOW."""
        return replace(self, renewed=now)


def admin_folder(folder: str) -> str:
    """Return the folder of what keeps jobs as Git says, for the team's FOLDER."""
    return joined(folder, ADMIN)


def admin_xml() -> str:
    """Return that folder, for where nothing else makes it."""
    description = put_mark("What keeps this Jenkins as Git says.", OWNER)
    return serialise(Element(FOLDER_CLASS, children=(Element("description", text=description),)))


def own_names(folder: str, inside: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the full names of cictl's own jobs for the team's FOLDER, as far as they can be or are INSIDE it."""
    admin = admin_folder(folder)
    names = {joined(admin, LOCK_NAME), joined(admin, STATE_NAME), *inside}
    return tuple(sorted(name for name in names if is_own(name, folder)))


def is_own(full_name: str, folder: str) -> bool:
    """Whether FULL_NAME is a job of cictl's own for the team's FOLDER."""
    above, _, name = full_name.rpartition("/")
    return above == admin_folder(folder) and (name == LOCK_NAME or _STATE.fullmatch(name) is not None)


def shard_name(folder: str, number: int) -> str:
    """Return the full name of the job that keeps the records with NUMBER, from 1."""
    return joined(admin_folder(folder), STATE_NAME if number == 1 else f"{STATE_NAME}-{number}")


def shard_number(full_name: str) -> int | None:
    """Return which records FULL_NAME keeps, None if it keeps none."""
    found = _STATE.fullmatch(full_name.rpartition("/")[2])
    return int(found[1] or 1) if found else None


def shard_xml(text: str) -> str:
    """Return the job that keeps the records TEXT."""
    return _own_job("What 'cictl jobs apply' last wrote. Without it, nobody can tell who moved what.", text)


def lock_xml(lock: Lock) -> str:
    """Return the job that is LOCK."""
    held = {
        "holder": lock.holder,
        "who": lock.who,
        "process": lock.process,
        "since": lock.since,
        "renewed": lock.renewed,
    }
    text = json.dumps(held).replace("*/", "*\\/")
    return _own_job(f"{lock.who} writes jobs. It goes by itself when that ends.", text)


def kept_text(xml: str) -> str:
    """Return the text that stands in a job of ours; raises ValueError for another, MalformedConfig for none."""
    found = _COMMENT.search(parse_config(xml).text_of("definition", "script"))
    if not found:
        raise ValueError("its script holds nothing of cictl")
    return found[1].strip()


def read_lock(xml: str) -> Lock:
    """Return the lock that XML is; raises ValueError for what is none."""
    try:
        held = json.loads(kept_text(xml))
        texts = (str(held["holder"]), str(held["who"]), str(held["process"]))
        return Lock(*texts, float(held["since"]), float(held["renewed"]))
    except (KeyError, TypeError) as error:
        raise ValueError(f"it is no lock of cictl: {error}") from error


def _own_job(description: str, text: str) -> str:
    definition = (
        Element("script", text=f"// cictl keeps this; edit nothing here.\n/*\n{text}\n*/\n"),
        Element("sandbox", text="true"),
    )
    children = (
        Element("description", text=put_mark(description, OWNER)),
        Element("keepDependencies", text="false"),
        Element("properties"),
        Element("definition", (("class", _CPS),), children=definition),
        Element("triggers"),
        Element("disabled", text="true"),
    )
    return serialise(Element("flow-definition", children=children))

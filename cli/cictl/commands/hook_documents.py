"""What `cictl hook` prints, for people and for machines; never a token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cictl.commands.hook_run_documents import run_hook_document, run_hook_rows
from cictl.core.push_hook import Chained, Hook, SeenHook, Token, installed_settings
from cictl.core.push_hook_plan import Standing
from cictl.output import Document
from cictl.services.push_hooks import is_telling

if TYPE_CHECKING:
    from cictl.core.forge_hooks import ForgeHook
    from cictl.services.push_hooks import Installed, Removed
    from cictl.services.push_run_hooks import RunHookInstalled, RunHookShown

_COLUMNS = ("PART", "STATE", "DETAIL")
_STRANGER = "it is yours alone: pushes by other users cannot read it; install as the user that serves pushes"


def installed_document(done: Installed, *, is_dry_run: bool) -> Document:
    """Return what an installation did, or would do."""
    rows = [
        ("hook", done.plan.hook.value, f"tells {done.settings.jenkins} of {done.settings.repository_url}"),
        ("token", done.plan.kept.value, _STRANGER if done.seen.is_strangers else "post-receive.cictl-token, 0600"),
    ]
    if done.plan.chains or done.seen.chained is not Chained.ABSENT:
        state = Standing.CREATED if done.plan.chains else Standing.UNCHANGED
        rows.append(("chained", state.value, "the hook that was there: post-receive.before-cictl"))
    return _of_parts(done.seen, done.plan.standing, rows, is_dry_run=is_dry_run)


def run_installed_document(done: RunHookInstalled, *, is_dry_run: bool) -> Document:
    """Return what the installation of a hook that runs pipelines did, or would do."""
    return _of_parts(done.seen, done.plan.standing, run_hook_rows(done), is_dry_run=is_dry_run)


def removed_document(done: Removed, *, is_dry_run: bool) -> Document:
    """Return what a removal did, or would do."""
    detail = {
        Standing.RESTORED: "the hook that was there before",
        Standing.REMOVED: "with its settings; its runs stay" if done.seen.runs_pipelines else "with its token and log",
        Standing.UNCHANGED: "not cictl's" if done.seen.hook is Hook.FOREIGN else "there is none",
    }
    rows = [("hook", done.plan.hook.value, detail[done.plan.hook])]
    standing = Standing.UNCHANGED if done.plan.is_empty else Standing.CHANGED
    return _of_parts(done.seen, standing, rows, is_dry_run=is_dry_run)


def shown_document(seen: SeenHook, runs: RunHookShown | None) -> Document:
    """Return what stands in a repository; RUNS of a hook that runs pipelines."""
    if runs is not None:
        return run_hook_document(seen, runs)
    calls = installed_settings(seen.text or "")
    rows = [
        ("repository", seen.repository),
        ("tells Jenkins", "yes" if is_telling(seen) else "no"),
        ("hook", _shown_hook(seen)),
        *((f"{name} address", calls[name]) for name in ("jenkins", "repository") if name in calls),
        ("token", _shown_token(seen)),
        ("chained", "yes" if seen.chained is not Chained.ABSENT else "no"),
        ("curl", "yes" if seen.has_curl else "missing"),
        *(("log", line) for line in seen.log),
    ]
    return Document(
        kind="PushHook",
        data={
            "repository": seen.repository,
            "tellsJenkins": is_telling(seen),
            "hook": seen.hook,
            "jenkins": calls.get("jenkins"),
            "repositoryUrl": calls.get("repository"),
            "hasToken": seen.token is not Token.ABSENT,
            "hasChainedHook": seen.chained is not Chained.ABSENT,
            "hasCurl": seen.has_curl,
            "log": seen.log,
        },
        columns=("WHAT", "VALUE"),
        rows=tuple(rows),
        names=(f"hook/{seen.hook}",),
    )


def forge_document(entry: ForgeHook, notify: str) -> Document:
    """Return what to enter at a forge, one field a line."""
    rows = (
        ("where", entry.where),
        ("url", entry.url),
        ("content type", entry.content_type),
        ("events", ", ".join(entry.events)),
        ("secret", entry.secret),
        ("plugin", f"{entry.plugin}; {entry.note}"),
        ("plain Git jobs", f"{notify} (push events; needs the Git plugin alone, and TOKEN replaced)"),
    )
    return Document(
        kind="ForgeHook",
        data={
            "forge": entry.forge,
            "where": entry.where,
            "url": entry.url,
            "contentType": entry.content_type,
            "events": entry.events,
            "secret": entry.secret,
            "plugin": entry.plugin,
            "note": entry.note,
            "notifyUrl": notify,
        },
        columns=("FIELD", "ENTER"),
        rows=rows,
        names=(entry.url,),
    )


def _of_parts(seen: SeenHook, standing: Standing, rows: list[tuple[str, str, str]], *, is_dry_run: bool) -> Document:
    return Document(
        kind="PushHookPlan" if is_dry_run else "PushHookChange",
        data={
            "repository": seen.repository,
            "standing": standing,
            "dryRun": is_dry_run,
            "parts": [{"part": part, "state": state, "detail": detail} for part, state, detail in rows],
        },
        columns=_COLUMNS,
        rows=tuple(rows),
        names=(f"hook/{standing}",),
    )


def _shown_hook(seen: SeenHook) -> str:
    words = {
        Hook.ABSENT: "none",
        Hook.OURS: "cictl's",
        Hook.EDITED: "cictl's, edited by hand",
        Hook.FOREIGN: "not cictl's",
    }
    idle = seen.hook is not Hook.ABSENT and not seen.is_executable
    return words[seen.hook] + (", not executable: Git does not run it" if idle else "")


def _shown_token(seen: SeenHook) -> str:
    if seen.token is Token.ABSENT:
        return "none"
    return "there, but open to others" if seen.is_token_open else "there"

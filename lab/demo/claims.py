"""What the demo promises, held against the clients' record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lab.demo.clients import ROUTING_SECONDS, Clients
from lab.load import Record


@dataclass(frozen=True)
class Claim:
    """A sentence with its figures, and whether it is as it should be."""

    text: str
    holds: bool


def judge(clients: Clients, *, good: Sequence[str], bad: str, bad_until: float) -> list[Claim]:
    """Return what is true of the record: GOOD versions, one after the other, and BAD, which was gone at BAD_UNTIL."""
    return [
        _all_answered(clients),
        _errors_are_of(clients, bad),
        _found(clients, bad),
        _gone(clients, bad, bad_until),
        _configuration_is_back(clients, good[1], bad, bad_until),
        _moved_on(clients, good),
    ]


def judge_beyond(clients: Clients, *, first: str, promoted: str, bad: str) -> list[Claim]:
    """Return what is true of production's clients: PROMOTED came in and went, FIRST is back, BAD never came."""
    errors = sum(not one.is_ok for one in clients.records)
    met = len(clients.of(bad))
    return [
        _all_answered(clients),
        Claim(f"{errors} of {len(clients.records)} requests were answered with an error", errors == 0),
        Claim(f"{met} requests were answered by {bad}, which never got so far", met == 0),
        _alone_in(clients, -3, promoted),
        _alone_in(clients, -1, first),
    ]


def _alone_in(clients: Clients, part: int, version: str) -> Claim:
    """Whether VERSION answered all of a part, but for the moment in which routes change."""
    title, start, end = clients.parts[part].title, clients.parts[part].start, clients.parts[part].end
    seen = [one.version for one in clients.records if start + ROUTING_SECONDS < one.sent < end]
    mine = sum(each == version for each in seen)
    return Claim(f"{mine} of {len(seen)} requests were answered by {version} while {title}", mine == len(seen) > 0)


def _all_answered(clients: Clients) -> Claim:
    missing = len(clients.of(None))
    return Claim(f"{missing} of {len(clients.records)} requests got no answer", missing == 0)


def _errors_are_of(clients: Clients, bad: str) -> Claim:
    others = [one for one in clients.records if not one.is_ok and one.version not in {bad, None}]
    return Claim(f"{len(others)} errors came from the other versions than {bad}", not others)


def _found(clients: Clients, bad: str) -> Claim:
    seen = clients.of(bad)
    errors = sum(not one.is_ok for one in seen)
    seconds = _span(seen)
    text = f"{bad} answered {len(seen)} requests, {errors} with an error, in the {seconds:.1f} s until it was back out"
    return Claim(text, holds=errors > 0)


def _gone(clients: Clients, bad: str, bad_until: float) -> Claim:
    late = [one for one in clients.of(bad) if one.sent > bad_until + ROUTING_SECONDS]
    after = [one for one in clients.records if one.sent > bad_until + ROUTING_SECONDS]
    return Claim(f"{len(late)} of {len(after)} requests after that were answered by {bad}", not late and bool(after))


def _configuration_is_back(clients: Clients, before: str, bad: str, bad_until: float) -> Claim:
    theirs, old = _configs(clients.of(bad)), _configs(one for one in clients.of(before) if one.sent < bad_until)
    back = _configs(one for one in clients.of(before) if one.sent > bad_until)
    text = f"{bad} greeted with {_quoted(theirs)}; before it and after it {before} greeted with {_quoted(back)}"
    return Claim(text, back == old and len(back) == 1 and not theirs & back)


def _moved_on(clients: Clients, good: Sequence[str]) -> Claim:
    last = clients.parts[-1]
    seen = [one.version for one in clients.records if last.start + ROUTING_SECONDS < one.sent < last.end]
    mine = sum(version == good[-1] for version in seen)
    return Claim(f"{mine} of the last {len(seen)} requests were answered by {good[-1]}", mine == len(seen) > 0)


def _span(records: Sequence[Record]) -> float:
    return max(one.sent for one in records) - min(one.sent for one in records) if records else 0.0


def _configs(records: Iterable[Record]) -> frozenset[str]:
    return frozenset(one.config for one in records if one.config)


def _quoted(configs: frozenset[str]) -> str:
    return " and ".join(f"'{config}'" for config in sorted(configs)) or "nothing"

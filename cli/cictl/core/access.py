"""What a caller may do, by the rules that the API server lists for it (SelfSubjectRulesReview)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

ANY = "*"


def grants(rules: Iterable[Mapping[str, Any]], verb: str, group: str, resource: str) -> bool:
    """Whether one of RULES allows VERB on every RESOURCE (with its subresource, as in pods/log) of GROUP.

    A rule for named objects only does not: it says nothing of the others. "No" is not the last word, since an
    authorizer need not list what it allows.
    """
    return any(_covers(rule, verb, group, resource) for rule in rules if not rule.get("resourceNames"))


def _covers(rule: Mapping[str, Any], verb: str, group: str, resource: str) -> bool:
    return all(
        ANY in (rule.get(part) or ()) or wanted in (rule.get(part) or ())
        for part, wanted in (("verbs", verb), ("apiGroups", group), ("resources", resource))
    )

"""From `$selector` and `$window` to PromQL that measures one release and nothing before its step.

It does not parse PromQL: what stands beside the variables is the user's, and Prometheus says what is wrong with it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cictl.core.release_target import ReleaseTarget

QUERY_VARIABLES = ("selector", "window")
MATCHER_VARIABLES = ("namespace", "release", "service")
# Kubernetes names a ReplicaSet's pods by the first 58 characters of "<ReplicaSet>-" and five random ones.
_LONGEST_PREFIX = 58
_RANDOM_PART = "[a-z0-9]{5}"
_NO_POD = 'pod="/"'  # a name that no pod can have
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_REGEX_STRING = re.compile(r"""[=!]~\s*(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""", re.DOTALL)
_REGEX_META = re.compile(r"([\\.+*?()|\[\]{}^$])")


def selector_of(target: ReleaseTarget, matcher: str | None = None) -> str:
    """Return the label matchers of TARGET's pods: its configured MATCHER, else their names' common form."""
    if matcher is not None:
        return _filled_in(matcher, target)
    return f"namespace={promql_string(target.namespace)},{_pod_matcher(target)}"


def expand(promql: str, *, selector: str, window: str) -> str:
    """Return PROMQL with its two variables filled in; unknown ones stay, for Prometheus to refuse."""
    return substitute(promql, {"selector": selector, "window": window})


def substitute(text: str, values: Mapping[str, str]) -> str:
    """Return TEXT with `$name` and `${name}` replaced, those in VALUES only."""
    return _VARIABLE.sub(lambda match: values.get(match[1] or match[2], match[0]), text)


def variables_in(text: str) -> list[tuple[int, str]]:
    """Return where each variable of TEXT stands (from 0), and its name."""
    return [(match.start(), match[1] or match[2]) for match in _VARIABLE.finditer(text)]


def window_text(seconds: float) -> str:
    """Return SECONDS as a PromQL duration, cut to whole seconds and never empty."""
    return f"{max(1, int(seconds))}s"


def promql_string(text: str) -> str:
    """Return TEXT as a PromQL string literal."""
    return f'"{_in_quotes(text)}"'


def regex_literal(text: str) -> str:
    """Return the RE2 expression that matches TEXT alone."""
    return _REGEX_META.sub(r"\\\1", text)


def _pod_matcher(target: ReleaseTarget) -> str:
    prefix = _prefix(target.replica_set)
    if prefix not in map(_prefix, target.other_replica_sets):
        return f"pod=~{promql_string(regex_literal(prefix) + _RANDOM_PART)}"
    names = sorted({*target.all_pod_names, *(pod.name for pod in target.ready_pods)})
    return f"pod=~{promql_string('|'.join(map(regex_literal, names)))}" if names else _NO_POD


def _prefix(replica_set: str) -> str:
    return f"{replica_set}-"[:_LONGEST_PREFIX]


def _filled_in(matcher: str, target: ReleaseTarget) -> str:
    """Fill in MATCHER's variables, escaped twice where a regular expression is matched."""
    values = {"release": target.replica_set, "namespace": target.namespace, "service": target.service}
    literal = {name: _in_quotes(value) for name, value in values.items()}
    in_regex = {name: _in_quotes(regex_literal(value)) for name, value in values.items()}
    with_regexes = _REGEX_STRING.sub(lambda match: substitute(match[0], in_regex), matcher)
    return substitute(with_regexes, literal)


def _in_quotes(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

"""How much YAML becomes when each alias is taken for what it names: a few lines can name more than memory holds.

It looks at composed nodes, before anything is made of them: merges (`<<`) and texts of values unfold, too.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable

_PER_NODE_WRITTEN = 50  # what grows with the file is no trap: many jobs may share one long list
# An alias and an anchor; more than these look so, in patterns and commands for instance.
_ALIAS, _ANCHOR = re.compile(r"\*[\w-]").search, re.compile(r"&[\w-]").search


def may_unfold(text: str) -> bool:
    """Whether TEXT may have an alias; costs next to nothing, as nearly all files have none."""
    return _ALIAS(text) is not None and _ANCHOR(text) is not None


def unfolding_node(root: yaml.Node | None, *, at_most: int) -> yaml.Node | None:
    """Return the first node of ROOT that unfolds to more than AT_MOST nodes, and to more than is in proportion."""
    if root is None:
        return None
    most = max(at_most, _PER_NODE_WRITTEN * _written(root))
    sizes: dict[int, int] = {}
    done: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting[-1]
        if id(node) not in sizes:
            sizes[id(node)] = 1  # all that counts of an alias to what it stands in: who reads it meets a circle
            waiting += [part for part in _parts(node) if id(part) not in sizes]
            continue
        waiting.pop()
        if id(node) not in done:
            done.add(id(node))
            sizes[id(node)] = size = 1 + sum(sizes[id(part)] for part in _parts(node))
            if size > most:
                return node
    return None


def _written(root: yaml.Node) -> int:
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) not in seen:
            seen.add(id(node))
            waiting += _parts(node)
    return len(seen)


def _parts(node: yaml.Node) -> Iterable[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return chain.from_iterable(node.value)
    return node.value if isinstance(node, yaml.SequenceNode) else ()

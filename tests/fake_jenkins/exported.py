"""What `api/json` writes of an object: Jenkins' tree parameter and depth, over fields declared per class.

An object that can be exported has `class_name` (None where Jenkins leaves `_class` out) and `exported_fields()`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from tests.fake_jenkins import pages
from tests.fake_jenkins.messages import NotModelledError

if TYPE_CHECKING:
    from tests.fake_jenkins.exchange import Exchange

KNOWN_NAMES: set[str] = {"_class", "*"}


@dataclass(frozen=True, slots=True)
class Field:
    """One exported property; a property is shown without `tree` where its visibility is at least the level."""

    name: str
    read: Callable[[Any, Exchange], object]
    visibility: int = 1
    inline: bool = False  # its objects are shown as if they stood one level higher

    def __post_init__(self) -> None:
        KNOWN_NAMES.add(self.name)


class Exported(Protocol):
    @property
    def class_name(self) -> str | None: ...
    def exported_fields(self) -> Sequence[Field]: ...


def _constant(value: object) -> Callable[[Any, Exchange], object]:
    return lambda _, __: value


@dataclass(frozen=True, slots=True)
class Plain:
    """An exported object of constants; its names have to be known (see `names`)."""

    class_name: str | None = None
    values: tuple[tuple[str, object], ...] = ()
    visibility: int = 2

    def exported_fields(self) -> Sequence[Field]:
        return [Field(name, _constant(value), self.visibility) for name, value in self.values]


def deep(class_name: str | None = None, /, **values: object) -> Plain:
    """Return an object of constants that is shown one level deeper than others."""
    return Plain(class_name, tuple(values.items()), 3)


def plain(class_name: str | None = None, /, **values: object) -> Plain:
    return Plain(class_name, tuple(values.items()))


def names(*each: str) -> None:
    """Make names known that only `Plain` objects export."""
    KNOWN_NAMES.update(each)


class _ByDepth:
    __slots__ = ("level",)

    def __init__(self, level: int) -> None:
        self.level = level

    def accept(self, field: Field) -> _ByDepth | None:
        if field.visibility < self.level:
            return None
        return self if field.inline else _ByDepth(self.level + 1)

    def cut(self, values: Sequence[object]) -> Sequence[object]:
        return values


class Tree:
    """A parsed `tree=a,b[c]{0,5}`."""

    __slots__ = ("children", "first", "last")

    def __init__(self) -> None:
        self.children: dict[str, Tree] = {}
        self.first = 0
        self.last: int | None = None

    def accept(self, field: Field) -> Tree | None:
        return self.children.get(field.name) or self.children.get("*")

    def cut(self, values: Sequence[object]) -> Sequence[object]:
        return values[self.first : self.last]


class _TreeText:
    """Read a tree expression; Jenkins answers 500 to one that it can't parse."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def parse(self) -> Tree:
        tree = Tree()
        self._list(tree)
        if self.at != len(self.text):
            raise pages.oops()
        return tree

    def _list(self, tree: Tree) -> None:
        while True:
            name = self._name()
            child = tree.children.setdefault(name, Tree())
            if self._next("["):
                self._list(child)
                if not self._next("]"):
                    raise pages.oops()
            if self._next("{"):
                self._range(child)
            if not self._next(","):
                return

    def _next(self, mark: str) -> bool:
        if self.text[self.at : self.at + 1] != mark:
            return False
        self.at += 1
        return True

    def _name(self) -> str:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in ",[]{}":
            self.at += 1
        name = self.text[start : self.at].strip()
        if not name:
            raise pages.oops()
        if name not in KNOWN_NAMES:
            raise NotModelledError(f"tree: no exported property {name!r}")
        return name

    def _range(self, tree: Tree) -> None:
        inside, closed, _ = self.text[self.at :].partition("}")
        first, comma, last = inside.partition(",")
        if not closed or not (first + last).isdigit():
            raise pages.oops()
        self.at += len(inside) + 1
        tree.first = int(first or 0)
        tree.last = (int(last) if last else None) if comma else int(first) + 1


def pruner(exchange: Exchange) -> Tree | _ByDepth:
    """Return what the request's `tree`, or else its `depth`, lets through."""
    tree = exchange.request.parameter("tree")
    if tree:
        return _TreeText(tree).parse()
    depth = exchange.request.parameter("depth") or "0"
    if not depth.isdigit():
        raise pages.oops()
    return _ByDepth(1 - int(depth))


def export(bean: Exported, through: Tree | _ByDepth, exchange: Exchange) -> dict[str, object]:
    """Return what `api/json` writes of an object."""
    written: dict[str, object] = {}
    if bean.class_name is not None:
        written["_class"] = bean.class_name
    for each in bean.exported_fields():
        inner = through.accept(each)
        if inner is not None:
            written[each.name] = _value(each.read(bean, exchange), inner, exchange)
    return written


def _value(value: object, through: Tree | _ByDepth, exchange: Exchange) -> object:
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, list | tuple):
        return [_value(each, through, exchange) for each in through.cut(value)]
    return export(value, through, exchange)  # type: ignore[arg-type]

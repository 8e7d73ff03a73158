"""What the elements of a config.xml are: classes and fields, lists, sets and maps, kinds of text.

XStream writes no types: a tag, its attributes and what stands in it must tell.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cictl.core.job_xml import Element

BLANKS = " \t\n\r\f\v"  # a no-break space is a character as any other to Jenkins and to shells
_CONTAINER = re.compile(
    r"^(?:java\.util\.|com\.google\.common\.collect\.|hudson\.util\.(?:CopyOnWrite|DescribableList|PersistedList))"
    r"|^(?:empty-|singleton-|linked-|tree-|sorted-|linked-hash-|immutable-)?(?:list|map|set|vector)$"
    r"|^(?:string|int|boolean)-array$|^concurrent-hash-map$|^hudson\.model\.View\$PropertyList$|^entry$|^hash-set$"
)
_ALIASES = frozenset(
    {"string", "int", "long", "boolean", "entry", "null", "list", "map", "set", "project", "listView", "permission"}
)
# All that is in these is an object, and some classes have neither a package nor a capital in their tags.
_STEPS = frozenset({"buildWrappers", "builders", "postbuilders", "prebuilders", "publishers", "reporters", "triggers"})
_BARE_CLASS = re.compile(r"^[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*$")
_SET = re.compile(r"(?:^|\.|-)(?:sorted-|tree-)?(?:set|[A-Za-z]*Set)$")
_COMPARATORS = frozenset({"comparator", "no-comparator"})
_UNORDERED = frozenset(
    {
        "actions", "buildWrappers", "domainCredentialsMap", "healthMetrics", "jobNames", "permission", "permissions",
        "permittedClouds", "properties", "triggers", "views",
    }
)  # fmt: skip
# Text that a person writes, or a number that is unlike its absence: for these only the empty text is nothing.
_WRITTEN = frozenset(
    {
        "assignedNode", "command", "defaultValue", "description", "displayName", "name", "quietPeriod", "script",
        "scmCheckoutRetryCount", "string", "text", "url", "value", "weight",
    }
)  # fmt: skip
_VERBATIM = frozenset({"command", "defaultValue", "script"})
_BASE_URLS = frozenset({"projectUrl"})
_FRACTIONS = frozenset({"healthScaleFactor"})


def plain_name(tag: str) -> str:
    """Return the class or field that TAG spells: XStream writes `$` as `_-` and `_` as `__`."""
    return tag.replace("_-", "$").replace("__", "_") if "_" in tag else tag


def simple_name(class_name: str) -> str:
    """Return CLASS_NAME without its package."""
    return class_name.rpartition(".")[2]


def class_of(element: Element) -> str:
    """Return the class that ELEMENT names, or '' where the field's own type or any container is meant."""
    named = element.attribute("class")
    return "" if not named or _CONTAINER.search(named) else named


def is_array(element: Element) -> bool:
    """Whether ELEMENT is the array in which some lists keep what they hold."""
    return element.tag == "a" and element.attribute("class").endswith("-array")


def is_member(tag: str) -> bool:
    """Whether TAG names a class, so that the element is one of several and not a field."""
    return "." in tag or tag in _ALIASES


def holds_members(element: Element) -> bool:
    """Whether all that is in ELEMENT is one of several: its tags name classes, some of which are in no package."""
    if is_step_list(element.tag):
        return bool(element.children)
    return bool(element.children) and all(_names_class(each.tag) for each in element.children)


def is_step_list(tag: str) -> bool:
    """Whether all that is in an element called TAG is an object, whatever its tag looks like."""
    return tag in _STEPS


def _names_class(tag: str) -> bool:
    return is_member(tag) or _BARE_CLASS.match(tag) is not None


def keeps_order(element: Element) -> bool:
    """Whether the order of what is in ELEMENT means something: it does not in sets and in maps."""
    if not is_ordered(element.tag) or _SET.search(element.attribute("class")):
        return False
    tags = {each.tag for each in element.children}
    return tags != {"entry"} and not tags & _COMPARATORS


def is_ordered(tag: str) -> bool:
    """Whether the order of what TAG contains means something to Jenkins."""
    return tag not in _UNORDERED


def is_written_text(tag: str) -> bool:
    """Whether the field TAG is text of a person's own, where `True` is not `true`."""
    return tag in _WRITTEN


def is_verbatim(tag: str) -> bool:
    """Whether Jenkins keeps blanks around the text of the field TAG, where other fields are trimmed by their forms."""
    return tag in _VERBATIM


def is_fraction(tag: str) -> bool:
    """Whether the field TAG is a number that Jenkins writes with a decimal point."""
    return tag in _FRACTIONS


def is_base_url(tag: str) -> bool:
    """Whether the field TAG is an address to which Jenkins adds the slash at its end."""
    return tag in _BASE_URLS


def is_wordless(element: Element) -> bool:
    """Whether there is no text in ELEMENT, however deep."""
    return not element.text.strip(BLANKS) and all(map(is_wordless, element.children))

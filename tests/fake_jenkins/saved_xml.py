"""config.xml after Jenkins itself saved it: XStream's order, defaults, `plugin` attributes; what nothing loads is gone."""

from __future__ import annotations

from tests.fake_jenkins.class_forms import FORMS, STRINGS, ClassForm, plugin_of
from tests.fake_jenkins.xml_tree import Node, read, write


def saved(root: Node, plugins: dict[str, str]) -> tuple[str, Node]:
    """Return what Jenkins writes of a configuration, as text and as tree; `plugins` are names and versions."""
    again = _saved_object(root, plugins, owner=None)
    if again is None:
        again = Node(root.tag)
    document = "<?xml version='1.1' encoding='UTF-8'?>\n" + write(again, strings=STRINGS)
    return document, read(document)[1]


def _saved_object(node: Node, plugins: dict[str, str], *, owner: str | None) -> Node | None:
    """Return the node as saved, or None where its class cannot be loaded."""
    name = node.class_name
    plugin = plugin_of(name)
    if plugin is not None and plugin and plugin not in plugins:
        return None
    if plugin is None and _is_class(node):
        return None
    form = FORMS.get(name)
    attributes = {key: value for key, value in node.attributes.items() if key != "plugin"}
    if plugin and plugin != owner and not (form and form.is_converted):
        attributes["plugin"] = f"{plugin}@{plugins[plugin]}"
    children = [
        saved_child
        for child in _fields(node, form)
        if (saved_child := _saved_object(child, plugins, owner=plugin or owner)) is not None
    ]
    return Node(node.tag, attributes, children, "" if children else node.text)


def _is_class(node: Node) -> bool:
    """Say whether an element's name, or its `class`, is a class rather than a field."""
    return "class" in node.attributes or ("." in node.tag and not node.tag.startswith("."))


def _fields(node: Node, form: ClassForm | None) -> list[Node]:
    if form is None:
        return node.children
    present = {child.tag: child for child in node.children}
    fields: list[Node] = []
    for name in form.order:
        if name in present:
            fields.append(present[name])
        elif name in form.defaults:
            fields.append(form.default(name))
    return fields

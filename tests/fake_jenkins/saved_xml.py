"""config.xml after Jenkins itself saved it: XStream's order, defaults, `plugin` attributes.

What nothing loads is gone.
"""

from __future__ import annotations

from tests.fake_jenkins.class_forms import FORMS, STRINGS, ClassForm, plugin_of
from tests.fake_jenkins.secret_values import seal
from tests.fake_jenkins.security import KNOWN
from tests.fake_jenkins.xml_tree import Node, read, write


def saved(root: Node, plugins: dict[str, str]) -> tuple[str, Node]:
    """Return what Jenkins writes of a configuration, as text and as tree; `plugins` are names and versions."""
    again = _object(root, plugins, owner=None) or Node(root.tag)
    seal(again)
    document = "<?xml version='1.1' encoding='UTF-8'?>\n" + write(again, strings=STRINGS)
    return document, read(document)[1]


def saved_view(node: Node, plugins: dict[str, str]) -> str:
    """Return what Jenkins writes of a view: without who holds it."""
    own = Node(node.tag, node.attributes, [child for child in node.children if child.tag != "owner"])
    return '<?xml version="1.1" encoding="UTF-8"?>\n' + write(_object(own, plugins, owner=None) or own, strings=STRINGS)


def _object(node: Node, plugins: dict[str, str], *, owner: str | None) -> Node | None:
    """Return the node as saved, or None where its class can't be loaded."""
    if "reference" in node.attributes:  # to an object above, which has its class there
        return node
    name = node.class_name
    plugin = plugin_of(name)
    if plugin is None or (plugin and plugin not in plugins):
        return None
    form = FORMS.get(name)
    attributes = {key: value for key, value in node.attributes.items() if key != "plugin"}
    if plugin and plugin != owner and not (form and form.is_converted):
        attributes["plugin"] = f"{plugin}@{plugins[plugin]}"
    fields = [_object(child, plugins, owner=plugin or owner) for child in _fields(node, form)]
    children = [child for child in fields if child is not None]
    return Node(node.tag, attributes, children, "" if node.children else node.text)


def _fields(node: Node, form: ClassForm | None) -> list[Node]:
    if form is None:
        return node.children
    if form.sorts:
        known = [child for child in node.children if child.tag != form.sorts or set(child.text.split(":")) & KNOWN]
        return sorted(known, key=lambda child: (form.order.index(child.tag), child.text))
    sent = {child.tag: child for child in node.children}
    names = [name for name in form.order if name in sent or name in form.defaults]
    return [sent.get(name) or form.default(name, node) for name in names]

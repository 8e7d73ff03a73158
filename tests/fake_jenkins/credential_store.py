"""Credential stores: the system's, and the folders', which live in the folder's own configuration."""

from __future__ import annotations

from collections.abc import Sequence

from tests.fake_jenkins import messages, pages, security
from tests.fake_jenkins.class_forms import STRINGS, plugin_of
from tests.fake_jenkins.exchange import Exchange
from tests.fake_jenkins.exported import Field, export, pruner
from tests.fake_jenkins.items import Folder
from tests.fake_jenkins.messages import NotModelledError, Response
from tests.fake_jenkins.routing import route
from tests.fake_jenkins.secret_values import revealed, seal, secret_nodes
from tests.fake_jenkins.xml_tree import BadXmlError, Node, read, write

_PROPERTY = "com.cloudbees.hudson.plugins.folder.properties.FolderCredentialsProvider_-FolderCredentialsProperty"
TYPES = {
    "com.cloudbees.plugins.credentials.impl.UsernamePasswordCredentialsImpl": "Username with password",
    "org.jenkinsci.plugins.plaincredentials.impl.StringCredentialsImpl": "Secret text",
    "org.jenkinsci.plugins.plaincredentials.impl.FileCredentialsImpl": "Secret file",
    "com.cloudbees.jenkins.plugins.sshcredentials.impl.BasicSSHUserPrivateKey": "SSH Username with private key",
    "com.cloudbees.plugins.credentials.impl.CertificateCredentialsImpl": "Certificate",
}


class Credential:
    kinds = ("credential",)
    class_name = None

    def __init__(self, store: Store, node: Node) -> None:
        self.store, self.node = store, node

    @property
    def id(self) -> str:
        return self.node.text_of("id") or ""

    @property
    def shown_as(self) -> str:
        """The name that Jenkins shows: the description, if there is one."""
        description, user = self.node.text_of("description"), self.node.text_of("username")
        return description or (f"{user}/******" if user else self.id)

    def exported_fields(self) -> Sequence[Field]:
        return CREDENTIAL_FIELDS


CREDENTIAL_FIELDS = (
    Field("description", lambda each, _: each.node.text_of("description") or "", 2),
    Field("displayName", lambda each, _: each.shown_as, 2),
    Field("fingerprint", lambda *_: None, 2),
    Field("fullName", lambda each, _: f"{each.store.full_name}/_/{each.id}", 2),
    Field("id", lambda each, _: each.id, 2),
    Field("typeName", lambda each, _: TYPES[each.node.tag], 2),
)


class Store:
    """The credentials of one folder, or of the system, in the one domain that is modelled: the global one."""

    kinds = ("store",)
    class_name = "com.cloudbees.plugins.credentials.CredentialsStoreAction$DomainWrapper"

    def __init__(self, folder: Folder, *, is_root: bool, system: list[Node]) -> None:
        self.folder, self.is_root, self._system = folder, is_root, system

    @property
    def full_name(self) -> str:
        return "system" if self.is_root else self.folder.full_name

    @property
    def path(self) -> str:
        kind = "system" if self.is_root else "folder"
        return f"{self.folder.path}credentials/store/{kind}/domain/_/"

    def nodes(self) -> list[Node]:
        """Return the credentials' own nodes; a change of the list is a change of the store."""
        if self.is_root:
            return self._system
        held = self.folder.root.all("java.util.concurrent.CopyOnWriteArrayList")
        return held[0].children if held else []

    def credentials(self) -> list[Credential]:
        return [Credential(self, node) for node in self.nodes() if node.tag in TYPES]

    def find(self, name: str) -> Credential | None:
        return next((each for each in self.credentials() if each.id == name), None)

    def add(self, node: Node) -> None:
        if not self.is_root and not self.folder.root.all("java.util.concurrent.CopyOnWriteArrayList"):
            _make_room(self.folder.root)
        self.nodes().append(node)

    def saved(self, exchange: Exchange) -> None:
        if self.is_root:
            for node in self._system:
                seal(node)
        else:
            self.folder.save(exchange.controller.plugins)

    def exported_fields(self) -> Sequence[Field]:
        return STORE_FIELDS


STORE_FIELDS = (
    Field("credentials", lambda store, _: store.credentials()),
    Field("description", lambda *_: "Credentials that should be available irrespective of domain specification"),
    Field("displayName", lambda *_: "Global credentials (unrestricted)"),
    Field("fullDisplayName", lambda store, _: f"{store.full_name} » Global credentials (unrestricted)"),
    Field("fullName", lambda store, _: f"{store.full_name}/_"),
    Field("global", lambda *_: True),
    Field("urlName", lambda *_: "_"),
)


def _make_room(root: Node) -> None:
    """Add the property that holds a folder's credentials."""
    domain = Node("com.cloudbees.plugins.credentials.domains.Domain", children=[Node("specifications")])
    entry = Node("entry", children=[domain, Node("java.util.concurrent.CopyOnWriteArrayList")])
    held = Node("domainCredentialsMap", {"class": "hudson.util.CopyOnWriteMap$Hash"}, [entry])
    properties = root.child("properties")
    if properties is None:
        properties = Node("properties")
        root.children.append(properties)
    properties.children.append(Node(_PROPERTY, children=[held]))


def find_store(folder: Folder, rest: Sequence[str], exchange: Exchange) -> tuple[Store | Credential, int]:
    """Return the store, or one credential of it; who may not see credentials is told that there is none."""
    is_root = folder is exchange.controller.root
    kind = rest[2] if len(rest) > 2 else ""
    if kind != ("system" if is_root else "folder") or rest[3:4] != ("domain",):
        raise NotModelledError("another credential store")
    if not exchange.may(security.CREDENTIALS_VIEW, None if is_root else folder) or rest[4:5] != ("_",):
        raise pages.not_found()
    store = Store(folder, is_root=is_root, system=exchange.controller.credentials)
    if rest[5:6] != ("credential",) or len(rest) < 7:
        return store, 5
    found = store.find(rest[6])
    if found is None:
        raise pages.not_found()
    return found, 7


@route("store", "GET", "api/json", query=("tree", "depth"))
def store_api(exchange: Exchange, store: Store) -> Response:
    return messages.api_json(export(store, pruner(exchange), exchange))


def _sent(exchange: Exchange) -> Node:
    if not exchange.request.content_type.startswith(("text/xml", "application/xml")):
        raise NotModelledError("credentials by a form")
    try:
        _, node = read(exchange.request.text())
    except BadXmlError:
        raise pages.oops() from None
    plugin = plugin_of(node.tag)
    if node.tag not in TYPES or (plugin and plugin not in exchange.controller.plugins):
        raise pages.oops()
    return node


def _where(store: Store) -> Folder | None:
    return None if store.is_root else store.folder


@route("store", "POST", "createCredentials")
def create(exchange: Exchange, store: Store) -> Response:
    exchange.require(security.CREDENTIALS_CREATE, _where(store))
    node = _sent(exchange)
    if store.find(node.text_of("id") or "") is not None:
        return messages.empty(409)
    store.add(node)
    store.saved(exchange)
    return messages.empty()


@route("credential", "GET", "config.xml")
def read_credential(exchange: Exchange, found: Credential) -> Response:
    node, version = found.node, exchange.controller.plugins
    shown = Node(node.tag, {"plugin": f"{plugin_of(node.tag)}@{version[plugin_of(node.tag) or '']}"}, _redacted(node))
    return messages.xml(write(shown, strings=STRINGS))


def _redacted(node: Node) -> list[Node]:
    hidden = {id(each) for each in secret_nodes(node)}
    return [
        Node(each.tag, children=[Node("secret-redacted")])
        if id(each) in hidden
        else Node(each.tag, dict(each.attributes), _redacted(each), each.text)
        for each in node.children
    ]


@route("credential", "POST", "config.xml")
def update(exchange: Exchange, found: Credential) -> Response:
    exchange.require(security.CREDENTIALS_UPDATE, _where(found.store))
    node = _sent(exchange)
    nodes = found.store.nodes()
    nodes[nodes.index(found.node)] = node
    found.store.saved(exchange)
    return messages.empty()


@route("credential", "POST", "doDelete")
def delete(exchange: Exchange, found: Credential) -> Response:
    _delete(exchange, found)
    return messages.redirect(exchange.path(found.store.path))


@route("credential", "DELETE", "config.xml")
def delete_by_verb(exchange: Exchange, found: Credential) -> Response:
    _delete(exchange, found)
    return messages.empty()


def _delete(exchange: Exchange, found: Credential) -> None:
    exchange.require(security.CREDENTIALS_DELETE, _where(found.store))
    found.store.nodes().remove(found.node)
    found.store.saved(exchange)


def secrets_of(store: Store) -> dict[str, dict[str, str]]:
    """Return the secrets themselves by credential and field, for a test to look at."""
    return {
        each.id: {node.tag: revealed(node.text) for node in secret_nodes(each.node)} for each in store.credentials()
    }

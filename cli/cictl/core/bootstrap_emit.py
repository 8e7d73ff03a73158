"""The same set-up for a controller that is built as an image: a document for Configuration as Code, no secret in it.

Folders come by a Job DSL script that builds the same XML that bootstrap would send. A secret is a reference that
Configuration as Code resolves on the controller; it passes through base64, so that no character of it is Groovy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cictl.core.bootstrap_agent import AgentWish
from cictl.core.job_carry import CREDENTIALS
from cictl.core.job_xml import Element, parse_config

NEEDS_PLUGINS = ("configuration-as-code", "job-dsl")
_SECRETS_FOLDER = "/run/secrets"
_DOMAIN = "com.cloudbees.plugins.credentials.domains.Domain"
_LIST = "java.util.concurrent.CopyOnWriteArrayList"
_SSH = "com.cloudbees.jenkins.plugins.sshcredentials.impl.BasicSSHUserPrivateKey"


@dataclass(frozen=True, slots=True)
class SecretPlace:
    """Where a secret will be on the controller: the variable ENV, else the file that is mounted as FILE."""

    env: str | None = None
    file: str | None = None

    @property
    def base64(self) -> str:
        """The reference to it, encoded."""
        return f"${{base64:${{{self.env}}}}}" if self.env else f"${{readFileBase64:{_SECRETS_FOLDER}/{self.file}}}"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf of a credential's document whose text is a secret; IS_ENCODED: Jenkins wants it in base64."""

    tag: str
    place: SecretPlace
    is_encoded: bool = False


@dataclass(frozen=True, slots=True)
class EmittedCredential:
    """A credential: its kind's class, the FIELDS that anyone may read, and its SECRETS."""

    folder: str
    kind: str
    fields: tuple[tuple[str, str], ...]
    secrets: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class Emission:
    """All that the document says."""

    url: str
    folders: tuple[str, ...]
    descriptions: Mapping[str, str]
    documents: Mapping[str, str]  # config.xml of folders that are rendered
    credentials: tuple[EmittedCredential, ...]
    agent: AgentWish
    owner: str = field(default="")


def casc(emission: Emission) -> dict[str, object]:
    """Return the document as data."""
    agent: dict[str, object] = {
        "name": emission.agent.name,
        "labelString": emission.agent.label,
        "remoteFS": emission.agent.remote_folder,
        "numExecutors": 1,
        "mode": "EXCLUSIVE" if emission.agent.label else "NORMAL",
        "launcher": {"inbound": {"webSocket": True}},
    }
    return {
        "jenkins": {"numExecutors": 0, "nodes": [{"permanent": agent}]},
        "unclassified": {"location": {"url": f"{emission.url}/"}},
        "jobs": [{"script": folder_script(emission)}],
    }


def folder_script(emission: Emission) -> str:
    """Return the Job DSL script that makes the folders, each with its library and credentials."""
    lines = ["def plain = { String encoded -> new String(encoded.decodeBase64(), 'UTF-8') }"]
    for folder in emission.folders:
        lines += _folder(folder, emission)
    return "\n".join(lines) + "\n"


def secret_files(credentials: Sequence[EmittedCredential]) -> tuple[str, ...]:
    """Return the files that must be mounted on the controller."""
    places = (leaf.place for each in credentials for leaf in each.secrets)
    return tuple(f"{_SECRETS_FOLDER}/{place.file}" for place in places if place.env is None)


def _folder(folder: str, emission: Emission) -> Iterator[str]:
    yield f"folder({_quoted(folder)}) {{"
    yield f"  description({_quoted(emission.descriptions.get(folder, ''))})"
    yield "  configure { root ->"
    yield "    def properties = root / 'properties'"
    document = emission.documents.get(folder)
    held = parse_config(document).child("properties") if document else None
    for each in held.children if held else ():
        yield from _nodes(each, "properties", "p", "    ")
    if own := [each for each in emission.credentials if each.folder == folder]:
        yield from _store(own)
    yield "  }"
    yield "}"


def _nodes(element: Element, parent: str, name: str, indent: str) -> Iterator[str]:
    """Yield what appends ELEMENT to the node in the variable PARENT."""
    attributes = ", ".join(f"{_quoted(key)}: {_quoted(value)}" for key, value in element.attributes if key != "plugin")
    arguments = [_quoted(_escaped(element.tag)), f"[{attributes or ':'}]"]
    if not element.children:
        yield f"{indent}{parent}.appendNode({', '.join([*arguments, _quoted(element.text)])})"
        return
    yield f"{indent}{parent}.appendNode({', '.join(arguments)}).with {{ {name} ->"
    for child in element.children:
        yield from _nodes(child, name, f"{name}p", f"{indent}  ")
    yield f"{indent}}}"


def _store(credentials: Sequence[EmittedCredential]) -> Iterator[str]:
    yield f"    def store = properties.appendNode({_quoted(_escaped(CREDENTIALS))})"
    yield "      .appendNode('domainCredentialsMap', [class: 'hudson.util.CopyOnWriteMap$Hash']).appendNode('entry')"
    yield f"    store.appendNode({_quoted(_DOMAIN)}).appendNode('specifications')"
    yield f"    def held = store.appendNode({_quoted(_LIST)})"
    for each in credentials:
        yield f"    held.appendNode({_quoted(each.kind)}).with {{ c ->"
        for tag, text in each.fields:
            yield f"      c.appendNode({_quoted(tag)}, {_quoted(text)})"
        for leaf in each.secrets:
            yield f"      {_holder(each, leaf)}.appendNode({_quoted(leaf.tag)}, {_value(leaf)})"
        yield "    }"


def _holder(credential: EmittedCredential, leaf: Leaf) -> str:
    if credential.kind == _SSH and leaf.tag == "privateKey":
        return f"c.appendNode('privateKeySource', [class: '{_SSH}$DirectEntryPrivateKeySource'])"
    return "c"


def _value(leaf: Leaf) -> str:
    return f"'{leaf.place.base64}'" if leaf.is_encoded else f"plain('{leaf.place.base64}')"


def _escaped(tag: str) -> str:
    """Return TAG as XStream writes a class's name."""
    return tag.replace("_", "__").replace("$", "_-") if "$" in tag else tag


def _quoted(text: str) -> str:
    """Return TEXT as a Groovy string that Configuration as Code leaves alone."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return "'" + escaped.replace("${", "^${") + "'"

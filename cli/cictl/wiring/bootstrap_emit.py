"""Writes what bootstrap would do as files for a controller that is built as an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from cictl.config.credentials import CredentialEntry, CredentialKind
from cictl.core.bootstrap_agent import wish_for
from cictl.core.bootstrap_emit import (
    NEEDS_PLUGINS,
    Emission,
    EmittedCredential,
    Leaf,
    SecretPlace,
    casc,
    secret_files,
)
from cictl.core.bootstrap_folders import LEVELS, folder_chain, folder_xml, updated_folder
from cictl.core.jenkins_credentials import SecretFile, SecretText, SshKey, UserPassword
from cictl.core.jenkins_items import joined
from cictl.core.job_xml import parse_config
from cictl.errors import NotAllowed
from cictl.wiring.bootstrap_plugins import plugins_path
from cictl.wiring.jenkins import jenkins_url
from cictl.wiring.jobs import JobSource, rendered_jobs
from cictl.wiring.jobs_live import tree_owner

if TYPE_CHECKING:
    from pathlib import Path

    from cictl.config.fields import SecretReference
    from cictl.wiring.app import App

_KINDS: dict[CredentialKind, tuple[str, str]] = {
    CredentialKind.USERNAME_PASSWORD: (UserPassword.kind, "password"),
    CredentialKind.SECRET_TEXT: (SecretText.kind, "secret"),
    CredentialKind.SSH_KEY: (SshKey.kind, "privateKey"),
    CredentialKind.FILE: (SecretFile.kind, "secretBytes"),
}
_HEAD = """\
# Written by 'cictl bootstrap --emit': the configuration of the controller, for Configuration as Code.
# It holds no secret: set the variables that it names, and mount these files: {files}.
# Then 'cictl bootstrap' (or 'cictl jobs apply') brings the jobs and the push token.
"""


def emit(app: App, folder: Path) -> tuple[str, ...]:
    """Write plugins.txt and jenkins.yaml into FOLDER, and return their paths; no Jenkins is asked."""
    emission = _emission(app)
    files = ", ".join(secret_files(emission.credentials)) or "none"
    text = _HEAD.format(files=files) + yaml.dump(casc(emission), Dumper=_Dumper, sort_keys=False, allow_unicode=True)
    contents = {"plugins.txt": _plugins(app), "jenkins.yaml": text}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            (folder / name).write_text(content, encoding="utf-8")
    except OSError as error:
        raise NotAllowed(f"cannot write into {folder}: {error.strerror}", hint="name a folder of your own") from error
    return tuple(str(folder / name) for name in contents)


def _emission(app: App) -> Emission:
    config = app.config()
    team = config.jenkins.folder.strip("/")
    names = [joined(team, level) for level in LEVELS]
    rendered = {job.full_name: job.xml for job in rendered_jobs(app, JobSource()) if job.full_name in names}
    owner = tree_owner(app, JobSource()).name
    documents = {name: updated_folder(xml, None, owner) for name, xml in rendered.items()}
    documents |= dict.fromkeys(folder_chain(team), folder_xml())
    return Emission(
        url=jenkins_url(app),
        folders=tuple(sorted(documents)),
        descriptions={name: parse_config(xml).text_of("description") for name, xml in documents.items()},
        documents=documents,
        credentials=tuple(_credential(entry, team) for entry in config.jenkins.credentials),
        agent=wish_for(config.jenkins.agent_label, folder=team),
    )


def _credential(entry: CredentialEntry, team: str) -> EmittedCredential:
    kind, secret = _KINDS[entry.kind]
    fields = [("scope", "GLOBAL"), ("id", entry.id), ("description", entry.description)]
    fields += [("username", entry.username)] if entry.username else []
    fields += [("fileName", entry.file_name or entry.id)] if entry.kind is CredentialKind.FILE else []
    leaves = [Leaf(secret, _place(entry.secret, entry.id), is_encoded=entry.kind is CredentialKind.FILE)]
    if entry.passphrase is not None:
        leaves.append(Leaf("passphrase", _place(entry.passphrase, f"{entry.id}-passphrase")))
    folder = joined(team, entry.folder) if entry.folder else team
    return EmittedCredential(folder, kind, tuple(fields), tuple(leaves))


def _place(reference: SecretReference, name: str) -> SecretPlace:
    return SecretPlace(env=reference.env) if reference.env else SecretPlace(file=name)


def _plugins(app: App) -> str:
    path = plugins_path(app.config())
    listed = path.read_text(encoding="utf-8") if path.is_file() else ""
    more = "".join(f"{name}\n" for name in NEEDS_PLUGINS if name not in listed)
    return f"{listed}# For the configuration as code beside this file.\n{more}"


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, as people would."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)

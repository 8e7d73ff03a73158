"""Secrets and other programs: what stands in arguments, in files of others, in what `ps` shows, is everyone's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest

from cictl.errors import ExitCode
from tests.contract.bootstrap_platform import brisk_app
from tests.contract.canaries import Vault, all_text, said_by
from tests.contract.registry_stand_in import RegistryStandIn
from tests.fake_jenkins.security import OVERALL_READ
from tests.fake_jenkins.server import FakeJenkins
from tests.running import Run


@pytest.fixture
def spy(tmp_path: Path) -> Path:
    """Programs that write down with what arguments they are run, in a folder for PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("trivy", "grype", "ssh"):
        (folder / name).write_text(f'#!/bin/sh\ntr "\\0" " " < /proc/$$/cmdline >> {tmp_path}/asked\necho "{{}}"\n')
        (folder / name).chmod(0o755)
    return folder


def test_arguments_of_other_programs(run: Run, tmp_path: Path, vault: Vault, spy: Path) -> None:
    password = vault.core()
    (tmp_path / "token").write_text(token := vault.core())
    auth = b64encode(f"robot:{password}".encode()).decode()
    environ = {
        "PATH": f"{spy}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "DOCKER_CONFIG": str(tmp_path),
        "JENKINS_URL": "http://127.0.0.1:1",
        "JENKINS_API_TOKEN": vault.text(),
        "JENKINS_USER_ID": "ann",
        "JENKINS_NOTIFY_TOKEN": token,
    }
    install = ["hook", "install", "git@git.invalid:a.git", "--repo-url", "https://g/a.git"]
    with RegistryStandIn(challenge="Basic realm=x", authorization=f"Basic {auth}") as registry:
        (tmp_path / "config.json").write_text(json.dumps({"auths": {registry.host: {"auth": auth}}}))
        (tmp_path / "cictl.yaml").write_text(f'version: 1\nregistry: {{url: "{registry.host}", insecure: true}}\n')
        registry.add("shop/checkout", "1")
        image = f"{registry.host}/shop/checkout:1"
        commands = [
            ["image", "scan", image],
            ["image", "scan", image, "--scanner", "grype"],
            [*install, "--token-file", str(tmp_path / "token")],
            [*install, "--dry-run"],
        ]
        said = [run("-vv", *words, app=brisk_app(tmp_path, environ)) for words in commands]
    assert [each.stderr for each in said if each.status == ExitCode.BUG] == []
    asked = (tmp_path / "asked").read_text()
    assert [name for name in ("trivy", "grype", "ssh") if name not in asked] == []
    assert vault.leaked(said_by(said) + all_text(tmp_path, without=["token", "config.json"])) == []


def test_a_hook_keeps_its_token_in_a_file_of_its_own(run: Run, tmp_path: Path, vault: Vault) -> None:
    bare = tmp_path / "a.git"
    subprocess.run(["git", "init", "-q", "--bare", str(bare)], check=True)
    environ = {"JENKINS_URL": "http://127.0.0.1:1", "HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    said = []
    for words in (["install"], ["install", "--dry-run"], ["install"], ["show"], ["remove"]):
        more = ["--repo-url", "https://g.example/a.git"] if words[0] == "install" else []
        tokens = {"JENKINS_NOTIFY_TOKEN": vault.core()}
        said.append(run("-vv", "hook", *words, str(bare), *more, app=brisk_app(tmp_path, environ | tokens)))
        assert said[-1].status == ExitCode.OK, said[-1].stderr
        holders = [
            path for path in bare.rglob("*") if path.is_file() and vault.leaked(path.read_text(errors="replace"))
        ]
        assert all(path.stat().st_mode & 0o077 == 0 and "token" in path.name for path in holders), holders
    assert vault.leaked(said_by(said)) == []


_WATCHER = """
import pathlib, sys, threading, time
from cictl.root import main
seen, done = set(), threading.Event()
def watch():
    while not done.is_set():
        for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            try: seen.add(path.read_bytes())
            except OSError: pass
        time.sleep(0.002)
threading.Thread(target=watch, daemon=True).start()
status = main(sys.argv[2:])
done.set()
pathlib.Path(sys.argv[1]).write_bytes(b"\\n".join(seen))
sys.exit(status)
"""


def test_what_ps_shows(fake_jenkins: FakeJenkins, tmp_path: Path, vault: Vault) -> None:
    password = vault.text()
    fake_jenkins.add_user("ann", password, [OVERALL_READ])
    bare = tmp_path / "a.git"
    subprocess.run(["git", "init", "-q", "--bare", str(bare)], check=True)
    environ = {
        **{name: value for name, value in os.environ.items() if name in {"PATH", "LANG"}},
        "HOME": str(tmp_path),
        "JENKINS_URL": fake_jenkins.url,
        "JENKINS_NOTIFY_TOKEN": vault.core(),
    }
    text = ""
    for words, given in (
        (["-vv", "login", "--user", "ann", "--password-file", "-"], password),
        (["hook", "install", str(bare), "--repo-url", "https://g.example/a.git"], ""),
        (["logout"], ""),
    ):
        command = [sys.executable, "-c", _WATCHER, str(tmp_path / "seen"), *words]
        ended = subprocess.run(
            command,
            input=given,
            capture_output=True,
            encoding="utf-8",
            env=environ,
            cwd=tmp_path,
            check=False,
            timeout=300,
        )
        assert ended.returncode == 0, ended.stderr
        text += ended.stdout + ended.stderr + (tmp_path / "seen").read_text(errors="replace")
    assert "login" in text
    assert vault.leaked(text) == []

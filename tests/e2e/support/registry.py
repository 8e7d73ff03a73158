"""A second real registry, one that wants a password, where both this machine and the lab's engine reach it."""

from __future__ import annotations

import base64
import json
import socket
import subprocess
import time
from pathlib import Path
from typing import Self

import requests
import yaml

PROGRAM = "/usr/bin/docker-registry"  # of the package that the lab installs
LOGIN = "ann:right-password"
_HASHED = "$2b$04$yTeUIuE99K.S1bL2mmNuceAMT8PlGMUNLEFFLV0LChssQ/H/2EWfW"  # LOGIN's password, by bcrypt
_DEADLINE_SECONDS = 60.0


class PrivateRegistry:
    """`docker-registry` with one user."""

    def __init__(self, folder: Path, *, reached_by: str) -> None:
        """Keep all in FOLDER; listen where the host REACHED_BY finds this machine."""
        self._folder = folder
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect((reached_by.partition(":")[0], 9))
            address = probe.getsockname()[0]
        self._guard = socket.socket()  # keeps the port for the registry, which may reuse it, as nobody else may
        self._guard.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._guard.bind((address, 0))
        self.host = f"{address}:{self._guard.getsockname()[1]}"

    def __enter__(self) -> Self:
        """Start it, and wait until it answers."""
        passwords, config = self._folder / "htpasswd", self._folder / "config.yaml"
        passwords.write_text(f"{LOGIN.partition(':')[0]}:{_HASHED}\n")
        storage = {"filesystem": {"rootdirectory": str(self._folder / "data")}}
        auth = {"htpasswd": {"realm": "private", "path": str(passwords)}}
        config.write_text(
            yaml.safe_dump({"version": 0.1, "storage": storage, "http": {"addr": self.host}, "auth": auth})
        )
        log = (self._folder / "log").open("wb")
        with log:
            self._process = subprocess.Popen([PROGRAM, "serve", str(config)], stdout=log, stderr=log)
        self._wait()
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(_DEADLINE_SECONDS)
        self._guard.close()

    def docker_config(self, folder: Path, login: str | None) -> Path:
        """Write a config.json with LOGIN into FOLDER, and return that."""
        auths = {self.host: {"auth": base64.b64encode(login.encode()).decode()}} if login else {}
        return _write(folder, {"auths": auths})

    def credential_helper(self, folder: Path, login: str, *, path: str) -> dict[str, str]:
        """Return an environment in which a helper knows LOGIN."""
        username, _, secret = login.partition(":")
        answer = json.dumps({"ServerURL": self.host, "Username": username, "Secret": secret})
        _write(folder, {"credHelpers": {self.host: "e2e"}})
        helper = folder / "docker-credential-e2e"
        helper.write_text(f"#!/bin/sh\n[ \"$(cat)\" = '{self.host}' ] && echo '{answer}'\n")
        helper.chmod(0o755)
        return {"DOCKER_CONFIG": str(folder), "PATH": f"{folder}:{path}"}

    def _wait(self) -> None:
        deadline = time.monotonic() + _DEADLINE_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                if requests.get(f"http://{self.host}/v2/", timeout=10).status_code == requests.codes.unauthorized:
                    return
            except requests.RequestException:
                time.sleep(0.05)
        self._process.kill()
        raise AssertionError((self._folder / "log").read_text())


def _write(folder: Path, config: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config))
    return folder

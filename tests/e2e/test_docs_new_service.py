"""Every command of the tutorial of a new service, from nothing to production; then those of other CI servers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs_pages import DOCS, Block, blocks, ci_commands
from tests.docs_shell import Shell

_PAGE = DOCS / "tutorial" / "new-service.md"
_OTHER_CI = DOCS / "how-to" / "another-ci.md"
_NAMESPACES = ("hello-staging", "hello-production")
# A runner's checkout of a new commit, the platform's repository where the page clones it from, and what the CI says.
_RUNNER = """\
$ git -C "$SHOP/platform" init --quiet --initial-branch main
$ git -C "$SHOP/platform" config user.name Ann && git -C "$SHOP/platform" config user.email ann@example.com
$ git -C "$SHOP/platform" add --all && git -C "$SHOP/platform" commit --quiet --message platform
$ export GIT_CONFIG_COUNT=1 GIT_CONFIG_VALUE_0=https://git.example.com/shop/platform.git
$ export GIT_CONFIG_KEY_0="url.file://$SHOP/platform.insteadOf" CICTL_ENVIRONMENTS_PRODUCTION_STRATEGY=direct
$ mkdir "$SHOP/runner" && cp -r "$SHOP/hello" "$SHOP/runner" && cd "$SHOP/runner/hello"
$ git commit --quiet --allow-empty --message 'for another CI'
$ export CI_PROJECT_DIR="$PWD" CI_COMMIT_BRANCH=main GITLAB_USER_LOGIN=ann
$ export CICTL_CONFIG="$PWD/../platform/cictl.yaml" CICTL_SERVICES_HELLO_PATH="$PWD"
"""


@pytest.fixture(scope="module")
def shell(lab: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    yield Shell(tmp_path_factory.mktemp("docs") / "shell", environment)
    delete = ["kubectl", "delete", "namespace", *_NAMESPACES, "--ignore-not-found", "--wait=false"]
    subprocess.run(delete, check=False, env={**environment, **lab}, capture_output=True)


@pytest.mark.usefixtures("prometheus_stays")
def test_the_tutorial(shell: Shell) -> None:
    shell.read(_PAGE, blocks(_PAGE)[:-1])


@pytest.mark.usefixtures("prometheus_stays")
@pytest.mark.parametrize("server", ["gitlab", "github"])
def test_another_ci(shell: Shell, server: str) -> None:
    assert shell.state.exists(), "the tutorial has not come to its end"
    found = next(block for block in blocks(_OTHER_CI) if f"ci={server}" in block.info)
    runner = [Block("console", _RUNNER)] if server == "gitlab" else []
    shell.read(_OTHER_CI, [*runner, *(Block("console", f"$ {each}\n") for each in _lines(found))])


def _lines(block: Block) -> list[str]:
    return [line for script in ci_commands(block) for line in script.strip().splitlines()]


def test_the_tutorial_cleans_up(shell: Shell) -> None:
    assert shell.state.exists(), "the tutorial has not come to its end"
    shell.read(_PAGE, blocks(_PAGE)[-1:])

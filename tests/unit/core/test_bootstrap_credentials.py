"""Which credentials are written, and which stay as they are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cictl.core.bootstrap_credentials import Stores, WantedCredential, credential_steps, difference, unknown_rotations
from cictl.core.bootstrap_plan import Standing
from cictl.core.jenkins_credentials import StoredCredential, UserPassword
from cictl.errors import ExitCode

_WANTED = WantedCredential("shop/ci", "registry", "username-password", "REGISTRY")
_BROKEN = WantedCredential("shop/ci", "registry", "username-password", "REGISTRY", problem="REGISTRY is missing")
_THERE = (StoredCredential("registry", "Username with password", ""),)


@pytest.mark.parametrize(
    ("wanted", "stores", "rotate", "standing", "code"),
    [
        pytest.param(_WANTED, {}, (), Standing.CREATED, ExitCode.OK, id="folder-to-come"),
        pytest.param(_WANTED, {"shop/ci": ()}, (), Standing.CREATED, ExitCode.OK, id="absent"),
        pytest.param(_WANTED, {"shop/ci": _THERE}, (), Standing.UNCHANGED, ExitCode.OK, id="there"),
        pytest.param(_WANTED, {"shop/ci": _THERE}, ("registry",), Standing.CHANGED, ExitCode.OK, id="rotated"),
        pytest.param(_WANTED, {"shop/ci": ()}, ("registry",), Standing.CREATED, ExitCode.OK, id="rotated-but-absent"),
        pytest.param(_WANTED, {"shop/ci": None}, (), Standing.REFUSED, ExitCode.NOT_ALLOWED, id="hidden"),
        pytest.param(_BROKEN, {"shop/ci": ()}, (), Standing.REFUSED, ExitCode.CONFIG, id="no-secret"),
        pytest.param(_BROKEN, {"shop/ci": _THERE}, (), Standing.UNCHANGED, ExitCode.OK, id="no-secret-needed"),
        pytest.param(
            _BROKEN, {"shop/ci": _THERE}, ("registry",), Standing.REFUSED, ExitCode.CONFIG, id="none-to-rotate"
        ),
    ],
)
def test_credential_steps(
    wanted: WantedCredential, stores: Stores, rotate: tuple[str, ...], standing: Standing, code: ExitCode
) -> None:
    [step] = credential_steps([wanted], stores, {}, rotate=rotate)
    assert (step.standing, step.exit_code) == (standing, code)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param("", "", id="not-shown"),
        pytest.param("<html><br></html>", "", id="a-page-in-its-place"),
        pytest.param(f"<{UserPassword.kind}><username>robot</username></{UserPassword.kind}>", "", id="same"),
        pytest.param(
            f"<{UserPassword.kind}><username>r2</username></{UserPassword.kind}>",
            "its user is 'r2' in Jenkins, and 'robot' in cictl.yaml",
            id="another-user",
        ),
        pytest.param(
            f"<{UserPassword.kind}><username><secret-redacted/></username></{UserPassword.kind}>", "", id="hidden-user"
        ),
        pytest.param(
            "<com.example.VaultToken/>",
            "it is VaultToken in Jenkins, and username-password in cictl.yaml",
            id="unknown",
        ),
    ],
)
def test_what_visibly_differs(document: str, expected: str) -> None:
    assert difference(replace(_WANTED, username="robot"), document) == expected


def test_unknown_rotations() -> None:
    assert unknown_rotations([_WANTED], ["registry", "other", "other"]) == ("other",)

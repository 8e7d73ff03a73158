"""What is loaded of the kubernetes library; each name in it that we rely on is tried."""

from __future__ import annotations

import subprocess
import sys

import pytest


def _said(script: str) -> str:
    """Run SCRIPT in a fresh interpreter: what is imported is of the whole process."""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_no_model_is_loaded_for_a_connection() -> None:
    said = _said(
        "import sys; seen = []\n"
        "sys.addaudithook(lambda event, args: seen.append(args[0]) if event == 'import' else None)\n"
        "from cictl.clients.kubernetes_connection import Connection\n"
        "print([name for name in seen if name.startswith('kubernetes.client.models.')])"
    )
    assert said == "[]"


def test_who_wants_the_library_later_gets_all_of_it() -> None:
    said = _said(
        "from cictl.clients.kubernetes_library import load; alone = load()\n"
        "from kubernetes.client import ApiClient, V1Pod; from kubernetes import config\n"
        "print(V1Pod.__name__, config.load_kube_config.__name__, load().ApiClient is ApiClient)"
    )
    assert said == "V1Pod load_kube_config True"


@pytest.mark.parametrize("emptied", ["('kubernetes',)", "('kubernetes', 'kubernetes.config')"])
def test_another_library_than_we_know_is_loaded_whole(emptied: str) -> None:
    said = _said(
        "from cictl.clients import kubernetes_library as ours; import sys\n"
        f"ours._EMPTIED = {emptied}\n"
        "loaded = ours.load(); print(loaded.ApiClient is sys.modules['kubernetes.client'].ApiClient)"
    )
    assert said == "True"


def test_a_client_of_its_own_speaks_and_signs_in() -> None:
    said = _said(
        "from cictl.clients.kubernetes_library import load; loaded = load()\n"
        "configuration = loaded.Configuration(); configuration.api_key = {'authorization': 'Bearer t'}\n"
        "client = loaded.ApiClient(configuration); headers = {}\n"
        "client.update_params_for_auth(headers, [], ['BearerToken'])\n"
        "print(headers, hasattr(client.rest_client.pool_manager, 'request'), loaded.config.ConfigException.__name__)"
    )
    assert said == "{'authorization': 'Bearer t'} True ConfigException"

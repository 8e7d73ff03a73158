"""Jobs with a canary in each place that Jenkins has for a secret."""

from __future__ import annotations

from base64 import b64encode

from tests.contract.canaries import Vault


def live_job(vault: Vault) -> str:
    """Return what stands in a job that people configured, with a secret in each place that Jenkins has for one."""
    sealed = [b64encode(b"\1\0\0\0\x10\0\0\0\x10" + vault.core().encode()).decode() for _ in range(6)]
    inner = "".join(
        f"<x.Notifier{at}><apiToken>{{{each}}}</apiToken></x.Notifier{at}>" for at, each in enumerate(sealed)
    )
    return (
        f"<authToken>{vault.core()}</authToken><properties><hudson.model.ParametersDefinitionProperty>"
        "<parameterDefinitions><hudson.model.PasswordParameterDefinition><name>P</name>"
        f"<defaultValue>{vault.core()}</defaultValue></hudson.model.PasswordParameterDefinition>"
        "<hudson.model.StringParameterDefinition><name>DB_PASSWORD</name><description/>"
        f"<defaultValue>{vault.core()}</defaultValue></hudson.model.StringParameterDefinition>"
        "</parameterDefinitions></hudson.model.ParametersDefinitionProperty></properties>"
        f"<publishers><p.Hook><url>https://me:{vault.core()}@h.example/a</url><secretToken>{vault.core()}</secretToken>"
        f"<password>{vault.core()}</password><passphrase>{vault.core()}</passphrase></p.Hook>{inner}</publishers>"
    )


def job_of_git(vault: Vault, name: str) -> str:
    return (
        f"- job:\n    name: shop/ci/{name}\n    project-type: pipeline\n    dsl: x\n    sandbox: true\n"
        f"    auth-token: {vault.core()}\n    parameters:\n"
        f"      - password: {{name: API_TOKEN, default: '{vault.core()}'}}\n"
        f"      - string: {{name: DB_PASSWORD, default: '{vault.core()}'}}\n"
        f"    properties:\n      - github: {{url: 'https://me:{vault.core()}@git.example.com/a'}}\n"
    )

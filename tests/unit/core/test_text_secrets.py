"""Secrets within texts: those that are sure are hidden, and ordinary text is not."""

from __future__ import annotations

import pytest

from cictl.core.text_secrets import HIDDEN, without_secrets


def _shown(text: str) -> str:
    return without_secrets(text, lambda _: HIDDEN)


@pytest.mark.parametrize(
    "text",
    [
        "https://u:canary@h/x",
        "https://h/x?token=canary",
        "https://h/x?a=1&access_token=canary&b=2",
        "https://h/x?a=1&amp;access_token=canary&amp;b=2",
        "https://h/x?apikey=canary#a",
        "jdbc:mysql://h/db?user=a;password=canary",
        "curl -u user:canary https://h",
        'curl -sS --user "user:the canary" https://h',
        "curl -fs \\\n  -u user:canary \\\n https://h",
        "curl -H &quot;Authorization: Bearer canary&quot; x",
        "curl -H 'Authorization: Basic canary=='",
        "headers: {'Authorization': 'Bearer canary'}",
        'curl -H "PRIVATE-TOKEN: canary" x',
        "curl --header 'X-Api-Key: canary' x",
        "tool --password canary --x",
        "tool --password=canary",
        "tool --db-password 'the canary' x",
        "tool --token canary",
        "mvn -Dsonar.token=canary -Dx=y",
        "export DB_PASSWORD=canary",
        'export API_TOKEN="canary"',
        "DB_PASSWORD=canary make",
        "<a>db.password=canary</a>",
        "mysql -u root -pcanary db",
        "docker login -u me -p canary registry",
        "sshpass -p canary ssh x",
        "sshpass -p 'the canary' ssh x",
        "x ghp_0123456789abcdefghijcanary",
        "x glpat-0123456789abcdcanary",
        "-----BEGIN RSA PRIVATE KEY-----\ncanary\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_a_secret_is_hidden_and_nothing_else(text: str) -> None:
    shown = _shown(text)
    assert "canary" not in shown
    before, _, after = shown.partition(HIDDEN)
    assert text.startswith(before)
    assert text.endswith(after)
    assert _shown(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "curl -u $USER:$PASS x",
        'curl -u "${U}:${P}" x',
        "docker run -u 1000:1000 x",
        "docker login --password-stdin",
        "Use --password to log in",
        "--token is needed",
        "withCredentials([string(credentialsId: 'a', variable: 'TOKEN')])",
        "TOKEN=$(cat x)",
        "TOKEN=${T}",
        "the password is in the vault",
        "https://h/x?tokens=3",
        "https://h:8080/a@b",
        "token = getToken()",
        "def password = params.PASSWORD",
        "mkdir -p a",
        "mysql -p db",
        "cp -pR a b",
        "docker login -p $P",
        "--token <token>",
        "Authorization: Bearer $T",
        "curl -H 'Accept: x' https://h:80/",
        "PASSWORD=%PASS%",
        "credentialsId=registry-token",
        "--secret id=x,src=y",
        "docker build --secret id=npm,src=.npmrc .",
        "--token-file x",
        "git commit --key=a",
        "kubectl create secret generic x",
        "foo --api-key=$K",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert _shown(text) == text

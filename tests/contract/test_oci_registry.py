"""Our registry client against a stand-in that follows the OCI distribution specification to the letter."""

from __future__ import annotations

import base64
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from cictl.clients.docker_credentials import Credentials
from cictl.clients.oci_registry import OciRegistry
from cictl.clients.registry_auth import Sender, parse_challenges
from cictl.core.image import ImageReference
from cictl.errors import CictlError, FarSideFailed, NotAllowed, TimedOut, Unreachable
from cictl.redaction import redacted
from tests.contract.registry_stand_in import INDEX, MANIFEST, RegistryStandIn
from tests.registry_checks import CHECKS, Check

LOGIN = Credentials("config.json", "ann", "s3cret-pass")
BASIC = f"Basic {base64.b64encode(b'ann:s3cret-pass').decode()}"
BEARER = 'Bearer realm="http://{host}/token",service="stand-in"'


@dataclass
class Known:
    """A source of credentials that knows one login, or none."""

    credentials: Credentials | None = None

    def find(self, registry: str) -> Credentials | None:
        assert registry
        return self.credentials


@pytest.fixture
def server() -> Iterator[RegistryStandIn]:
    with RegistryStandIn() as running:
        yield running


def client_of(server: RegistryStandIn, credentials: Credentials | None = None, *, seconds: float = 60.0) -> OciRegistry:
    return OciRegistry(Known(credentials), insecure={server.host}, timeout_seconds=seconds)


def reference_in(server: RegistryStandIn, tag: str = "1") -> ImageReference:
    return ImageReference(f"{server.host}/shop/checkout", tag)


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("media_type", [INDEX, MANIFEST])
@pytest.mark.parametrize("tells_digest", [True, False], ids=["told", "computed"])
def test_what_real_registries_are_held_to(
    server: RegistryStandIn, check: Check, media_type: str, tells_digest: bool
) -> None:
    server.tells_digest = tells_digest
    digest = server.add("shop/checkout", "1", media_type)
    check(client_of(server), reference_in(server).with_digest(digest))


def test_one_head_is_all_that_is_asked(server: RegistryStandIn) -> None:
    server.add("shop/checkout", "1")
    client_of(server).digest(reference_in(server))
    assert [(asked.method, asked.path) for asked in server.asked] == [("HEAD", "/v2/shop/checkout/manifests/1")]


def test_without_a_tag_latest_is_asked_for(server: RegistryStandIn) -> None:
    digest = server.add("shop/checkout", "latest")
    assert client_of(server).digest(ImageReference(f"{server.host}/shop/checkout")) == digest


def test_a_registry_without_head_is_asked_by_get(server: RegistryStandIn) -> None:
    server.takes_head = False
    digest = server.add("shop/checkout", "1")
    assert client_of(server).digest(reference_in(server)) == digest


@pytest.mark.parametrize(
    ("challenge", "wanted", "token_key", "login", "credentials"),
    [
        pytest.param('Basic realm="stand-in"', BASIC, "token", None, LOGIN, id="basic"),
        pytest.param(BEARER, "Bearer for-you", "token", None, None, id="bearer-as-nobody"),
        pytest.param(BEARER, "Bearer for-you", "token", "ann:s3cret-pass", LOGIN, id="bearer-with-login"),
        pytest.param(BEARER, "Bearer for-you", "access_token", "ann:s3cret-pass", LOGIN, id="access-token"),
        pytest.param(
            f'Negotiate, {BEARER}, Basic realm="x"', "Bearer for-you", "token", None, None, id="several-challenges"
        ),
        pytest.param(
            'bearer Realm="http://{host}/token", service=stand-in, scope="repository:shop/checkout:pull"',
            "Bearer for-you",
            "token",
            None,
            None,
            id="other-spelling",
        ),
    ],
)
def test_authorization(
    server: RegistryStandIn, challenge: str, wanted: str, token_key: str, login: str | None, credentials: Credentials
) -> None:
    server.challenge, server.authorization, server.token_key, server.login = challenge, wanted, token_key, login
    digest = server.add("shop/checkout", "1")
    assert client_of(server, credentials).digest(reference_in(server)) == digest


def test_an_identity_token_is_posted_and_never_in_an_address(server: RegistryStandIn) -> None:
    server.challenge, server.authorization, server.refresh_token = BEARER, "Bearer for-you", "long-lived"
    digest = server.add("shop/checkout", "1")
    client = client_of(server, Credentials("config.json", identity_token="long-lived"))
    assert client.digest(reference_in(server)) == digest
    assert not any("long-lived" in asked.path for asked in server.asked)


def test_tokens_and_passwords_are_masked_from_then_on(server: RegistryStandIn) -> None:
    server.challenge, server.authorization, server.login = BEARER, "Bearer for-you", "ann:s3cret-pass"
    server.add("shop/checkout", "1")
    client_of(server, LOGIN).digest(reference_in(server))
    assert "for-you" not in redacted("it said for-you")
    assert BASIC.split()[1] not in redacted(BASIC)


@pytest.mark.parametrize(
    ("challenge", "login", "credentials", "said"),
    [
        pytest.param('Basic realm="x"', None, None, "whoever has no credentials", id="nobody"),
        pytest.param('Basic realm="x"', None, LOGIN, "ann of config.json", id="wrong-password"),
        pytest.param(BEARER, "ann:other", LOGIN, "the credentials from config.json", id="refused-by-the-realm"),
        pytest.param(BEARER, None, None, "whoever has no credentials", id="token-is-not-enough"),
        pytest.param(None, None, LOGIN, "ann of config.json", id="forbidden"),
        pytest.param("Bearer", None, LOGIN, "ann of config.json", id="no-realm"),
        pytest.param("", None, LOGIN, "ann of config.json", id="no-challenge"),
    ],
)
def test_not_allowed(
    server: RegistryStandIn, challenge: str | None, login: str | None, credentials: Credentials | None, said: str
) -> None:
    server.challenge, server.authorization, server.login = challenge, "never", login
    with pytest.raises(NotAllowed) as caught:
        client_of(server, credentials).digest(reference_in(server))
    assert said in caught.value.message
    assert "docker login" in str(caught.value.hint)
    assert "s3cret-pass" not in caught.value.message


def test_no_login_goes_to_a_realm_in_plain_http_of_a_registry_in_https() -> None:
    sender = Sender(lambda *_args, **_kwargs: pytest.fail("asked"), allows_http=False)
    (challenge,) = parse_challenges('Bearer realm="http://elsewhere/token"')
    with pytest.raises(NotAllowed, match="not https"):
        sender.answer(challenge, LOGIN, scope="repository:a:pull")


def test_a_redirect_is_followed_without_saying_who_we_are(server: RegistryStandIn) -> None:
    server.challenge, server.authorization = 'Basic realm="x"', BASIC
    with RegistryStandIn() as other:
        server.redirect = f"http://{other.host}"
        digest = other.add("shop/checkout", "1")
        assert client_of(server, LOGIN).digest(reference_in(server)) == digest
        assert server.asked[-1].headers["Authorization"] == BASIC
        assert [asked.headers.get("Authorization") for asked in other.asked] == [None]


@pytest.mark.parametrize("challenge", ['Basic realm="x"', BEARER])
def test_a_challenge_behind_a_redirect_is_not_answered(server: RegistryStandIn, challenge: str) -> None:
    with RegistryStandIn(challenge=challenge, authorization="never") as other:
        server.redirect = f"http://{other.host}"
        with pytest.raises(NotAllowed):
            client_of(server, LOGIN).digest(reference_in(server))
        assert [asked.headers.get("Authorization") for asked in other.asked] == [None]


def test_a_netrc_is_not_read(server: RegistryStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ann password from-netrc\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server.add("shop/checkout", "1")
    client_of(server).digest(reference_in(server))
    assert "Authorization" not in server.asked[-1].headers


def test_redirects_end(server: RegistryStandIn) -> None:
    server.redirect = f"http://{server.host}"
    with pytest.raises(FarSideFailed, match="without end"):
        client_of(server).digest(reference_in(server))


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_passes_is_asked_again(server: RegistryStandIn, status: int) -> None:
    server.failures = [status, status]
    digest = server.add("shop/checkout", "1")
    assert client_of(server).digest(reference_in(server)) == digest


def test_what_does_not_pass_is_unreachable(server: RegistryStandIn) -> None:
    server.failures = [503] * 9
    with pytest.raises(Unreachable, match="503"):
        client_of(server).digest(reference_in(server))
    assert len(server.asked) == 3


def test_a_refusal_is_not_asked_again(server: RegistryStandIn) -> None:
    server.failures = [400] * 9
    with pytest.raises(FarSideFailed, match="400"):
        client_of(server).digest(reference_in(server))
    assert len(server.asked) == 1


def test_a_registry_that_answers_another_digest_is_not_believed(server: RegistryStandIn) -> None:
    server.lies = True
    digest = server.add("shop/checkout", "1")
    with pytest.raises(FarSideFailed, match="which is not it"):
        client_of(server).digest(reference_in(server).with_digest(digest))


def test_http_only_where_it_is_said(server: RegistryStandIn) -> None:
    server.add("shop/checkout", "1")
    with pytest.raises(Unreachable) as caught:
        OciRegistry(Known(), timeout_seconds=60.0).digest(reference_in(server))
    assert "insecure: true" in str(caught.value.hint)
    assert server.asked == []


def test_what_speaks_no_tls_is_told_whole(httpserver: HTTPServer) -> None:
    host = f"127.0.0.1:{httpserver.port}"
    with pytest.raises(Unreachable, match=r": \[SSL: [A-Z_]+\] \w+"):
        OciRegistry(Known(), timeout_seconds=60.0).digest(ImageReference(f"{host}/a", "1"))


def test_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(Unreachable, match="Connection refused"):
            OciRegistry(Known(), insecure={host}, timeout_seconds=60.0).digest(ImageReference(f"{host}/a", "1"))


def test_a_registry_that_never_answers_is_given_up() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        host = f"127.0.0.1:{silent.getsockname()[1]}"
        client = OciRegistry(Known(), insecure={host}, timeout_seconds=0.3)
        with pytest.raises(TimedOut):
            client.digest(ImageReference(f"{host}/a", "1"))


def test_every_error_says_what_next(server: RegistryStandIn) -> None:
    for status in (400, 401, 403, 404, 418, 503):
        server.failures = [status] * 3
        with pytest.raises(CictlError) as caught:
            client_of(server).digest(reference_in(server))
        assert caught.value.hint, status

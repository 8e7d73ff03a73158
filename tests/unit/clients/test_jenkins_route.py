from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from cictl.clients.jenkins_route import proxy_for
from cictl.clients.jenkins_transport import Transport
from cictl.errors import CictlError, ConfigInvalid, FarSideFailed

_PROXY = "http://proxy.example:3128"


@pytest.mark.parametrize(
    ("url", "environ", "expected"),
    [
        pytest.param("http://j.example", {}, None, id="none"),
        pytest.param("http://j.example", {"http_proxy": _PROXY}, _PROXY, id="http"),
        pytest.param("https://j.example", {"http_proxy": _PROXY}, None, id="of-another-scheme"),
        pytest.param("https://j.example", {"HTTPS_PROXY": _PROXY}, _PROXY, id="capitals"),
        pytest.param("https://j.example", {"ALL_PROXY": _PROXY}, _PROXY, id="for-all"),
        pytest.param("http://j.example", {"http_proxy": _PROXY, "NO_PROXY": ".example"}, None, id="not-for-a-domain"),
        pytest.param("http://10.1.2.3", {"http_proxy": _PROXY, "no_proxy": "10.0.0.0/8"}, None, id="not-for-a-network"),
        pytest.param("http://j.example", {"http_proxy": _PROXY, "no_proxy": "other"}, _PROXY, id="not-for-another"),
    ],
)
def test_proxies(url: str, environ: Mapping[str, str], expected: str | None) -> None:
    assert proxy_for(url, environ) == expected


def test_authorities_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="cannot be read"):
        Transport("https://j.example", environ={"REQUESTS_CA_BUNDLE": str(tmp_path / "none.pem")})


_UNUSABLE: list[tuple[Mapping[str, str], type[CictlError]]] = [({"http_proxy": "socks5://p:1"}, FarSideFailed)]


@pytest.mark.parametrize(("environ", "kind"), _UNUSABLE)
def test_proxies_that_are_not_spoken_to(environ: Mapping[str, str], kind: type[CictlError]) -> None:
    with pytest.raises(kind, match="socks5"):
        Transport("http://j.example", environ=environ)

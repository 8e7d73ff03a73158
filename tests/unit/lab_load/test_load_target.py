"""Load goes to loopback and to the lab, and nowhere else unless asked."""

from __future__ import annotations

import pytest

from lab.load.target import Target, TargetRefused


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080/x",
        "http://127.8.9.1",
        "http://[::1]:80/",
        "http://198.18.255.2:5000",
        "http://198.19.3.4",
    ],
)
def test_loopback_and_the_lab_are_targets(url: str) -> None:
    assert Target.parse(url).port in {80, 5000, 8080}


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://198.20.0.1", id="beside-the-lab"),
        pytest.param("http://192.0.2.1:8080/checkout", id="elsewhere"),
        pytest.param("http://[2001:db8::1]/", id="ipv6"),
        pytest.param("http://[::ffff:192.0.2.1]/", id="ipv4-in-ipv6"),
        pytest.param("https://127.0.0.1", id="tls"),
        pytest.param("127.0.0.1:80", id="no-scheme"),
        pytest.param("http://nobody.invalid", id="no-address"),
    ],
)
def test_the_rest_is_refused(url: str) -> None:
    with pytest.raises(TargetRefused):
        Target.parse(url)


def test_anything_goes_when_asked() -> None:
    assert Target.parse("http://192.0.2.1:81/a?b=c", allow_any=True).address == "192.0.2.1"


def test_the_request_names_host_and_path_and_keeps_no_connection() -> None:
    request = Target.parse("http://user@127.0.0.1:8080/a?b=c").request.decode()
    assert request.startswith("GET /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n")
    assert "Connection: close\r\n" in request


@pytest.mark.parametrize("url", ["http://127.0.0.1/a\r\nX: y", "http://127.0.0.1/a b"])
def test_a_path_cannot_become_a_header(url: str) -> None:
    assert "\r\nX:" not in Target.parse(url.replace(" ", "%20")).request.decode()

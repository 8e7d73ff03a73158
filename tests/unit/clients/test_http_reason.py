"""The messages are those that urllib3, requests and OpenSSL really make."""

from __future__ import annotations

import ssl
from http.client import RemoteDisconnected

import pytest
import requests
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection
from urllib3.exceptions import IncompleteRead, MaxRetryError, NewConnectionError, ProtocolError, ProxyError, SSLError

from cictl.clients.http_reason import innermost_reason

_POOL = HTTPConnectionPool("::1", 1)
_WRONG_VERSION = ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)")
_REFUSED = NewConnectionError(
    HTTPConnection("::1", 1), "Failed to establish a new connection: [Errno 111] Connection refused"
)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param(
            SSLError(_WRONG_VERSION),
            "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)",
            id="a-code-in-brackets",
        ),
        pytest.param(
            SSLError(
                ssl.SSLCertVerificationError(
                    1,
                    "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate (_ssl.c:1006)",
                )
            ),
            "self-signed certificate (_ssl.c:1006)",
            id="a-reason-behind-such-a-code",
        ),
        pytest.param(
            SSLError(
                ssl.SSLCertVerificationError(
                    1,
                    "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname mismatch, certificate is not "
                    "valid for 'j.example'. (_ssl.c:1006)",
                )
            ),
            "Hostname mismatch, certificate is not valid for 'j.example'. (_ssl.c:1006)",
            id="another-name",
        ),
        pytest.param(_REFUSED, "[Errno 111] Connection refused", id="refused"),
        pytest.param(
            ProxyError("Unable to connect to proxy", _REFUSED), "[Errno 111] Connection refused", id="no-proxy"
        ),
        pytest.param(
            ProxyError("Unable to connect to proxy", OSError("Tunnel connection failed: 407 Authentication Required")),
            "407 Authentication Required",
            id="the-proxy-refuses",
        ),
        pytest.param(
            ProtocolError("Connection aborted.", RemoteDisconnected("Remote end closed connection without response")),
            "Remote end closed connection without response",
            id="no-answer",
        ),
        pytest.param(
            ProtocolError("Connection broken: IncompleteRead(3 bytes read, 27 more expected)", IncompleteRead(3, 27)),
            "IncompleteRead(3 bytes read, 27 more expected)",
            id="half-an-answer",
        ),
        pytest.param(
            requests.ConnectionError(MaxRetryError(_POOL, "/x", _REFUSED)),
            "[Errno 111] Connection refused",
            id="refused-as-requests-has-it",
        ),
        pytest.param(
            requests.ConnectionError(ProtocolError("Connection aborted.", RemoteDisconnected("Remote end is gone"))),
            "Remote end is gone",
            id="no-answer-as-requests-has-it",
        ),
        pytest.param(
            requests.exceptions.SSLError(MaxRetryError(_POOL, "/x", SSLError(_WRONG_VERSION))),
            "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)",
            id="a-code-in-brackets-as-requests-has-it",
        ),
        pytest.param(TimeoutError(), "TimeoutError", id="no-words"),
    ],
)
def test_the_reason_is_the_innermost(error: Exception, expected: str) -> None:
    assert innermost_reason(error) == expected

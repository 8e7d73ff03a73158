from __future__ import annotations

from cictl.clients.jenkins_transport import Answer, Request, shown


def test_what_is_shown_of_a_request() -> None:
    request = Request("POST", "/job/a%20b/x?token=hush", {"Authorization": "hush"}, b"hush")
    assert shown(request) == "POST /job/a b/x"
    assert "hush" not in repr(request).replace("token=hush", "")
    assert "hush" not in repr(Answer(200, {"Set-Cookie": "hush"}, b"hush"))


def test_bytes_that_are_no_utf8_are_still_text() -> None:
    assert Answer(200, {}, b"a\xff").text == "a�"

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.jenkins_pages import is_crumb_refusal, logging_id, page_words, permission_title

_JETTY = "<html><head><title>Error 400 Nothing is submitted</title></head><body><h2>HTTP ERROR 400</h2></body></html>"
_OOPS = (
    "<!DOCTYPE html><html><head><title>Jenkins - Jenkins</title></head><body><template>t</template>"
    '<div id="main-panel"><script>var p = "<p>no</p>";</script><h1>Oops!</h1>'
    "<p>A problem occurred while processing the request.</p><p>Logging ID=0a1b2c3d-aaaa</p></div></body></html>"
)
_LOGIN = "<html><body style='color:white'>\nAuthentication required\n<!--\n--></body></html>"


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        pytest.param(_JETTY, "Nothing is submitted", id="jetty"),
        pytest.param(_OOPS, "A problem occurred while processing the request.", id="jenkins"),
        pytest.param("No such plugin: a &amp; b", "No such plugin: a & b", id="plain"),
        pytest.param("", "", id="nothing"),
        pytest.param("<html><body><div>chrome only</div></body></html>", "", id="a-page-without-a-main-panel"),
        pytest.param("x" * 400, "x" * 299 + "…", id="long"),
    ],
)
def test_page_words(page: str, expected: str) -> None:
    assert page_words(page) == expected


@given(st.text())
def test_any_page_gives_one_short_line(page: str) -> None:
    words = page_words(page)
    assert len(words) <= 300
    assert "\n" not in words


@pytest.mark.parametrize(("page", "expected"), [(_OOPS, "0a1b2c3d-aaaa"), (_JETTY, None)])
def test_logging_id(page: str, expected: str | None) -> None:
    assert logging_id(page) == expected


def test_is_crumb_refusal() -> None:
    assert is_crumb_refusal("<title>Error 403 No valid crumb was included in the request</title>")
    assert not is_crumb_refusal(_LOGIN)


@pytest.mark.parametrize(
    ("permission", "expected"),
    [
        ("hudson.model.Item.Create", "Job/Create"),
        ("hudson.model.Hudson.Administer", "Overall/Administer"),
        ("com.cloudbees.plugins.credentials.CredentialsProvider.View", "Credentials/View"),
        ("org.example.Plugin.Use", "org.example.Plugin.Use"),
        ("", ""),
    ],
)
def test_permission_title(permission: str, expected: str) -> None:
    assert permission_title(permission) == expected


def test_a_secret_is_masked_before_it_could_be_cut() -> None:
    page = f"<html><div id='main-panel'><p>{'no ' * 98}s3cret-of-many-letters</p></div>"
    assert page_words(page).endswith("s3cre…")
    assert "s3c" not in page_words(page, masked=lambda text: text.replace("s3cret-of-many-letters", "[redacted]"))

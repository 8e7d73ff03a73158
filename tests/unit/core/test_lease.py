from __future__ import annotations

from cictl.core.lease import DURATION_SECONDS, Holder, lease_body, lease_name, read_lease


def test_a_lease_is_read_as_it_was_written() -> None:
    body = lease_body("shop", "me", 1_700_000_000.25, resource_version="7")
    assert body["metadata"]["name"] == lease_name("shop") == "cictl.shop"
    assert read_lease(body) == Holder("me", DURATION_SECONDS, "2023-11-14T22:13:20.250000Z", "7")


def test_a_new_lease_replaces_nothing() -> None:
    assert "resourceVersion" not in lease_body("shop", "me", 0, resource_version=None)["metadata"]


def test_a_lease_that_nobody_holds() -> None:
    assert read_lease(lease_body("shop", "", 0, resource_version="7")).is_free
    assert read_lease({"metadata": {}}).is_free
    assert not Holder("me", 1, "", "").is_free

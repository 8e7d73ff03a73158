"""Asks the catalogue; a catalogue that does not answer is an error of its own, not a crash."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from urllib.parse import urlsplit


class CatalogUnavailable(Exception):
    """The catalogue gave no price."""


@dataclass(frozen=True)
class Price:
    """What one order costs, and by which price list and release of the catalogue."""

    cents: int
    price_list: str
    catalog_version: str


BUILTIN_PRICE = Price(cents=1000, price_list="builtin", catalog_version="none")


def fetch_price(url: str, timeout: float) -> Price:
    """GET /price of the catalogue at URL, on a connection of its own: so every call meets any of its pods."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=timeout)
    try:
        connection.request("GET", "/price")
        return read_price(connection.getresponse())
    except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
        message = f"catalog at {url}: {type(error).__name__}: {error}"
        raise CatalogUnavailable(message) from error
    finally:
        connection.close()


def read_price(response: http.client.HTTPResponse) -> Price:
    """Take the price out of the catalogue's answer."""
    body = response.read()
    if response.status != http.HTTPStatus.OK:
        message = f"answered {response.status}"
        raise ValueError(message)
    return Price(
        cents=int(json.loads(body)["price_cents"]),
        price_list=response.headers.get("X-Config", ""),
        catalog_version=response.headers.get("X-Version", ""),
    )

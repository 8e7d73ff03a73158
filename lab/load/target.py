"""Where requests go: one URL, resolved once, and checked before the first of them."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

ALLOWED = tuple(ip_network(text) for text in ("127.0.0.0/8", "::1/128", "198.18.0.0/15"))


class TargetRefused(ValueError):
    """The URL cannot be, or leads where load must not go."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address that stays what it was when checked, and the request to write there."""

    address: str
    port: int
    request: bytes

    @classmethod
    def parse(cls, url: str, *, allow_any: bool = False) -> Target:
        """Take URL apart; refuse it unless every address of its host is loopback or the lab's."""
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise TargetRefused(f"{url!r} is not an http:// URL")
        addresses = resolve(parts.hostname, parts.port or 80)
        if not allow_any and (outside := [one for one in addresses if not is_allowed(one)]):
            raise TargetRefused(f"{parts.hostname} is {outside[0]}, neither loopback nor of the lab")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(str(addresses[0]), parts.port or 80, request_of(parts.netloc.rpartition("@")[2], path))


def resolve(host: str, port: int) -> list[IPv4Address | IPv6Address]:
    """Return the addresses of HOST, best first."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise TargetRefused(f"{host} has no address: {error}") from error
    return [ip_address(str(where[0]).partition("%")[0]) for *_, where in found]


def is_allowed(address: IPv4Address | IPv6Address) -> bool:
    """Whether load may go to ADDRESS."""
    return any(address.version == network.version and address in network for network in ALLOWED)


def request_of(host: str, path: str) -> bytes:
    """Write the GET; a fresh connection each time, as clients of a Service are spread by connection."""
    lines = (f"GET {path} HTTP/1.1", f"Host: {host}", "Accept: */*", "Connection: close", "", "")
    return "\r\n".join(lines).encode("latin-1")

"""The way to a server over HTTP as the environment has it: which authorities are trusted, and which proxy is asked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import urllib3

from cictl.errors import ConfigInvalid, FarSideFailed

if TYPE_CHECKING:
    import ssl

_CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


def trust(environ: Mapping[str, str]) -> ssl.SSLContext:
    """Return what trusts the authorities that are named, else the machine's and those that requests comes with."""
    import ssl  # noqa: PLC0415 - only https needs it

    named = next((value for name in _CA_VARIABLES if (value := environ.get(name))), None)
    if named is None:
        context = ssl.create_default_context()
        import certifi  # noqa: PLC0415 - as above

        context.load_verify_locations(certifi.where())
        return context
    place = Path(named)
    try:
        return ssl.create_default_context(
            cafile=None if place.is_dir() else named, capath=named if place.is_dir() else None
        )
    except OSError as error:
        raise ConfigInvalid(
            f"the authorities in {named} cannot be read: {error.strerror or error}",
            hint="check REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE and SSL_CERT_FILE",
        ) from error


def proxy_for(url: str, environ: Mapping[str, str]) -> str | None:
    """Return the proxy that ENVIRON names for URL, None to go straight there."""
    if not any(name.lower().endswith("_proxy") and value for name, value in environ.items()):
        return None
    from requests.utils import select_proxy, should_bypass_proxies  # noqa: PLC0415 - it costs, and few have proxies

    no_proxy = environ.get("no_proxy") or environ.get("NO_PROXY")
    if no_proxy and should_bypass_proxies(url, no_proxy=no_proxy):
        return None
    kinds = ("http", "https", "all")
    proxies = {kind: value for kind in kinds if (value := _variable(environ, f"{kind}_proxy"))}
    return select_proxy(url, proxies)


def _variable(environ: Mapping[str, str], name: str) -> str | None:
    # HTTP_PROXY in capitals is what a CGI request could set, and the other programs here read it too.
    return environ.get(name) or environ.get(name.upper())


def pool_through(proxy: str, options: Mapping[str, Any]) -> urllib3.ProxyManager:
    """Return connections, made with OPTIONS, through PROXY, whose address may hold who signs in there."""
    address = proxy if "://" in proxy else f"http://{proxy}"
    parts = urlsplit(address)
    if not parts.scheme.startswith("http"):
        raise FarSideFailed(f"a proxy of the kind {parts.scheme} is not spoken here", hint="name an http proxy")
    headers = None
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers = urllib3.make_headers(proxy_basic_auth=pair)
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    return urllib3.ProxyManager(bare, proxy_headers=headers, **options)

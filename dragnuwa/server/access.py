"""Access control: the routes answer ComfyUI's own page and programs, but not pages of other sites.

ComfyUI rejects another origin only if its own address is a loopback one and the request has an Origin header. Sandboxed
frames, files and redirects send "null". A page whose name was made to resolve to 127.0.0.1 (DNS rebinding) sends its
own name as the Host.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from aiohttp import web

from .route import Refused


@dataclass(frozen=True)
class Access:
    """
    Attributes:
        any_origin: ComfyUI was started with --enable-cors-header, which then decides about origins.
        only_local: it listens only on loopback addresses, so it has no name in a network.
    """

    any_origin: bool = False
    only_local: bool = True

    def check(self, request: web.Request) -> None:
        """
        Raises:
            Refused: if another site's page sent it, or may have.
        """
        if self.any_origin:
            return
        host, origin = request.headers.get("Host", ""), request.headers.get("Origin")
        named = _split(f"//{host}")
        if origin is not None and not _same(named, _split(origin)):
            raise Refused(403, f"The request came from {origin}, which is not this server, {host}. {_REMEDY}")
        if self.only_local and not _is_ours(named):
            raise Refused(403, f"This server listens on this machine only, where it is not called {host}. {_REMEDY}")


_REMEDY = "Open ComfyUI at 127.0.0.1, or start it with --enable-cors-header if others may ask, too."


def _split(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises if it is not a number
    except ValueError:
        return SplitResult("", "", "", "", "")
    return parts


def _same(host: SplitResult, origin: SplitResult) -> bool:
    """Whether names are equal, and ports if both are given; a proxy may omit its own."""
    return bool(origin.hostname) and origin.hostname == host.hostname and (
        None in (host.port, origin.port) or host.port == origin.port
    )  # fmt: skip


def is_local(listen: str) -> bool:
    """Whether all addresses of --listen, separated by commas, are reachable from this machine only."""
    names = [name.strip() for name in listen.split(",")]
    addresses = [_address(name) for name in names if name != "localhost"]
    return all(address is not None and address.is_loopback for address in addresses)


def _is_ours(host: SplitResult) -> bool:
    """Whether a name is this machine's own, or an IP address, which no other site can claim."""
    name = host.hostname or ""
    return name == "localhost" or name.endswith(".localhost") or _address(name) is not None


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None

"""Protection against SSRF: a crawl connects to global addresses, and to loopback where the source allows it.

The check stands where a connection gets its address. A name that resolves to a private address, at any time,
is refused like the address itself, however it is written.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from web.urls import Url, parse

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# IPv4-compatible addresses (RFC 4291, 2.5.5.1) are deprecated, but some systems still unwrap them.
_IPV4_COMPATIBLE = ipaddress.IPv6Network("::/96")
# NAT64 (RFC 6052) wraps an IPv4 address that a gateway unwraps.
_NAT64_PREFIX = ipaddress.IPv6Network("64:ff9b::/96")


def may_connect(address: str, *, loopback: bool = False) -> bool:
    """Whether an IP address is global, or is loopback and loopback is allowed."""
    try:
        ip: Address = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(
        part.is_loopback if loopback and part.is_loopback else part.is_global and not part.is_multicast
        for part in _with_embedded(ip)
    )


def literal_refused(url: Url, *, loopback: bool = False) -> bool:
    """Whether a URL's host is an address or a name of this machine that may not be connected to.

    The host of a canonical URL is canonical, so an address has only one spelling here.
    """
    host = url.host.strip("[]").rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return not loopback
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return not may_connect(host, loopback=loopback)


def is_loopback(url: Url) -> bool:
    """Whether a URL's host is this machine."""
    return literal_refused(url) and not literal_refused(url, loopback=True)


def was_refused(url: str) -> bool:
    """Whether a URL's host did not resolve because the crawl may connect to none of its addresses."""
    from twisted.internet import reactor

    resolver = getattr(reactor, "nameResolver", None)
    parsed = parse(url)
    return (
        isinstance(resolver, GuardedResolver)
        and parsed is not None
        and parsed.host.strip("[]") in resolver.refused
    )


def _with_embedded(ip: Address) -> list[Address]:
    """Return an address and the IPv4 addresses embedded in it (mapped, compatible, 6to4, Teredo, NAT64)."""
    if not isinstance(ip, ipaddress.IPv6Address):
        return [ip]
    if ip.ipv4_mapped:
        return [ip.ipv4_mapped]
    if ip in _NAT64_PREFIX or (ip in _IPV4_COMPATIBLE and not ip.is_loopback):
        return [ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)]
    embedded = [ip.sixtofour, *(ip.teredo or ())]
    return [ip, *(inner for inner in embedded if inner)]


class GuardedResolver:
    """The reactor's name resolver, reduced to the addresses that may be connected to.

    It resolves each connection anew and keeps no cache, so the checked address is the one connected to.
    `refused` holds the hosts without any allowed address, so that the crawl can say why they failed.
    """

    def __init__(self, reactor: Any, *, loopback: bool) -> None:
        self.refused: set[str] = set()
        self._reactor = reactor
        self._loopback = loopback
        self._resolver = reactor.nameResolver

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: Any) -> Self:
        """Create the resolver, as Scrapy does for TWISTED_DNS_RESOLVER."""
        return cls(reactor, loopback=crawler.settings.getbool("TAMIS_LOOPBACK"))

    def install_on_reactor(self) -> None:
        """Replace the reactor's resolver."""
        self._reactor.installNameResolver(self)

    def resolveHostName(  # noqa: N802 - Twisted's IHostnameResolver
        self,
        resolutionReceiver: Any,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> Any:
        """Resolve a name or an address for Twisted, which receives only the allowed addresses."""
        receiver = _FilteringReceiver(resolutionReceiver, hostName, self.refused, loopback=self._loopback)
        return self._resolver.resolveHostName(
            receiver, hostName, portNumber, addressTypes, transportSemantics
        )


class _FilteringReceiver:
    """A resolution receiver that passes on only the addresses that may be connected to."""

    def __init__(self, receiver: Any, host: str, refused: set[str], *, loopback: bool) -> None:
        self._receiver = receiver
        self._host = host
        self._refused = refused
        self._loopback = loopback
        self._has_forbidden = False
        self._has_allowed = False

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        if may_connect(address.host, loopback=self._loopback):
            self._has_allowed = True
            self._receiver.addressResolved(address)
        else:
            self._has_forbidden = True

    def resolutionComplete(self) -> None:  # noqa: N802
        if self._has_forbidden and not self._has_allowed:
            self._refused.add(self._host)
        else:
            self._refused.discard(self._host)
        self._receiver.resolutionComplete()

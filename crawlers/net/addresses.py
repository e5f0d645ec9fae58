"""Which addresses a crawl may connect to: global ones, and loopback where the source says so.

The check stands where a connection gets its address, so that a name which resolves to a private
address, now or on the second look, is refused like the address itself, in whatever spelling.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from web.urls import Url, parse

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# IPv4-compatible addresses (RFC 4291, 2.5.5.1) are given up, but some systems still unwrap them.
_COMPATIBLE = ipaddress.IPv6Network("::/96")
# NAT64 (RFC 6052) wraps an IPv4 address that a gateway would unwrap.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def may_connect(address: str, *, loopback: bool = False) -> bool:
    """Whether an IP address is a place on the public internet, or loopback and that is allowed."""
    try:
        ip: Address = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(
        part.is_loopback if loopback and part.is_loopback else part.is_global and not part.is_multicast
        for part in _layers(ip)
    )


def literal_refused(url: Url, *, loopback: bool = False) -> bool:
    """Whether a URL's host is an address, or a name for this machine, that may not be connected to.

    A host in a canonical URL is in canonical form, so that all spellings of an address are one here.
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
    """Whether a URL names this machine."""
    return literal_refused(url) and not literal_refused(url, loopback=True)


def was_refused(url: str) -> bool:
    """Whether a URL's host could not be resolved because none of its addresses may be connected to."""
    from twisted.internet import reactor

    resolver = getattr(reactor, "nameResolver", None)
    parsed = parse(url)
    return (
        isinstance(resolver, GuardedResolver)
        and parsed is not None
        and parsed.host.strip("[]") in resolver.refused
    )


def _layers(ip: Address) -> list[Address]:
    """An address and the IPv4 addresses wrapped in it (mapped, compatible, 6to4, Teredo, NAT64)."""
    if not isinstance(ip, ipaddress.IPv6Address):
        return [ip]
    if ip.ipv4_mapped:
        return [ip.ipv4_mapped]
    if ip in _NAT64 or (ip in _COMPATIBLE and not ip.is_loopback):
        return [ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)]
    wrapped = [ip.sixtofour, *(ip.teredo or ())]
    return [ip, *(inner for inner in wrapped if inner)]


class GuardedResolver:
    """The reactor's name resolver, which passes on only addresses that may be connected to.

    It answers each connection anew and keeps no cache: what was checked is what is connected to.
    `refused` keeps the hosts that had no other addresses, for the crawl to say why they failed.
    """

    def __init__(self, reactor: Any, *, loopback: bool) -> None:
        self.refused: set[str] = set()
        self._reactor = reactor
        self._loopback = loopback
        self._resolver = reactor.nameResolver

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: Any) -> Self:
        """Scrapy's way of making a TWISTED_DNS_RESOLVER."""
        return cls(reactor, loopback=crawler.settings.getbool("TAMIS_LOOPBACK"))

    def install_on_reactor(self) -> None:
        """Stand in for the reactor's resolver."""
        self._reactor.installNameResolver(self)

    def resolveHostName(  # noqa: N802 - Twisted's IHostnameResolver
        self,
        resolutionReceiver: Any,  # noqa: N803
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> Any:
        """Resolve a name or a literal as Twisted asks, and let through what may be connected to."""
        receiver = _Sieve(resolutionReceiver, hostName, self.refused, loopback=self._loopback)
        return self._resolver.resolveHostName(
            receiver, hostName, portNumber, addressTypes, transportSemantics
        )


class _Sieve:
    """A resolution receiver that hands on the addresses that may be connected to."""

    def __init__(self, receiver: Any, host: str, refused: set[str], *, loopback: bool) -> None:
        self._receiver = receiver
        self._host = host
        self._refused = refused
        self._loopback = loopback
        self._held: list[Any] = []
        self._passed = 0

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        if may_connect(address.host, loopback=self._loopback):
            self._passed += 1
            self._receiver.addressResolved(address)
        else:
            self._held.append(address)

    def resolutionComplete(self) -> None:  # noqa: N802
        if self._held and not self._passed:
            self._refused.add(self._host)
        else:
            self._refused.discard(self._host)
        self._receiver.resolutionComplete()

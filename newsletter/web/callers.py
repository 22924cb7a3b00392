"""Request -> the address that it came from: the peer's, or what a proxy that is trusted says of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.requests import Request

Network = IPv4Network | IPv6Network
Caller = Callable[[Request], str]


def callers(proxies: Sequence[str]) -> Caller:
    """Whom to believe: `proxies` are addresses and networks. The answer is empty when nobody knows.

    Where a request came through them, it is the address from which the last of them was asked: what stands
    before it in ``X-Forwarded-For`` anybody may have written.
    """
    networks = tuple(map(ip_network, proxies))
    return lambda request: _caller(request, networks)


def _caller(request: Request, proxies: Sequence[Network]) -> str:
    host = request.client.host if request.client else ""
    passed = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
    while passed and _is_among(host, proxies):
        before = passed.pop().strip()
        if _address(before) is None:
            return host
        host = before
    return host


def _is_among(host: str, proxies: Sequence[Network]) -> bool:
    address = _address(host)
    return address is not None and any(address in network for network in proxies)


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


#: Without any proxy.
NOBODY_TRUSTED = callers(())

"""Which addresses may be connected to for a host that a job names. A rule over literal addresses: nothing is resolved here.

The tables follow the IANA special-purpose address registries (RFC 6890 and its successors) instead of
`ipaddress.is_global`, whose answers differ between Python releases.
"""

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_PRIVATE_V4 = {
    "10.0.0.0/8": "private",
    "100.64.0.0/10": "carrier-grade NAT",
    "127.0.0.0/8": "loopback",
    "172.16.0.0/12": "private",
    "192.168.0.0/16": "private",
}
_NEVER_V4 = {
    "0.0.0.0/8": "this host",
    "168.63.129.16/32": "a cloud's host services",
    "169.254.0.0/16": "link-local",
    "192.0.0.0/24": "reserved",
    "192.0.2.0/24": "documentation",
    "192.88.99.0/24": "6to4 relay",
    "198.18.0.0/15": "benchmarking",
    "198.51.100.0/24": "documentation",
    "203.0.113.0/24": "documentation",
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "reserved",
}
_PRIVATE_V6 = {"::1/128": "loopback", "fc00::/7": "private"}
_NEVER_V6 = {
    "::/128": "this host",
    "2001::/23": "reserved",
    "2001:db8::/32": "documentation",
    "2002::/16": "6to4",
    "3fff::/20": "documentation",
    "fe80::/10": "link-local",
    "ff00::/8": "multicast",
}
_PRIVATE = [(IPv4Network(net), kind) for net, kind in _PRIVATE_V4.items()] + [
    (IPv6Network(net), kind) for net, kind in _PRIVATE_V6.items()
]
_NEVER = [(IPv4Network(net), kind) for net, kind in _NEVER_V4.items()] + [
    (IPv6Network(net), kind) for net, kind in _NEVER_V6.items()
]
_GLOBAL_UNICAST_V6 = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)


def refusal(address: str, *, allow_private: bool) -> str | None:
    """Why an address may not be connected to, in a word or two; None when it may.

    An IPv4 address inside an IPv6 one (mapped, NAT64) is judged by itself. Addresses of tunnels (6to4, Teredo, ISATAP)
    are refused: they lead to an address that someone else chose.

    Raises:
        ValueError: not a literal address.
    """
    literal = _unwrapped(ip_address(address.partition("%")[0]))
    for network, kind in _NEVER:
        if literal in network:
            return kind
    for network, kind in _PRIVATE:
        if literal in network:
            return None if allow_private else kind
    return _not_global(literal) if isinstance(literal, IPv6Address) else None


def refusal_of_literal(host: str, *, allow_private: bool) -> tuple[str, str] | None:
    """For a host that a proxy will resolve: its address and what is wrong with it, where it is written as an address, in any notation, or
    is our own name; None for one that may be asked for.
    """
    if host.rpartition(".")[2].lower() == "localhost" and not allow_private:
        return host, "loopback"
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, ValueError):
        return None
    address = str(found[0][4][0])
    kind = refusal(address, allow_private=allow_private)
    return None if kind is None else (address, kind)


def _unwrapped(literal: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(literal, IPv4Address):
        return literal
    if literal.ipv4_mapped is not None:
        return literal.ipv4_mapped
    return IPv4Address(int(literal) & 0xFFFF_FFFF) if literal in _NAT64 else literal


def _not_global(literal: IPv6Address) -> str | None:
    if literal not in _GLOBAL_UNICAST_V6:
        return "reserved"
    return "ISATAP" if int(literal) >> 32 & 0xFFFF_FFFF in _ISATAP else None

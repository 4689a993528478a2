"""What only the connection knows of who sent a request, cut to what may be kept."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

__all__ = ["Network", "address", "opted_out", "shortened"]

Network = ip_network  # reads "10.0.0.0/8"


def shortened(address: str) -> str:
    """Return the address of the sender's network: /24 of IPv4, /48 of IPv6; empty if it is none."""
    head, dot, _tail = address.rpartition(".")
    if dot and ":" not in address:
        return f"{head}.0"
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(parsed, IPv4Address):
        return shortened(str(parsed))
    if parsed.ipv4_mapped:
        return shortened(str(parsed.ipv4_mapped))
    return str(IPv6Network((parsed, 48), strict=False).network_address)


def address(peer: str, forwarded_for: Iterable[bytes], trusted: Sequence[object]) -> str:
    """
    Return whom a request came from: the peer, or, if it is a trusted proxy, the last address that isn't one.

    :param forwarded_for: the ``X-Forwarded-For`` headers; an untrusted sender may have written any beginning of them
    """
    found = peer
    hops = b",".join(forwarded_for).decode("latin-1").split(",")
    while hops and _among(found, trusted):
        hop = hops.pop().strip()
        if not _parsed(hop):
            break
        found = hop
    return found


def opted_out(values: Iterable[bytes]) -> bool:
    """Return whether ``Sec-GPC`` was sent as exactly ``1``, in one of several headers or of values joined by a proxy."""
    return any(part.strip(b" \t") == b"1" for value in values for part in value.split(b","))


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _among(text: str, networks: Sequence[object]) -> bool:
    parsed = _parsed(text)
    return parsed is not None and any(parsed in network for network in networks)  # type: ignore[operator]

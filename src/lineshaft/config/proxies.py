"""Whose request it is where proxies stand in front: the nearest hop that no trusted proxy holds.

Each proxy writes the address it heard from at the end of X-Forwarded-For. What stands before the
last untrusted address was written by the client and is worth nothing, so the list is read from
its end and only as far as trusted proxies vouch for it.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

type Network = IPv4Network | IPv6Network
type Address = IPv4Address | IPv6Address


def client_address(peer: str, forwarded: str, trusted: Sequence[Network]) -> str:
    """The client's address: `peer`, or who the trusted proxies from `peer` on say it is."""
    client = peer
    hops = forwarded.split(",") if trusted else []
    for hop in reversed(hops):
        vouching = _address(client)
        said = _address(hop)
        if vouching is None or said is None or not any(vouching in one for one in trusted):
            break
        client = str(said)
    return client


def _address(text: str) -> Address | None:
    """The address in a text, which may carry a port; None for anything else."""
    host = text.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address

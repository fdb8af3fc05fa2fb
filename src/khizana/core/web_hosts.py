"""Hosts of the web, and those of a machine's own network, to which nothing that a stranger wrote may lead."""

from __future__ import annotations

import ipaddress
import re

_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""Stands for addresses of version 4 where a network has version 6 alone (RFC 6052, 2.1)."""
_OWN = ("localhost", "local", "internal", "home.arpa")
"""Ends of names of one's own network: RFC 6761 (6.3), RFC 6762 (3), what ICANN set apart in 2024, RFC 8375."""


def may_be_asked(number: str, *, nearby: bool) -> bool:
    """Return whether the address *number* is of the web, or *nearby* allows it; link-local ones are never asked.

    Raises ``ValueError`` for what is no address.
    """
    address = ipaddress.ip_address(number.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        address = address.ipv4_mapped or address.sixtofour or _translated(address) or address
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False  # where machines in a cloud ask for their own keys, among others
    if address.is_reserved and not address.is_loopback:  # by Python, ::1 is both
        return False
    return address.is_global or nearby


def _translated(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _TRANSLATED else None


def may_be_named(host: str, *, nearby: bool) -> bool:
    """Return the same of *host*, a name or number as in an address of the web, without asking the network.

    What a browser takes for a number in an unusual spelling, such as ``0x7f.1``, is never named (WHATWG URL, "ends in
    a number").
    """
    host = host.strip("[]").rstrip(".").lower()
    if ":" in host or _NUMBER.fullmatch(host.rpartition(".")[2]):
        try:
            return may_be_asked(host, nearby=nearby)
        except ValueError:
            return False
    is_own = "." not in host or any(host.endswith(f".{end}") for end in _OWN)
    return bool(host) and (nearby or not is_own)

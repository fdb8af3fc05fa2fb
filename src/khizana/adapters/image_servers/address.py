"""Addresses in manifests: what of the web may be asked, and where it is.

A manifest is written by strangers. An address in it that leads to this machine, or to the network that it stands in,
would make it ask for things that the stranger cannot reach: so the address that the name stands for is looked at, and
that very address is connected to.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from khizana.core.errors import BadInput
from khizana.core.web_hosts import may_be_asked

_KEPT = "%/:=&?~+!$,;'@()*[]|"
"""Signs of a path that stay as they are: what is written as %2F is another thing than a stroke."""
_LONGEST = 4096


@dataclass(frozen=True, slots=True)
class WebAddress:
    """An address that can be asked for."""

    secure: bool
    host: str
    """In ASCII."""
    port: int
    path: str
    """With its query, quoted."""

    @property
    def host_header(self) -> str:
        """The host as the request names it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"

    @property
    def text(self) -> str:
        """The address, without what was no part of the request."""
        return f"{'https' if self.secure else 'http'}://{self.host_header}{self.path}"


def web_address(address: str, *, name: str) -> WebAddress:
    """Return *address* as it is asked for; *name* is what a person calls the image.

    Raises ``BadInput`` for one that is none of http or https.
    """
    try:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname or len(address) > _LONGEST:
            raise _not_of_the_web(address, name)
        host = parts.hostname if ":" in parts.hostname else parts.hostname.encode("idna").decode()
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:  # UnicodeError is one, too
        raise _not_of_the_web(address, name) from error
    query = f"?{quote(parts.query, safe=_KEPT)}" if parts.query else ""
    return WebAddress(parts.scheme == "https", host, port, (quote(parts.path, safe=_KEPT) or "/") + query)


def _not_of_the_web(address: str, name: str) -> BadInput:
    return BadInput("FETCH_NOT_OF_THE_WEB", name=name, address=address[:200])


def resolved(address: WebAddress, *, nearby: bool, name: str) -> list[str]:
    """Return where the host of *address* is, as numbers.

    Raises ``BadInput`` where one of them is of this machine or its network, unless *nearby* allows that; ``OSError``
    where there is no such host.
    """
    found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    numbers = list(dict.fromkeys(str(each[4][0]) for each in found))
    for number in numbers:
        if not may_be_asked(number, nearby=nearby):
            raise BadInput("FETCH_NEARBY", name=name, host=address.host, address=number)
    return numbers

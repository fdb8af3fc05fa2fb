"""The address of a PostgreSQL database, as the settings state it; what is shown of it never holds a password."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from khizana.core.errors import BadInput

SCHEMES = ("postgresql", "postgres")
FORM = "postgresql://user@host:port/name"
OPTIONS = frozenset(
    (
        *("host", "port", "user", "password", "passfile", "service", "connect_timeout"),
        *("sslmode", "sslrootcert", "sslcert", "sslkey"),
    )
)
"""What may stand behind the question mark, by the names that PostgreSQL's own client library gives it."""

_PASSWORDS = (re.compile(r"(?<=://)([^/?#:]*):.*@"), re.compile(r"(?i)(\bpassword)=[^&#]*"))
_HIDDEN = (r"\1:***@", r"\1=***")


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """Where a PostgreSQL database is, and as whom to use it; what is empty, the client library finds for itself."""

    name: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    host: str = ""
    """A name, a number, or the folder of a socket."""
    port: str = ""
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """The address as it may be shown to anyone."""
        who = f"{self.user}@" if self.user else ""
        if self.host.startswith("/"):
            where, query = "", f"?host={self.host}" + (f"&port={self.port}" if self.port else "")
        else:
            where, query = self.host + (f":{self.port}" if self.port else ""), ""
        if not self.name and (service := self.options.get("service")):
            query += f"{'&' if query else '?'}service={service}"
        return f"postgresql://{who}{where}/{self.name}{query}"


def parse_address(text: str) -> DatabaseAddress:
    """Return what *text* says: ``postgresql://user@host:port/name``, ``postgresql:///name?host=/run/postgresql``.

    Raises ``BadInput`` for anything else, with the password hidden.
    """
    try:
        parts = urlsplit(text)
        port = str(parts.port or "")
        given = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
        name = unquote(parts.path.removeprefix("/"), errors="strict")
        user, password = (unquote(each or "", errors="strict") for each in (parts.username, parts.password))
        host = unquote(parts.hostname or "", errors="strict")
    except ValueError as error:
        raise _unusable(text) from error
    whole = "".join((name, user, password, host, *given.values()))
    if parts.scheme not in SCHEMES or parts.fragment or not given.keys() <= OPTIONS or "\0" in whole:
        raise _unusable(text)
    user, password = given.pop("user", user), given.pop("password", password)
    host, port = given.pop("host", host), given.pop("port", port)
    if not (name or given.get("service")) or "/" in name or not re.fullmatch(r"[0-9]{0,5}", port):
        raise _unusable(text)
    return DatabaseAddress(name, user, password, host, port, given)


def without_password(text: str) -> str:
    """Return *text*, an address that may be none, with what may be a password hidden."""
    for pattern, hidden in zip(_PASSWORDS, _HIDDEN, strict=True):
        text = pattern.sub(hidden, text)
    return text


def _unusable(text: str) -> BadInput:
    return BadInput("DATABASE_ADDRESS_UNUSABLE", address=without_password(text), wanted=FORM)

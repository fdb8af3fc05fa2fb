"""What PostgreSQL's errors mean to a person: one sentence each, that names the address without its password."""

from __future__ import annotations

import socket
from contextlib import suppress

import psycopg
from psycopg import pq
from psycopg.conninfo import make_conninfo

from khizana.core.database_address import DatabaseAddress, without_password
from khizana.core.errors import Away, BadInput, Busy, KhizanaError, NoSpace, NotFound, Unreadable
from khizana.project.databases import CONNECT_SECONDS

DEFAULT_PORT = 5432
EVERYWHERE = "postgres"
"""A database that nearly every server has."""
_LONGEST = 300  # characters of what the server says

_BUSY = {"40001", "40P01", "53300", "55P03", "57014", "57P03"}
_LOST = {"57P01", "57P02", "57P05", "25P03"}
_BY_STATE: dict[str, tuple[type[KhizanaError], str]] = {
    "25006": (BadInput, "DATABASE_RIGHT_MISSING"),
    "42501": (BadInput, "DATABASE_RIGHT_MISSING"),
    "53100": (NoSpace, "DATABASE_SERVER_FULL"),
}
_OWN_FAULT = ("22", "23")
"""Classes of errors by which a statement of ours was wrong, not the database."""


def told(error: BaseException, address: DatabaseAddress) -> KhizanaError | None:
    """Return what *error*, met while the database at *address* was used, means; None for a fault of our own."""
    cause = _of_driver(error)
    if cause is None:
        return None
    state, facts = cause.sqlstate or "", {"database": address.shown, "problem": said(str(cause), address)}
    if state.startswith("08") or state in _LOST or (not state and isinstance(cause, psycopg.OperationalError)):
        return why_not(address, cause) or Away("DATABASE_LOST", **facts)
    if state in _BUSY:
        return Busy("DATABASE_BUSY")
    if state.startswith(_OWN_FAULT):
        return None
    kind, code = _BY_STATE.get(state, (Unreadable, "DATABASE_FAULT"))
    return kind(code, **facts)


def why_not(address: DatabaseAddress, cause: BaseException) -> KhizanaError | None:
    """Return why no connection can be made to *address*; None where one can, after all.

    The server says why in its own language, so that it is tried out instead. *cause* tells what else it was.
    """
    problem = said(str(cause), address)
    if not _listens(address):
        return Away("DATABASE_AWAY", database=address.shown, problem=problem)
    if _opens(address, address.name):
        return None
    if address.name and _opens(address, EVERYWHERE):
        return NotFound("DATABASE_NOT_THERE", database=address.shown, name=address.name, problem=problem)
    return BadInput("DATABASE_REFUSED", database=address.shown, problem=problem)


def said(problem: str, address: DatabaseAddress) -> str:
    """Return what a server said of a *problem*, on one line and without a password."""
    line = " ".join(without_password(problem).split())[:_LONGEST]
    return line.replace(address.password, "***") if address.password else line


def conninfo(address: DatabaseAddress, name: str) -> str:
    """Return how the driver is told of the database *name* where *address* is."""
    given = {
        "connect_timeout": CONNECT_SECONDS,
        "dbname": name,
        "user": address.user,
        "password": address.password,
        "host": address.host,
        "port": address.port,
        **address.options,
    }
    return make_conninfo(**{key: value for key, value in given.items() if value})


def _of_driver(error: BaseException) -> psycopg.Error | None:
    """Return the driver's error that *error* was made of."""
    at: BaseException | None = error
    while at is not None and not isinstance(at, psycopg.Error):
        at = at.__cause__ or at.__context__
    return at


def _listens(address: DatabaseAddress) -> bool:
    """Return whether anything listens there; of an address that only a service file knows, that it does."""
    if "," in address.host or (not address.host and address.options.get("service")):
        return True
    port = int(address.port or DEFAULT_PORT)
    with suppress(OSError):
        if address.host and not address.host.startswith("/"):
            socket.create_connection((address.host, port), float(CONNECT_SECONDS)).close()
            return True
        for folder in [address.host] if address.host else ["/var/run/postgresql", "/tmp"]:  # noqa: S108 - the driver's
            with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as trial:
                trial.connect(f"{folder}/.s.PGSQL.{port}")
                return True
    return False


def _opens(address: DatabaseAddress, name: str) -> bool:
    connection = pq.PGconn.connect(conninfo(address, name).encode())
    try:
        return connection.status == pq.ConnStatus.OK
    finally:
        connection.finish()

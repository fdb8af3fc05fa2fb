"""What ``khizana doctor`` asks of a PostgreSQL database, with no table of ours needed."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg

from khizana.core.database_address import DatabaseAddress
from khizana.core.errors import BadInput, KhizanaError, Unreadable
from khizana.core.findings import Finding, Severity
from khizana.project.postgresql.base import ENCODING, refuse_old
from khizana.project.postgresql.told import conninfo, told, why_not

_TABLE = "SELECT to_regclass('publication_generation')"


def examine(address: DatabaseAddress) -> Iterator[Finding]:
    """Yield what is found of the database at *address*: that it is sound, empty, or what is wrong with it."""
    try:
        with psycopg.connect(conninfo(address, address.name)) as connection:
            version = connection.info.server_version // 10000
            refuse_old(version, address.shown)
            if (encoding := connection.info.parameter_status("server_encoding")) != ENCODING:
                raise BadInput("DATABASE_ENCODING", database=address.shown, encoding=str(encoding))
            there = connection.execute(_TABLE).fetchone()
        if there and there[0]:
            facts: dict[str, str | int] = {"database": address.shown, "version": version}
            yield Finding("DOCTOR_SERVER_FINE", Severity.INFO, "", facts)
        else:
            yield Finding("DOCTOR_NO_DATABASE", Severity.WARNING, "database", {"path": address.shown})
    except (KhizanaError, psycopg.Error) as error:
        known = error if isinstance(error, KhizanaError) else told(error, address) or why_not(address, error)
        known = known or Unreadable("DATABASE_FAULT", database=address.shown, problem=type(error).__name__)
        yield Finding(known.code, Severity.ERROR, "database", known.facts)

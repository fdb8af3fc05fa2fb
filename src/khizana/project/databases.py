"""Which database a library has, as Django wants to be told: SQLite in its folder, or PostgreSQL at an address."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from khizana.core.configuration import Configuration
from khizana.core.errors import BadInput
from khizana.core.library import LibraryFolder

CONNECT_SECONDS = "10"


def database_of(folder: LibraryFolder, configuration: Configuration) -> dict[str, Any]:
    """Return Django's settings for the database of the library in *folder*.

    Raises ``BadInput`` where it is PostgreSQL and what speaks to that is not installed.
    """
    address = configuration.database_address
    if address is None:
        return sqlite(str(folder.database))
    if find_spec("psycopg") is None:
        raise BadInput("DATABASE_DRIVER_MISSING", database=address.shown)
    return {
        "ENGINE": "khizana.project.postgresql",
        "NAME": address.name,
        "USER": address.user,
        "PASSWORD": address.password,
        "HOST": address.host,
        "PORT": address.port,
        "OPTIONS": {
            "application_name": f"khizana {configuration.name}",
            "connect_timeout": CONNECT_SECONDS,
            **address.options,
        },
        # A pool would keep no more connections open than the few threads of khizana serve do by themselves.
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def sqlite(path: str) -> dict[str, Any]:
    """Return Django's settings for the SQLite database in the file *path*."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            "timeout": 10,
            # Taken at the start of a transaction, so that two writers wait for each other and never deadlock.
            "transaction_mode": "IMMEDIATE",
            # FULL: each commit is flushed. With NORMAL a power cut undoes the last ones; the mark of unfinished work
            # may be gone from the disk when its rows are not yet there: a manuscript withdrawn would be open again.
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-16000;"
            ),
        },
        # A database that was deleted and made again (khizana rebuild) is another file: an open connection would go on
        # reading the deleted one. To open it anew takes a millisecond.
        "CONN_MAX_AGE": 2,
    }

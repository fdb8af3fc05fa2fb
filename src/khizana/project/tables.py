"""The database of a library as a command finds it: reached, its own, and at the newest tables."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import Error, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from khizana.apps.publication.actions.claim_database import CLAIMED_SINCE, claim_database, refuse_database_of_another
from khizana.core.configuration import Configuration
from khizana.core.errors import BadInput
from khizana.core.library import LibraryFolder
from khizana.core.preservation.durable import make_directories, writing


def open_database(folder: LibraryFolder, configuration: Configuration) -> None:
    """Reach the database, and make or renew its tables where they are not the newest.

    Raises ``Away``, ``NotFound`` or ``BadInput`` for a server or database that cannot be used, and ``BadInput`` for one
    that is newer than this version, or of another library.
    """
    address = configuration.database_address
    shown = address.shown if address else str(folder.database)
    try:
        connection.ensure_connection()
    except Error as error:
        if address is None:
            raise
        from khizana.project.postgresql.told import why_not  # noqa: PLC0415 - what it needs is there with PostgreSQL

        raise why_not(address, error) or error from error
    if _lacks_tables(shown, configuration.name):
        _make_tables(folder, shown, configuration.name)
    claim_database(library=configuration.name, shown=shown)


def _lacks_tables(shown: str, library: str) -> bool:
    executor = MigrationExecutor(connection)
    applied = set(executor.loader.applied_migrations)
    if CLAIMED_SINCE in applied:
        # Looked at before anything is changed there.
        refuse_database_of_another(library=library, shown=shown)
    if applied - set(executor.loader.disk_migrations):
        code = "DATABASE_NEWER" if connection.vendor == "sqlite" else "SERVER_DATABASE_NEWER"
        raise BadInput(code, path=shown)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _make_tables(folder: LibraryFolder, shown: str, library: str) -> None:
    """Bring the database to the newest tables; of two commands that begin together, one does it and the other waits."""
    with writing(folder.work):
        make_directories(folder.work)
        handle = os.open(folder.work / "tables.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if _lacks_tables(shown, library):
            with _all_or_nothing():
                call_command("migrate", verbosity=0, interactive=False)
    finally:
        os.close(handle)


@contextmanager
def _all_or_nothing() -> Iterator[None]:
    """Make all tables in one transaction in SQLite.

    A disk that fills up between a table and the note that it was made would else leave a database that nobody can go on
    with. A server keeps room for itself.
    """
    if connection.vendor != "sqlite":
        yield
        return
    # Django makes tables with foreign keys unchecked only, which cannot be asked for within a transaction.
    connection.disable_constraint_checking()
    try:
        with transaction.atomic():
            yield
    finally:
        connection.enable_constraint_checking()

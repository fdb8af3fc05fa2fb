"""Django's back end for PostgreSQL with the ways of SQLite, so that no table and no query need know which it is.

- Text has no greatest length and is compared byte by byte (collation "C"): lists have one order everywhere.
- Whole numbers have 64 bits.
- JSON keeps the order of its keys. Columns of it are read and written as wholes, never asked for their parts.
- Text with NUL, which PostgreSQL refuses, is kept with U+FFFD in its place, and is found so.
- One transaction writes at a time and the others wait, as with ``BEGIN IMMEDIATE``: what an action looks at in its
  transaction is so until its end, and no two of them deadlock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from json import dumps
from typing import Any

from django.db import Error
from django.db.backends.postgresql import base
from django.db.backends.postgresql.operations import DatabaseOperations
from django.db.backends.postgresql.schema import DatabaseSchemaEditor
from psycopg.abc import Buffer
from psycopg.types.json import Json
from psycopg.types.string import StrDumperUnknown, TextLoader

from khizana.core.errors import BadInput

COLLATION = "C"
ENCODING = "UTF8"
OLDEST = 14
"""The oldest PostgreSQL that Django 5.2 speaks to."""
WAITED_FOR = "10s"
"""How long one writer waits for another, as with SQLite."""
_WRITING = int.from_bytes(b"khizana")
"""The advisory lock of whoever writes; other databases of the same server have another of this number."""
_WHOLE = (-(2**63), 2**63 - 1)


class TextDumper(StrDumperUnknown):
    """Text on its way to the server."""

    def dump(self, obj: str) -> Buffer | None:
        """Return the bytes of *obj*."""
        return super().dump(obj.replace("\0", "\ufffd"))


class SchemaEditor(DatabaseSchemaEditor):
    """Makes and changes tables."""

    def _iter_column_sql(self, column_db_type: str, *given: Any) -> Iterator[str]:
        parts = super()._iter_column_sql(column_db_type, *given)  # type: ignore[misc]  # the stubs leave it out
        yield next(parts)
        if column_db_type == "text":
            yield self._collate_sql(COLLATION)  # type: ignore[attr-defined]  # the same
        yield from parts

    def _alter_column_type_sql(self, *given: Any) -> Any:
        *others, new_type, old_collation, new_collation = given
        if new_type == "text":
            new_collation = COLLATION
        return super()._alter_column_type_sql(*others, new_type, old_collation, new_collation)  # type: ignore[misc]

    def _create_like_index_sql(self, *_: Any) -> None:
        """Return nothing: with this collation the index itself finds what begins with a text."""


class Operations(DatabaseOperations):
    """Brings values into the form in which they are sent."""

    integer_field_ranges = {  # noqa: RUF012 - as Django has it
        **DatabaseOperations.integer_field_ranges,
        "IntegerField": _WHOLE,
        **dict.fromkeys(("PositiveIntegerField", "PositiveSmallIntegerField"), (0, _WHOLE[1])),
    }

    def adapt_json_value(self, value: Any, encoder: type | None) -> Json:  # type: ignore[override]  # as Django's does
        """Return *value* to be kept as it is written."""
        return Json(value, dumps=partial(dumps, cls=encoder))


class DatabaseWrapper(base.DatabaseWrapper):
    """One connection."""

    SchemaEditorClass = SchemaEditor
    ops_class = Operations
    data_types = {  # noqa: RUF012 - as Django has it
        **base.DatabaseWrapper.data_types,
        **dict.fromkeys(("CharField", "FileField", "FilePathField", "SlugField", "TextField"), "text"),
        **dict.fromkeys(("IntegerField", "PositiveIntegerField", "PositiveSmallIntegerField"), "bigint"),
        "JSONField": "json",
    }

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a new connection of the driver."""
        connection = super().get_new_connection(conn_params)
        connection.adapters.register_dumper(str, TextDumper)
        connection.adapters.register_loader("json", TextLoader)  # Django reads it itself
        return connection

    def check_database_version_supported(self) -> None:
        """Raise ``BadInput`` for a server that is too old."""
        refuse_old(self.pg_version // 10000, self.shown)

    def init_connection_state(self) -> None:
        """Bring a new connection to the state that every statement may count on."""
        super().init_connection_state()
        encoding = self.connection.info.parameter_status("server_encoding")
        if encoding != ENCODING:
            raise BadInput("DATABASE_ENCODING", database=self.shown, encoding=str(encoding))
        with self.cursor() as cursor:
            # Flushed at each commit, whatever the server's own setting: see the same of SQLite in project.databases.
            cursor.execute(f"SET lock_timeout = '{WAITED_FOR}'; SET synchronous_commit = on")

    def set_autocommit(self, autocommit: bool, *given: Any, **named: Any) -> None:  # noqa: FBT001 - Django's signature
        """End a transaction, or begin one once no other writes."""
        super().set_autocommit(autocommit, *given, **named)
        if autocommit:
            return
        try:
            with self.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_WRITING])
        except BaseException:
            with suppress(Error):
                self.rollback()
                super().set_autocommit(True)
            raise

    @property
    def shown(self) -> str:
        """The address as it may be shown."""
        from django.conf import settings  # noqa: PLC0415 - the settings name this module

        address = settings.KHIZANA.database_address
        return address.shown if address else str(self.settings_dict["NAME"])


def refuse_old(version: int, shown: str) -> None:
    """Raise ``BadInput`` where the server's *version* is too old to be used."""
    if version < OLDEST:
        raise BadInput("DATABASE_SERVER_OLD", database=shown, version=version, oldest=OLDEST)

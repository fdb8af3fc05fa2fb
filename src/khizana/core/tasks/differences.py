"""Where two descriptions differ, column by column, in the words of a table."""

from __future__ import annotations

from typing import cast

from khizana.core.catalogue.columns import COLUMNS, Column
from khizana.core.catalogue.entry import Entry
from khizana.core.catalogue.lenses import Alone
from khizana.core.tasks.account import Difference


def differences(before: Entry, after: Entry, *, fields: tuple[str, ...] = ()) -> tuple[Difference, ...]:
    """Return the columns in which *before* and *after* differ; with *fields*, only those that show one of them.

    A field is named as ``core.catalogue.merge`` does: as an entry has it (``physical.extent``), or as a column. One
    that no column shows comes with its name alone.
    """
    found = []
    for column in COLUMNS:
        if fields and not any(_shows(column, each) for each in fields):
            continue
        old, new = _values(column, before), _values(column, after)
        if old != new:
            found.append(Difference(column.name, old, new))
    unseen = (each for each in fields if not any(_shows(column, each) for column in COLUMNS))
    return (*found, *(Difference(each, (), ()) for each in unseen))


def _shows(column: Column, field: str) -> bool:
    # Every lens names the field that it looks at; the protocol of all of them does not ask for that.
    path = ".".join(cast("Alone", column.lens).field.path)
    return field in (column.name, path) or path.startswith(f"{field}.")


def _values(column: Column, entry: Entry) -> tuple[str, ...]:
    return tuple(str(each) for each in column.get(entry) if each)

"""Joining what somebody changed elsewhere with what was changed here, field by field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

from khizana.core.catalogue.columns import COLUMNS, Column
from khizana.core.catalogue.entry import Entry, Origin, Physical

_NESTED: dict[str, type] = {"physical": Physical, "origin": Origin}
"""Fields that are taken apart: a changed binding is no conflict with a changed extent."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """One field that was changed in two ways."""

    field: str
    """Its name in the entry: ``titles``, ``physical.extent``."""
    ours: Any
    theirs: Any


@dataclass(frozen=True, slots=True)
class Merged:
    """What comes of it."""

    entry: Entry
    changed: tuple[str, ...]
    """Fields in which it differs from what is here now."""
    conflicts: tuple[Conflict, ...]
    """Fields that stay as they are here until a person decides."""


def merge_entries(base: Entry | None, ours: Entry, theirs: Entry, *, prefer_theirs: bool = False) -> Merged:
    """Return *ours* with what *theirs* changed since *base*, the entry that both come from.

    A field that both changed, each in its own way, is a conflict: it stays as ours has it, or with *prefer_theirs* is
    taken as theirs has it. Without a base (None) every field that both have, and have differently, is one.
    """
    return _merged(base, ours, theirs, [_Whole(name) for name in _names()], partial=False, prefer_theirs=prefer_theirs)


def merge_columns(base: Entry | None, ours: Entry, theirs: Entry, *, prefer_theirs: bool = False) -> Merged:
    """Return as ``merge_entries`` where *theirs* comes from a list that has columns for some things only.

    What it leaves empty says nothing. It is merged column by column, so that a list that shows the first text of a
    manuscript takes nothing away from what is known of the others.
    """
    places: list[_Whole | Column] = [_Whole(name) for name in _WITHOUT_COLUMN]
    if len(theirs.texts) > 1:
        places.append(_Whole("texts"))
    return _merged(base, ours, theirs, [*COLUMNS, *places], partial=True, prefer_theirs=prefer_theirs)


def _merged(
    base: Entry | None,
    ours: Entry,
    theirs: Entry,
    places: Iterable[_Whole | Column],
    *,
    partial: bool,
    prefer_theirs: bool,
) -> Merged:
    merged = ours
    changed: list[str] = []
    conflicts: list[Conflict] = []
    for place in places:
        mine, other = place.get(ours), place.get(theirs)
        nothing = place.get(_EMPTY)
        before = place.get(base) if base is not None else nothing
        if other in (mine, before) or (partial and other == nothing):
            continue
        if mine != before and not prefer_theirs:
            conflicts.append(Conflict(place.name, mine, other))
            continue
        merged = place.put(merged, other)
        changed.append(place.name)
    return Merged(merged, tuple(changed), tuple(conflicts))


def differing(one: Entry, other: Entry) -> tuple[str, ...]:
    """Return the names of the fields in which two entries differ."""
    places = (_Whole(name) for name in _names())
    return tuple(place.name for place in places if place.get(one) != place.get(other))


@dataclass(frozen=True, slots=True)
class _Whole:
    """A field of an entry, or of what is nested in it, as a place to look at and to put into, as a column is."""

    name: str

    def get(self, entry: Entry) -> Any:
        value: Any = entry
        for part in self.name.split("."):
            value = getattr(value, part)
        return value

    def put(self, entry: Entry, value: Any) -> Entry:
        outer, _, inner = self.name.partition(".")
        if inner:
            value = replace(getattr(entry, outer), **{inner: value})
        return replace(entry, **{outer: value})


def _names() -> Iterator[str]:
    for each in fields(Entry):
        if each.name in _NESTED:
            yield from (f"{each.name}.{inner.name}" for inner in fields(_NESTED[each.name]))
        else:
            yield each.name


_EMPTY = Entry()
_WITHOUT_COLUMN = ("units", "history", "physical.decoration")

"""Joining what somebody changed elsewhere with what was changed here, field by field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

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


def merge_entries(base: Entry | None, ours: Entry, theirs: Entry, *, partial: bool, prefer_theirs: bool) -> Merged:
    """Return *ours* with what *theirs* changed since *base*, the entry that both come from.

    A field that both changed, each in its own way, is a conflict: it stays as ours has it, or with *prefer_theirs* is
    taken as theirs has it. Without a base (None) every field that both have, and have differently, is one. *partial*:
    theirs comes from a list that has columns for some things only, and what it leaves empty says nothing.
    """
    merged = ours
    changed: list[str] = []
    conflicts: list[Conflict] = []
    for name in _names():
        mine, other = _get(ours, name), _get(theirs, name)
        before = _get(base, name) if base is not None else _empty(name)
        if other in (mine, before) or (partial and other == _empty(name)):
            continue
        if mine != before and not prefer_theirs:
            conflicts.append(Conflict(name, mine, other))
            continue
        merged = _put(merged, name, other)
        changed.append(name)
    return Merged(merged, tuple(changed), tuple(conflicts))


def differing(one: Entry, other: Entry) -> tuple[str, ...]:
    """Return the names of the fields in which two entries differ."""
    return tuple(name for name in _names() if _get(one, name) != _get(other, name))


def _names() -> Iterator[str]:
    for each in fields(Entry):
        if each.name in _NESTED:
            yield from (f"{each.name}.{inner.name}" for inner in fields(_NESTED[each.name]))
        else:
            yield each.name


def _get(entry: Entry, name: str) -> Any:
    value: Any = entry
    for part in name.split("."):
        value = getattr(value, part)
    return value


def _empty(name: str) -> Any:
    return _get(Entry(), name)


def _put(entry: Entry, name: str, value: Any) -> Entry:
    outer, _, inner = name.partition(".")
    if inner:
        value = replace(getattr(entry, outer), **{inner: value})
    return replace(entry, **{outer: value})

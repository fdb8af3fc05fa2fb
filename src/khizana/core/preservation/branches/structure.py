"""``structure.json`` of two branches joined: no page of either is lost, and what only one of them changed stands."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from khizana.core.errors import Damaged

Value = Mapping[str, Any]


def merge_structures(base: bytes | None, ours: bytes, theirs: bytes) -> tuple[bytes, bool]:
    """Return the structure that joins *ours* and *theirs*, which both come from *base*, and whether all is decided.

    Pages are told by the digest of their master. Order, direction and each label are taken from the one that changed
    them; where both did, from *ours*, and a person must look. Pages that only one has come last; one of *theirs* whose
    number is taken is given the next free one. Raises ``Damaged`` for what is no structure.
    """
    try:
        return _merged(json.loads(base) if base else {"pages": []}, json.loads(ours), json.loads(theirs))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Damaged("MERGE_UNREADABLE", problem=repr(error)) from error


def _merged(base: Value, ours: Value, theirs: Value) -> tuple[bytes, bool]:
    before, here, there = (_by_master(each) for each in (base, ours, theirs))
    order, decided = _order(list(before), list(here), list(there))
    pages: dict[str, dict[str, Any]] = {}
    for master in order:
        page = dict(here.get(master) or there[master])
        if master in here and master in there:
            was = before[master]["label"] if master in before else None
            page["label"], clear = _one(was, here[master]["label"], there[master]["label"])
            decided = decided and clear
        pages[master] = page
    _number(pages, here)
    direction, clear = _one(base.get("direction"), ours["direction"], theirs["direction"])
    value = {**ours, "direction": direction, "pages": list(pages.values())}
    content = (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
    return content, decided and clear


def _by_master(structure: Value) -> dict[str, Value]:
    return {str(page.get("digest") or page["file"]): page for page in structure["pages"]}


def _one(base: object, ours: object, theirs: object) -> tuple[Any, bool]:
    """Return what one of the two changed, or ours; and whether it was one only."""
    if theirs in (ours, base):
        return ours, True
    return (theirs, True) if ours == base else (ours, False)


def _order(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> tuple[list[str], bool]:
    common = set(ours) & set(theirs)
    were = [master for master in base if master in common]
    here, there = ([master for master in each if master in common] for each in (ours, theirs))
    first, decided = _one(were, here, there)
    if first == here:
        return [*ours, *(master for master in theirs if master not in common)], decided
    return [*theirs, *(master for master in ours if master not in common)], decided


def _number(pages: Mapping[str, dict[str, Any]], ours: Mapping[str, Value]) -> None:
    """Give each page that is not among *ours* a number that no other has."""
    taken = {int(page["number"]) for master, page in pages.items() if master in ours}
    for master, page in pages.items():
        if master not in ours:
            number = int(page["number"])
            page["number"] = number if number not in taken else max(taken) + 1
            taken.add(page["number"])

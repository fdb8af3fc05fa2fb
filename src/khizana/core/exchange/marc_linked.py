"""Fields of MARC with the same field in the script of the manuscript: 880 and subfield 6."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from khizana.core.exchange.marc_record import Field, Record

_LINK = re.compile(r"([0-9A-Z]{3})-([0-9]{2})(?:/([^/]+))?")
LONE = "00"
"""The number of a field in another script that has no partner."""


@dataclass(frozen=True, slots=True)
class Linked:
    """A field and those that say the same in another script."""

    field: Field
    others: tuple[Field, ...] = ()
    """With the tag of the field that they stand for."""
    places: tuple[int, ...] = ()
    """Where in the record all of them stand."""

    @property
    def all(self) -> tuple[Field, ...]:
        """The field and the others."""
        return (self.field, *self.others)


def linked(record: Record) -> list[Linked]:
    """Return the data fields of *record* in their order, each with its partners; a lone one in 880 for itself."""
    partners: dict[tuple[str, str], list[int]] = {}
    for place, field in enumerate(record.fields):
        link = _link(field) if field.tag == "880" else None
        if link is not None and link[2] != LONE:
            partners.setdefault((link[1], link[2]), []).append(place)
    found = []
    taken: set[int] = set()
    for place, field in enumerate(record.fields):
        if field.control or field.tag == "880":
            continue
        link = _link(field)
        places = partners.get((field.tag, link[2]), []) if link is not None and link[1] == "880" else []
        places = [each for each in places if each not in taken]
        taken.update(places)
        others = tuple(replace(record.fields[each], tag=field.tag) for each in places)
        found.append(Linked(field, others, (place, *places)))
    for place, field in enumerate(record.fields):
        if field.tag == "880" and place not in taken:
            link = _link(field)
            found.append(Linked(replace(field, tag=link[1] if link else "880"), (), (place,)))
    return found


def _link(field: Field) -> re.Match[str] | None:
    # Subfield 6 comes first wherever it stands (MARC 21, appendix A); elsewhere it is looked for too.
    return next((_LINK.match(value.strip()) for code, value in field.subfields if code == "6"), None)

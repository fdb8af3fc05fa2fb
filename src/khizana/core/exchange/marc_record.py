"""A MARC 21 record, and how a catalogue entry keeps it: exactly, as lines that a cataloguer can read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

DELIMITER = "‡"
"""Before the code of a subfield, as cataloguers print it; in a value it is doubled."""
KEPT = "marc:"
"""Begins the name of what ``Entry.extra`` keeps of a MARC record: ``marc:leader``, ``marc:245``."""

_PART = re.compile(r"‡([^‡])((?:[^‡]|‡‡)*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Field:
    """A field: a control field has a *value*, a data field two indicators and subfields."""

    tag: str
    value: str = ""
    indicators: str = "  "
    subfields: tuple[tuple[str, str], ...] = ()

    @property
    def control(self) -> bool:
        """Whether it is a control field (001 to 009)."""
        return self.tag.startswith("00")

    def all(self, codes: str) -> list[str]:
        """Return the values of the subfields with one of *codes*, in the order of the field, with single blanks."""
        return [plain for code, value in self.subfields if code in codes and (plain := " ".join(value.split()))]

    def first(self, codes: str) -> str:
        """Return the first value of the subfields with one of *codes*, or nothing."""
        return next(iter(self.all(codes)), "")


@dataclass(frozen=True, slots=True)
class Record:
    """A record: its leader, and its fields in their order."""

    leader: str
    fields: tuple[Field, ...]

    def control(self, tag: str) -> str:
        """Return the value of the first control field *tag*, or nothing."""
        return next((field.value for field in self.fields if field.tag == tag), "")


def kept(record: Record) -> Iterator[tuple[str, str]]:
    """Yield *record* as ``Entry.extra`` keeps it: ``restored`` gives it back, character for character.

    A data field is ``10‡aTitle‡bRest`` with ``#`` for a blank indicator; in leader and control fields, where each
    column counts, ``#`` stands for a blank and ``‡#`` for the sign itself.
    """
    yield f"{KEPT}leader", _columns(record.leader)
    for field in record.fields:
        if field.control:
            yield KEPT + field.tag, _columns(field.value)
        else:
            parts = (f"{DELIMITER}{code}{value.replace('‡', '‡‡')}" for code, value in field.subfields)
            yield KEPT + field.tag, field.indicators.replace(" ", "#") + "".join(parts)


def restored(extra: Iterable[tuple[str, str]]) -> Record | None:
    """Return the record that *extra* keeps, or None where it keeps none."""
    leader, fields = "", []
    for key, text in extra:
        if not key.startswith(KEPT):
            continue
        tag = key.removeprefix(KEPT)
        if tag == "leader":
            leader = _from_columns(text)
        elif tag.startswith("00"):
            fields.append(Field(tag, _from_columns(text)))
        else:
            subfields = tuple((code, value.replace("‡‡", "‡")) for code, value in _PART.findall(text[2:]))
            fields.append(Field(tag, indicators=text[:2].replace("#", " "), subfields=subfields))
    return Record(leader, tuple(fields)) if leader or fields else None


def _columns(value: str) -> str:
    return value.replace("#", "‡#").replace(" ", "#")


def _from_columns(text: str) -> str:
    return re.sub("‡?#", lambda sign: "#" if len(sign[0]) == 2 else " ", text)

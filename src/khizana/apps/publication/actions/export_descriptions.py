"""Write descriptions out of the catalogue, all in one file of the form that is asked for."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import BinaryIO

from khizana.apps.publication.actions.import_descriptions import with_version
from khizana.apps.publication.from_objects import DESCRIPTION
from khizana.apps.publication.keeper import Keeper
from khizana.core.catalogue.entry import Entry
from khizana.core.errors import KhizanaError, NotFound
from khizana.core.exchange.dublin_core import to_oai_dc
from khizana.core.exchange.marcxml import write_marcxml
from khizana.core.findings import Finding, Severity
from khizana.core.identifiers import ManuscriptId, description_object_id
from khizana.core.sheets.writing import write_sheet
from khizana.core.structure.written import PUBLICATION, read_publication
from khizana.core.tei.entries import read_entry

TEI = "tei"
SHEETS = ("csv", "xlsx", "ods")
FORMS = (*SHEETS, "marcxml", "dc", TEI)


@dataclass(frozen=True, slots=True)
class Described:
    """One manuscript's description as it is kept."""

    manuscript: ManuscriptId
    shelfmark: str
    """The one that it has here; a description made elsewhere may state another."""
    document: bytes
    version: int

    def entry(self) -> Entry:
        """Return it as values, under its shelfmark here. Raises ``BadInput`` where it cannot be read."""
        return replace(read_entry(self.document, file=self.manuscript), shelfmark=self.shelfmark)


def described(
    manuscripts: Iterable[ManuscriptId],
    *,
    keeper: Keeper,
    tell_of: Callable[[Finding], None],
    on_each: Callable[[], None] = lambda: None,
) -> Iterator[Described]:
    """Yield the description of each of *manuscripts*; one that cannot be read is told, and the others come."""
    for manuscript in manuscripts:
        try:
            stored = keeper.object(description_object_id(keeper.library, manuscript))
            if stored is None:
                raise NotFound("NO_MANUSCRIPT", manuscript=manuscript)
            shelfmark = read_publication(stored.read_bytes(PUBLICATION), manuscript).shelfmark
            yield Described(manuscript, shelfmark, stored.read_bytes(DESCRIPTION), stored.head)
        except KhizanaError as error:
            tell_of(Finding(error.code, Severity.ERROR, manuscript, error.facts))
        on_each()


def write_descriptions(given: Iterator[Described], stream: BinaryIO, form: str, *, language: str) -> int:
    """Write *given* into *stream* and return how many they are; *form* is one of ``FORMS``, TEI comes as a zip.

    *language*: of the first line of a spreadsheet. Raises ``OSError``.
    """
    counted = _Counted(given)
    if form in SHEETS:
        write_sheet(counted.for_lists(), stream, form, language=language)
    elif form == TEI:
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for each in counted.as_kept():
                archive.writestr(f"{each.manuscript}.xml", each.document)
    else:
        stream.writelines(_PIECES[form](counted))
    return counted.count


class _Counted:
    """The entries of descriptions, counted as they are taken."""

    def __init__(self, given: Iterator[Described]) -> None:
        self.count = 0
        self._given = given

    def as_kept(self) -> Iterator[Described]:
        for each in self._given:
            self.count += 1
            yield each

    def for_lists(self) -> Iterator[Entry]:
        """Yield each entry with the version that it was written from."""
        for each in self.as_kept():
            yield with_version(each.entry(), each.version)

    def __iter__(self) -> Iterator[tuple[ManuscriptId, Entry]]:
        for each in self.as_kept():
            yield each.manuscript, each.entry()


def _dublin_core(entries: Iterable[tuple[ManuscriptId, Entry]]) -> Iterator[bytes]:
    yield b'<?xml version="1.0" encoding="UTF-8"?>\n<metadata>\n'
    for manuscript, entry in entries:
        yield to_oai_dc(entry, identifier=manuscript) + b"\n"
    yield b"</metadata>\n"


_PIECES: Mapping[str, Callable[[Iterable[tuple[ManuscriptId, Entry]]], Iterator[bytes]]] = {
    "marcxml": write_marcxml,
    "dc": _dublin_core,
}

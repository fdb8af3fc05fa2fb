"""One file, of whatever form, as the manuscripts that it describes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from khizana.core.catalogue.incoming import Incoming, Reported
from khizana.core.errors import KhizanaError
from khizana.core.exchange.dublin_core_read import read_dublin_core
from khizana.core.exchange.kinds import SPREADSHEETS, Kind, kind_of, unread
from khizana.core.exchange.manifests import read_manifest
from khizana.core.exchange.marcxml import read_marc, read_marcxml
from khizana.core.exchange.sources import Source
from khizana.core.findings import Finding, Severity
from khizana.core.sheets import entries as sheets
from khizana.core.sheets.known import known_profile
from khizana.core.sheets.profile import Profile
from khizana.core.tei import entries as tei
from khizana.core.tei.read import LARGEST as LARGEST_TEI

INVENTORY = "inventory"
"""The profile by which spreadsheets are read where none is given."""


def read_source(source: Source, profile: Profile | None) -> Iterator[Incoming | Reported]:
    """Yield what *source* describes, or why it is nothing to the catalogue; nothing is raised for what is in it.

    Spreadsheets are read under *profile*, or under one for inventories of any kind. A long file is read as it is
    taken, and never held whole, but for TEI.
    """
    try:
        yield from _read(source, profile or known_profile(INVENTORY))
    except KhizanaError as error:
        yield _reported(error.code, source, **error.facts)
    except OSError as error:
        yield _reported("IMPORT_FILE_UNREADABLE", source, problem=error.strerror or str(error))


def _read(source: Source, profile: Profile) -> Iterator[Incoming | Reported]:
    head = source.head()
    kind = kind_of(head, source.name)
    match kind:
        case Kind.TEI:
            yield from _tei(source)
        case Kind.MANIFEST_2 | Kind.MANIFEST_3:
            yield read_manifest(source.read(), file=source.name)
        case Kind.MARCXML | Kind.MARC | Kind.DUBLIN_CORE | Kind.OAI:
            with source.opened() as stream:
                yield from _BY_RECORD[kind](stream, file=source.name)
        case _ if kind in SPREADSHEETS or head.startswith(OLD_WORKBOOK) or _is_called_a_table(source):
            with _on_disk(source) as path:
                yield from sheets.read_entries(path, profile, source.name)
        case _:
            finding = unread(kind, file=source.name) or Finding("KIND_UNKNOWN", Severity.ERROR, source.name)
            yield Reported(finding, source.name, 1)


def _is_called_a_table(source: Source) -> bool:
    # A list in an old encoding looks like no text at all before it is known which one.
    return Path(source.name).suffix.lower() in {".csv", ".tsv", ".tab"}


_BY_RECORD: Mapping[Kind, Callable[..., Iterator[Incoming | Reported]]] = {
    Kind.MARCXML: read_marcxml,
    Kind.MARC: read_marc,
    Kind.DUBLIN_CORE: read_dublin_core,
    Kind.OAI: read_dublin_core,
}
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"


def _tei(source: Source) -> Iterator[Incoming | Reported]:
    if source.size() > LARGEST_TEI:
        yield _reported("TEI_TOO_LARGE", source, size=source.size(), largest=LARGEST_TEI)
        return
    reading = tei.read_entries(source.read(), file=source.name)
    if not reading.entries:
        yield from (Reported(each, source.name, int(each.facts.get("line", 1))) for each in reading.findings[:1])
        return
    # What is to be said of the whole file is said with its first manuscript.
    first, *others = reading.entries
    yield replace(first, findings=(*reading.findings, *first.findings))
    yield from others


@contextmanager
def _on_disk(source: Source) -> Iterator[Path]:
    """Give *source* a path, for libraries that take nothing else; that of an archive is unpacked for as long."""
    if source.path is not None:
        yield source.path
        return
    with tempfile.NamedTemporaryFile(prefix="khizana-import-", suffix=Path(source.name).suffix) as unpacked:
        unpacked.write(source.content)
        unpacked.flush()
        yield Path(unpacked.name)


def _reported(code: str, source: Source, **facts: str | int) -> Reported:
    line = facts.setdefault("line", 1)
    finding = Finding(code, Severity.ERROR, source.name, {"file": source.name, **facts})
    return Reported(finding, source.name, line if isinstance(line, int) else 1)

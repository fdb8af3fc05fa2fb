"""``khizana export``: descriptions out of the catalogue, in the form that is asked for."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from khizana.apps.publication import queries
from khizana.apps.publication.actions.import_descriptions import with_version
from khizana.apps.publication.actions.index_manuscript import DESCRIPTION
from khizana.cli.verb import Opened, Progress, language, tell, tell_findings
from khizana.core.catalogue.entry import Entry
from khizana.core.errors import AlreadyThere, BadInput, KhizanaError, NotFound
from khizana.core.exchange.dublin_core import to_oai_dc
from khizana.core.exchange.marcxml import write_marcxml
from khizana.core.findings import Finding, Severity
from khizana.core.identifiers import ManuscriptId, description_object_id, manuscript_id
from khizana.core.preservation.durable import make_directories, sync_directory, write_beside, writing
from khizana.core.sheets.writing import write_sheet
from khizana.core.tei.entries import read_entry
from khizana.wiring.library import keeper, make_good

TEI = "tei"
SHEETS = ("csv", "xlsx", "ods")


@dataclass(frozen=True, slots=True)
class _Described:
    """One manuscript's description as it is kept."""

    manuscript: ManuscriptId
    document: bytes
    version: int

    def entry(self) -> Entry:
        return read_entry(self.document, file=self.manuscript)


def run(*, opened: Opened, shelfmarks: tuple[str, ...], kind: str, into: Path, published: bool, as_json: bool) -> int:
    """Write the descriptions of *shelfmarks*, or of all manuscripts, into the new file or the folder *into*.

    One that cannot be read is told, and the others are written: the status is then 1. Raises ``NotFound`` for a
    shelfmark that is not there, ``AlreadyThere`` where something else is in the way, ``NoSpace``.
    """
    make_good(opened.folder, opened.configuration)
    wanted = _wanted(shelfmarks, published=published)
    findings: list[Finding] = []
    with Progress(0, unit="") as progress:
        described = _described(opened, wanted, findings.append, progress)
        count = _write_folder(described, into) if kind == TEI else _write_file(described, into, kind)
    tell_findings(findings)
    if as_json:
        failed = [{"code": each.code, "manuscript": each.subject} for each in findings]
        click.echo(
            json.dumps({"exported": count, "kind": kind, "into": str(into), "failed": failed}, ensure_ascii=False)
        )
    else:
        tell("EXPORTED", count=count, path=str(into))
    return int(bool(findings))


def _wanted(shelfmarks: tuple[str, ...], *, published: bool) -> Iterator[ManuscriptId]:
    if not shelfmarks:
        return queries.manuscript_ids(published_only=published)
    wanted = [manuscript_id(each) for each in shelfmarks]
    for shelfmark, manuscript in zip(shelfmarks, wanted, strict=True):
        if queries.agreement_and_revision(manuscript) is None:
            raise NotFound("NO_MANUSCRIPT", manuscript=shelfmark)
    return iter(wanted)


def _described(
    opened: Opened, wanted: Iterator[ManuscriptId], tell_of: Callable[[Finding], None], progress: Progress
) -> Iterator[_Described]:
    keep = keeper(opened.folder, opened.configuration)
    for manuscript in wanted:
        try:
            stored = keep.object(description_object_id(keep.library, manuscript))
            if stored is None:
                raise NotFound("NO_MANUSCRIPT", manuscript=manuscript)
            yield _Described(manuscript, stored.read_bytes(DESCRIPTION), stored.head)
        except KhizanaError as error:
            tell_of(Finding(error.code, Severity.ERROR, manuscript, error.facts))
        progress.add(1)


def _write_folder(described: Iterator[_Described], folder: Path) -> int:
    """Write each description as its own file, byte for byte as it is kept; one that is there as it is counts, too."""
    with writing(folder):
        make_directories(folder)
        count = 0
        for each in described:
            path = folder / f"{each.manuscript}.xml"
            if not path.is_file() or path.read_bytes() != each.document:
                write_beside(path, each.document)
            count += 1
        return count


def _write_file(described: Iterator[_Described], path: Path, kind: str) -> int:
    if path.is_dir():
        raise BadInput("EXPORT_INTO_FOLDER", path=str(path), kind=kind)
    if path.exists():
        raise AlreadyThere("FILE_EXISTS", path=str(path))
    counted = _Counted(described)
    part = path.with_name(f"{path.name}.part")
    with writing(path):
        make_directories(path.parent)
        part.unlink(missing_ok=True)
        try:
            with part.open("xb") as stream:
                if kind in SHEETS:
                    write_sheet(counted.for_lists(), stream, kind, language=language())
                else:
                    stream.writelines(_PIECES[kind](counted))
                stream.flush()
                os.fsync(stream.fileno())
            part.rename(path)
            sync_directory(path.parent)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    return counted.count


class _Counted:
    """The entries of descriptions, counted as they are taken."""

    def __init__(self, described: Iterator[_Described]) -> None:
        self.count = 0
        self._described = described

    def for_lists(self) -> Iterator[Entry]:
        """Yield each entry with the version that it was written from."""
        for each in self._described:
            self.count += 1
            yield with_version(each.entry(), each.version)

    def __iter__(self) -> Iterator[tuple[ManuscriptId, Entry]]:
        for each in self._described:
            self.count += 1
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

"""``khizana export``: descriptions out of the catalogue, in the form that is asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from khizana.apps.publication import queries
from khizana.apps.publication.actions.index_manuscript import DESCRIPTION
from khizana.cli.verb import Opened, Progress, tell, tell_findings
from khizana.core.catalogue.entry import Entry
from khizana.core.errors import AlreadyThere, BadInput, KhizanaError, NotFound
from khizana.core.exchange.dublin_core import write_dublin_core
from khizana.core.exchange.marcxml import write_marcxml
from khizana.core.findings import Finding, Severity
from khizana.core.identifiers import ManuscriptId, description_object_id, manuscript_id
from khizana.core.preservation.durable import make_directories, write_beside, writing
from khizana.core.sheets.writing import write_sheet
from khizana.core.tei.entries import read_entry
from khizana.wiring.library import keeper, make_good

TEI = "tei"
KINDS = (TEI, "csv", "xlsx", "ods", "marcxml", "dc")


@dataclass(frozen=True, slots=True)
class _Described:
    """One manuscript's description as it is kept."""

    manuscript: ManuscriptId
    document: bytes

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
            yield _Described(manuscript, stored.read_bytes(DESCRIPTION))
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
    count = 0

    def entries() -> Iterator[Entry]:
        nonlocal count
        for each in described:
            count += 1
            yield each.entry()

    part = path.with_name(f"{path.name}.part")
    with writing(path):
        make_directories(path.parent)
        part.unlink(missing_ok=True)
        try:
            match kind:
                case "marcxml":
                    write_marcxml(entries(), part)
                case "dc":
                    write_dublin_core(entries(), part)
                case _:
                    write_sheet(entries(), part, kind)
            part.rename(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    return count

"""``khizana export``: descriptions out of the catalogue, in the form that is asked for."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import click

from khizana.apps.publication import queries
from khizana.apps.publication.actions.export_descriptions import TEI, Described, described, write_descriptions
from khizana.cli.verb import Opened, Progress, language, tell, tell_findings
from khizana.core.errors import AlreadyThere, BadInput, NotFound
from khizana.core.findings import Finding
from khizana.core.identifiers import ManuscriptId, manuscript_id
from khizana.core.preservation.durable import make_directories, sync_directory, write_beside, writing
from khizana.wiring.library import keeper, make_good


def run(*, opened: Opened, shelfmarks: tuple[str, ...], kind: str, into: Path, published: bool, as_json: bool) -> int:
    """Write the descriptions of *shelfmarks*, or of all manuscripts, into the new file or the folder *into*.

    One that cannot be read is told, and the others are written: the status is then 1. Raises ``NotFound`` for a
    shelfmark that is not there, ``AlreadyThere`` where something else is in the way, ``NoSpace``.
    """
    make_good(opened.folder, opened.configuration)
    wanted = _wanted(shelfmarks, published=published)
    findings: list[Finding] = []
    with Progress(0, unit="") as progress:
        keep = keeper(opened.folder, opened.configuration)
        given = described(wanted, keeper=keep, tell_of=findings.append, on_each=partial(progress.add, 1))
        count = _write_folder(given, into) if kind == TEI else _write_file(given, into, kind)
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


def _write_folder(given: Iterator[Described], folder: Path) -> int:
    """Write each description as its own file, byte for byte as it is kept; one that is there as it is counts, too."""
    with writing(folder):
        make_directories(folder)
        count = 0
        for each in given:
            path = folder / f"{each.manuscript}.xml"
            if not path.is_file() or path.read_bytes() != each.document:
                write_beside(path, each.document)
            count += 1
        return count


def _write_file(given: Iterator[Described], path: Path, kind: str) -> int:
    if path.is_dir():
        raise BadInput("EXPORT_INTO_FOLDER", path=str(path), kind=kind)
    if path.exists():
        raise AlreadyThere("FILE_EXISTS", path=str(path))
    part = path.with_name(f"{path.name}.part")
    with writing(path):
        make_directories(path.parent)
        part.unlink(missing_ok=True)
        try:
            with part.open("xb") as stream:
                count = write_descriptions(given, stream, kind, language=language())
                stream.flush()
                os.fsync(stream.fileno())
            part.rename(path)
            sync_directory(path.parent)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    return count

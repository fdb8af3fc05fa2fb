"""Make again, from object versions and tombstones, what was noted for other libraries."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import TypeVar

from django.db import transaction

from khizana.apps.publication.changes import (
    WITH_SHELFMARK,
    append,
    note_departed,
    place_of,
    write_sets,
)
from khizana.apps.publication.models import Change, Offered, Publication
from khizana.core.changes import Change as Changed
from khizana.core.changes import ChangeKind, VersionSeen, history_of, is_offered, to_the_second
from khizana.core.errors import KhizanaError
from khizana.core.identifiers import Digest, ManuscriptId, description_object_id, manuscript_of, object_ids
from khizana.core.library import LibraryFolder
from khizana.core.policy import Agreement, Level, is_named_when_gone
from khizana.core.preservation.ledger.deletion_entries import Named
from khizana.core.preservation.ledger.deletions import known_deletions
from khizana.core.preservation.ledger.entry import VERSION
from khizana.core.preservation.ledger.place import read_entries
from khizana.core.preservation.ocfl.layout import object_path
from khizana.core.preservation.ocfl.read import StoredObject, read_object
from khizana.core.structure.written import PUBLICATION, read_publication

AT_ONCE = 500
"""Rows that are held at a time."""
_Each = TypeVar("_Each")

Times = Mapping[tuple[str, int], str]
"""When each object version came to be known here: object and number to a time to the second."""


def is_afresh() -> bool:
    """Return whether nothing was ever noted: the database is new."""
    return not Change.objects.exists()


def remake_changes(manuscripts: Collection[ManuscriptId], *, folder: LibraryFolder, library: str) -> None:
    """Write the changes that the versions of *manuscripts* were, in one transaction, and what tombstones tell.

    A version is dated by its entry in the ledger, which is written just after its rows: never before a harvest could
    have seen it. One that the ledger has not is dated now; a harvester that has it already gets it once more.
    Of what cannot be read nothing is told; ``rebuild`` says that of it.
    """
    tombstones = [each for each in known_deletions(folder.ledger).tombstones() if each.offered]
    changes: list[Changed] = []
    if manuscripts:
        now = to_the_second(datetime.now(UTC))
        times = entered_times(folder)
        for manuscript in manuscripts:
            changes += _history(manuscript, folder, library, lambda *version: times.get(version, now))
    gone = [
        (Changed(manuscript, ChangeKind.DELETE, to_the_second(each.carried_out)), each)
        for each in tombstones
        for manuscript in _described(each.objects, library)
    ]
    with transaction.atomic():
        for request in tombstones:
            note_departed(request, library=library)
        if is_afresh():
            _write(sorted([*changes, *(change for change, _ in gone)], key=lambda each: (each.when, each.manuscript)))
            for change, request in gone:
                shelfmark = request.shelfmark[:120] if request.offered == WITH_SHELFMARK else ""
                Offered.objects.filter(slug=change.manuscript, is_open=False).update(shelfmark=shelfmark)


def entered_times(folder: LibraryFolder) -> Times:
    """Return when each object version was entered into the ledger first; nothing of a ledger that cannot be read."""
    times: dict[tuple[str, int], str] = {}
    try:
        for _, entry in read_entries(folder.ledger):
            version = entry.facts.get(VERSION)
            if isinstance(version, int):
                times.setdefault((entry.subject, version), to_the_second(entry.when))
    except KhizanaError:
        return times
    return times


def _history(
    manuscript: ManuscriptId, folder: LibraryFolder, library: str, when: Callable[[str, int], str]
) -> list[Changed]:
    paths = [folder.storage / object_path(identifier) for identifier in object_ids(library, manuscript)]
    try:
        objects = [read_object(path) for path in paths if path.is_dir()]
        return list(history_of(manuscript, [seen for each in objects for seen in _versions(each, manuscript, when)]))
    except KhizanaError:
        return []


def _versions(stored: StoredObject, manuscript: ManuscriptId, when: Callable[[str, int], str]) -> Iterator[VersionSeen]:
    agreements: dict[Digest, Agreement] = {}
    for number, version in enumerate(stored.versions, 1):
        digest = version.state.get(PUBLICATION)
        if digest is not None and digest not in agreements:
            agreements[digest] = read_publication(stored.read_bytes(PUBLICATION, number), manuscript).agreement
        yield VersionSeen(when(stored.id, number), agreements[digest] if digest is not None else None)


def _described(objects: Collection[Named], library: str) -> Iterator[ManuscriptId]:
    for each in objects:
        manuscript = manuscript_of(library, each.object_id)
        if manuscript is not None and each.object_id == description_object_id(library, manuscript):
            yield manuscript


def _write(changes: Collection[Changed]) -> None:
    """Append *changes*, and leave each manuscript as its newest one and its rows have it."""
    newest: dict[ManuscriptId, str] = {}
    for few in _few(changes):
        stamps = append([(each.kind, each.manuscript, each.when) for each in few])
        newest |= {each.manuscript: stamp for each, stamp in zip(few, stamps, strict=True)}
    for few_newest in _few(newest.items()):
        _offer(few_newest)


def _offer(newest: Sequence[tuple[ManuscriptId, str]]) -> None:
    several = Publication.objects.filter(manuscript__slug__in=[manuscript for manuscript, _ in newest])
    rows = {row.manuscript.slug: row for row in several.select_related("manuscript")}
    offered: list[Offered] = []
    for manuscript, when in newest:
        row = rows.get(manuscript)
        agreement = Agreement(Level(row.level), row.published) if row else Agreement()
        offered.append(
            Offered(
                slug=manuscript,
                place=place_of(when, manuscript),
                is_open=row is not None and is_offered(agreement),
                is_deleted=row is None,
                revision=row.revision if row else "",
                blade=row.blade if row else "",
                shelfmark=row.manuscript.shelfmark if row and is_named_when_gone(agreement) else "",
            )
        )
    Offered.objects.bulk_create(offered)
    write_sets((each.place, rows[each.slug].sets if each.slug in rows else ()) for each in offered)


def _few(several: Iterable[_Each]) -> Iterator[list[_Each]]:
    rest = iter(several)
    while few := list(islice(rest, AT_ONCE)):
        yield few

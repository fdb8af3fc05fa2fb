"""Take descriptions from elsewhere into the catalogue: those that are new, and what changed in those that are there.

The description of a manuscript that was imported stands in its object twice: as it is here, and as it last came, so
that the next time it is known which side changed what. As long as they are the same they are one file on the disk.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from khizana.apps.publication.actions.describe import Change, describe
from khizana.apps.publication.actions.index_manuscript import index_manuscripts
from khizana.apps.publication.from_objects import DESCRIPTION
from khizana.apps.publication.keeper import Keeper, new_event
from khizana.apps.publication.pending import pending
from khizana.core.catalogue.entry import Entry
from khizana.core.catalogue.incoming import Incoming
from khizana.core.catalogue.merge import Conflict, differing, merge_columns, merge_entries
from khizana.core.errors import AlreadyThere
from khizana.core.exchange.pages_elsewhere import MOST_ORIGINS, elsewhere_of
from khizana.core.findings import Finding, Severity
from khizana.core.identifiers import (
    ManuscriptId,
    ObjectId,
    description_object_id,
    images_object_id,
    manuscript_id,
)
from khizana.core.languages import reading_direction
from khizana.core.manuscript import LibraryCard
from khizana.core.policy import Agreement
from khizana.core.preservation import premis
from khizana.core.preservation.ocfl.read import StoredObject
from khizana.core.structure.elsewhere import ELSEWHERE, elsewhere_json
from khizana.core.structure.written import PUBLICATION, Publication, publication_json, read_publication
from khizana.core.tei.entries import read_entry
from khizana.core.tei.rewrite import changed_document, new_document

IMPORTED = "imported.xml"
"""The description as it last came from elsewhere, in the object of one that was imported."""
IMPORTED_ROW = "imported-row.xml"
"""The same, as it last came in a list that has columns for some things only: each way has its own memory."""
_VERSION = "khizana:version"
MESSAGE = "Import of the description"
AT_ONCE = 200
"""Descriptions that are written with one flush, and indexed in one transaction."""


class Fate(StrEnum):
    """What becomes of one description."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"
    """Some of it was changed here and there; what is not disputed is taken."""


class NamedBy(StrEnum):
    """What a manuscript is called here."""

    SHELFMARK = "shelfmark"
    HOLDING = "holding"
    """The holding and the shelfmark: of several libraries, each has an "MS 1"."""
    FILE = "file"
    """The name of its file without its ending."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What is to be done with one description; nothing is written yet."""

    manuscript: ManuscriptId
    shelfmark: str
    incoming: Incoming
    fate: Fate
    fields: tuple[str, ...] = ()
    """Fields that will be other than they are."""
    conflicts: tuple[Conflict, ...] = ()
    put: Mapping[str, bytes] = field(default_factory=dict)
    """What is written, by logical path; nothing where it is unchanged."""
    seen: int = 0
    """The version of the object that this was worked out from."""

    def told(self, finding: Finding) -> Planned:
        """Return the same, with *finding* told of it."""
        return replace(self, incoming=replace(self.incoming, findings=(*self.incoming.findings, finding)))


@dataclass(frozen=True, slots=True)
class Planner:
    """Says what is to be done with descriptions."""

    keeper: Keeper
    card: LibraryCard
    named_by: NamedBy = NamedBy.SHELFMARK
    prefer_theirs: bool = False
    references: bool = False
    """Whether the images that a manifest names are shown from where they are."""
    nearby: bool = False
    """Whether they may be on a network of one's own."""

    def plan(self, incoming: Incoming) -> Planned:
        """Return what is to be done with *incoming*, and with the images that it names.

        Raises ``BadInput`` for a shelfmark that cannot be one, ``AlreadyThere`` for one that differs from that of
        another manuscript in punctuation alone, ``Damaged`` and ``Unreadable`` where what is here cannot be read.
        """
        planned = self._planned(incoming)
        if not self.references or not incoming.images:
            return planned
        if self.keeper.object(images_object_id(self.keeper.library, planned.manuscript)) is not None:
            return planned.told(Finding("IMAGES_HERE", Severity.INFO, incoming.file, {"shelfmark": planned.shelfmark}))
        elsewhere, direction = elsewhere_of(incoming.entry, incoming.images, nearby=self.nearby)
        if left := len(incoming.images) - len(elsewhere.pages):
            facts: dict[str, str | int] = {"shelfmark": planned.shelfmark, "count": left, "servers": MOST_ORIGINS}
            planned = planned.told(Finding("IMAGES_NOT_SHOWN", Severity.WARNING, incoming.file, facts))
        raw = elsewhere_json(elsewhere, direction or reading_direction(incoming.entry.languages))
        stored = self.keeper.object(description_object_id(self.keeper.library, planned.manuscript))
        shown = stored.read_bytes(ELSEWHERE) if stored is not None and ELSEWHERE in stored.state() else None
        if raw == shown or (not elsewhere.pages and shown is None):
            return planned
        fate = Fate.CHANGED if planned.fate is Fate.UNCHANGED else planned.fate
        return replace(planned, fate=fate, fields=(*planned.fields, "images"), put={**planned.put, ELSEWHERE: raw})

    def _planned(self, incoming: Incoming) -> Planned:
        """Return what is to be done with the description.

        Raises ``BadInput`` for a shelfmark that cannot be one, ``AlreadyThere`` for one that differs from that of
        another manuscript in punctuation alone, ``Damaged`` and ``Unreadable`` where what is here cannot be read.
        """
        shelfmark = shelfmark_of(incoming, self.named_by)
        manuscript = manuscript_id(shelfmark)
        entry, version = without_version(incoming.entry)
        incoming = replace(incoming, entry=entry)
        document = incoming.document or new_document(entry, self.card)
        last = IMPORTED if incoming.document else IMPORTED_ROW
        stored = self.keeper.object(description_object_id(self.keeper.library, manuscript))
        if stored is None:
            put = {DESCRIPTION: document, last: document}
            return Planned(manuscript, shelfmark, incoming, Fate.ADDED, put=put)
        here = read_publication(stored.read_bytes(PUBLICATION), manuscript).shelfmark
        if here != shelfmark:
            raise AlreadyThere("SHELFMARK_TOO_NEAR", shelfmark=shelfmark, other=here)
        if last in stored.state() and stored.read_bytes(last) == document and version is None:
            return Planned(manuscript, shelfmark, incoming, Fate.UNCHANGED, seen=stored.head)
        sides = _Sides(_base(stored, last, version), stored.read_bytes(DESCRIPTION), document)
        merged = self._of_document(sides, incoming) if incoming.document else self._of_list(sides, incoming)
        put = {DESCRIPTION: merged.document} if merged.document != sides.ours else {}
        if not merged.conflicts and (last not in stored.state() or stored.read_bytes(last) != document):
            put[last] = document
        settled = Fate.CHANGED if DESCRIPTION in put else Fate.UNCHANGED
        return Planned(
            manuscript,
            shelfmark,
            incoming,
            Fate.CONFLICT if merged.conflicts else settled,
            merged.fields or (("document",) if DESCRIPTION in put else ()),
            merged.conflicts,
            put,
            stored.head,
        )

    def _of_document(self, sides: _Sides, incoming: Incoming) -> _Joined:
        ours = _read(sides.ours, incoming)
        base = None if sides.base is None else _read(sides.base, incoming)
        merged = merge_entries(base, ours, incoming.entry, prefer_theirs=self.prefer_theirs)
        conflicts = merged.conflicts
        if not self.prefer_theirs and (base is None or sides.changed_beside(base, ours)):
            # What the model does not know was changed here too, or nobody can say: our document goes on.
            document = changed_document(sides.ours, ours, merged.entry)
            if base is not None:
                conflicts = (*conflicts, Conflict("document", "", ""))
        else:
            document = changed_document(sides.theirs, incoming.entry, merged.entry)
        return _Joined(document, merged.changed, conflicts)

    def _of_list(self, sides: _Sides, incoming: Incoming) -> _Joined:
        ours = _read(sides.ours, incoming)
        base = None if sides.base is None else _read(sides.base, incoming)
        # By its shelfmark the manuscript was found: what the description itself calls it stays.
        theirs = replace(incoming.entry, shelfmark=ours.shelfmark)
        merged = merge_columns(base, ours, theirs, prefer_theirs=self.prefer_theirs)
        return _Joined(changed_document(sides.ours, ours, merged.entry), merged.changed, merged.conflicts)


@dataclass(frozen=True, slots=True)
class _Joined:
    """What comes of two sides."""

    document: bytes
    fields: tuple[str, ...]
    conflicts: tuple[Conflict, ...]


@dataclass(frozen=True, slots=True)
class _Sides:
    """The three documents that are merged."""

    base: bytes | None
    ours: bytes
    theirs: bytes

    def changed_beside(self, base: Entry, ours: Entry) -> bool:
        """Return whether ours differs from the base in more than fields of the entry."""
        if self.base is None or self.base == self.ours:
            return False
        return differing(base, ours) == () or changed_document(self.base, base, ours) != self.ours


def _base(stored: StoredObject, last: str, version: int | None) -> bytes | None:
    """Return what both sides come from: the version that a list was written from, or what last came in that way."""
    if version is not None and 1 <= version <= stored.head:
        return stored.read_bytes(DESCRIPTION, version)
    for path in (last, IMPORTED):
        if path in stored.state():
            return stored.read_bytes(path)
    return None


def with_version(entry: Entry, version: int) -> Entry:
    """Return *entry* as it stands in a list: with the version that it was written from, for when that comes back."""
    return replace(entry, extra=(*entry.extra, (_VERSION, str(version))))


def without_version(entry: Entry) -> tuple[Entry, int | None]:
    """Return the entry that ``with_version`` was given, and the version; None where there is none."""
    stated = [value for column, value in entry.extra if column == _VERSION]
    if not stated:
        return entry, None
    extra = tuple(each for each in entry.extra if each[0] != _VERSION)
    return replace(entry, extra=extra), int(stated[0]) if re.fullmatch("[0-9]{1,9}", stated[0]) else None


def shelfmark_of(incoming: Incoming, named_by: NamedBy) -> str:
    """Return what *incoming* is called here."""
    entry = incoming.entry
    match named_by:
        case NamedBy.FILE:
            return incoming.file.rpartition("/")[2].rpartition(".")[0]
        case NamedBy.HOLDING:
            holding = entry.holding[-1].text if entry.holding else entry.custodian[0].text if entry.custodian else ""
            return f"{holding}, {entry.shelfmark}" if holding and entry.shelfmark else entry.shelfmark
        case NamedBy.SHELFMARK:
            return entry.shelfmark


def carry_out(planned: Sequence[Planned], *, keeper: Keeper, agreement: Agreement, batch: str) -> None:
    """Write what is *planned*, index it and enter it into the ledger; *agreement* is for the manuscripts that are new.

    Raises as ``StorageRoot.write_objects`` and ``describe`` do. What is written by then is whole, and the same import
    goes on.
    """
    added = [each for each in planned if each.fate is Fate.ADDED]
    changed = [each for each in planned if each.fate is not Fate.ADDED and each.put]
    if added:
        manuscripts = [each.manuscript for each in added]
        with pending(keeper.folder, *manuscripts):
            keeper.storage.write_objects(
                {_object_of(each, keeper): _new(each, keeper, agreement, batch) for each in added},
                message=MESSAGE,
                user=keeper.user,
                created=keeper.now(),
                validator=keeper.validator,
            )
            index_manuscripts(manuscripts=manuscripts, folder=keeper.folder, library=keeper.library)
            keeper.enter(*manuscripts)
    changes = [Change(each.manuscript, each.put, _came_from(each.incoming), each.seen) for each in changed]
    describe(changes, keeper=keeper, batch=batch, message=MESSAGE)


def _new(each: Planned, keeper: Keeper, agreement: Agreement, batch: str) -> dict[str, bytes]:
    events = [
        new_event(keeper, "accession", _came_from(each.incoming), outcome_detail=batch),
        new_event(keeper, "validation", "OCFL 1.1, version 1, before it was named", outcome="valid"),
    ]
    return {
        **each.put,
        PUBLICATION: publication_json(Publication(each.shelfmark, agreement)),
        f"{premis.EVENTS}0001.xml": premis.write_events(events, object_id=_object_of(each, keeper)),
    }


def _came_from(incoming: Incoming) -> str:
    return f"description imported from {incoming.file}, line {incoming.line}"


def _object_of(each: Planned, keeper: Keeper) -> ObjectId:
    return description_object_id(keeper.library, each.manuscript)


def _read(document: bytes, incoming: Incoming) -> Entry:
    return read_entry(document, file=incoming.file)

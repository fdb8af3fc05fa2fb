"""Take descriptions from elsewhere into the catalogue: those that are new, and what changed in those that are there.

The description of a manuscript that was imported stands in its object twice: as it is here, and as it last came, so
that the next time it is known which side changed what. As long as they are the same they are one file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from khizana.apps.publication.actions.accession import Keeper, new_event
from khizana.apps.publication.actions.describe import Change, describe
from khizana.apps.publication.actions.index_manuscript import DESCRIPTION, IMPORTED, index_manuscripts
from khizana.apps.publication.pending import pending
from khizana.core.catalogue.entry import Entry
from khizana.core.catalogue.incoming import Incoming
from khizana.core.catalogue.merge import Conflict, differing, merge_entries
from khizana.core.errors import AlreadyThere
from khizana.core.identifiers import ManuscriptId, ObjectId, description_object_id, manuscript_id
from khizana.core.manuscript import LibraryCard
from khizana.core.policy import Agreement
from khizana.core.preservation import premis
from khizana.core.structure.written import PUBLICATION, Publication, publication_json, read_publication
from khizana.core.tei.entries import read_entry
from khizana.core.tei.rewrite import changed_document, new_document

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


@dataclass(frozen=True, slots=True)
class Planner:
    """Says what is to be done with descriptions."""

    keeper: Keeper
    card: LibraryCard
    named_by: NamedBy = NamedBy.SHELFMARK
    prefer_theirs: bool = False

    def plan(self, incoming: Incoming) -> Planned:
        """Return what is to be done with *incoming*.

        Raises ``BadInput`` for a shelfmark that cannot be one, ``AlreadyThere`` for one that differs from that of
        another manuscript in punctuation alone, ``Damaged`` and ``Unreadable`` where what is here cannot be read.
        """
        shelfmark = shelfmark_of(incoming, self.named_by)
        manuscript = manuscript_id(shelfmark)
        document = incoming.document or new_document(incoming.entry, self.card)
        stored = self.keeper.object(description_object_id(self.keeper.library, manuscript))
        if stored is None:
            put = {DESCRIPTION: document, IMPORTED: document}
            return Planned(manuscript, shelfmark, incoming, Fate.ADDED, put=put)
        here = read_publication(stored.read_bytes(PUBLICATION), manuscript).shelfmark
        if here != shelfmark:
            raise AlreadyThere("SHELFMARK_TOO_NEAR", shelfmark=shelfmark, other=here)
        before = stored.read_bytes(IMPORTED) if IMPORTED in stored.state() else None
        if before == document:
            return Planned(manuscript, shelfmark, incoming, Fate.UNCHANGED)
        sides = _Sides(before, stored.read_bytes(DESCRIPTION), document)
        return replace(self._merged(sides, manuscript, shelfmark, incoming), seen=stored.head)

    def _merged(self, sides: _Sides, manuscript: ManuscriptId, shelfmark: str, incoming: Incoming) -> Planned:
        ours = _read(sides.ours, incoming)
        base = None if sides.base is None else _read(sides.base, incoming)
        merged = merge_entries(
            base, ours, incoming.entry, partial=not incoming.document, prefer_theirs=self.prefer_theirs
        )
        conflicts = list(merged.conflicts)
        keeps_ours = not self.prefer_theirs and (base is None or sides.changed_beside(base, ours))
        if incoming.document and keeps_ours:
            # What the model does not know was changed here too, or nobody can say: our document goes on.
            document = changed_document(sides.ours, ours, merged.entry)
            if base is not None:
                conflicts.append(Conflict("document", "", ""))
        elif incoming.document:
            document = changed_document(sides.theirs, incoming.entry, merged.entry)
        else:
            document = changed_document(sides.ours, ours, merged.entry)
        put = {DESCRIPTION: document} if document != sides.ours else {}
        if not conflicts:
            put[IMPORTED] = sides.theirs
        settled = Fate.CHANGED if DESCRIPTION in put else Fate.UNCHANGED
        fate = Fate.CONFLICT if conflicts else settled
        fields = merged.changed or (("document",) if DESCRIPTION in put else ())
        return Planned(manuscript, shelfmark, incoming, fate, fields, tuple(conflicts), put)


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

"""Change one column of many descriptions at once; and take such a change, or an import, back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from khizana.apps.publication.actions.describe import Change
from khizana.apps.publication.actions.import_descriptions import IMPORTED
from khizana.apps.publication.from_objects import DESCRIPTION
from khizana.apps.publication.keeper import Keeper
from khizana.core.catalogue.columns import column
from khizana.core.catalogue.entry import Entry
from khizana.core.catalogue.merge import Conflict, merge_entries
from khizana.core.errors import BadInput, NotFound
from khizana.core.identifiers import ManuscriptId, description_object_id
from khizana.core.manuscript import Elsewhere
from khizana.core.preservation import premis
from khizana.core.preservation.ocfl.read import StoredObject
from khizana.core.structure.elsewhere import ELSEWHERE, elsewhere_json
from khizana.core.tei.entries import read_entry
from khizana.core.tei.rewrite import changed_document
from khizana.core.text.fold import fold

EDITED = "Change of the description"
SHELFMARK = "shelfmark"
UNDONE = "Change of the description undone"


class How(StrEnum):
    """How a column is changed."""

    SET = "set"
    """The given values take the place of those that are there."""
    ADD = "add"
    REMOVE = "remove"
    REPLACE = "replace"
    """One value takes the place of another, where that one is."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of one column."""

    column: str
    how: How
    values: tuple[str, ...]
    """Of a replacement: the one that goes, and the one that comes."""

    def __post_init__(self) -> None:
        """Refuse to rename: the shelfmark is what a manuscript is found by, in its objects and when lists come back.

        Raises ``BadInput``.
        """
        if self.column == SHELFMARK:
            raise BadInput("EDIT_SHELFMARK")

    def applied(self, entry: Entry) -> Entry:
        """Return *entry* as it is then. Raises ``NotOfThisKind`` where the column cannot hold the values."""
        lens = column(self.column)
        before = lens.get(entry)
        match self.how:
            case How.SET:
                after = self.values
            case How.ADD:
                after = (*before, *(each for each in self.values if each not in before))
            case How.REMOVE:
                after = tuple(each for each in before if each not in self.values)
            case How.REPLACE:
                goes, comes = self.values
                after = tuple(comes if each == goes else each for each in before)
        return lens.put(entry, after)

    @property
    def said(self) -> str:
        """What is done, for the event."""
        return f"{self.how.value} {self.column}: {' | '.join(self.values)}"


@dataclass(frozen=True, slots=True)
class Condition:
    """Which descriptions are meant: those that have a value in a column, or with an empty value none."""

    column: str
    value: str

    def holds(self, entry: Entry) -> bool:
        """Return whether *entry* is meant; values are compared folded, as readers look for them."""
        values = {fold(each).text for each in column(self.column).get(entry) if each}
        return fold(self.value).text in values if self.value else not values


def plan_edit(
    manuscript: ManuscriptId, edits: Sequence[Edit], *, where: Condition | None, keeper: Keeper
) -> Change | None:
    """Return the change that *edits* make in the description of *manuscript*, or None where they make none.

    Raises ``NotFound``, ``NotOfThisKind``, ``Damaged``, ``Unreadable``.
    """
    stored = _stored(manuscript, keeper)
    document = stored.read_bytes(DESCRIPTION)
    before = read_entry(document, file=manuscript)
    if where is not None and not where.holds(before):
        return None
    after = before
    for edit in edits:
        after = edit.applied(after)
    changed = changed_document(document, before, after)
    if changed == document:
        return None
    return Change(manuscript, {DESCRIPTION: changed}, "; ".join(edit.said for edit in edits), stored.head)


@dataclass(frozen=True, slots=True)
class Undoing:
    """What undoing a batch does in one description."""

    change: Change | None
    conflicts: tuple[Conflict, ...] = ()
    """Fields that were changed since, and stay as they are."""
    added: bool = False
    """Whether the manuscript came with the batch: it stays, as nothing that is kept is deleted so."""


def plan_undo(manuscript: ManuscriptId, batch: str, *, keeper: Keeper) -> Undoing:
    """Return what takes *batch* back in the description of *manuscript*; what was changed since stays.

    Raises ``NotFound``, ``Damaged``, ``Unreadable``.
    """
    stored = _stored(manuscript, keeper)
    number = _version_of(stored, batch)
    if number <= 1:
        return Undoing(None, added=number == 1)
    written, before, now = (stored.read_bytes(DESCRIPTION, each) for each in (number, number - 1, stored.head))
    if now == written:
        document, conflicts = before, tuple[Conflict, ...]()
    else:
        ours = read_entry(now, file=manuscript)
        merged = merge_entries(
            read_entry(written, file=manuscript),
            ours,
            read_entry(before, file=manuscript),
        )
        document, conflicts = changed_document(now, ours, merged.entry), merged.conflicts
    put = {DESCRIPTION: document} | _as_it_came_before(stored, number) | _images_before(stored, number)
    if all(stored.read_bytes(path) == content for path, content in put.items()):
        return Undoing(None, conflicts)
    return Undoing(Change(manuscript, put, f"undone: {batch}", stored.head), conflicts)


def _as_it_came_before(stored: StoredObject, number: int) -> dict[str, bytes]:
    """Return what the description last came as before version *number*, so that the same file can be imported again."""
    after, before = stored.state(number).get(IMPORTED), stored.state(number - 1).get(IMPORTED)
    if after == before or stored.state().get(IMPORTED) != after:
        return {}
    return {IMPORTED: stored.read_bytes(IMPORTED if before else DESCRIPTION, number - 1)}


def _images_before(stored: StoredObject, number: int) -> dict[str, bytes]:
    """Return where images were said to be before version *number*: nowhere, where that was said first by it."""
    after, before = stored.state(number).get(ELSEWHERE), stored.state(number - 1).get(ELSEWHERE)
    if after is None or after == before or stored.state().get(ELSEWHERE) != after:
        return {}
    if before is not None:
        return {ELSEWHERE: stored.read_bytes(ELSEWHERE, number - 1)}
    return {ELSEWHERE: elsewhere_json(Elsewhere({}, {}, "", "", ()), "rtl")}


def _version_of(stored: StoredObject, batch: str) -> int:
    """Return the version of *stored* that *batch* wrote, or 0."""
    for logical, version in reversed(stored.ever(premis.EVENTS)):
        if any(event.outcome_detail == batch for event in premis.read_events(stored.read_bytes(logical, version))):
            return version
    return 0


def _stored(manuscript: ManuscriptId, keeper: Keeper) -> StoredObject:
    stored = keeper.object(description_object_id(keeper.library, manuscript))
    if stored is None:
        raise NotFound("NO_MANUSCRIPT", manuscript=manuscript)
    return stored

"""What a person has to decide, told by manuscripts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from khizana.apps.preservation.queries import undecided_objects
from khizana.apps.publication import queries
from khizana.cli.verb import Opened
from khizana.core.errors import NotFound
from khizana.core.identifiers import ManuscriptId, manuscript_id, manuscript_of
from khizana.core.preservation.branches.history import Conflict, merge_of
from khizana.core.preservation.ocfl.layout import object_path
from khizana.core.preservation.ocfl.read import StoredObject, read_object


@dataclass(frozen=True, slots=True)
class Undecided:
    """One thing that two branches of a manuscript both changed."""

    manuscript: ManuscriptId
    shelfmark: str
    stored: StoredObject
    conflict: Conflict

    @property
    def branch(self) -> str:
        """What a person calls the other branch: the beginning of its digest."""
        return self.conflict.branch[:8]


def undecided(opened: Opened, shelfmark: str | None) -> Iterator[Undecided]:
    """Yield what is undecided, of one manuscript or of all.

    Raises ``NotFound`` where there is no manuscript *shelfmark*, ``Damaged`` for an object that cannot be read.
    """
    wanted = manuscript_id(shelfmark) if shelfmark else None
    if wanted is not None and queries.agreement_and_revision(wanted) is None:
        raise NotFound("NO_MANUSCRIPT", manuscript=str(shelfmark))
    for identifier in undecided_objects():
        manuscript = manuscript_of(opened.configuration.name, identifier)
        if manuscript is None or wanted not in {None, manuscript}:
            continue
        row = queries.manuscript(manuscript)
        stored = read_object(opened.folder.storage / object_path(identifier))
        for conflict in merge_of(stored).conflicts:
            yield Undecided(manuscript, row.description.shelfmark if row else manuscript, stored, conflict)

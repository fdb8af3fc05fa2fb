"""Write the rows of manuscripts from their preservation objects: the only way rows come to be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from khizana.apps.jobs import queue
from khizana.apps.preservation.actions.index_object import index_objects
from khizana.apps.publication.changes import Written, note_changes
from khizana.apps.publication.doors import call_for_search, count_change
from khizana.apps.publication.from_objects import FromObjects, read_manuscript
from khizana.apps.publication.rows import write_rows
from khizana.apps.publication.shelf import Standing, all_moved, standings
from khizana.core.errors import Damaged, KhizanaError
from khizana.core.identifiers import ManuscriptId
from khizana.core.library import LibraryFolder

AT_ONCE = 200
"""Manuscripts whose rows are written in one transaction."""
PAGES_AT_ONCE = 5_000
"""Pages of these: no more are held, but for those of one manuscript."""

OnProblem = Callable[[ManuscriptId, KhizanaError], None]


def index_manuscript(*, manuscript: ManuscriptId, folder: LibraryFolder, library: str) -> bool:
    """Write all rows of *manuscript* in one transaction; return False where it is not wholly accessioned.

    Raises as ``index_manuscripts``.
    """
    return bool(index_manuscripts(manuscripts=[manuscript], folder=folder, library=library))


def index_manuscripts(
    *,
    manuscripts: Iterable[ManuscriptId],
    folder: LibraryFolder,
    library: str,
    noting: bool = True,
    on_problem: OnProblem | None = None,
) -> list[ManuscriptId]:
    """Write all rows of *manuscripts*, many in one transaction; return those that are wholly accessioned.

    What that changes for other libraries is noted with them, unless *noting* is false: then whoever calls does it.
    Those that cannot be indexed are told to *on_problem*, and keep nobody from the others.

    Raises, without *on_problem*, ``Damaged`` when an object cannot be read for what it is, ``BadInput`` for a
    description that is none.
    """
    indexing = _Indexing(folder, library, noting, on_problem)
    gathered: list[FromObjects] = []
    indexed: list[ManuscriptId] = []
    for manuscript in dict.fromkeys(manuscripts):
        # All files are read before the transaction: while thousands are, nobody else could write.
        if found := indexing.read(manuscript):
            gathered.append(found)
        if len(gathered) >= AT_ONCE or sum(each.page_count for each in gathered) >= PAGES_AT_ONCE:
            indexed += indexing.write(gathered)
            gathered.clear()
    return indexed + indexing.write(gathered)


@dataclass(frozen=True, slots=True)
class _Indexing:
    _folder: LibraryFolder
    _library: str
    _noting: bool
    _on_problem: OnProblem | None

    def read(self, manuscript: ManuscriptId) -> FromObjects | None:
        try:
            return read_manuscript(manuscript, self._folder, self._library)
        except KhizanaError as error:
            self._tell(manuscript, error)
            return None

    def write(self, several: Sequence[FromObjects]) -> list[ManuscriptId]:
        if len(several) > 1:
            with suppress(Damaged, IntegrityError):
                return self._write(several)
            # One of them keeps all from being written together: which one shows when each is written by itself.
            return [manuscript for each in several for manuscript in self.write([each])]
        try:
            return self._write(several)
        except Damaged as error:
            self._tell(several[0].manuscript, error)
        except IntegrityError as error:
            # Two events of one identifier, in files that someone copied or wrote by hand.
            manuscript = several[0].manuscript
            self._tell(manuscript, Damaged("STRUCTURE_UNREADABLE", manuscript=manuscript, problem=str(error)))
        return []

    def _write(self, several: Sequence[FromObjects]) -> list[ManuscriptId]:
        written: list[ManuscriptId] = []
        left = list(several)
        while left:
            with transaction.atomic():
                # Where another command wrote meanwhile, rows of what was read would open what it has closed.
                stand = [each.is_as_it_stands(self._folder, self._library) for each in left]
                ready = [each for each, stands in zip(left, stand, strict=True) if stands]
                _write(ready, folder=self._folder, noting=self._noting)
            written += [each.manuscript for each in ready]
            changed = [each.manuscript for each, stands in zip(left, stand, strict=True) if not stands]
            left = [found for manuscript in changed if (found := self.read(manuscript))]
        return written

    def _tell(self, manuscript: ManuscriptId, error: KhizanaError) -> None:
        if self._on_problem is None:
            raise error
        self._on_problem(manuscript, error)


def _write(several: Sequence[FromObjects], *, folder: LibraryFolder, noting: bool) -> None:
    if not several:
        return
    index_objects(
        [found for each in several for found in zip(each.objects, each.events, strict=True)], storage=folder.storage
    )
    before = standings([each.manuscript for each in several])
    rows = write_rows(several)
    for kind in sorted({kind for each in several for kind in each.work_left}):
        queue.put(kind, [image for each in several for image in each.work_left.get(kind, ())])
    call_for_search(*(each.manuscript for each in several))
    all_moved(
        (before.get(each.manuscript), Standing(row.order, row.published))
        for each, row in zip(several, rows, strict=True)
    )
    count_change()
    if noting:
        note_changes(
            Written(
                each.manuscript,
                row,
                each.description.shelfmark,
                was_concealed=each.manuscript in before and not before[each.manuscript].published,
            )
            for each, row in zip(several, rows, strict=True)
        )

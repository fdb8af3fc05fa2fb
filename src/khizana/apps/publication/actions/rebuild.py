"""Make the database again from the preservation objects alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction

from khizana.apps.catalogue.models import Manuscript
from khizana.apps.preservation.actions.enter_versions import gathered_versions
from khizana.apps.preservation.actions.index_adopted import forget_adopted, index_adopted
from khizana.apps.preservation.models import PreservationObject
from khizana.apps.publication.actions.index_manuscript import AT_ONCE, index_manuscripts
from khizana.apps.publication.actions.remake_changes import is_afresh, remake_changes
from khizana.apps.publication.changes import note_gone
from khizana.apps.publication.doors import call_for_search, count_change
from khizana.apps.publication.from_objects import is_described_alone
from khizana.apps.publication.queries import generation
from khizana.apps.publication.shelf import counted, moved, recount, standing
from khizana.core.errors import KhizanaError, NotFound
from khizana.core.findings import Finding, Severity
from khizana.core.identifiers import (
    ManuscriptId,
    ObjectId,
    description_object_id,
    images_object_id,
    manuscript_of,
    object_ids,
)
from khizana.core.library import LibraryFolder
from khizana.core.preservation.ledger.deletions import known_deletions
from khizana.core.preservation.ocfl.adopt import is_adopted
from khizana.core.preservation.ocfl.layout import object_path
from khizana.core.preservation.ocfl.read import iterate_objects, read_object
from khizana.core.preservation.removal import came_back


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What came of it."""

    manuscripts: int
    adopted: int
    """Objects of other institutions."""
    findings: tuple[Finding, ...]


def rebuild(*, folder: LibraryFolder, library: str, on_manuscript: Callable[[], None]) -> Rebuilt:
    """Write the rows of every manuscript in the storage root; rows of manuscripts that are not there go.

    An object that cannot be read is a finding, and the others are indexed all the same.

    Raises ``NotFound`` where there is no storage root: its disk is not there, and no row goes for that.
    """
    if not any(folder.storage.glob("0=ocfl_*")):
        raise NotFound("STORAGE_NOT_THERE", path=str(folder.storage))
    # Where nothing was noted yet, it is made again from the versions once all are known, in the order of their times.
    afresh = is_afresh()
    gone, went_on = _came_back(folder, library)
    findings = [
        *(Finding("DELETED_STILL_THERE", Severity.WARNING, each, {"request": id_}) for each, id_ in gone.items()),
        *(Finding("DELETED_AND_WENT_ON", Severity.WARNING, each, {"request": id_}) for each, id_ in went_on.items()),
    ]
    gone_from = {folder.storage / object_path(each) for each in gone}
    walk = _Walk(folder, library, not afresh, on_manuscript, findings, passed_over={str(path) for path in gone_from})
    for path in iterate_objects(folder.storage):
        if path not in gone_from:
            walk.visit(path)
    walk.end()
    rows = Manuscript.objects.values_list("slug", flat=True)
    for slug in [each for each in rows.iterator() if each not in walk.seen]:
        visited = walk.passed_over | walk.met.get(ManuscriptId(slug), set())
        _remove_rows(ManuscriptId(slug), folder=folder, library=library, visited=visited)
    forget_adopted(library=library, seen=walk.adopted)
    _recount()
    remake_changes(walk.seen if afresh else (), folder=folder, library=library)
    return Rebuilt(len(walk.seen), len(walk.adopted), tuple(findings))


@dataclass(slots=True)
class _Walk:
    """The way through all objects of the storage root."""

    folder: LibraryFolder
    library: str
    noting: bool
    on_manuscript: Callable[[], None]
    findings: list[Finding]
    passed_over: set[str]
    """Folders of objects that were met and are not indexed."""
    seen: set[ManuscriptId] = field(default_factory=set)
    """Manuscripts whose rows are written."""
    adopted: set[str] = field(default_factory=set)
    met: dict[ManuscriptId, set[str]] = field(default_factory=dict)
    """Where objects of a manuscript were met; only until it is indexed, as there may be very many."""
    _with_images: set[ManuscriptId] = field(default_factory=set)
    _due: dict[ManuscriptId, str] = field(default_factory=dict)
    """Manuscripts that are indexed next, each with the folder that called for it."""

    def visit(self, path: Path) -> None:
        """Take the object at *path* into account."""
        try:
            if is_adopted(path, library=self.library):
                self.adopted.add(index_adopted(path, storage=self.folder.storage))
                return
            identifier = read_object(path).id
            manuscript = manuscript_of(self.library, identifier)
            if manuscript is None:
                self.findings.append(Finding("OBJECT_OF_ANOTHER", Severity.WARNING, identifier))
                return
            if manuscript not in self.seen:
                self.met.setdefault(manuscript, set()).add(str(path))
            if identifier == images_object_id(self.library, manuscript):
                self._with_images.add(manuscript)
            elif not _stands_alone(identifier, path, manuscript, folder=self.folder, library=self.library):
                return
        except KhizanaError as error:
            self._pass_over(str(path), error)
            return
        self._due[manuscript] = str(path)
        if len(self._due) >= AT_ONCE:
            self._index()

    def end(self) -> None:
        """Index what is left, and tell of manuscripts of which a part is missing."""
        self._index()
        # Without images: its card was being added when the power went, or they are lost.
        left = sorted(self.met.keys() - self._with_images)
        self.findings += [Finding("HALF_ACCESSIONED", Severity.ERROR, each) for each in left]

    def _index(self) -> None:
        indexed = index_manuscripts(
            manuscripts=list(self._due),
            folder=self.folder,
            library=self.library,
            noting=self.noting,
            on_problem=self._not_indexed,
        )
        for manuscript in indexed:
            self.seen.add(manuscript)
            self._with_images.discard(manuscript)
            self.met.pop(manuscript, None)
            del self._due[manuscript]
            self.on_manuscript()
        self.findings += [Finding("HALF_ACCESSIONED", Severity.ERROR, each) for each in self._due]
        self._due.clear()

    def _not_indexed(self, manuscript: ManuscriptId, error: KhizanaError) -> None:
        # Told once, though it may be met again when those read with it are written one by one.
        if (path := self._due.pop(manuscript, None)) is not None:
            self._pass_over(path, error)

    def _pass_over(self, path: str, error: KhizanaError) -> None:
        self.passed_over.add(path)
        self.findings.append(Finding(error.code, Severity.ERROR, path, error.facts))


def _stands_alone(
    identifier: str, path: Path, manuscript: ManuscriptId, *, folder: LibraryFolder, library: str
) -> bool:
    """Return whether the object at *path* is the description of a manuscript that is not photographed yet."""
    if identifier != description_object_id(library, manuscript) or not is_described_alone(read_object(path)):
        return False
    return not (folder.storage / object_path(images_object_id(library, manuscript))).exists()


def _recount() -> None:
    """Count the shelf anew; before the transaction where nobody writes meanwhile, as others wait for that."""
    for _ in range(3):
        before, found = generation(), counted()
        with transaction.atomic():
            if generation() == before:
                recount(found)
                count_change()
                return
    with transaction.atomic():
        recount()
        count_change()


def _came_back(folder: LibraryFolder, library: str) -> tuple[dict[ObjectId, str], dict[ObjectId, str]]:
    """Return as ``came_back``; nothing by a ledger that names no guardians, or cannot be read, which others tell."""
    if not any(known_deletions(folder.ledger).tombstones()):
        return {}, {}
    return came_back(folder.storage, gathered_versions(folder.ledger), library=library)


def _remove_rows(manuscript: ManuscriptId, *, folder: LibraryFolder, library: str, visited: set[str]) -> None:
    """Remove the rows of a manuscript that is not in the storage root, or cannot be read there."""
    images, description = (
        folder.storage / object_path(part(library, manuscript)) for part in (images_object_id, description_object_id)
    )
    with transaction.atomic():
        there = description.is_dir() and (images.is_dir() or is_described_alone(read_object(description)))
        if there and not {str(images), str(description)} & visited:
            return  # another command has added it since its place was looked at
        PreservationObject.objects.filter(identifier__in=object_ids(library, manuscript)).delete()
        stood = standing(manuscript)
        Manuscript.objects.filter(slug=manuscript).delete()
        moved(stood, None)
        call_for_search(manuscript)
        count_change()
        note_gone([manuscript])

"""Name what a request asks to delete; and remove from the library what a tombstone names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from django.db import transaction

from khizana.apps.catalogue.models import Manuscript
from khizana.apps.digitisation.models import PageImage
from khizana.apps.preservation.actions.forget_objects import forget_objects
from khizana.apps.publication.changes import note_departed, note_gone
from khizana.apps.publication.doors import call_for_search, count_change
from khizana.apps.publication.shelf import moved, standing
from khizana.core.errors import BadInput, Damaged, KhizanaError, NotFound
from khizana.core.identifiers import (
    Digest,
    ObjectId,
    description_object_id,
    images_object_id,
    manuscript_id,
    manuscript_of,
)
from khizana.core.library import LibraryFolder
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.clearing import clear_aside
from khizana.core.preservation.durable import remove_tree, writing
from khizana.core.preservation.ledger.deletion_entries import Named
from khizana.core.preservation.ledger.deletions import Request
from khizana.core.preservation.ledger.versions import Known, compared
from khizana.core.preservation.ocfl.adopt import vouched_by
from khizana.core.preservation.ocfl.layout import object_path
from khizana.core.preservation.removal import Removal, named_at


def named_by(given: str, *, folder: LibraryFolder, library: str, known: Known) -> tuple[Named, ...]:
    """Return the objects of the manuscript with the shelfmark *given*, or the one object of that identifier.

    An object of a manuscript brings the other with it: half a manuscript is none. *known* is what the ledger knows.
    Raises ``NotFound`` where there is none, ``Damaged`` where one is not as the ledger knows it: what is at fault is
    looked into first.
    """
    manuscript = manuscript_of(library, given)
    if manuscript is None:
        place = _place(folder, given)
        if place is not None:
            return (_as_known(place, known, library),)
        try:
            manuscript = manuscript_id(given)
        except BadInput as error:
            raise NotFound("NO_MANUSCRIPT", manuscript=given) from error
    objects = (images_object_id(library, manuscript), description_object_id(library, manuscript))
    places = [place for each in objects if (place := _place(folder, each)) is not None]
    if not places:
        raise NotFound("NO_MANUSCRIPT", manuscript=given)
    return tuple(_as_known(place, known, library) for place in places)


def remove_deleted(
    removal: Removal,
    request: Request,
    *,
    older: Mapping[ObjectId, Collection[Digest]],
    folder: LibraryFolder,
    library: str,
    here: ReplicaStore,
    sealed: Collection[str],
) -> None:
    """Remove from the library what the tombstone *request* names: rows, objects, access copies, stored pages.

    Call it while the storage root is held. Stopped at any moment, the same call goes on.

    *older* are the inventories of the versions that were deleted, *here* is the library as a store, *sealed* are the
    names of the sealed sites. Raises ``Damaged``, with nothing removed, where an object is there and is another.
    """
    objects = request.objects
    removal.check(objects, older=older)
    identifiers = [each.object_id for each in objects]
    manuscripts = {found for each in identifiers if (found := manuscript_of(library, each)) is not None}
    with transaction.atomic():
        stood = [standing(each) for each in manuscripts]
        Manuscript.objects.filter(slug__in=manuscripts).delete()
        for each in stood:
            moved(each, None)
        for manuscript in manuscripts:
            call_for_search(manuscript)
        forget_objects(identifiers, but_at=sealed)
        count_change()
        note_departed(request, library=library)
        note_gone(manuscripts, is_deleted=True)
    with writing(folder.work):
        removal.take_out(objects)
        for digest in sorted(removal.contents()):
            if not PageImage.objects.filter(digest=digest).exists():
                remove_tree(folder.access_copy(digest))
        for manuscript in manuscripts:
            remove_tree(folder.stored_pages(manuscript))
        for identifier in identifiers:
            clear_aside(here, identifier)
        removal.finish()


def _place(folder: LibraryFolder, identifier: str) -> Path | None:
    try:
        place = folder.storage / object_path(identifier)
    except KhizanaError:
        return None
    return place if place.is_dir() else None


def _as_known(place: Path, known: Known, library: str) -> Named:
    named = named_at(place)
    versions = {named.object_id: known.get(named.object_id, {})}
    found = compared(versions, [vouched_by(place, library=library)])
    for finding in found:
        raise Damaged("DELETION_NOT_AS_ENTERED", object_id=named.object_id, problem=finding.sentence())
    return named

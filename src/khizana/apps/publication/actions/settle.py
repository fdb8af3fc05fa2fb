"""Decide what branches of a manuscript both changed: what stands is kept, or what the other branch says is taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from khizana.apps.publication.actions.index_manuscript import index_manuscript
from khizana.apps.publication.keeper import Keeper, new_event
from khizana.apps.publication.pending import pending
from khizana.core.errors import NotFound
from khizana.core.identifiers import Digest, ManuscriptId, ObjectId
from khizana.core.preservation.branches.history import MERGE, Conflict, merge_json, merge_of
from khizana.core.preservation.branches.structure import merge_structures
from khizana.core.preservation.ocfl.inventory import digest_of
from khizana.core.preservation.ocfl.read import StoredObject
from khizana.core.structure.written import STRUCTURE


def settle(*, manuscript: ManuscriptId, object_id: ObjectId, conflict: Conflict, take: bool, keeper: Keeper) -> None:
    """Write that *conflict* of the object is decided; with *take*, what the other branch says stands from now on.

    A page order that is taken leaves out no page that it does not know. Raises ``NotFound`` where there is no such
    conflict, and as every action that writes.
    """
    stored = keeper.object(object_id)
    merge = merge_of(stored) if stored else None
    if stored is None or merge is None or conflict not in merge.conflicts:
        raise NotFound("NOTHING_TO_SETTLE", manuscript=manuscript)
    left = replace(merge, conflicts=tuple(each for each in merge.conflicts if each != conflict))
    event = new_event(
        keeper,
        "metadata modification",
        f"decided: {'that of the other branch was taken' if take else 'what stood was kept'} ({conflict.branch[:32]})",
        subject=conflict.path,
    )
    put: Mapping[str, bytes] = {
        MERGE: merge_json(left),
        **({conflict.path: _taken(stored, conflict)} if take else {}),
    }
    with pending(keeper.folder, manuscript):
        keeper.write(object_id, after=stored, put=put, events=[event], message=f"Decided: {conflict.path}")
        index_manuscript(manuscript=manuscript, folder=keeper.folder, library=keeper.library)
        keeper.enter(manuscript)


def kept_bytes(stored: StoredObject, conflict: Conflict) -> bytes:
    """Return what stood under the path of *conflict* when the branches were joined. Raises as ``other_bytes``."""
    return _bytes_of(stored, conflict, conflict.kept)


def other_bytes(stored: StoredObject, conflict: Conflict) -> bytes:
    """Return what the other branch has under the path of *conflict*.

    Raises ``NotFound`` where the object has lost it, ``Damaged`` where it is not what it was.
    """
    return _bytes_of(stored, conflict, conflict.other)


def _bytes_of(stored: StoredObject, conflict: Conflict, wanted: Digest) -> bytes:
    for number, version in enumerate(stored.versions, 1):
        for path, digest in version.state.items():
            if digest == wanted:
                return stored.read_bytes(path, number)
    raise NotFound("LOGICAL_PATH_UNKNOWN", object_id=stored.id, logical_path=conflict.path)


def _taken(stored: StoredObject, conflict: Conflict) -> bytes:
    other = other_bytes(stored, conflict)
    if conflict.path != STRUCTURE or digest_of(other) == stored.state().get(STRUCTURE):
        return other
    stands = stored.read_bytes(STRUCTURE)
    return merge_structures(stands, stands, other)[0]

"""The page order of a manuscript: as its cards had it, or as a person has set it, which is an object of its own.

That object holds nothing but the order, so that a thousand corrections of it do not each repeat the names of a thousand
masters. It comes to be when an order is first set.
"""

from __future__ import annotations

from khizana.apps.preservation.queries import known_object
from khizana.core.errors import Damaged
from khizana.core.identifiers import Digest, ManuscriptId, order_object_id
from khizana.core.library import LibraryFolder
from khizana.core.preservation.ocfl.layout import object_path
from khizana.core.preservation.ocfl.read import StoredObject, read_object
from khizana.core.structure.written import STRUCTURE, Structure, ordered, read_structure


def order_object(folder: LibraryFolder, library: str, manuscript: ManuscriptId) -> StoredObject | None:
    """Return the object of an order that was set by hand, or None where none ever was.

    Raises ``Damaged`` where one was, and is gone: the order of the cards must not come back unsaid.
    """
    identifier = order_object_id(library, manuscript)
    path = folder.storage / object_path(identifier)
    if path.is_dir():
        return read_object(path)
    if known_object(identifier) is not None:
        raise Damaged("FILE_MISSING", path=str(path))
    return None


def structure_of(images: StoredObject, order: StoredObject | None, manuscript: ManuscriptId) -> Structure:
    """Return the pages in reading order, as *order* has them, or *images* where there is none.

    Raises ``Damaged`` for an object that is not as it was written.
    """
    digests = {logical: Digest(digest) for logical, digest in images.state().items()}
    kept = read_structure(images.read_bytes(STRUCTURE), manuscript, digests)
    if order is None:
        return kept
    return ordered(kept, read_structure(order.read_bytes(STRUCTURE), manuscript, digests), manuscript)

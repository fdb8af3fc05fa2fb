"""What an object must hold, told by an inventory that lies under no name of its own: renamed, set aside or joined."""

from __future__ import annotations

from collections.abc import Iterable

from khizana.core.errors import Damaged, KhizanaError, NotFound
from khizana.core.ports import ReplicaSource
from khizana.core.preservation.ocfl.inventory import INVENTORY
from khizana.core.preservation.ocfl.listing import listing_name
from khizana.core.preservation.replicas.expected import Expected, Known, Source, expected, small_file
from khizana.core.preservation.replicas.mend import Place


def expected_elsewhere(known: Known, head: int, places: Iterable[ReplicaSource]) -> Expected | None:
    """Return what *known* must hold at version *head*, or None where no file of it has what vouches for that version.

    For when ``expected`` knows of none: every file that *places* have of the object, or set aside of it, is read. Where
    branches were joined since, one of them holds the inventory that the other place has lost.
    """
    for place in places:
        found = Place(place, known.prefix).under_another("", known.versions[head])
        if found is None:
            continue
        try:
            content = small_file(place, "")(found.name)
        except KhizanaError:
            continue
        for name in (f"v{head}/{INVENTORY}", listing_name(known.versions[head])):
            try:
                return expected(known, head, [_only(name, content)])
            except Damaged:  # it is the other of the two
                continue
    return None


def _only(name: str, content: bytes) -> Source:
    def read(asked: str) -> bytes:
        if asked != name:
            raise NotFound("ORIGIN_MISSING", name=asked, path=name)
        return content

    return read

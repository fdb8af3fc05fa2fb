"""Whether an object is remembered as it was entered: by anything else no file takes another's place, here or at a site.

Whoever rewrites an object with its digests may rewrite what the database remembers of it, too. The ledger then says
otherwise; and a ledger that was rewritten as well is not the one that the sites have seen.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from functools import cached_property
from pathlib import Path

from khizana.core.errors import Damaged, KhizanaError
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.preservation.ledger.place import ENTRIES
from khizana.core.preservation.ledger.versions import entered_otherwise
from khizana.core.preservation.ledger.write import LedgerWriter

Doubt = Callable[[ObjectId, Mapping[int, Digest], Container[str]], Damaged | None]
"""Returns what speaks against an object of which these inventories are remembered, and which holds these digests."""


def undoubted(_: ObjectId, __: Mapping[int, Digest], ___: Container[str]) -> None:
    """Doubt nothing: there is no ledger to ask."""


class Doubts:
    """What the ledger in the folder *ledger* says, as it was when it was first asked; nothing where it is damaged."""

    def __init__(self, ledger: Path) -> None:
        self._folder = ledger

    def __call__(self, object_id: ObjectId, inventories: Mapping[int, Digest], holds: Container[str]) -> Damaged | None:
        """Return ``Damaged`` VERSION_NOT_AS_ENTERED for the first version that was entered as another, or None."""
        if self._ledger is None:
            return None
        number = entered_otherwise(self._ledger.entry, object_id, inventories, holds)
        if number is None:
            return None
        return Damaged("VERSION_NOT_AS_ENTERED", object_id=object_id, version=number, path=str(self._folder))

    @cached_property
    def _ledger(self) -> LedgerWriter | None:
        if not (self._folder / ENTRIES).is_file():
            return None
        try:
            return LedgerWriter(self._folder)
        except KhizanaError:
            return None  # its check tells, and its sites refuse it: that is not said of every object again

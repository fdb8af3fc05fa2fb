"""Remember of each object what the ledger says its versions were, before rows are made from what lies there now."""

from __future__ import annotations

from pathlib import Path

from khizana.apps.preservation.models import ObjectVersion
from khizana.core.errors import KhizanaError
from khizana.core.preservation.ledger.place import ENTRIES, read_entries
from khizana.core.preservation.ledger.versions import known_versions
from khizana.core.preservation.ocfl.layout import object_path
from khizana.core.preservation.ocfl.read import read_object

AT_ONCE = 500  # rows in one query


def remember_versions(*, ledger: Path, storage: Path) -> int:
    """Write a row for each version that *ledger* knows and *storage* has, where there is none; return how many.

    So an object that was rewritten together with its own digests is still known for what it is, whatever became of the
    database. Versions that are gone from the storage root are not remembered here: the ledger tells of them, and what
    is left can be indexed. Raises ``Damaged`` and ``Unreadable`` for a ledger that cannot be read.
    """
    if not (ledger / ENTRIES).is_file():
        return 0
    before = ObjectVersion.objects.count()
    rows: list[ObjectVersion] = []
    for identifier, versions in known_versions(entry for _, entry in read_entries(ledger)).items():
        try:
            head = read_object(storage / object_path(identifier)).head
        except KhizanaError:
            head = max(versions)  # what cannot be read cannot say that it was shorter
        rows += [
            # Several where branches were joined: the one that was entered last goes on.
            ObjectVersion(identifier=identifier, number=number, inventory_digest=digests[-1], before=list(digests[:-1]))
            for number, digests in versions.items()
            if number <= head
        ]
        if len(rows) >= AT_ONCE:
            ObjectVersion.objects.bulk_create(rows, batch_size=AT_ONCE, ignore_conflicts=True)
            rows = []
    ObjectVersion.objects.bulk_create(rows, batch_size=AT_ONCE, ignore_conflicts=True)
    return ObjectVersion.objects.count() - before

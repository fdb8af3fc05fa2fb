"""Remember what the ledger says was sealed at which site, where the rows that told it are lost."""

from __future__ import annotations

from pathlib import Path

from khizana.apps.preservation.models import Replica
from khizana.core.identifiers import Digest
from khizana.core.preservation.ledger.deletions import Deletions
from khizana.core.preservation.ledger.entry import DELETED_AT_SITE, VERSION
from khizana.core.preservation.ledger.place import ENTRIES, read_entries
from khizana.core.preservation.replicas.outcome import KINDS, Unreadable
from khizana.core.preservation.sealed.names import folder_parts

SITE = "site"
"""Fact of an entry about a copying or repair: where it was done."""

_AT_ONCE = 500  # rows in one query


def remember_sealed(*, ledger: Path) -> None:
    """Write a row for each object that *ledger* says was sealed at a site, where there is none.

    So a version that was taken away there, or put back to an older list, is missed although the database was made anew.
    Nothing is known of the files until the next check: the rows say so. Raises ``Damaged`` and ``Unreadable`` for a
    ledger that cannot be read.
    """
    if not (ledger / ENTRIES).is_file():
        return
    lists: dict[tuple[str, str], dict[str, Digest]] = {}
    heads: dict[tuple[str, str], int] = {}
    deletions = Deletions()
    for _, entry in read_entries(ledger):
        deletions.take(entry)
        found = {name: Digest(str(fact)) for name, fact in entry.facts.items() if folder_parts(name)}
        site, version = entry.facts.get(SITE), entry.facts.get(VERSION)
        if found and isinstance(site, str) and isinstance(version, int):
            of = (site, entry.subject)
            lists[of] = lists.get(of, {}) | found
            heads[of] = max(heads.get(of, 0), version)
        elif entry.kind == DELETED_AT_SITE and isinstance(site, str):
            request = deletions.requests.get(str(entry.facts.get("request", "")))
            for each in request.objects if request and site in request.cleared else ():
                lists.pop((site, each.object_id), None)
                heads.pop((site, each.object_id), None)
    rows = [
        Replica(site=site, identifier=subject, head=heads[site, subject], state=KINDS[Unreadable], sealed=sums)
        for (site, subject), sums in lists.items()
    ]
    Replica.objects.bulk_create(rows, batch_size=_AT_ONCE, ignore_conflicts=True)

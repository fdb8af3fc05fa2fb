"""What the ledger is told of versions that join branches, and what may take the place of a version that stands there.

Such a version is made anew when another branch comes. Whoever rewrites objects would like theirs to pass for that: so
what takes its place is asked whether it holds all that was held before.
"""

from __future__ import annotations

from khizana.core.preservation.branches.history import MERGE, is_joining, kept_in, read_merge
from khizana.core.preservation.ledger.entry import INVENTORY, JOINED, VERSION, Entry
from khizana.core.preservation.ocfl.inventory import from_json
from khizana.core.preservation.ocfl.read import StoredObject, older_inventories


def joining_facts(stored: StoredObject, version: int) -> dict[str, str | int]:
    """Return the facts of the entry about *version* that tell what it joins; none where a person wrote it.

    Raises as ``StoredObject.read_bytes``, and ``Damaged`` MERGE_UNREADABLE.
    """
    if not is_joining(stored.versions[version - 1]):
        return {}
    return {JOINED: " ".join(read_merge(stored.read_bytes(MERGE, version)).branches)}


def may_follow(stored: StoredObject, entered: Entry) -> bool:
    """Say whether the object *stored* may have another version of the number that was *entered*.

    It may where it keeps that version as a branch; and where that was made by joining alone, if it holds the branches
    that were joined then, with every byte that those it keeps say they have, and does not join the same ones: the same
    branches are joined by the same bytes. Raises as ``joining_facts``.
    """
    kept = dict(kept_in(stored.state()))
    if JOINED not in entered.facts:
        return entered.facts.get(INVENTORY) in kept.values()
    heads = set(str(entered.facts[JOINED]).split())
    joins = joining_facts(stored, int(entered.facts[VERSION]))
    if joins and heads == set(str(joins[JOINED]).split()):
        return False
    own = {stored.inventory_digest, *older_inventories(stored.path, stored.head).values()}
    manifest = stored.inventory.manifest.keys()
    return own.union(kept.values()).issuperset(heads) and all(
        manifest >= from_json(stored.read_bytes(path), path).manifest.keys() for path in kept
    )

"""Histories of one object, as places that did not know of each other wrote them, and what each of them holds.

A history is the chain of an object's versions, told by the digests of their inventories. Where two differ, neither is
right or wrong: both are *branches*. They are joined by a version that takes one of them up to its end and holds every
inventory and every byte of the others below ``branches/``. What a history holds is therefore told by its newest
inventory alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from khizana.core.errors import Damaged
from khizana.core.identifiers import Digest
from khizana.core.preservation.ocfl.inventory import INVENTORY, Inventory, Version, from_json
from khizana.core.preservation.ocfl.read import StoredObject

BRANCHES = "branches/"
"""Folder, in the state of an object, of the branches that were joined."""

MERGE = "merge.json"
"""What was joined last, and what a person has still to decide."""

MERGED = "Branches joined"
"""Message of a version that was made by joining alone. Whoever has the same branches makes the same bytes."""

Small = Callable[[Digest], bytes]
"""Gives the bytes with a digest, compared with it; raises ``KhizanaError``."""

_KEPT_INVENTORY = re.compile(rf"{BRANCHES}[0-9a-f]{{32}}/v([1-9][0-9]*)/{re.escape(INVENTORY)}")


@dataclass(frozen=True)
class History:
    """The versions of one object from the first to the newest."""

    digests: tuple[Digest, ...]
    """The digest of the inventory of each version, in order."""
    inventory: Inventory
    """The newest."""

    @property
    def head(self) -> Digest:
        """The digest of the newest inventory: it names the whole history."""
        return self.digests[-1]

    @property
    def folder(self) -> str:
        """Where it lies in the state of an object that it was joined to, with its closing slash."""
        return f"{BRANCHES}{self.head[:32]}/"

    @cached_property
    def holds(self) -> frozenset[Digest]:
        """The digest of every version that can be had from this history: its own, and those of joined branches."""
        return frozenset(self.digests) | kept_inventories(self.inventory)

    @cached_property
    def kept(self) -> Mapping[str, Digest]:
        """Every path below ``branches/`` that any version has had, with its digest."""
        return {
            path: digest
            for version in self.inventory.versions
            for path, digest in version.state.items()
            if path.startswith(BRANCHES)
        }

    def common(self, other: History) -> int:
        """Return the number of versions, from the first, that both have."""
        count = 0
        for one, two in zip(self.digests, other.digests, strict=False):
            if one != two:
                break
            count += 1
        return count

    def state(self, version: int) -> Mapping[str, Digest]:
        """Return the state of *version*; nothing for 0."""
        return self.inventory.versions[version - 1].state if version else {}


def kept_inventories(inventory: Inventory) -> frozenset[Digest]:
    """Return the digest of every version of a joined branch that the object with *inventory* holds."""
    return frozenset(digest for version in inventory.versions for _, digest in kept_in(version.state))


def kept_in(state: Mapping[str, Digest]) -> Iterator[tuple[str, Digest]]:
    """Yield path and digest of every inventory of a joined branch in the *state* of an object."""
    return ((path, digest) for path, digest in state.items() if _KEPT_INVENTORY.fullmatch(path))


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something that two branches both changed, and that no rule decides: what was kept stands until a person says."""

    path: str
    kept: Digest
    other: Digest
    """The digest of what the other branch has; its bytes are in the object."""
    branch: Digest
    """The head of that branch."""
    written: str
    """When that branch was last written, RFC 3339."""
    by: str
    """Who wrote it."""


@dataclass(frozen=True, slots=True)
class Merge:
    """``merge.json``: the heads of the branches joined to the one that goes on, and what is undecided."""

    branches: tuple[Digest, ...] = ()
    conflicts: tuple[Conflict, ...] = ()


def merge_json(merge: Merge) -> bytes:
    """Return *merge* as deterministic JSON."""
    conflicts = [{name: getattr(each, name) for name in Conflict.__slots__} for each in merge.conflicts]
    value = {"branches": list(merge.branches), "conflicts": conflicts}
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def read_merge(content: bytes) -> Merge:
    """Return the merge in *content*. Raises ``Damaged`` when it is not what ``merge_json`` writes."""
    try:
        value: dict[str, Any] = json.loads(content)
        conflicts = tuple(
            Conflict(
                path=str(each["path"]),
                kept=Digest(str(each["kept"])),
                other=Digest(str(each["other"])),
                branch=Digest(str(each["branch"])),
                written=str(each["written"]),
                by=str(each["by"]),
            )
            for each in value["conflicts"]
        )
        return Merge(tuple(Digest(str(each)) for each in value["branches"]), conflicts)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Damaged("MERGE_UNREADABLE", problem=repr(error)) from error


def merge_at(state: Mapping[str, Digest], small: Small) -> Merge:
    """Return what *state* says of the last joining; an empty one where nothing was ever joined."""
    return read_merge(small(state[MERGE])) if MERGE in state else Merge()


def merge_of(stored: StoredObject) -> Merge:
    """Return what the object *stored* says of the last joining, as ``merge_at`` does."""
    return read_merge(stored.read_bytes(MERGE)) if MERGE in stored.state() else Merge()


def is_joining(version: Version) -> bool:
    """Say whether *version* was made by joining alone, with nothing in it that a person did."""
    return version.message == MERGED and MERGE in version.state


def leaves(history: History, small: Small) -> tuple[History, ...]:
    """Return the histories that *history* joins at its end, or itself where it ends with what a person did."""
    if not is_joining(history.inventory.versions[-1]):
        return (history,)
    main = history.digests[:-1]
    merge = merge_at(history.state(len(history.digests)), small)
    return (
        History(main, from_json(small(main[-1]), main[-1])),
        *(_branch(history, main, head, small) for head in merge.branches),
    )


def _branch(history: History, main: tuple[Digest, ...], head: Digest, small: Small) -> History:
    """Return the branch with *head* that is joined at the end of *history*."""
    folder = f"{BRANCHES}{head[:32]}/"
    numbered = {
        int(found[1]): digest
        for path, digest in history.state(len(history.digests)).items()
        if path.startswith(folder) and (found := _KEPT_INVENTORY.fullmatch(path))
    }
    first = min(numbered, default=0)
    digests = main[: first - 1] + tuple(numbered[number] for number in sorted(numbered))
    if not numbered or digests[-1] != head or len(digests) != max(numbered):
        raise Damaged("MERGE_UNREADABLE", problem=f"branch {head[:32]}")
    return History(digests, from_json(small(head), head))


def joined(histories: Iterable[History]) -> tuple[History, ...]:
    """Return those of *histories* that no other one holds, the one that goes on first.

    That is the longest; of several, the one whose head has the smallest digest. The same set gives the same answer
    in whatever order and however often its members come: places that exchange what they have come to the same.
    """
    by_head = {history.head: history for history in histories}
    kept = [
        history
        for history in by_head.values()
        if not any(history.head in other.holds for other in by_head.values() if other is not history)
    ]
    return tuple(sorted(kept, key=lambda history: (-len(history.digests), history.head)))

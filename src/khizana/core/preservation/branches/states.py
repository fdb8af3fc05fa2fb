"""The states of two branches joined, path by path: what one of them changed stands, and nothing is dropped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import PurePosixPath

from khizana.core.errors import Damaged
from khizana.core.identifiers import Digest
from khizana.core.policy import Level
from khizana.core.preservation.branches.history import BRANCHES, MERGE, Small
from khizana.core.preservation.branches.structure import merge_structures
from khizana.core.preservation.ocfl.inventory import digest_of
from khizana.core.preservation.premis import EVENTS
from khizana.core.structure.written import PUBLICATION, STRUCTURE

MASTERS = "masters/"

_NARROWEST_FIRST = tuple(reversed(Level))

State = Mapping[str, Digest]


class Joining:
    """Joins the states of branches, one after the other, to that of the one that goes on."""

    def __init__(self, state: State, small: Small) -> None:
        self.state = {path: digest for path, digest in state.items() if not path.startswith((MERGE, EVENTS))}
        """Logical path to digest; without events: each version names its own."""
        self.made: dict[Digest, bytes] = {}
        """Files that no branch has: they were made of two."""
        self._small = small

    def take(self, base: State, theirs: State) -> list[tuple[str, Digest, Digest]]:
        """Join *theirs*, which comes from *base* as ours does; return what a person must decide.

        That is path, digest of what stands now, digest of what they have. Raises ``Damaged`` for files that are not
        what their name says.
        """
        undecided = []
        for path in sorted(theirs.keys() | base.keys()):
            if path.startswith((BRANCHES, EVENTS)) or path == MERGE:
                continue
            was, ours, their = base.get(path), self.state.get(path), theirs.get(path)
            if their in (ours, was):
                continue
            if their is None:
                if ours == was:
                    del self.state[path]
            elif ours is None or ours == was:
                self.state[path] = their
            elif path.startswith(MASTERS):
                # Two photographs were given one name, each in its place: both stay.
                self.state[_renamed(path, their)] = their
            else:
                self.state[path], decided = self._both_changed(path, was, ours, their)
                if not decided:
                    undecided.append((path, self.state[path], their))
        return undecided

    def _both_changed(self, path: str, was: Digest | None, ours: Digest, theirs: Digest) -> tuple[Digest, bool]:
        if path not in {STRUCTURE, PUBLICATION}:
            return ours, False
        before = self._read(was) if was else None
        merge = merge_structures if path == STRUCTURE else _merge_publications
        content, decided = merge(before, self._read(ours), self._read(theirs))
        digest = digest_of(content)
        self.made[digest] = content
        return digest, decided

    def _read(self, digest: Digest) -> bytes:
        return self.made[digest] if digest in self.made else self._small(digest)


def _renamed(path: str, digest: Digest) -> str:
    whole = PurePosixPath(path)
    return str(whole.with_name(f"{whole.stem}-{digest[:8]}{whole.suffix}"))


def _merge_publications(base: bytes | None, ours: bytes, theirs: bytes) -> tuple[bytes, bool]:
    """Return the agreement of both: where they differ and both changed it, the narrower one, until a person decides."""
    try:
        was, here, there = json.loads(base or b"{}"), json.loads(ours), json.loads(theirs)
        decided = True
        value = dict(here)
        for name in here.keys() | there.keys():
            mine, their = here.get(name), there.get(name)
            if their in (mine, was.get(name)):
                continue
            if mine == was.get(name):
                value[name] = their
                continue
            decided = False
            if name == "published":
                value[name] = False
            elif name == "level":
                value[name] = min((Level(mine), Level(their)), key=_NARROWEST_FIRST.index).value
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Damaged("MERGE_UNREADABLE", problem=repr(error)) from error
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode(), decided

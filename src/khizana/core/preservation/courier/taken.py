"""What became of one object that a courier brought."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from khizana.core.identifiers import Digest, ObjectId

Kind = Literal["new", "extended", "had", "joined", "lacking"]
KINDS: tuple[str, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class TakenIn:
    """One object after it was taken in."""

    object_id: ObjectId
    kind: Kind
    """``new`` and ``extended`` by what came, ``had`` before, ``joined`` with changes of this place, or ``lacking``."""
    head: int
    """The newest version here; 0 where there is none."""
    inventory: Digest
    """The digest of that version's inventory; nothing where there is none."""
    lacking_from: int = 0
    """Where it is ``lacking``: the first version that this place has not got, and that the pack did not carry."""

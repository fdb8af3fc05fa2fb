"""How far the entries have been read: frontier, key and ids, so that a command does not read them all again.

It is a copy of what the entries say. One that is not whole, or does not fit the entries and the newest signed head, is
made again from them; so it can make a command slow, and never makes it wrong.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from khizana.core.preservation.durable import make_directories, replace_beside
from khizana.core.preservation.ledger.entry import canonical
from khizana.core.preservation.ledger.keyring import Keyring
from khizana.core.preservation.ledger.tree import Frontier

STATE = "state.json"
_LARGEST = 65_536  # bytes of a state


@dataclass(frozen=True, slots=True)
class State:
    """What was known after so many entries."""

    bytes: int
    """Where the next entry begins."""
    frontier: Frontier
    keyring: Keyring
    runs: tuple[str, ...]


def read_state(cache: Path) -> State | None:
    """Return the state kept in the folder *cache*, or None where there is none that can be used."""
    try:
        with (cache / STATE).open("rb") as stream:
            value = json.loads(stream.read(_LARGEST))
        digest = value.pop("digest")
        if digest != _digest(value):
            return None
        frontier = Frontier(value["size"], [bytes.fromhex(each) for each in value["peaks"]])
        return State(value["bytes"], frontier, Keyring(value["library"], value["key"]), tuple(value["runs"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def keep_state(cache: Path, state: State) -> None:
    """Keep *state* in the folder *cache*, in the place of the one before."""
    value = {
        "bytes": state.bytes,
        "key": state.keyring.key,
        "library": state.keyring.library,
        "peaks": [each.hex() for each in state.frontier.peaks],
        "runs": list(state.runs),
        "size": state.frontier.size,
    }
    make_directories(cache)
    replace_beside(cache / STATE, canonical(value | {"digest": _digest(value)}) + b"\n")


def _digest(value: dict[str, object]) -> str:
    return sha256(canonical(value)).hexdigest()

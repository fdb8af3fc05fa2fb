"""Whose word counts: the key of another working place, and the keys that have been this place's own.

A key that changed is followed from the one that people exchanged, by the signatures with which each handed over to the
next. A key that was *replaced* is not: the library was restored then, and its older keys are another place's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from khizana.core.errors import BadInput
from khizana.core.preservation.ledger.entry import BEGUN, KEY_CHANGED, KEY_REPLACED, from_line
from khizana.core.preservation.ledger.keyring import Keyring, is_handed_over
from khizana.core.preservation.ledger.keys import is_key
from khizana.core.preservation.ledger.place import ENTRIES, lines
from khizana.core.preservation.replicas.sites import PEER

ALGORITHM = "ed25519-"

HandedOver = tuple[str, str, str]
"""Old key, new key, and the signature of the old one."""


@dataclass(frozen=True, slots=True)
class OwnKeys:
    """The keys of this place, the newest last, and how each handed over to the next."""

    keys: tuple[str, ...] = ()
    handed_over: tuple[HandedOver, ...] = ()


def key_text(key: str) -> str:
    """Return a public key as people exchange it."""
    return ALGORITHM + key


def key_of(address: str) -> str:
    """Return the key in the address of a peer, ``peer:ed25519-<64 hexadecimal digits>``. Raises ``BadInput``."""
    key = address.removeprefix(PEER).removeprefix(ALGORITHM).lower()
    if not address.startswith(PEER + ALGORITHM) or not is_key(key):
        raise BadInput("PEER_KEY_UNUSABLE", address=address)
    return key


def own_keys(ledger: Path) -> OwnKeys:
    """Return the keys that the ledger in the folder *ledger* tells of, in one pass. Raises ``Unreadable``."""
    keyring, keys = Keyring(), OwnKeys()
    for line in lines(ledger / ENTRIES):
        # Reading every entry costs more than looking for a word: only those that can be about keys are read.
        if line.number > 1 and b'"key ' not in line.content:
            continue
        try:
            entry = from_line(line.content)
        except ValueError:
            continue
        old = keyring.key
        if not keyring.take(entry):
            continue
        if entry.kind in (BEGUN, KEY_REPLACED):
            keys = OwnKeys((keyring.key,))
        elif entry.kind == KEY_CHANGED:
            handed = (old, keyring.key, str(entry.facts["signature"]))
            keys = OwnKeys((*keys.keys, keyring.key), (*keys.handed_over, handed))
    return keys


def follows(key: str, trusted: str, *, library: str, handed_over: Sequence[HandedOver]) -> bool:
    """Say whether *key* is *trusted*, or one that it handed over to, step by step in their order."""
    known = {trusted}
    for old, new, signature in handed_over:
        if old in known and is_handed_over(library, old, new, signature):
            known.add(new)
    return key in known

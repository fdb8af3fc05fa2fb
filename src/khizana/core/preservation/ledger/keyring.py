"""Which public key signs: told by the first entry, changed by later ones, each signed with the key before it."""

from __future__ import annotations

from khizana.core.preservation.ledger.entry import BEGUN, KEY_CHANGED, KEY_REPLACED, Entry
from khizana.core.preservation.ledger.keys import SigningKey, is_key, is_signed


class Keyring:
    """The keys of one ledger, learnt from its entries in their order."""

    def __init__(self, library: str = "", key: str = "") -> None:
        self.library = library
        self.key = key
        """The key in force, or nothing before the first entry."""

    def take(self, entry: Entry) -> bool:
        """Learn from the next entry; return False where it is not what its place asks for."""
        if entry.kind == BEGUN:
            key = str(entry.facts.get("key", ""))
            if self.key or not is_key(key):
                return False
            self.library, self.key = entry.subject, key
        elif entry.kind == KEY_CHANGED:
            new = str(entry.facts.get("key", ""))
            if not is_handed_over(self.library, self.key, new, str(entry.facts.get("signature", ""))):
                return False
            self.key = new
        elif entry.kind == KEY_REPLACED:
            new = str(entry.facts.get("key", ""))
            if not (self.key and is_key(new)):
                return False
            self.key = new
        return bool(self.key)


def begun(*, library: str, key: str, when: str, agent: str) -> Entry:
    """Return the first entry of the ledger of *library*, whose public key is *key*."""
    return Entry("ledger begun", BEGUN, when, library, {"key": key, "algorithm": "Ed25519"}, agent)


def key_changed(old: SigningKey, new: str, *, library: str, when: str, agent: str) -> Entry:
    """Return the entry by which the key *old* hands over to the public key *new*."""
    facts = {"key": new, "signature": old.sign(_handed_over(library, old.public, new))}
    return Entry(f"key changed {new}", KEY_CHANGED, when, library, facts, agent)


def key_replaced(new: str, *, library: str, when: str, agent: str) -> Entry:
    """Return the entry by which a library that was restored without its key goes on with the public key *new*."""
    return Entry(f"key replaced {new}", KEY_REPLACED, when, library, {"key": new, "algorithm": "Ed25519"}, agent)


def is_handed_over(library: str, old: str, new: str, signature: str) -> bool:
    """Say whether *signature* is that by which the key *old* of *library* hands over to the key *new*."""
    return is_key(new) and is_signed(_handed_over(library, old, new), signature=signature, key=old)


def _handed_over(library: str, old: str, new: str) -> bytes:
    return f"khizana ledger key 1\n{library}\n{old}\n{new}\n".encode()

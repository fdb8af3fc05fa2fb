"""A proof that one entry stands in the ledger: a file that is checked with nothing but the library's public key.

It holds the entry's line, its audit path (RFC 6962, section 2.1.1), a signed head, and how keys were handed over.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from khizana.core.errors import BadInput, Damaged, NotFound
from khizana.core.preservation.ledger.entry import KEY_CHANGED, LARGEST_NUMBER, Entry, from_line
from khizana.core.preservation.ledger.head import Head, head_of
from khizana.core.preservation.ledger.keyring import Keyring, is_handed_over
from khizana.core.preservation.ledger.place import ENTRIES, lines, read_entries
from khizana.core.preservation.ledger.tree import includes, inclusion_spans, leaf_hash, roots_of
from khizana.core.preservation.ledger.write import require_head

FORMAT = "khizana ledger proof 1"
LARGEST_PROOF = 1_000_000  # bytes


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a proof file proves: *entry* was number *number* when *head* was signed."""

    entry: Entry
    number: int
    """From 1."""
    head: Head


def find_entry(ledger: Path, identifier: str) -> int:
    """Return the number (from 1) of the entry with that id.

    Raises ``NotFound`` where there is none, ``Damaged``, ``Unreadable``.
    """
    for number, entry in read_entries(ledger):
        if entry.id == identifier:
            return number
    raise NotFound("NO_LEDGER_ENTRY", entry=identifier)


def make_proof(ledger: Path, number: int) -> bytes:
    """Return the proof file for entry *number* (from 1), under the newest head.

    Raises ``NotFound`` for an entry that is not under it, ``Damaged`` where the entries are not those it was signed
    over.
    """
    head = require_head(ledger)
    if not 0 < number <= head.size:
        raise NotFound("NO_LEDGER_ENTRY", entry=str(number))
    reader = _Leaves(ledger / ENTRIES, number, head.size)
    try:
        path = roots_of(inclusion_spans(number - 1, head.size), reader.hashes())
    except ValueError as error:
        raise Damaged("LEDGER_CUT_SHORT", path=str(ledger), entries=reader.read, signed=head.size) from error
    root = bytes.fromhex(head.root)
    if not includes(root, size=head.size, index=number - 1, leaf=leaf_hash(reader.line), path=path):
        raise Damaged("LEDGER_NOT_AS_SIGNED", path=str(ledger), signed=head.size)
    value = {
        "format": FORMAT,
        "entry": reader.line.decode(),
        "index": number - 1,
        "path": [each.hex() for each in path],
        "head": asdict(head),
        "keys": reader.handed_over,
    }
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()


def confirm(content: bytes, *, key: str) -> Confirmed:
    """Return what the proof file with this *content* proves to someone who trusts the public *key*.

    Raises ``BadInput`` for what is no proof file, ``Damaged`` for one that proves nothing.
    """
    try:
        line, index, path, head, keys = _proof(content)
        entry = from_line(line)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadInput("LEDGER_PROOF_UNREADABLE", problem=str(error)) from error
    trusted = {key}
    for old, new, signature in keys:
        if old in trusted and is_handed_over(head.library, old, new, signature):
            trusted.add(new)
    if head.key not in trusted or not head.is_true:
        raise Damaged("LEDGER_PROOF_UNSIGNED", key=key)
    if not includes(bytes.fromhex(head.root), size=head.size, index=index, leaf=leaf_hash(line), path=path):
        raise Damaged("LEDGER_PROOF_FALSE", size=head.size)
    return Confirmed(entry, index + 1, head)


def _proof(content: bytes) -> tuple[bytes, int, list[bytes], Head, list[tuple[str, str, str]]]:
    value = json.loads(content[:LARGEST_PROOF].decode())
    if value["format"] != FORMAT:
        raise ValueError("another format")
    index = value["index"]
    if type(index) is not int or not 0 <= index <= LARGEST_NUMBER:
        raise ValueError("no index")
    path = [bytes.fromhex(each) for each in value["path"]]
    keys = [(str(each["old"]), str(each["new"]), str(each["signature"])) for each in value["keys"]]
    return value["entry"].encode(), index, path, head_of(value["head"]), keys


class _Leaves:
    """Reads leaf hashes up to *size*, and keeps the line of one entry and how keys were handed over on the way."""

    def __init__(self, path: Path, number: int, size: int) -> None:
        self.line = b""
        self.read = 0
        self.handed_over: list[dict[str, Any]] = []
        self._path, self._number, self._size = path, number, size
        self._keyring = Keyring()

    def hashes(self) -> Iterator[bytes]:
        for line in lines(self._path):
            if not line.whole or line.number > self._size:
                return
            self.read = line.number
            if line.number == self._number:
                self.line = line.content
            # Reading every entry costs more than hashing it: only those that can be about keys are read.
            if line.number == 1 or KEY_CHANGED.encode() in line.content:
                self._learn(line.content)
            yield leaf_hash(line.content)

    def _learn(self, content: bytes) -> None:
        try:
            entry = from_line(content)
        except ValueError:
            return
        old = self._keyring.key
        if self._keyring.take(entry) and entry.kind == KEY_CHANGED:
            self.handed_over.append({"old": old, "new": self._keyring.key, "signature": entry.facts["signature"]})

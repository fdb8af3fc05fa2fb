"""A signed list: lines of JSON under one signature, for packs and proofs. Written and read in bounded memory.

The first line is the header, the last the signature: Ed25519 over six lines of text that begin with what the list is
and end with the sha512 of every byte before the last line. So no list passes for another kind of list, for a head of a
ledger, or for the same list to somebody else.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from khizana.core.errors import BadInput, Damaged
from khizana.core.identifiers import Digest
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.courier.keys import HandedOver
from khizana.core.preservation.durable import make_directories, write_all, writing
from khizana.core.preservation.ledger.entry import canonical, check_when
from khizana.core.preservation.ledger.head import Head, head_of
from khizana.core.preservation.ledger.keys import SigningKey, is_key, is_signed

FORMAT = 1
PACK, PROOF = "pack", "proof"
LONGEST_HEADER = 1 << 20  # bytes
LONGEST_LINE = 1 << 28  # bytes: of an object with half a million files
LARGEST = 1 << 31  # bytes of a list, under what FAT32 can hold
LONGEST_SIGNATURE = 256  # bytes
_SIGNATURE_LINE = re.compile(rb'\{"signature":"([0-9a-f]{128})"\}\n')
_DIGEST = re.compile(r"[0-9a-f]{128}")
_PACK_ID = re.compile(r"[0-9a-f]{16}-[0-9a-f]{16}-[0-9]{6,9}")
_HEADER = frozenset(
    {"courier", "format", "library", "from", "to", "keys", "pack", "digest", "created", "ledger", "head"}
)


@dataclass(frozen=True, slots=True)
class Header:
    """What a list says of itself. Raises ``ValueError`` for values that are not those of one."""

    courier: str
    """``pack`` or ``proof``."""
    library: str
    sender: str
    """The public key that it is signed with."""
    receiver: str
    """The public key of the place that it is for."""
    handed_over: tuple[HandedOver, ...]
    """How the sender's older keys handed over to it."""
    pack: str
    """The id of the pack; in a proof, of the pack that arrived."""
    digest: str
    """In a proof, the sha512 of the list of that pack; nothing in a pack."""
    created: str
    ledger: int
    """In a pack, the number of entries before those that it carries; in a proof, how many entries of the ledger of the
    pack's sender are known now."""
    head: Head
    """The newest head of the ledger of whoever made the list."""

    def __post_init__(self) -> None:
        """Refuse what is written otherwise."""
        check_when(self.created)
        if not (is_key(self.sender) and is_key(self.receiver) and _PACK_ID.fullmatch(self.pack)):
            raise ValueError("no keys, or no id of a pack")
        if self.courier not in (PACK, PROOF) or bool(self.digest) != (self.courier == PROOF):
            raise ValueError("neither a pack nor a proof")
        if self.digest:
            check_digest(self.digest)

    @property
    def number(self) -> int:
        """The place of the pack among those from one place to another."""
        return int(self.pack.rpartition("-")[2])


def pack_id(sender: str, receiver: str, number: int) -> str:
    """Return the id of the pack with that *number* from one key to another."""
    return f"{sender[:16]}-{receiver[:16]}-{number:06d}"


class Writer:
    """Writes a list to the new file *path*, line by line; ``close`` signs it."""

    def __init__(self, path: Path, header: Header) -> None:
        self._path, self._header = path, header
        with writing(path):
            make_directories(path.parent)
            self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        self._calculation = hashlib.sha512()
        self.size = 0
        self.line(_header_value(header))

    def line(self, value: Mapping[str, Any]) -> None:
        """Write one line."""
        self._write(canonical(value) + b"\n")

    def close(self, key: SigningKey) -> Digest:
        """Write the signature and flush; return the sha512 of what was signed."""
        digest = Digest(self._calculation.hexdigest())
        self._write(canonical({"signature": key.sign(_signed_bytes(self._header, digest))}) + b"\n")
        with writing(self._path):
            os.fsync(self._handle)
        self.end()
        return digest

    def end(self) -> None:
        """Let go of the file, as it is."""
        with suppress(OSError):
            os.close(self._handle)

    def _write(self, content: bytes) -> None:
        with writing(self._path):
            write_all(self._handle, content)
        self._calculation.update(content)
        self.size += len(content)


@dataclass(frozen=True, slots=True)
class Signed:
    """A list whose signature was found right: the lines of *path* are those that were signed."""

    path: Path
    """A file of this machine: what a disk says twice need not be the same."""
    header: Header
    digest: Digest
    """The sha512 of what was signed."""

    def lines(self) -> Iterator[Mapping[str, Any]]:
        """Yield the lines between header and signature. Raises ``Damaged`` for one that cannot be understood."""
        return (line for _, line in self.placed_lines())

    def placed_lines(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """Yield the lines, as ``lines`` does, each after the byte that it begins at."""
        with self.path.open("rb") as stream:
            begins = len(stream.readline())
            before = b""
            while content := stream.readline(LONGEST_LINE + 1):
                if before:
                    yield begins, _value(before, self.header.pack)
                    begins += len(before)
                before = content

    def line_at(self, begins: int) -> Mapping[str, Any]:
        """Return the line that begins at that byte. Raises as ``lines`` does."""
        with self.path.open("rb") as stream:
            stream.seek(begins)
            return _value(stream.readline(LONGEST_LINE + 1), self.header.pack)


def read_header(store: ReplicaStore, name: str) -> Header:
    """Return what the list *name* of *store* says of itself; whether it is true is not known.

    Raises ``BadInput`` for a newer format, ``Damaged`` for what is no list, and what the store raises.
    """
    content = bytearray()
    for run in store.read(name):
        content += run
        if b"\n" in content or len(content) > LONGEST_HEADER:
            break
    return _header(bytes(content).partition(b"\n")[0][:LONGEST_HEADER], name)


def fetch(store: ReplicaStore, name: str, into: Path) -> Signed:
    """Copy the list *name* of *store* to the file *into*, and return it where its signature is that of its sender.

    Whether the sender is to be believed is another question. Raises ``Damaged`` for one that was altered or cut short,
    and as ``read_header`` does.
    """
    size = 0
    with writing(into):
        make_directories(into.parent)
        stream = into.open("wb")
    with stream:
        for run in store.read(name):
            size += len(run)
            if size > LARGEST + LONGEST_LINE:
                raise Damaged("COURIER_LIST_ALTERED", name=name)
            with writing(into):
                stream.write(run)
        with writing(into):
            stream.flush()
    return read_signed(into, name)


def read_signed(path: Path, name: str) -> Signed:
    """Return the list in the file *path*, called *name*. Raises as ``fetch`` does."""
    with path.open("rb") as stream:
        header = _header(stream.readline(LONGEST_HEADER + 1).removesuffix(b"\n"), name)
        end = max(stream.seek(0, os.SEEK_END) - LONGEST_SIGNATURE, 0)
        stream.seek(end)
        tail = stream.read()
        begin = end + tail.rfind(b"\n", 0, -1) + 1
        stream.seek(0)
        calculation, left = hashlib.sha512(), begin
        while left and (run := stream.read(min(left, 1 << 20))):
            calculation.update(run)
            left -= len(run)
        last = stream.read()
    digest = Digest(calculation.hexdigest())
    if not is_signed(_signed_bytes(header, digest), signature=_signature(last), key=header.sender):
        raise Damaged("COURIER_LIST_ALTERED", name=name)
    return Signed(path, header, digest)


def check_digest(value: object) -> Digest:
    """Return *value* as a digest. Raises ``ValueError``."""
    if not isinstance(value, str) or not _DIGEST.fullmatch(value):
        raise ValueError("no digest")
    return Digest(value)


def check_number(value: object) -> int:
    """Return *value* as a whole number from 0 on. Raises ``ValueError``."""
    if type(value) is not int or not 0 <= value < 2**53:
        raise ValueError("no number")
    return value


def check_that(holds: object, otherwise: str) -> None:
    """Raise ``ValueError`` unless *holds*."""
    if not holds:
        raise ValueError(otherwise)


def _signed_bytes(header: Header, digest: str) -> bytes:
    lines = (f"khizana courier {header.courier} {FORMAT}", header.library, header.sender, header.receiver, header.pack)
    return "\n".join((*lines, digest, "")).encode()


def _header_value(header: Header) -> dict[str, Any]:
    head = {name: getattr(header.head, name) for name in ("library", "size", "root", "when", "key", "signature")}
    return {
        "courier": header.courier,
        "format": FORMAT,
        "library": header.library,
        "from": header.sender,
        "to": header.receiver,
        "keys": [list(each) for each in header.handed_over],
        "pack": header.pack,
        "digest": header.digest,
        "created": header.created,
        "ledger": header.ledger,
        "head": head,
    }


def _header(line: bytes, name: str) -> Header:
    try:
        value = json.loads(line.decode())
        newest = value["format"]
        if type(newest) is int and newest > FORMAT:
            raise BadInput("COURIER_NEWER", name=name, format=newest)
        check_that(value.keys() == _HEADER and newest == FORMAT, "not the header of a list")
        texts = [value[each] for each in ("courier", "library", "from", "to", "pack", "digest", "created")]
        handed = tuple((old, new, signature) for old, new, signature in value["keys"])
        told = (*texts, *(text for each in handed for text in each))
        check_that(all(isinstance(each, str) for each in told), "not the header of a list")
        kind, library, sender, receiver, pack, digest, created = texts
        ledger, head = check_number(value["ledger"]), head_of(value["head"])
        check_that(head.library == library, "a head of another library")
        return Header(kind, library, sender, receiver, handed, pack, digest, created, ledger, head)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Damaged("COURIER_LIST_ALTERED", name=name) from error


def _value(line: bytes, name: str) -> Mapping[str, Any]:
    try:
        value = json.loads(line.decode())
        check_that(line.endswith(b"\n") and isinstance(value, dict), "no line of a list")
    except (ValueError, RecursionError) as error:
        raise Damaged("COURIER_LIST_ALTERED", name=name) from error
    return cast("Mapping[str, Any]", value)


def _signature(line: bytes) -> str:
    """Return the signature in the last *line*, written in the one way that it is; nothing for other bytes."""
    found = _SIGNATURE_LINE.fullmatch(line)
    return found[1].decode() if found else ""

"""Making a pack: pieces first, then the signed list that names them. Until the list is there, there is no pack."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from khizana.core.errors import BadInput, Damaged, NotFound
from khizana.core.identifiers import Digest
from khizana.core.ports import ReplicaStore, Stored
from khizana.core.preservation.courier.lines import End, Have, PackedObject, end_line, object_line
from khizana.core.preservation.courier.pieces import PIECE, SMALL, PieceWriter, Wanted
from khizana.core.preservation.courier.places import begun_name, pack_name
from khizana.core.preservation.courier.signed import LARGEST, Header, Writer
from khizana.core.preservation.ledger.keys import SigningKey
from khizana.core.preservation.ocfl.inventory import INVENTORY
from khizana.core.preservation.replicas.expected import Expected
from khizana.core.preservation.replicas.outcome import Intact
from khizana.core.preservation.replicas.reading import OnBytes, Reader, nothing

_LINE = 512  # bytes that a file takes up in the list, at most, when its name is an ordinary one
_SPARE = 1 << 18  # bytes kept free so that a pack can be closed


class PackMaking:
    """A pack that is being made on *courier*; its list grows in the file *scratch* of this machine."""

    def __init__(
        self,
        header: Header,
        key: SigningKey,
        *,
        here: ReplicaStore,
        courier: ReplicaStore,
        scratch: Path,
        stamp: str,
        piece: int = PIECE,
        on_bytes: OnBytes = nothing,
    ) -> None:
        self._header, self._key, self._courier, self._scratch = header, key, courier, scratch
        self._pieces = PieceWriter(here, courier, stamp=stamp, piece=piece, on_bytes=on_bytes)
        self._list = Writer(scratch, header)
        self.objects = 0
        name = begun_name(header.pack)
        if not any(stored.name == name for stored in courier.names(name)):
            courier.put(name, [b""], size=0)

    def add_ledger(self, pieces: Iterable[bytes]) -> None:
        """Carry *pieces* of the ledger. Raises as ``PieceWriter`` does."""
        for content in pieces:
            self._list.line({"ledger": self._pieces.keep(content), "size": len(content)})

    def add(self, wanted: Expected, base: int, files: Sequence[Wanted]) -> None:
        """Carry *files* of an object. Raises as ``PieceWriter`` does, and the pack is then as it was."""
        carried = tuple(self._pieces.put(wanted.known.prefix, files))
        self._list.line(object_line(PackedObject(wanted.known, base, carried, wanted.is_listed)))
        self.objects += 1

    def room_for(self, files: Sequence[Wanted], *, block: int) -> int:
        """Return how many bytes must be free for *files* and for closing the pack after them."""
        small = sum(stored.size for stored, _ in files if stored.size < SMALL)
        sizes = [small, *(stored.size for stored, _ in files if stored.size >= SMALL)]
        closing = self._list.size + _SPARE + _LINE * len(files)
        return sum(-(-size // block) * block for size in (*sizes, closing))

    @property
    def is_full(self) -> bool:
        """Whether the list has grown to what a file may hold: the rest is for another pack."""
        return self._list.size > LARGEST

    def close(self, have: Have, *, left: int) -> Digest:
        """Write the end and the signature, and bring the list to the courier; return the digest of what is signed.

        Raises ``Damaged`` COPY_DIFFERS, and what the courier raises: the same command then closes it.
        """
        self._list.line(end_line(End(self.objects, left, have)))
        digest = self._list.close(self._key)
        bring_list(self._scratch, self._courier, pack_name(self._header.pack))
        return digest

    def end(self) -> None:
        """Let go of the list as it is."""
        self._list.end()


def to_carry(here: ReplicaStore, wanted: Expected, base: int) -> list[Wanted]:
    """Return the files of the versions after *base* that no inventory tells; of an adopted object every file.

    Raises ``NotFound`` ORIGIN_MISSING for one that should be there, ``BadInput`` for one whose name is no text.
    """
    prefix = wanted.known.prefix
    there = {stored.name: stored.size for stored in here.names(prefix)}
    files: list[Wanted] = []
    for name, digest in wanted.files.items():
        if not (wanted.is_listed or _is_carried(name, wanted, base)):
            continue
        if not name.isascii() and name != name.encode("utf-8", "replace").decode():
            raise BadInput(
                "COURIER_NAME_UNUSABLE",
                object_id=wanted.known.object_id,
                name=name.encode("ascii", "backslashreplace").decode(),
            )
        if prefix + name not in there:
            raise NotFound("ORIGIN_MISSING", name=prefix + name, path=here.address)
        files.append((Stored(prefix + name, there[prefix + name]), digest))
    return files


def _is_carried(name: str, wanted: Expected, base: int) -> bool:
    version, _, rest = name.partition("/")
    number = version.removeprefix("v")
    if not rest or not number.isdigit() or int(number) <= base:
        return False
    return rest == INVENTORY or name not in wanted.told


def bring_list(path: Path, courier: ReplicaStore, name: str) -> None:
    """Bring the signed list in the file *path* to *courier* as *name*, read back there."""
    content = path.stat().st_size
    with path.open("rb") as stream:
        courier.put(name, iter(lambda: stream.read(1 << 20), b""), size=content)
    with path.open("rb") as stream:
        digest = Digest(hashlib.file_digest(stream, "sha512").hexdigest())
    if not isinstance(Reader(courier).outcome(name, digest), Intact):
        raise Damaged("COPY_DIFFERS", name=name, path=courier.address)

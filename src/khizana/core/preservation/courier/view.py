"""An object in a pack as a store that can only be read: its files under their own names, joined from pieces.

Every piece is compared with its digest while it is read. The bytes of a large one go out before its end is seen:
whoever reads gets an error at its end, before anything of it has a name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import NoReturn

from khizana.core.errors import Away, Damaged, KhizanaError, NotFound, Unreadable
from khizana.core.identifiers import Digest
from khizana.core.ports import ReplicaStore, Stored
from khizana.core.preservation.courier.lines import PackedObject
from khizana.core.preservation.courier.pieces import BUNDLE, piece_name


class PackView:
    """A ``ReplicaStore`` with the files of one packed object, and nothing else."""

    def __init__(self, courier: ReplicaStore, packed: PackedObject) -> None:
        self._courier = courier
        self._files = {packed.known.prefix + each.path: each for each in packed.files}
        self._bundle: tuple[Digest, bytes] = (Digest(""), b"")

    @property
    def address(self) -> str:
        """Where the courier is."""
        return self._courier.address

    def held(self) -> AbstractContextManager[None]:
        """Hold nothing: nobody writes here."""
        return nullcontext()

    def names(self, prefix: str = "") -> Iterator[Stored]:
        """Yield the files that are carried."""
        for name in sorted(self._files):
            if name.startswith(prefix):
                yield Stored(name, self._files[name].size)

    def read(self, name: str) -> Iterator[bytes | memoryview]:
        """Yield the bytes of a file. Raises ``Damaged``, ``NotFound`` and ``Unreadable`` naming the piece."""
        file = self._files.get(name)
        if file is None:
            raise NotFound("SITE_NO_FILE", name=name, path=self.address)
        if file.bundle is not None:
            content = self._gathered(file.bundle)[file.begins : file.begins + file.size]
            if hashlib.sha512(content).hexdigest() != file.digest:
                raise Damaged("COURIER_PIECE_ALTERED", name=piece_name(file.bundle), path=self.address)
            yield content
            return
        if not file.parts:
            yield from piece(self._courier, piece_name(file.digest), file.digest)
        for number, digest in enumerate(file.parts):
            yield from piece(self._courier, piece_name(file.digest, number), digest)

    def put(self, name: str, content: Iterable[bytes | memoryview], *, size: int) -> None:  # noqa: ARG002 - the port's
        """Refuse."""
        self._refuse(name)

    def replace(self, name: str, content: bytes) -> None:  # noqa: ARG002 - the port's
        """Refuse."""
        self._refuse(name)

    def set_aside(self, name: str, aside: str) -> None:  # noqa: ARG002 - the port's
        """Refuse."""
        self._refuse(name)

    def remove(self, name: str) -> None:
        """Refuse."""
        self._refuse(name)

    def _gathered(self, bundle: Digest) -> bytes:
        if self._bundle[0] != bundle:
            self._bundle = (bundle, whole_piece(self._courier, bundle, longest=2 * BUNDLE))
        return self._bundle[1]

    def _refuse(self, name: str) -> NoReturn:
        raise Unreadable("SITE_UNREADABLE", name=name, path=self.address, problem="a pack is only read")


def whole_piece(courier: ReplicaStore, digest: Digest, *, longest: int) -> bytes:
    """Return the bytes of a piece of at most *longest* bytes. Raises as ``piece`` does."""
    content = bytearray()
    for run in piece(courier, piece_name(digest), digest):
        content += run
        if len(content) > longest:
            raise Damaged("COURIER_PIECE_ALTERED", name=piece_name(digest), path=courier.address)
    return bytes(content)


def piece(courier: ReplicaStore, name: str, digest: Digest) -> Iterator[bytes | memoryview]:
    """Yield the bytes of the piece *name*; raise ``Damaged`` at its end where they have not that *digest*.

    Raises ``NotFound`` for one that is missing, ``Unreadable``, and ``Away`` when the courier has gone.
    """
    calculation = hashlib.sha512()
    try:
        for run in courier.read(name):
            calculation.update(run)
            yield run
    except Away:
        raise
    except NotFound as error:
        raise NotFound("COURIER_PIECE_MISSING", name=name, path=courier.address) from error
    except KhizanaError as error:
        raise Unreadable("COURIER_PIECE_UNREADABLE", name=name, path=courier.address) from error
    if calculation.hexdigest() != digest:
        raise Damaged("COURIER_PIECE_ALTERED", name=name, path=courier.address)

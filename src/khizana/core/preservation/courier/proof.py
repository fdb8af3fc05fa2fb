"""A proof of arrival: a signed list, in a file of its own, of the objects a pack brought and what became of each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from khizana.core.errors import KhizanaError
from khizana.core.preservation.courier.keys import HandedOver
from khizana.core.preservation.courier.lines import End, Have, arrived_line, end_line, proof_line
from khizana.core.preservation.courier.places import LIST, PROOFS, proof_name
from khizana.core.preservation.courier.signed import PROOF, Signed, Writer, read_signed
from khizana.core.preservation.courier.taken import TakenIn
from khizana.core.preservation.durable import make_directories, sync_directory, writing
from khizana.core.preservation.ledger.head import Head
from khizana.core.preservation.ledger.keys import SigningKey


@dataclass(frozen=True, slots=True)
class Kept:
    """A proof in a file of this machine, under the name that it has on couriers."""

    name: str
    path: Path


class ProofMaking:
    """The proof of a pack, written while its objects are taken in; the file *scratch* takes what there is of it."""

    def __init__(
        self,
        pack: Signed,
        key: SigningKey,
        *,
        handed_over: tuple[HandedOver, ...],
        ledger: int,
        head: Head,
        when: str,
        scratch: Path,
    ) -> None:
        header = replace(
            pack.header,
            courier=PROOF,
            sender=key.public,
            receiver=pack.header.sender,
            handed_over=handed_over,
            digest=pack.digest,
            created=when,
            ledger=ledger,
            head=head,
        )
        self._pack, self._key, self._scratch = pack, key, scratch
        self._list = Writer(scratch, header)
        self.objects = 0

    def add(self, taken: TakenIn, shared: int) -> None:
        """Write down what became of one object."""
        self._list.line(arrived_line(taken, shared))
        self.objects += 1

    def close(self, have: Have, folder: Path) -> Kept:
        """Sign, and keep the proof in *folder*."""
        self._list.line(end_line(End(self.objects, 0, have)))
        name = proof_name(self._pack.header.pack, self._list.close(self._key))
        return keep(self._scratch, folder, name)

    def end(self) -> None:
        """Let go of the list as it is."""
        self._list.end()


def keep(path: Path, folder: Path, name: str) -> Kept:
    """Move the proof in the flushed file *path* into *folder*."""
    goal = folder / name.removeprefix(PROOFS)
    with writing(folder):
        make_directories(folder)
        path.replace(goal)
        sync_directory(folder)
    return Kept(name, goal)


def kept(folder: Path) -> list[Kept]:
    """Return the proofs kept in *folder*, the oldest pack first."""
    return [Kept(PROOFS + path.name, path) for path in sorted(folder.glob(f"*{LIST}"), key=_turn)]


def entries_seen(folder: Path) -> int:
    """Return how many entries of this place's ledger whoever gave the newest proof in *folder* had seen."""
    for each in reversed(kept(folder)):
        with suppress(KhizanaError):
            return read_signed(each.path, each.name).header.ledger
    return 0


def proved(proof: Signed) -> Iterator[tuple[TakenIn, int] | End]:
    """Yield what a proof says. Raises ``Damaged`` for a line that cannot be understood."""
    return (proof_line(line, proof.header.pack) for line in proof.lines())


def _turn(path: Path) -> tuple[str, float]:
    # The number of the pack, whatever the keys; of two proofs of one pack the later.
    return path.name.split("-")[2], path.stat().st_mtime

"""Whose packs count where there is no library any more to ask: of a disk alone, what one signer and nobody else signed.

A pack says itself with which key it was signed, and everybody can sign with a key of his own. So nothing is taken from
packs of more signers than one before a person has named those to believe.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from khizana.core.errors import Away, BadInput, Damaged, KhizanaError, NoSpace, NotFound
from khizana.core.findings import Finding, Severity
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.courier.keys import follows, key_text
from khizana.core.preservation.courier.places import BEGUN, LIST, PACKS
from khizana.core.preservation.courier.signed import PACK, Signed, fetch


@dataclass(frozen=True, slots=True)
class Believed:
    """The packs of a disk that are believed, the newest last."""

    library: str
    packs: tuple[Signed, ...]
    told: tuple[Signed, ...]
    """Those of the signer that was named first: they carry the ledger that is meant."""
    findings: tuple[Finding, ...]
    """One for each pack that is left out: not what was signed, never closed, or signed by somebody else."""

    @property
    def newest(self) -> Signed:
        """The pack that was made last, as the ledger in it tells: clocks go wrong."""
        return self.told[-1]


def believed(courier: ReplicaStore, scratch: Path, *, keys: Sequence[str] = ()) -> Believed:
    """Return the packs on *courier* that were signed with one of *keys*, or with one that these handed over to.

    Without *keys*, all are to be of one signer. The lists are copied into the new folder *scratch*. Raises
    ``BadInput`` COURIER_SEVERAL_SIGNERS where they are not, ``NotFound`` where there is no pack that can be
    believed, and what is wrong with the first list where no list is right.
    """
    found, findings, errors = _fetched(courier, scratch)
    if not found:
        raise errors[0] if errors else NotFound("COURIER_NO_PACK", path=courier.address)
    trusted = tuple(keys) or _one_signer(found, courier.address)
    packs = [pack for pack in found if _is_of(pack, trusted)]
    for pack in found:
        if pack not in packs:
            facts = {"name": pack.header.pack, "key": key_text(pack.header.sender)}
            findings.append(Finding("COURIER_NOT_NAMED", Severity.WARNING, pack.header.pack, facts))
    if not packs:
        raise NotFound("COURIER_NO_PACK_OF", path=courier.address, keys=", ".join(map(key_text, trusted)))
    packs.sort(key=lambda pack: (-_rank(pack, trusted), pack.header.head.size, pack.header.number))
    library = packs[-1].header.library
    for pack in packs:
        if pack.header.library != library:
            facts = {"name": pack.header.pack, "library": pack.header.library}
            findings.append(Finding("COURIER_OF_ANOTHER_LIBRARY", Severity.ERROR, pack.header.pack, facts))
    packs = [pack for pack in packs if pack.header.library == library]
    first = _rank(packs[-1], trusted)
    told = tuple(pack for pack in packs if _rank(pack, trusted) == first)
    return Believed(library, tuple(packs), told, tuple(findings))


def _fetched(courier: ReplicaStore, scratch: Path) -> tuple[list[Signed], list[Finding], list[KhizanaError]]:
    packs: list[Signed] = []
    errors: list[KhizanaError] = []
    findings: list[Finding] = []
    names = {stored.name for stored in courier.names(PACKS)}
    for number, name in enumerate(sorted(each for each in names if each.endswith(LIST))):
        try:
            pack = fetch(courier, name, scratch / str(number))
            header = pack.header
            if header.courier != PACK or header.head.key != header.sender or not header.head.is_true:
                raise Damaged("COURIER_LIST_ALTERED", name=name)
        except (Away, NoSpace):
            raise
        except KhizanaError as error:
            errors.append(error)
            findings.append(Finding(error.code, Severity.ERROR, name, error.facts))
        else:
            packs.append(pack)
    for name in sorted(names):
        if name.endswith(BEGUN) and name.removesuffix(BEGUN) + LIST not in names:
            facts = {"pack": name.removeprefix(PACKS).removesuffix(BEGUN)}
            findings.append(Finding("COURIER_NEVER_CLOSED", Severity.WARNING, name, facts))
    return packs, findings, errors


def _one_signer(packs: Sequence[Signed], address: str) -> tuple[str, ...]:
    """Return the key from which that of every pack follows. Raises ``BadInput`` where there is no such key."""
    senders = sorted({pack.header.sender for pack in packs})
    for key in senders:
        if all(_is_of(pack, (key,)) for pack in packs) and len({pack.header.library for pack in packs}) == 1:
            return (key,)
    raise BadInput("COURIER_SEVERAL_SIGNERS", path=address, keys=", ".join(map(key_text, senders)))


def _is_of(pack: Signed, trusted: Sequence[str]) -> bool:
    return _rank(pack, trusted) < len(trusted)


def _rank(pack: Signed, trusted: Sequence[str]) -> int:
    """Return the place among *trusted* of the key that the pack's follows from; their number where it is none."""
    header = pack.header
    for place, key in enumerate(trusted):
        if follows(header.sender, key, library=header.library, handed_over=header.handed_over):
            return place
    return len(trusted)

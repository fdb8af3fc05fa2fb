"""Restoring from a sealed site, and what both kinds of restoring say of the ledger that the site had seen."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from khizana.cli.init import remake_library, set_ledger_aside
from khizana.cli.verb import tell_findings
from khizana.core.errors import Damaged, KhizanaError
from khizana.core.findings import Finding, Severity
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.library import LibraryFolder
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.clearing import Clearable, SealedSite, still_there
from khizana.core.preservation.ledger.place import newest_head, read_entries
from khizana.core.preservation.ledger.versions import KnownVersions, compared, known_versions
from khizana.core.preservation.ledger.write import open_ledger
from khizana.core.preservation.ocfl.adopt import vouched_by
from khizana.core.preservation.sealed.library import RECIPIENTS, SETTINGS, SITES, bring_ledger
from khizana.core.preservation.sealed.names import LIBRARY, STORAGE_ROOT, object_folder
from khizana.core.preservation.sealed.unseal import Incomplete, blinding_at, unseal, unseal_library
from khizana.wiring.keys import keep_keys, opener_from

_STANDS = frozenset({"LEDGER_VERSION_GONE", "LEDGER_OBJECT_GONE"})
"""What a ledger has to say of objects although a part of it is lost."""

Seen = Sequence[tuple[ObjectId, int, Digest]]


def restored_sealed(
    site: ReplicaStore, library: str, directory: Path, key: Path
) -> tuple[LibraryFolder, list[Finding]]:
    """Restore the sealed *site* of *library* into *directory* with the key file *key*, as ``restored_library`` does.

    With another's key nothing is written. The library has its public keys and blinding value again, so that what it
    seals goes on where it stopped.
    """
    opener = opener_from(key)
    blinding = blinding_at(site, opener)
    findings: list[Finding] = []
    with tempfile.TemporaryDirectory(prefix="khizana-restore-") as scratch:
        found = unseal_library(site, opener, blinding, Path(scratch))
        if isinstance(found, Incomplete):
            findings.extend(found.problems)
        kept = (found.path if found else None) or Path(scratch)

        def fill(folder: LibraryFolder) -> None:
            seen: list[tuple[ObjectId, int, Digest]] = []
            there = {each.name for each in folder.root.iterdir()}
            has_ledger = bring_ledger(site, kept, folder.ledger) is not None
            gone = left_out(SealedSite(site, blinding), folder.ledger)
            without = {each.split("/")[-2] for each in (object_folder(blinding, LIBRARY), *gone)}
            for each in unseal(site, opener, folder.root, among=there, without=without):
                if isinstance(each, Incomplete):
                    findings.extend(each.problems)
                elif each.object_id != STORAGE_ROOT:
                    findings.extend(_seen(each.path, library, seen))
            if has_ledger:
                findings.extend(of_ledger(folder.ledger, seen, site=site.address))
            keep_keys(
                folder, blinding=blinding, recipients=_read(kept / RECIPIENTS).decode("ascii", "replace"), key=key
            )

        settings, sites = _read(kept / SETTINGS), _read(kept / SITES)
        folder = remake_library(directory, name=library, settings=settings, sites=sites, fill=fill)
    tell_findings(findings)
    return folder, findings


def older(ledger: Path, seen: Seen) -> list[Finding]:
    """Return where the objects *seen* are older than the *ledger* that came back with them knows."""
    try:
        return list(compared(known_versions(entry for _, entry in read_entries(ledger)), seen))
    except KhizanaError as error:
        return [Finding(error.code, Severity.ERROR, str(ledger), error.facts)]


def of_ledger(ledger: Path, seen: Seen, *, site: str) -> list[Finding]:
    """Return where the objects *seen* are older than the *ledger* that *site* gave back, and whether that is damaged.

    A damaged one is set aside, so that a new one can begin, and that is told whatever else is: the sites that have seen
    the old one take no copies from a library with another.
    """
    wrong, head = older(ledger, seen), newest_head(ledger)
    try:
        with open_ledger(ledger):
            is_whole = head is not None  # without a head no signature is left that vouches for the entries
    except Damaged:
        is_whole = False
    if is_whole:
        return wrong
    aside = set_ledger_aside(ledger)
    told = Finding("LEDGER_CAME_BACK_DAMAGED", Severity.ERROR, site, {"path": str(aside)})
    return [told, *(each for each in wrong if each.code in _STANDS)]


def left_out(site: Clearable, ledger: Path) -> frozenset[str]:
    """Return the folders at *site* that have nothing but what was deleted by the *ledger* that came back, each told."""
    known = deleted_by(ledger)
    folders = set()
    for request in known.deletions.tombstones():
        for each in still_there(site, request.objects, known.deleted):
            folders.add(site.folder(each.object_id))
            facts = {"request": request.id}
            tell_findings([Finding("DELETED_NOT_RESTORED", Severity.INFO, each.object_id, facts)])
    return frozenset(folders)


def deleted_by(ledger: Path) -> KnownVersions:
    """Return what the *ledger* that came back knows; nothing where it cannot be read, which is told elsewhere."""
    known = KnownVersions()
    try:
        for _, entry in read_entries(ledger):
            known.take(entry)
    except KhizanaError:
        return KnownVersions()
    return known


def _seen(path: Path, library: str, seen: list[tuple[ObjectId, int, Digest]]) -> Iterator[Finding]:
    try:
        seen.append(vouched_by(path, library=library))
    except KhizanaError as error:
        yield Finding(error.code, Severity.ERROR, str(path), error.facts)


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""

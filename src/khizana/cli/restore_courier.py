"""Restoring from the packs on a portable disk, where nothing else is left of a library."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from khizana.cli.init import remake_library
from khizana.cli.restore_sealed import deleted_by, older
from khizana.cli.times import stamp
from khizana.cli.verb import Progress, tell_findings, warn, words
from khizana.core.findings import Finding, Severity
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.library import LibraryFolder
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.courier.believed import Believed, believed
from khizana.core.preservation.courier.keys import key_of, key_text
from khizana.core.preservation.courier.restore import Goal, restore_ledger, restore_packs, undeleted
from khizana.core.preservation.ocfl.validate import validate_object
from khizana.core.preservation.ocfl.write import StorageRoot
from khizana.core.preservation.replicas.expected import STORAGE
from khizana.core.preservation.replicas.restore import Restored
from khizana.core.preservation.replicas.sites import PEER
from khizana.wiring.sites import store_at

_GONE = frozenset({"LEDGER_VERSION_GONE", "LEDGER_OBJECT_GONE"})
"""What the ledger has to say of a courier: that it carries only a part. What is carried, its signature vouches for."""


def restored_courier(
    courier: ReplicaStore, directory: Path, signers: Sequence[str]
) -> tuple[LibraryFolder, list[Finding]]:
    """Restore what the packs on *courier* carry into *directory*, as ``restored_library`` does.

    *signers* are the keys whose packs are believed, as people exchange them; the ledger that comes back is that of the
    first. Raises ``BadInput`` for what is no key, and as ``believed`` does.
    """
    findings: list[Finding] = []
    seen: list[tuple[ObjectId, int, Digest]] = []
    with packs_of(courier, [key_of(PEER + each.removeprefix(PEER)) for each in signers]) as found:
        findings.extend(found.findings)

        def fill(folder: LibraryFolder) -> None:
            if lacking := restore_ledger(found.told, courier, folder.ledger):
                findings.append(lacking)
            gone = deleted_by(folder.ledger).request_of
            for each in restored_objects(found, courier, folder.root, deleted=gone):
                findings.extend(each.findings)
                if each.known is not None:
                    seen.append((each.known.object_id, each.known.head, each.known.versions[each.known.head]))
            findings.extend(each for each in older(folder.ledger, seen) if each.code in _GONE)

        folder = remake_library(directory, name=found.library, settings=b"", sites=b"", fill=fill)
        newest = found.newest.header
        tell_findings(findings)
        signed = {"packs": len(found.packs), "objects": len(seen)}
        said = words(
            "RESTORED_FROM_PACKS", path=courier.address, key=key_text(newest.sender), when=newest.created, **signed
        )
        warn(f"· {said}")
    return folder, [each for each in findings if each.severity is Severity.ERROR]


@contextmanager
def packs_of(courier: ReplicaStore, keys: Sequence[str]) -> Iterator[Believed]:
    """Give the packs on *courier* that are believed, their lists kept in a scratch folder meanwhile."""
    with tempfile.TemporaryDirectory(prefix="khizana-restore-") as scratch:
        yield believed(courier, Path(scratch), keys=keys)


def restored_objects(
    found: Believed, courier: ReplicaStore, root: Path, *, deleted: Callable[[ObjectId, Digest], str] = undeleted
) -> Iterator[Restored]:
    """Restore the objects that *found* carries into ``storage`` of the folder *root*, and yield what became of each."""
    storage, store = StorageRoot(root / STORAGE, root / "work"), store_at(f"disk:{root}")
    storage.recover()
    with store.held(), Progress(0, unit="") as progress:
        for each in restore_packs(found.packs, courier, Goal(storage, store, _validated, stamp()), deleted=deleted):
            progress.add(1)
            yield each


def _validated(path: Path, read_back: Mapping[Path, str]) -> Iterable[Finding]:
    return validate_object(path, read_back=read_back)

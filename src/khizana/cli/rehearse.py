"""``khizana rehearse``: restore from each site into a scratch folder, compare, report, and clear away."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from khizana.apps.preservation.queries import known_objects
from khizana.cli.at_sites import reached, sealed_sites
from khizana.cli.restore_courier import packs_of, restored_objects
from khizana.cli.times import stamp
from khizana.cli.verb import Opened, Progress, language, tell, tell_findings, warn
from khizana.core.errors import BadInput, Damaged, KhizanaError
from khizana.core.findings import Finding
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.imaging.lanes import processors
from khizana.core.ports import Opener, ReplicaStore
from khizana.core.preservation.courier.keys import key_of, own_keys
from khizana.core.preservation.ocfl.adopt import vouched_by
from khizana.core.preservation.replicas.expected import Known
from khizana.core.preservation.replicas.restore import Restored, restore
from khizana.core.preservation.replicas.sites import read_sites
from khizana.core.preservation.sealed.names import LIBRARY, STORAGE_ROOT
from khizana.core.preservation.sealed.unseal import Incomplete, blinding_at, unseal
from khizana.wiring.couriers import courier_to_read
from khizana.wiring.keys import opener_from
from khizana.wiring.sites import store_at

Back = tuple[ObjectId, Mapping[int, Digest]]
"""An object that came back, and the digests of its inventories that are told, that of its head among them."""
Outcome = tuple[Back | None, tuple[Finding, ...]]
"""One object, or None where nothing of it came back, with what is wrong."""


def run(
    *, opened: Opened, site: str | None, courier: Path | None, directory: Path | None, key: Path | None, as_json: bool
) -> int:
    """Rehearse; return 8 where a site, or the packs on *courier*, would not give back everything that it should."""
    wanted = {known.object_id: known for known in known_objects()}
    library = opened.configuration.name
    if courier is not None:
        disk = courier_to_read(courier)
        with packs_of(disk, _believed_keys(opened)) as found, _scratch(directory) as scratch:
            tell_findings(found.findings)
            return _told(disk.address, wanted, map(_back, restored_objects(found, disk, scratch)), as_json=as_json)
    names, stores = reached(opened, site, with_here=False)
    sealed, opener = sealed_sites(opened), opener_from(key) if key else None
    statuses = {0}
    for name in names:
        if name in sealed and opener is None:
            error = BadInput("SITE_SEALED_NO_KEY", path=stores[name].address)
            if name == site:
                raise error
            warn(f"! {name}: {error.sentence(language())}")
            continue
        with _scratch(directory) as scratch, Progress(0, unit="B", scaled=True) as progress:
            backs = (
                _unsealed(stores[name], library, opener, scratch)
                if opener and name in sealed
                else _restored(stores[name], library, scratch, progress)
            )
            statuses.add(_told(name, wanted, backs, as_json=as_json))
    return max(statuses)


def _told(name: str, wanted: Mapping[ObjectId, Known], backs: Iterable[Outcome], *, as_json: bool) -> int:
    """Compare what came back from *name* with what is *wanted*, say so, and return the exit status."""
    whole: set[str] = set()
    older = damaged = 0
    for back, findings in backs:
        tell_findings(findings)
        damaged += bool(findings)
        known = wanted.get(back[0]) if back and not findings else None
        if back is None or known is None:
            continue
        if _is_newest(back, known):
            whole.add(known.object_id)
        else:
            older += 1
    absent = max(0, len(wanted) - len(whole) - older - damaged)
    value = {"whole": len(whole), "older": older, "damaged": damaged, "absent": absent}
    if as_json:
        click.echo(json.dumps({"site": name, **value}))
    else:
        tell("REHEARSED", site=name, **value)
    return Damaged.exit_status if len(whole) < len(wanted) else 0


@contextmanager
def _scratch(directory: Path | None) -> Iterator[Path]:
    scratch = Path(tempfile.mkdtemp(prefix="khizana-rehearsal-", dir=directory))
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _believed_keys(opened: Opened) -> list[str]:
    """Return the keys of this place, and those that other places are known by."""
    peers = [key_of(site.address) for site in read_sites(opened.folder.sites) if site.is_peer]
    return [*own_keys(opened.folder.ledger).keys, *peers]


def _is_newest(back: Back, known: Known) -> bool:
    return known.head in back[1] and all(known.versions.get(number) == digest for number, digest in back[1].items())


def _restored(site: ReplicaStore, library: str, scratch: Path, progress: Progress) -> Iterator[Outcome]:
    goal, threads = store_at(f"disk:{scratch}"), processors()
    for each in restore(site, goal, library=library, stamp=stamp(), threads=threads, on_bytes=progress.add):
        yield _back(each)


def _back(each: Restored) -> Outcome:
    return (each.known.object_id, each.known.versions) if each.known else None, each.findings


def _unsealed(site: ReplicaStore, library: str, opener: Opener, scratch: Path) -> Iterator[Outcome]:
    blinding_at(site, opener)  # another's key is told before anything is written
    for each in unseal(site, opener, scratch):
        if isinstance(each, Incomplete):
            yield None, each.problems
        elif each.object_id not in {STORAGE_ROOT, LIBRARY}:
            with suppress(
                KhizanaError
            ):  # an object that no inventory tells of came back as what it was, and counts not
                identifier, head, digest = vouched_by(each.path, library=library)
                yield (identifier, {head: digest}), ()

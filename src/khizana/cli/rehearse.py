"""``khizana rehearse``: restore from each site into a scratch folder, compare, report, and clear away."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import click

from khizana.apps.preservation.queries import known_objects
from khizana.cli.at_sites import reached, sealed_sites
from khizana.cli.times import stamp
from khizana.cli.verb import Opened, Progress, language, tell, tell_findings, warn
from khizana.core.errors import BadInput, Damaged, KhizanaError
from khizana.core.findings import Finding
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.imaging.lanes import processors
from khizana.core.ports import Opener, ReplicaStore
from khizana.core.preservation.ocfl.adopt import vouched_by
from khizana.core.preservation.replicas.expected import Known
from khizana.core.preservation.replicas.restore import restore
from khizana.core.preservation.sealed.names import LIBRARY, STORAGE_ROOT
from khizana.core.preservation.sealed.unseal import Incomplete, blinding_at, unseal
from khizana.wiring.keys import opener_from
from khizana.wiring.sites import store_at

Back = tuple[ObjectId, Mapping[int, Digest]]
"""An object that came back, and the digests of its inventories that are told, that of its head among them."""


def run(*, opened: Opened, site: str | None, directory: Path | None, key: Path | None, as_json: bool) -> int:
    """Rehearse; return 8 where a site would not give back everything that it should."""
    names, found = reached(opened, site, with_here=False)
    sealed, opener = sealed_sites(opened), opener_from(key) if key else None
    wanted = {known.object_id: known for known in known_objects()}
    failed, library = False, opened.configuration.name
    for name in names:
        if name in sealed and opener is None:
            error = BadInput("SITE_SEALED_NO_KEY", path=found[name].address)
            if name == site:
                raise error
            warn(f"! {name}: {error.sentence(language())}")
            continue
        whole: set[str] = set()
        older = damaged = 0
        scratch = Path(tempfile.mkdtemp(prefix="khizana-rehearsal-", dir=directory))
        try:
            with Progress(0, unit="B", scaled=True) as progress:
                backs = (
                    _unsealed(found[name], library, opener, scratch)
                    if opener and name in sealed
                    else _restored(found[name], library, scratch, progress)
                )
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
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        absent = max(0, len(wanted) - len(whole) - older - damaged)
        failed = failed or len(whole) < len(wanted)
        value = {"whole": len(whole), "older": older, "damaged": damaged, "absent": absent}
        if as_json:
            click.echo(json.dumps({"site": name, **value}))
        else:
            tell("REHEARSED", site=name, **value)
    return Damaged.exit_status if failed else 0


def _is_newest(back: Back, known: Known) -> bool:
    return known.head in back[1] and all(known.versions.get(number) == digest for number, digest in back[1].items())


def _restored(
    site: ReplicaStore, library: str, scratch: Path, progress: Progress
) -> Iterator[tuple[Back | None, tuple[Finding, ...]]]:
    goal, threads = store_at(f"disk:{scratch}"), processors()
    for each in restore(site, goal, library=library, stamp=stamp(), threads=threads, on_bytes=progress.add):
        known = each.known
        yield (known.object_id, known.versions) if known else None, each.findings


def _unsealed(
    site: ReplicaStore, library: str, opener: Opener, scratch: Path
) -> Iterator[tuple[Back | None, tuple[Finding, ...]]]:
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

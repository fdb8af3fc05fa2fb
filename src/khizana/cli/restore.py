"""``khizana restore SITE --into DIR``: a working library again from one site alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import click

from khizana.cli.init import remake_library, unmade_if_stopped
from khizana.cli.restore_courier import restored_courier
from khizana.cli.restore_sealed import left_out, of_ledger, restored_sealed
from khizana.cli.times import stamp
from khizana.cli.verb import Opened, Progress, open_library, tell, tell_findings
from khizana.core.errors import Away, BadInput, Damaged, KhizanaError, NotFound
from khizana.core.findings import Finding, Severity
from khizana.core.imaging.lanes import processors
from khizana.core.library import LibraryFolder
from khizana.core.preservation.clearing import PlainSite
from khizana.core.preservation.ledger.place import ENTRIES
from khizana.core.preservation.replicas.around import SETTINGS, SITES, small
from khizana.core.preservation.replicas.carried import bring_ledger
from khizana.core.preservation.replicas.restore import restore
from khizana.core.preservation.replicas.sites import read_mark
from khizana.wiring.sites import packs_at, store_at


def run(*, address: str, directory: Path, key: Path | None, signers: Sequence[str], as_json: bool) -> int:
    """Restore into a new folder; return 8 where something of the site is damaged."""
    restored, findings = restored_library(address, directory, key, signers)
    with unmade_if_stopped(restored):
        manuscripts, more = index(restored)
    tell_findings(more)
    bad = len(findings) + sum(each.severity is Severity.ERROR for each in more)
    if as_json:
        value = {"library": str(directory), "manuscripts": manuscripts, "not_restored": len(findings)}
        click.echo(json.dumps(value))
    else:
        tell("RESTORED", path=str(directory), manuscripts=manuscripts, left=len(findings))
    return Damaged.exit_status if bad else 0


def restored_library(
    address: str, directory: Path, key: Path | None = None, signers: Sequence[str] = ()
) -> tuple[LibraryFolder, list[Finding]]:
    """Copy the site's objects and settings into *directory*, and return the library with what is not as it should be.

    That is files that could not be copied, and versions that the ledger of the site knows and the site has not got.

    A disk that is no site and has packs of a courier gives what they carry; *signers* are the keys whose packs are to
    be believed. *key* is the key file that opens a sealed site. Raises ``BadInput`` and ``AlreadyThere`` where the
    folder is not empty, ``BadInput`` for a sealed site without its key, and what keeps the site from being read.
    """
    site = store_at(address)
    try:
        mark = read_mark(site)
    except (NotFound, Away):
        courier = packs_at(address)
        if courier is None:
            raise
        return restored_courier(courier, directory, signers)
    if mark.sealed:
        if key is None:
            raise BadInput("SITE_SEALED_NO_KEY", path=site.address)
        return restored_sealed(site, mark.library, directory, key)
    findings: list[Finding] = []
    with Progress(0, unit="B", scaled=True) as progress:

        def fill(folder: LibraryFolder) -> None:
            goal = store_at(f"disk:{folder.root}")
            seen = []
            bring_ledger(site, folder.ledger)
            gone = left_out(PlainSite(site), folder.ledger)
            with goal.held():
                for each in restore(
                    site,
                    goal,
                    library=mark.library,
                    stamp=stamp(),
                    without=gone,
                    threads=processors(),
                    on_bytes=progress.add,
                ):
                    findings.extend(each.findings)
                    if each.known is not None:
                        seen.append((each.known.object_id, each.known.head, each.known.versions[each.known.head]))
            if (folder.ledger / ENTRIES).exists():
                findings.extend(of_ledger(folder.ledger, seen, site=address))

        folder = remake_library(
            directory, name=mark.library, settings=small(site, SETTINGS), sites=small(site, SITES), fill=fill
        )
    tell_findings(findings)
    return folder, findings


def index(folder: LibraryFolder) -> tuple[int, tuple[Finding, ...]]:
    """Write the rows of a restored library, and return the number of its manuscripts and what was found."""
    opened: Opened = open_library(str(folder.root))
    # Not before the library is opened: it has tables.
    from khizana.apps.preservation.actions.enter_versions import enter_lacking  # noqa: PLC0415 - as above
    from khizana.apps.preservation.actions.remember_sealed import remember_sealed  # noqa: PLC0415 - the same
    from khizana.apps.publication.actions.rebuild import rebuild  # noqa: PLC0415 - the same
    from khizana.wiring.library import clerk  # noqa: PLC0415 - the same

    with suppress(KhizanaError):  # a ledger that cannot be read was told when it came back
        remember_sealed(ledger=folder.ledger)
    rebuilt = rebuild(folder=folder, library=opened.configuration.name, on_manuscript=lambda: None)
    enter_lacking(clerk=clerk(folder, opened.configuration))
    return rebuilt.manuscripts, rebuilt.findings

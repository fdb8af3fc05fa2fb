"""``khizana restore SITE --into DIR``: a working library again from one site alone."""

from __future__ import annotations

import json
from pathlib import Path

import click

from khizana.cli.at_sites import stamp
from khizana.cli.init import remake_library
from khizana.cli.verb import Opened, Progress, open_library, tell, tell_findings
from khizana.core.errors import Damaged
from khizana.core.findings import Finding, Severity
from khizana.core.library import LibraryFolder
from khizana.core.preservation.replicas.around import SETTINGS, SITES, small
from khizana.core.preservation.replicas.restore import restore
from khizana.core.preservation.replicas.sites import read_mark
from khizana.wiring.sites import store_at


def run(*, address: str, directory: Path, as_json: bool) -> int:
    """Restore into a new folder; return 8 where something of the site is damaged."""
    restored, findings = restored_library(address, directory)
    manuscripts, more = index(restored)
    tell_findings(more)
    bad = len(findings) + sum(each.severity is Severity.ERROR for each in more)
    if as_json:
        value = {"library": str(directory), "manuscripts": manuscripts, "not_restored": len(findings)}
        click.echo(json.dumps(value))
    else:
        tell("RESTORED", path=str(directory), manuscripts=manuscripts, left=len(findings))
    return Damaged.exit_status if bad else 0


def restored_library(address: str, directory: Path) -> tuple[LibraryFolder, list[Finding]]:
    """Copy the site's objects and settings into *directory*, and return the library with what could not be copied.

    Raises ``BadInput`` and ``AlreadyThere`` where the folder is not empty, and what keeps the site from being read.
    """
    site = store_at(address)
    library = read_mark(site)["library"]
    findings: list[Finding] = []
    with Progress(0, unit="B", scaled=True) as progress:

        def fill(folder: LibraryFolder) -> None:
            goal = store_at(f"disk:{folder.root}")
            with goal.held():
                for each in restore(site, goal, stamp=stamp(), on_bytes=progress.add):
                    tell_findings(each.findings)
                    findings.extend(each.findings)

        folder = remake_library(
            directory, name=library, settings=small(site, SETTINGS), sites=small(site, SITES), fill=fill
        )
    return folder, findings


def index(folder: LibraryFolder) -> tuple[int, tuple[Finding, ...]]:
    """Write the rows of a restored library, and return the number of its manuscripts and what was found."""
    opened: Opened = open_library(str(folder.root))
    # Not before the library is opened: it has tables.
    from khizana.apps.publication.actions.rebuild import rebuild  # noqa: PLC0415 - as above

    rebuilt = rebuild(folder=folder, library=opened.configuration.name, on_manuscript=lambda: None)
    return rebuilt.manuscripts, rebuilt.findings

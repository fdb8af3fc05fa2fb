"""``khizana rebuild``: the database again from the preservation objects alone."""

from __future__ import annotations

import json
from contextlib import suppress

import click

from khizana.apps.digitisation.actions.make_access_copy import ACCESS_COPY
from khizana.apps.jobs import queue
from khizana.apps.preservation.actions.enter_versions import enter_lacking
from khizana.apps.preservation.actions.remember_sealed import remember_sealed
from khizana.apps.preservation.actions.remember_versions import remember_versions
from khizana.apps.publication.actions.rebuild import rebuild
from khizana.cli.taking import findings_json
from khizana.cli.verb import Opened, Progress, tell, tell_findings
from khizana.core.errors import Busy, KhizanaError
from khizana.core.findings import Finding, Severity
from khizana.core.imaging.lanes import processors
from khizana.wiring.library import clerk, make_good
from khizana.wiring.search import index_all
from khizana.wiring.worker import work


def run(*, opened: Opened, no_access_copies: bool, as_json: bool) -> int:
    """Rebuild the rows, then make the access copies that are missing; return the exit status."""
    make_good(opened.folder, opened.configuration)
    forgotten = _remember(opened)
    with Progress(0, unit="ms") as progress:
        rebuilt = rebuild(
            folder=opened.folder, library=opened.configuration.name, on_manuscript=lambda: progress.add(1)
        )
    # An object that cannot be read is met twice and told once.
    findings = [*forgotten, *rebuilt.findings, *(each for each in _enter(opened) if each not in rebuilt.findings)]
    with suppress(Busy):  # what khizana serve is writing to the index just now it brings up to date by the jobs
        index_all(opened.folder, opened.configuration, on_manuscript=lambda: None)
    missing, jobs = queue.waiting(ACCESS_COPY), queue.counts()["waiting"]
    if jobs and not no_access_copies:
        with Progress(jobs, unit="page") as progress:
            work(opened.folder, opened.configuration, at_once=processors(), on_job=lambda: progress.add(1))
    tell_findings(findings)
    if as_json:
        value = {
            "manuscripts": rebuilt.manuscripts,
            "adopted": rebuilt.adopted,
            "access_copies_missing": missing,
            "findings": findings_json(findings),
        }
        click.echo(json.dumps(value, ensure_ascii=False))
    else:
        tell("REBUILT", manuscripts=rebuilt.manuscripts, missing=missing)
    return int(any(finding.severity == "error" for finding in findings))


def _remember(opened: Opened) -> tuple[Finding, ...]:
    """Remember what the ledger says of versions and sealed copies; a ledger that cannot be read is a finding."""
    try:
        remember_versions(ledger=opened.folder.ledger, storage=opened.folder.storage)
        remember_sealed(ledger=opened.folder.ledger)
    except KhizanaError as error:
        return (Finding(error.code, Severity.ERROR, str(opened.folder.ledger), error.facts),)
    return ()


def _enter(opened: Opened) -> tuple[Finding, ...]:
    """Enter every object version that the ledger lacks; a ledger that cannot take them is a finding."""
    try:
        return enter_lacking(clerk=clerk(opened.folder, opened.configuration))[1]
    except KhizanaError as error:
        return (Finding(error.code, Severity.ERROR, str(opened.folder.ledger), error.facts),)

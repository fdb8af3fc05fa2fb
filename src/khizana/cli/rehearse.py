"""``khizana rehearse``: restore from each site into a scratch folder, compare, report, and clear away."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import click

from khizana.apps.preservation.queries import known_objects
from khizana.cli.at_sites import reached
from khizana.cli.times import stamp
from khizana.cli.verb import Opened, Progress, tell, tell_findings
from khizana.core.errors import Damaged
from khizana.core.preservation.replicas.restore import restore
from khizana.wiring.sites import store_at


def run(*, opened: Opened, site: str | None, directory: Path | None, as_json: bool) -> int:
    """Rehearse; return 8 where a site would not give back everything that it should."""
    names, found = reached(opened, site, with_here=False)
    wanted = {known.object_id: known for known in known_objects()}
    failed = False
    for name in names:
        whole: set[str] = set()
        older = damaged = 0
        scratch = Path(tempfile.mkdtemp(prefix="khizana-rehearsal-", dir=directory))
        try:
            with Progress(0, unit="B", scaled=True) as progress:
                for each in restore(found[name], store_at(f"disk:{scratch}"), stamp=stamp(), on_bytes=progress.add):
                    tell_findings(each.findings)
                    damaged += bool(each.findings)
                    known = wanted.get(each.known.object_id) if each.known else None
                    if known is None or each.known is None or each.findings:
                        continue
                    if each.known.versions == known.versions:
                        whole.add(known.object_id)
                    else:
                        older += 1
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        absent = len(wanted) - len(whole) - older - damaged
        failed = failed or len(whole) < len(wanted)
        if as_json:
            value = {"site": name, "whole": len(whole), "older": older, "damaged": damaged, "absent": max(0, absent)}
            click.echo(json.dumps(value))
        else:
            tell("REHEARSED", site=name, whole=len(whole), older=older, damaged=damaged, absent=max(0, absent))
    return Damaged.exit_status if failed else 0

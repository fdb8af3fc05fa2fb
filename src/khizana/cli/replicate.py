"""``khizana replicate``: to each site what it lacks, read back there before it counts."""

from __future__ import annotations

import json

import click

from khizana.apps.preservation.actions.replicate import lacking, replicate
from khizana.cli.at_sites import Facts, enter, entry, reached
from khizana.cli.times import clock, stamp
from khizana.cli.verb import Opened, Progress, tell, tell_findings
from khizana.core.errors import Damaged
from khizana.core.preservation.replicas.around import prepare
from khizana.core.preservation.replicas.carried import carry_ledger
from khizana.core.preservation.replicas.sites import HERE
from khizana.wiring.library import make_good


def run(*, opened: Opened, site: str | None, as_json: bool) -> int:
    """Copy to the sites; return 8 where something could not be copied because it is damaged."""
    make_good(opened.folder, opened.configuration)
    names, found = reached(opened, site, with_here=False)
    settings = opened.folder.configuration.read_bytes()
    failed = False
    for name in names:
        store, when = found[name], stamp()
        objects = files = size = 0
        entries = []
        with store.held(), Progress(0, unit="B", scaled=True) as progress:
            prepare(store, settings=settings, sites=opened.folder.sites.read_bytes(), stamp=when)
            wanting = len(lacking(name))
            for each in replicate(
                site=name, store=store, here=found[HERE], now=clock, stamp=when, on_bytes=progress.add
            ):
                if each.finding is not None:
                    failed = True
                    tell_findings([each.finding])
                if each.copied is not None:
                    objects, files, size = objects + 1, files + each.copied.files, size + each.copied.bytes
                    copied = {"files": each.copied.files, "bytes": each.copied.bytes}
                    told: Facts = {"site": name, "version": each.head, **copied}
                    entries.append(entry(opened, "replication", each.identifier, told))
            enter(opened, entries)
            behind = carry_ledger(store, opened.folder.ledger, site=name, stamp=when)
        if behind is not None:
            failed = True
            tell_findings([behind])
        if as_json:
            value = {"site": name, "objects": objects, "of": wanting, "files": files, "bytes": size}
            click.echo(json.dumps(value))
        else:
            tell("REPLICATED", site=name, objects=objects, lacking=wanting - objects, files=files, bytes=size)
    return Damaged.exit_status if failed else 0

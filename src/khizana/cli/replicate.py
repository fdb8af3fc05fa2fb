"""``khizana replicate``: to each site what it lacks, read back there before it counts."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator

import click

from khizana.apps.preservation.actions.replicate import Replicated, count_lacking, replicate
from khizana.cli.at_deletions import clear_deleted
from khizana.cli.at_sealed import means, seal_to, sealable
from khizana.cli.at_sites import Facts, enter, entry, reached, sealed_sites
from khizana.cli.times import clock, stamp
from khizana.cli.verb import Opened, Progress, tell, tell_findings
from khizana.core.errors import Damaged
from khizana.core.findings import Finding
from khizana.core.identifiers import ObjectId
from khizana.core.imaging.lanes import processors
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.ledger.doubts import Doubts
from khizana.core.preservation.replicas.around import prepare
from khizana.core.preservation.replicas.carried import carry_ledger, rewritten
from khizana.core.preservation.replicas.sites import HERE
from khizana.wiring.library import make_good

AT_ONCE = 1000
"""Entries of the ledger that are kept until they are written together."""


def run(*, opened: Opened, site: str | None, as_json: bool) -> int:
    """Copy to the sites; return 8 where something could not be copied because it is damaged."""
    make_good(opened.folder, opened.configuration)
    names, found = reached(opened, site, with_here=False)
    names, status = sealable(opened, names)
    failed = False
    works: dict[str, _Plain | _Sealed] = {}
    for name in names:
        objects = files = size = 0
        entries = []
        with found[name].held(), Progress(0, unit="B", scaled=True) as progress:
            if other := rewritten(opened.folder.ledger, found[name], site=name):
                failed = True
                tell_findings([other])
                continue
            site_work = _Sealed if name in sealed_sites(opened) else _Plain
            work = site_work(opened, name, found[name], found[HERE], progress)
            # The ledger first: a site never has a version that the ledger there does not know, and so a library whose
            # disk was rolled back, and which writes that version anew, is not taken there for what it was.
            behind = work.ledger()
            # What is deleted must be gone before anything of its identifier comes anew.
            without, wrong = clear_deleted(opened, name, found[name], behind=behind)
            failed = failed or bool(wrong)
            tell_findings(wrong)
            wanting = count_lacking(name)
            for each in work.objects(without, site_is_newer=behind is not None):
                if each.finding is not None:
                    failed = True
                    tell_findings([each.finding])
                if each.copied is not None:
                    objects, files, size = objects + 1, files + each.copied.files, size + each.copied.bytes
                    copied = {"files": each.copied.files, "bytes": each.copied.bytes}
                    told: Facts = {"site": name, "version": each.head, **copied, **each.sealed}
                    entries.append(entry(opened, "replication", each.identifier, told))
                    if len(entries) >= AT_ONCE:
                        enter(opened, entries)
                        entries.clear()
            enter(opened, entries)
            works[name] = work
        if as_json:
            value = {"site": name, "objects": objects, "of": wanting, "files": files, "bytes": size}
            click.echo(json.dumps(value))
        else:
            tell("REPLICATED", site=name, objects=objects, lacking=wanting - objects, files=files, bytes=size)
    # After all of them, so that each site has seen the same head: a library restored from one goes on at the others.
    for name, work in works.items():
        with found[name].held():
            behind = work.ledger()
        if behind is not None:
            failed = True
            tell_findings([behind])
    return Damaged.exit_status if failed else status


class _Plain:
    """What is done at a site that keeps replicas as they are."""

    def __init__(self, opened: Opened, site: str, store: ReplicaStore, here: ReplicaStore, progress: Progress) -> None:
        self._folder, self._site, self._store, self._here = opened.folder, site, store, here
        self._progress, self._when = progress, stamp()

    def objects(self, without: Collection[ObjectId], *, site_is_newer: bool) -> Iterator[Replicated]:
        if not site_is_newer:
            settings, sites = self._folder.configuration.read_bytes(), self._folder.sites.read_bytes()
            prepare(self._store, settings=settings, sites=sites, stamp=self._when)
        return replicate(
            site=self._site,
            store=self._store,
            here=self._here,
            now=clock,
            stamp=self._when,
            without=without,
            threads=processors(),
            on_bytes=self._progress.add,
            doubt=Doubts(self._folder.ledger),
            may_replace=not site_is_newer,
        )

    def ledger(self) -> Finding | None:
        return carry_ledger(self._store, self._folder.ledger, site=self._site, stamp=self._when)


class _Sealed:
    """What is done at a sealed site."""

    def __init__(self, opened: Opened, site: str, store: ReplicaStore, here: ReplicaStore, progress: Progress) -> None:
        self._opened, self._site, self._store = opened, site, store
        self._means = means(opened, site, store, here, on_bytes=progress.add)

    def objects(self, without: Collection[ObjectId], *, site_is_newer: bool) -> Iterator[Replicated]:
        del site_is_newer  # at a sealed site nothing of another history is ever replaced
        return seal_to(self._opened, self._site, self._store, self._means, without=without)

    def ledger(self) -> Finding | None:
        return self._means.library(anew=False).finding

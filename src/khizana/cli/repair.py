"""``khizana repair``: damaged and missing files again, from any site that has good bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import click

from khizana.apps.preservation.actions.repair import Repaired, repair
from khizana.apps.preservation.actions.repair_sealed import repair_sealed
from khizana.cli.at_sealed import means, sealable, sealed_views
from khizana.cli.at_sites import Facts, enter, entry, reached, sealed_sites, subject_of
from khizana.cli.times import clock, stamp
from khizana.cli.verb import Opened, language, tell, tell_findings, warn
from khizana.core.errors import Damaged
from khizana.core.ports import ReplicaSource, ReplicaStore
from khizana.core.preservation.ledger.doubts import Doubts
from khizana.core.preservation.replicas.carried import carry_ledger, older_or_rewritten, wrong_with_ledger
from khizana.core.preservation.replicas.mend import Mended
from khizana.core.preservation.replicas.outcome import kind_of
from khizana.core.preservation.replicas.sites import HERE
from khizana.wiring.library import make_good, storage_root


def run(*, opened: Opened, site: str | None, key: Path | None, as_json: bool) -> int:
    """Repair what the newest checks found, with the *key* from sealed sites, too; return 8 where that is not all."""
    make_good(opened.folder, opened.configuration)
    names, found = reached(opened, site, with_here=True)
    names, status = sealable(opened, names)
    views = sealed_views(opened, found, key) if key else {}
    left = 0
    for name in names:
        mended = still = 0
        told: Facts
        entries = []
        with ExitStack() as stack:
            if name == HERE:
                stack.enter_context(storage_root(opened.folder).exclusive())
            stack.enter_context(found[name].held())
            if name != HERE and (other := older_or_rewritten(opened.folder.ledger, found[name], site=name)):
                left += 1
                tell_findings([other])
                continue
            is_plain = name != HERE and name not in sealed_sites(opened)
            if is_plain and (wrong_there := wrong_with_ledger(found[name], opened.folder.ledger)):
                carry_ledger(found[name], opened.folder.ledger, site=name, stamp=stamp(), and_read=True)
                mended += len(wrong_there)
                told = {"site": name, "files": len(wrong_there)}
                entries.append(entry(opened, "recovery", f"{name}: ledger", told))
            for each in _repaired(opened, name, found, views):
                for file in each.done:
                    if isinstance(file, Mended):
                        mended += 1
                    else:
                        warn(f"✗ {file.problem.sentence(language())}")
                whole = each.after.state == "intact"
                still += not whole
                if each.done:
                    right = sum(isinstance(file, Mended) for file in each.done)
                    told = {
                        "site": name,
                        "version": each.after.head,
                        "files": right,
                        "left": len(each.done) - right,
                        **each.sealed,
                    }
                    entries.append(entry(opened, "recovery", subject_of(each.identifier, name), told, good=whole))
                if as_json:
                    done = [
                        {"file": file.name, "was": kind_of(file.was), "mended": isinstance(file, Mended)}
                        for file in each.done
                    ]
                    value = {
                        "site": name,
                        "object": subject_of(each.identifier, name),
                        "state": each.after.state,
                        "files": done,
                    }
                    click.echo(json.dumps(value, ensure_ascii=False))
        enter(opened, entries)
        left += still
        if not as_json:
            tell("REPAIRED", site=name, files=mended, left=still)
    return Damaged.exit_status if left else status


def _repaired(
    opened: Opened, site: str, found: Mapping[str, ReplicaStore], views: Mapping[str, ReplicaSource]
) -> Iterator[Repaired]:
    sealed = sealed_sites(opened)
    if site in sealed:
        made_with = means(opened, site, found[site], found[HERE])
        return repair_sealed(site=site, store=found[site], means=made_with, now=clock)
    others = {name: store for name, store in found.items() if name != site and name not in sealed}
    closed = [name for name in found if name in sealed and name not in views]
    return repair(
        site=site,
        store=found[site],
        others={**others, **views},
        closed=closed,
        now=clock,
        stamp=stamp(),
        doubt=Doubts(opened.folder.ledger),
    )

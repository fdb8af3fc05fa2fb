"""``khizana verify --site``: what each site holds, compared with what it should hold."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import click

from khizana.apps.preservation.actions.check_sealed_site import check_sealed_site
from khizana.apps.preservation.actions.check_site import Checked, check_site, count_due
from khizana.apps.preservation.queries import count_seen
from khizana.cli.at_sites import Facts, enter, entry, reached, sealed_sites, subject_of
from khizana.cli.times import clock
from khizana.cli.verb import Opened, Progress, tell, warn, words
from khizana.core.errors import BadInput, Damaged
from khizana.core.imaging.lanes import processors
from khizana.core.ports import Opener, ReplicaStore
from khizana.core.preservation.ledger.entry import Entry
from khizana.core.preservation.replicas.carried import wrong_with_ledger
from khizana.core.preservation.replicas.outcome import KINDS, Altered, Missing, Unexpected, Unreadable, kind_of
from khizana.core.preservation.replicas.sites import HERE
from khizana.core.preservation.sealed.unseal import blinding_at
from khizana.wiring.keys import opener_from
from khizana.wiring.library import make_good

SENTENCES = {
    Altered: "FILE_ALTERED",
    Missing: "FILE_MISSING_THERE",
    Unreadable: "FILE_UNREADABLE",
    Unexpected: "FILE_UNEXPECTED",
}
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def seconds(duration: str) -> float:
    """Return how long "90s", "30m", "2h" or "1d" is. Raises ``BadInput``."""
    found = re.fullmatch(r"([0-9]{1,6})([smhd])", duration.strip())
    if not found:
        raise BadInput("DURATION_UNUSABLE", duration=duration)
    return float(found[1]) * _UNITS[found[2]]


def verify_sites(*, opened: Opened, site: str, duration: str | None, key: Path | None, as_json: bool) -> int:
    """Check the sites, sealed ones with the *key* where it is given; return 8 where a file is not intact."""
    until = clock() + seconds(duration) if duration else None
    make_good(opened.folder, opened.configuration)
    names, found = reached(opened, site, with_here=True)
    failed, sealed = False, sealed_sites(opened)
    opener = opener_from(key) if key else None
    for name in names:
        count: Counter[str] = Counter(dict.fromkeys(KINDS.values(), 0))
        objects, of = 0, count_seen(name) if name in sealed else count_due(name)
        entries: list[Entry] = []
        wrong_there = [] if name in sealed or name == HERE else wrong_with_ledger(found[name], opened.folder.ledger)
        if wrong_there:
            failed = True
            kinds = Counter(kind_of(outcome) for outcome in wrong_there)
            entries.append(entry(opened, "fixity check", f"{name}: ledger", {"site": name, **kinds}, good=False))
            count.update(kinds)
        for lost in wrong_there:
            if as_json:
                click.echo(json.dumps({"site": name, "ledger": lost.name, "outcome": kind_of(lost)}))
            else:
                warn(f"✗ {words(SENTENCES[type(lost)], site=name, name=lost.name)}")
        with Progress(0, unit="B", scaled=True) as progress:
            for each in _checked(name, found, sealed, opener=opener, until=until, progress=progress):
                objects += 1
                count["intact"] += each.intact
                if each.wrong:
                    kinds = Counter(kind_of(outcome) for outcome in each.wrong)
                    told: Facts = {"site": name, "version": each.head, **kinds}
                    entries.append(entry(opened, "fixity check", subject_of(each.identifier, name), told, good=False))
                for outcome in each.wrong:
                    failed = True
                    count[kind_of(outcome)] += 1
                    if not as_json:
                        warn(f"✗ {words(SENTENCES[type(outcome)], site=name, name=outcome.name)}")
                if as_json:
                    wrong = [{"file": outcome.name, "outcome": kind_of(outcome)} for outcome in each.wrong]
                    of_what = subject_of(each.identifier, name)
                    value = {"site": name, "object": of_what, "version": each.head, "state": each.state}
                    click.echo(json.dumps({**value, "intact": each.intact, "wrong": wrong}, ensure_ascii=False))
        if objects:
            entries.append(entry(opened, "fixity check", name, {"objects": objects} | count, good=not entries))
        enter(opened, entries)
        if not as_json:
            tell("SITE_CHECKED", site=name, objects=objects, left=of - objects, **count)
    return Damaged.exit_status if failed else 0


def _checked(
    name: str,
    found: Mapping[str, ReplicaStore],
    sealed: Collection[str],
    *,
    opener: Opener | None,
    until: float | None,
    progress: Progress,
) -> Iterator[Checked]:
    if name in sealed:
        if opener:
            blinding_at(found[name], opener)  # another's key is told once, and is no damage
        return check_sealed_site(
            site=name,
            store=found[name],
            now=clock,
            until=until,
            opener=opener,
            threads=processors(),
            on_bytes=progress.add,
        )
    return check_site(
        site=name,
        store=found[name],
        others=[store for other, store in found.items() if other != name and other not in sealed],
        now=clock,
        until=until,
        threads=processors(),
        on_bytes=progress.add,
    )

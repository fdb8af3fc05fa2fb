"""``khizana status``: what the library holds, and what waits."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from contextlib import suppress

import click

from khizana.apps.digitisation import queries as digitisation
from khizana.apps.jobs import queue
from khizana.apps.preservation import queries as preservation
from khizana.apps.publication import queries as publication
from khizana.apps.publication.pending import manuscripts_pending
from khizana.cli.verb import Opened, tell
from khizana.core.errors import Busy
from khizana.core.preservation.ledger.deletions import Stage, known_deletions
from khizana.core.preservation.replicas.rule import Light
from khizana.core.preservation.replicas.sites import HERE, listed_sites, names_of, read_sites
from khizana.wiring.library import make_good


def run(*, opened: Opened, as_json: bool) -> None:
    """Say what the library holds."""
    with suppress(Busy):
        # Another command is at work: what it has not finished is counted as it stands.
        make_good(opened.folder, opened.configuration)
    objects, events = preservation.counts()
    manuscripts, levels = publication.counts()
    published = {level.value: count for level, count in levels.items()}
    jobs = queue.counts()
    pages, unfinished = digitisation.count(), len(manuscripts_pending(opened.folder))
    staged = sum(1 for _ in opened.folder.staging.glob("??/*"))
    undecided = len(preservation.undecided_objects())
    sites = read_sites(opened.folder.sites)
    deletions = known_deletions(opened.folder.ledger)
    listed = listed_sites(opened.folder.sites)
    deletions_left = [
        (left, site.name)
        for site in sites
        for left, _ in deletions.left_at(names_of(site.name, listed))
        if not left.is_hearsay
    ]
    deletions_open = sum(each.stage is Stage.OPEN for each in deletions.requests.values())
    rule = opened.configuration.rule
    lights, lacking = Counter(dict.fromkeys(Light, 0)), Counter({site.name: 0 for site in sites})
    for each in preservation.safety(rule, sites, place=opened.configuration.place):
        lights[each.light] += 1
        lacking.update(name for name in each.lacking if name != HERE)
    value = {
        "library": str(opened.folder.root),
        "name": opened.configuration.name,
        "manuscripts": manuscripts,
        "published": published,
        "pages": pages,
        "objects": objects,
        "events": events,
        "jobs": jobs,
        "unfinished": unfinished,
        "staged": staged,
        "undecided": undecided,
        "deletions_open": deletions_open,
        "deletions_left": [{"request": each.id, "site": name} for each, name in deletions_left],
        "safety": {light.value: count for light, count in lights.items()},
        "sites_lacking": dict(lacking),
        "free_bytes": shutil.disk_usage(opened.folder.root).free,
    }
    if as_json:
        click.echo(json.dumps(value, ensure_ascii=False))
        return
    tell("STATUS_LIBRARY", name=opened.configuration.name, path=str(opened.folder.root))
    tell("STATUS_HOLDS", manuscripts=manuscripts, pages=pages, objects=objects, events=events)
    tell("STATUS_PUBLISHED", **published)
    if any(jobs.values()):
        tell("STATUS_JOBS", **jobs)
    if unfinished or staged:
        tell("STATUS_UNFINISHED", unfinished=unfinished, staged=staged)
    if undecided:
        tell("STATUS_UNDECIDED", undecided=undecided)
    if deletions_open:
        tell("STATUS_DELETIONS", open=deletions_open)
    for each_left, name in deletions_left:
        tell("STATUS_DELETION_LEFT", request=each_left.id, site=name)
    if not sites:
        tell("SITES_NONE")
        return
    wanted = {"replicas": rule.replicas, "places": rule.places, "offline": rule.offline}
    tell("STATUS_SAFETY", **{light.value: count for light, count in lights.items()}, **wanted)
    peers = {site.name for site in sites if site.is_peer}
    for name, count in lacking.items():
        if count:
            tell("STATUS_CARRY_PEER" if name in peers else "STATUS_CARRY", site=name, lacking=count)

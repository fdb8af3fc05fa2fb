"""``khizana site list``: the places of this library, whether they can be reached, and what each lacks."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from khizana.apps.preservation.actions.replicate import count_lacking
from khizana.cli.verb import Opened, language, tell
from khizana.core.errors import KhizanaError
from khizana.core.preservation.replicas.sites import Site, read_sites
from khizana.wiring.sites import stores


def run(*, opened: Opened, as_json: bool) -> None:
    """Say what sites there are."""
    away: dict[str, str] = {}

    def note(site: Site, error: KhizanaError) -> None:
        away[site.name] = error.sentence(language())

    reached = stores(opened.folder, opened.configuration, on_away=note)
    sites = read_sites(opened.folder.sites)
    if not sites and not as_json:
        tell("SITES_NONE")
    for site in sites:
        missing = count_lacking(site.name)
        if as_json:
            value = {
                **asdict(site),
                "reached": site.name in reached,
                "lacking": missing,
                "problem": away.get(site.name),
            }
            click.echo(json.dumps(value, ensure_ascii=False))
        else:
            code = "PEER_LISTED" if site.is_peer else "SITE_LISTED_SEALED" if site.sealed else "SITE_LISTED"
            tell(code, site=site.name, address=site.address, place=site.place or "-", lacking=missing)
            if site.name in away:
                click.echo(f"  {away[site.name]}")

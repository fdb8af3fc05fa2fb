"""``khizana site remove NAME``: a place that keeps replicas no longer."""

from __future__ import annotations

from dataclasses import replace

from khizana.cli.at_sites import enter, entry
from khizana.cli.verb import Opened, tell
from khizana.core.errors import NotFound
from khizana.core.preservation.replicas.sites import listed_sites, write_sites


def run(*, opened: Opened, name: str) -> None:
    """Count nothing at the site any more. What lies there stays as it is: it may be the last good copy."""
    sites = listed_sites(opened.folder.sites)
    if not any(site.name == name and not site.removed for site in sites):
        raise NotFound("SITE_UNKNOWN", site=name)
    write_sites(opened.folder.sites, (replace(site, removed=site.removed or site.name == name) for site in sites))
    enter(opened, [entry(opened, "site removed", name, {})])
    tell("SITE_REMOVED", site=name)

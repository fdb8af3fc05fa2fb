"""``khizana site add NAME ADDRESS``: a new place for replicas."""

from __future__ import annotations

import uuid
from dataclasses import replace

from khizana.cli.at_sites import enter, entry
from khizana.cli.verb import Opened, tell
from khizana.core.errors import AlreadyThere
from khizana.core.preservation.replicas.sites import Site, mark, read_mark, read_sites, write_sites
from khizana.wiring import keys
from khizana.wiring.sites import new_store


def run(
    *, opened: Opened, name: str, address: str, place: str, keeper: str, risk: str, offline: bool, sealed: bool
) -> None:
    """Mark the place and list it; one that is this library's already keeps its mark."""
    if sealed:
        keys.sealing(opened.folder)  # refuses where there is nobody to seal for
    site = Site(name, address, str(uuid.uuid4()), place, keeper, risk, offline, sealed)
    sites = read_sites(opened.folder.sites)
    for other in sites:
        if other.name == name or other.address == address:
            raise AlreadyThere("SITE_THERE", site=other.name, address=other.address)
    store = new_store(site.address, keys=opened.folder.keys)
    with store.held():
        mark(store, site, opened.configuration.name)
        # A site that a database or a list was lost of comes back as what its mark says.
        site = replace(site, uid=read_mark(store).site)
        write_sites(opened.folder.sites, (*sites, site))
    told = {"address": address, "place": place, "keeper": keeper, "offline": str(offline)}
    if sealed:
        told["sealed"] = str(sealed)
    enter(opened, [entry(opened, "site added", name, told)])
    tell("SITE_ADDED", site=name, address=store.address)

"""What the verbs that work at sites share: which sites, told what is away, and the time and stamp of their work."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from khizana.cli.verb import Opened, language, warn
from khizana.core.errors import KhizanaError, NotFound
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.replicas.sites import HERE, Site, read_sites
from khizana.wiring.sites import stores

EVERY = "all"


def reached(opened: Opened, wanted: str | None, *, with_here: bool) -> tuple[list[str], dict[str, ReplicaStore]]:
    """Return the names of the sites to work at and the stores of all that can be reached, the library's among them.

    *wanted* is one site, or nothing or ``all`` for every one. Sites that are away are told, and are no error unless one
    of them was named. Raises ``NotFound`` for a name that is no site's, and what keeps a named site from being reached.
    """
    names = [site.name for site in read_sites(opened.folder.sites)]
    if wanted not in {None, EVERY, HERE, *names}:
        raise NotFound("SITE_UNKNOWN", site=str(wanted))
    if not names and wanted != HERE and not with_here:
        raise NotFound("SITES_NONE")

    def away(site: Site, error: KhizanaError) -> None:
        if site.name == wanted:
            raise error
        warn(f"! {site.name}: {error.sentence(language())}")

    found = stores(opened.folder, opened.configuration, on_away=away)
    every = [name for name in found if with_here or name != HERE]
    return (every if wanted in {None, EVERY} else [str(wanted)]), found


def stamp() -> str:
    """Return a name for a folder made now, in UTC, that every file system can hold."""
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")


def clock() -> float:
    """Return the time, as Unix counts it."""
    return time.time()

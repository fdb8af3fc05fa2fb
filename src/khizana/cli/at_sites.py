"""What the verbs that work at sites share: which sites, what is away, and what is entered into the ledger."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping

from khizana.cli.verb import Opened, language, warn, words
from khizana.core.errors import BadInput, Damaged, KhizanaError, NotFound, Unreadable
from khizana.core.identifiers import ObjectId
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.ledger.entry import Entry
from khizana.core.preservation.replicas.sites import HERE, Site, read_sites
from khizana.core.preservation.sealed.names import LIBRARY, STORAGE_ROOT
from khizana.wiring.library import clerk
from khizana.wiring.sites import stores

EVERY = "all"
Facts = Mapping[str, str | int]


def reached(opened: Opened, wanted: str | None, *, with_here: bool) -> tuple[list[str], dict[str, ReplicaStore]]:
    """Return the names of the sites to work at and the stores of all that can be reached, the library's among them.

    *wanted* is one site, or nothing or ``all`` for every one. Sites that are away are told, and are no error unless one
    of them was named; other working places are left out. Raises ``NotFound`` for a name that is no site's, ``BadInput``
    for that of a working place, and what keeps a named site from being reached.
    """
    sites = read_sites(opened.folder.sites)
    if any(site.is_peer and site.name == wanted for site in sites):
        raise BadInput("SITE_IS_PEER", site=str(wanted))
    names = [site.name for site in sites if not site.is_peer]
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


def sealed_sites(opened: Opened) -> frozenset[str]:
    """Return the names of the sites that are sealed."""
    return frozenset(site.name for site in read_sites(opened.folder.sites) if site.sealed)


def subject_of(identifier: ObjectId, site: str) -> str:
    """Return what an entry about *identifier* at *site* is about: the object, or the site for what lies around them."""
    return site if identifier in {STORAGE_ROOT, LIBRARY} else identifier


def entry(opened: Opened, kind: str, subject: str, facts: Facts, *, good: bool = True) -> Entry:
    """Return an entry for the ledger about what a command has done or found just now."""
    by = clerk(opened.folder, opened.configuration)
    return Entry(f"urn:uuid:{uuid.uuid4()}", kind, by.when, subject, facts, by.name, "success" if good else "fail")


def enter(opened: Opened, entries: Iterable[Entry]) -> None:
    """Enter *entries*; a ledger that is damaged, or whose key is gone, is told and keeps nobody from the work."""
    try:
        clerk(opened.folder, opened.configuration).enter(entries)
    except (Damaged, NotFound, Unreadable) as error:
        warn(f"! {words('LEDGER_NOT_WRITTEN', problem=error.sentence(language()))}")

"""Sites: places that keep replicas; what a library knows of each, and the mark by which a site knows its library.

The list lies in ``sites.toml`` of the library, for people to read. Each site carries ``khizana-site.json``: a mount
point without its disk, or the disk of another library, is never written to.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

from khizana.core.errors import AlreadyThere, BadInput, Damaged, NotFound
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.durable import replace_beside, writing

HERE = "here"
"""Name of the library's own storage root among the sites."""

PEER = "peer:"
"""What the address of another working place begins with; its public key follows."""

MARK = "khizana-site.json"
FORMAT = 1
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class SiteMark:
    """What a site says of itself."""

    library: str
    site: str
    """The ``uid`` of the site."""
    name: str
    sealed: bool


@dataclass(frozen=True, slots=True)
class Site:
    """One site, as the library knows it."""

    name: str
    address: str
    """A kind and what it is: "disk:/media/SAHARA-2"."""
    uid: str
    """What its mark says, so that another disk of the same name is not taken for it."""
    place: str = ""
    """Building or town, in the words of people: copies in one place count as one."""
    keeper: str = ""
    """Who has it in keeping."""
    risk: str = ""
    """What may happen there: "flood", "theft"."""
    offline: bool = False
    """Whether it lies disconnected, out of reach of whoever gets into the machines."""
    sealed: bool = False
    """Whether its keeper can check what it holds, and cannot read it."""
    removed: bool = False
    """Whether it is a site no longer. It stays on the list, so that no other place is ever called by its name: what
    the ledger and the database know of copies, they know by that."""

    @property
    def is_peer(self) -> bool:
        """Whether it is another working place of the library, which couriers reach and nothing else."""
        return self.address.startswith(PEER)

    def __post_init__(self) -> None:
        """Refuse what could not be called by its name."""
        if not _NAME.fullmatch(self.name) or self.name == HERE:
            raise BadInput("SITE_NAME_UNUSABLE", site=self.name)


def read_sites(path: Path) -> tuple[Site, ...]:
    """Return the sites listed in *path* that were not removed. Raises as ``listed_sites`` does."""
    return tuple(site for site in listed_sites(path) if not site.removed)


def listed_sites(path: Path) -> tuple[Site, ...]:
    """Return the sites listed in *path*, removed ones among them, in its order; none where there is no such file.

    Raises ``BadInput`` naming the file when it cannot be understood.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        sites = tuple(Site(**value) for value in values.get("site", ()))
    except FileNotFoundError:
        return ()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, TypeError, AttributeError) as error:
        raise BadInput("SITES_UNREADABLE", path=str(path), problem=str(error)) from error
    return sites


def names_of(name: str, sites: Iterable[Site]) -> tuple[str, ...]:
    """Return every name that the site *name* has on the list *sites*: one that was removed may be back by another."""
    every = tuple(sites)
    same = {site.uid for site in every if site.name == name}
    return tuple(site.name for site in every if site.uid in same)


def write_sites(path: Path, sites: Iterable[Site]) -> None:
    """Write the list, in the place of the one before, whole or not at all."""
    blocks = []
    for site in sites:
        # JSON strings and booleans are TOML strings and booleans, too.
        values = {each.name: json.dumps(getattr(site, each.name), ensure_ascii=False) for each in fields(Site)}
        lines = ["[[site]]", *(f"{name} = {value}" for name, value in values.items())]
        blocks.append("\n".join(lines) + "\n")
    with writing(path):
        replace_beside(path, "\n".join(blocks).encode())


def mark(store: ReplicaStore, site: Site, library: str) -> None:
    """Mark an empty store as *site* of *library*; one that has that mark already is left as it is.

    Raises ``BadInput`` SITE_NOT_EMPTY where something else lies there, and what ``recognise`` raises.
    """
    for stored in store.names():
        if stored.name == MARK:
            recognise(store, site, library)
            return
        raise BadInput("SITE_NOT_EMPTY", path=store.address, found=stored.name)
    value = {"format": FORMAT, "library": library, "site": site.uid, "name": site.name}
    content = json.dumps(value | ({"sealed": True} if site.sealed else {}), indent=1).encode()
    try:
        store.put(MARK, [content + b"\n"], size=len(content) + 1)
    except AlreadyThere:
        recognise(store, site, library)


def recognise(store: ReplicaStore, site: Site, library: str) -> None:
    """Return if *store* is *site* of *library*, as its mark says.

    Raises ``NotFound`` SITE_UNMARKED (an empty mount point has no mark), ``BadInput`` for the site of another library,
    another site, one that is sealed where the list says that it is not or the other way about, or a format newer than
    this software, ``Damaged`` for a mark that cannot be understood.
    """
    found = read_mark(store)
    if found.library != library:
        raise BadInput("SITE_OF_ANOTHER_LIBRARY", path=store.address, library=found.library)
    if found.site != site.uid:
        raise BadInput("SITE_IS_ANOTHER", path=store.address, site=site.name, found=found.name)
    if found.sealed != site.sealed:
        raise BadInput(
            "SITE_SEALED_HERE" if found.sealed else "SITE_SEALED_NOT_THERE", path=store.address, site=site.name
        )


def read_mark(store: ReplicaStore) -> SiteMark:
    """Return the mark of a site. Raises as ``recognise`` does."""
    try:
        content = b"".join(bytes(run) for run in store.read(MARK))
    except NotFound as error:
        raise NotFound("SITE_UNMARKED", path=store.address) from error
    try:
        value = json.loads(content)
        newest = int(value["format"])
        library, site, name = (str(value[each]) for each in ("library", "site", "name"))
        found = SiteMark(library, site, name, sealed=value.get("sealed") is True)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Damaged("SITE_MARK_UNREADABLE", name=MARK, path=store.address) from error
    if newest > FORMAT:
        raise BadInput("SITE_NEWER", path=store.address, format=newest)
    return found

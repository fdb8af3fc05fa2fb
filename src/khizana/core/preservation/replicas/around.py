"""What a site holds around the objects: the files of its storage root, and the settings a library is restored with."""

from __future__ import annotations

import re
from collections.abc import Mapping

from khizana.core.errors import Damaged, NotFound
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.ocfl.inventory import digest_of
from khizana.core.preservation.ocfl.layout import root_files
from khizana.core.preservation.replicas.copy import ASIDE
from khizana.core.preservation.replicas.expected import STORAGE
from khizana.core.preservation.replicas.outcome import Intact, Missing
from khizana.core.preservation.replicas.reading import Reader

SETTINGS = "library/khizana.toml"
SITES = "library/sites.toml"

_SECRET = re.compile(rb"(?m)^(secret|database)\s*=.*$")


def prepare(store: ReplicaStore, *, settings: bytes, sites: bytes, stamp: str) -> None:
    """Make *store* a storage root with the library's settings beside it; what is so already is left.

    The secret in *settings*, which signs the sign-in of staff, is left out: a restored library gets a new one.
    Raises ``Damaged`` COPY_DIFFERS when the site gives back other bytes than it was given.
    """
    _put(store, {f"{STORAGE}/{name}": content for name, content in root_files().items()}, stamp=stamp)
    for name, content in ((SETTINGS, without_secret(settings)), (SITES, sites)):
        if not isinstance(Reader(store).outcome(name, digest_of(content)), Intact):
            store.replace(name, content)
            _compare(store, name, content)


def without_secret(settings: bytes) -> bytes:
    """Return *settings* as they are carried to sites: without the secret, and without the address of the database.

    That may hold a password, and a library restored elsewhere must not take the rows of this one.
    """
    return _SECRET.sub(rb'\1 = ""', settings)


def small(store: ReplicaStore, name: str) -> bytes:
    """Return the bytes of a small file of a site, or nothing where there is none."""
    try:
        return b"".join(bytes(run) for run in store.read(name))
    except NotFound:
        return b""


def _put(store: ReplicaStore, wanted: Mapping[str, bytes], *, stamp: str) -> None:
    for name, content in wanted.items():
        outcome = Reader(store).outcome(name, digest_of(content))
        if isinstance(outcome, Intact):
            continue
        if not isinstance(outcome, Missing):
            store.set_aside(name, f"{ASIDE}/{stamp}/{name}")
        store.put(name, [content], size=len(content))
        _compare(store, name, content)


def _compare(store: ReplicaStore, name: str, content: bytes) -> None:
    if not isinstance(Reader(store).outcome(name, digest_of(content)), Intact):
        raise Damaged("COPY_DIFFERS", name=name, path=store.address)

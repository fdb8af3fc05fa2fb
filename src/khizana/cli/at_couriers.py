"""What the verbs about couriers share: this place's key and head, its peers, and the folder for lists in the making."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from khizana.cli.verb import Opened
from khizana.core.errors import Damaged
from khizana.core.ports import ReplicaStore
from khizana.core.preservation.courier.keys import OwnKeys, key_of, own_keys
from khizana.core.preservation.courier.pack import bring_list
from khizana.core.preservation.courier.places import peer_folder
from khizana.core.preservation.courier.proof import Kept
from khizana.core.preservation.durable import make_directories, remove_tree, writing
from khizana.core.preservation.ledger.head import Head
from khizana.core.preservation.ledger.keys import SigningKey
from khizana.core.preservation.ledger.write import open_ledger, require_head
from khizana.core.preservation.replicas.sites import Site
from khizana.wiring.library import clerk


@dataclass(frozen=True, slots=True)
class Place:
    """This working place, as it signs what it sends."""

    key: SigningKey
    own: OwnKeys
    head: Head
    when: str


def this_place(opened: Opened) -> Place:
    """Return this place; its ledger is begun and signed where it is not.

    Raises ``Damaged`` for a ledger or key that is not the right one, ``NotFound`` for a key that is gone.
    """
    by = clerk(opened.folder, opened.configuration)
    by.enter([])
    key, head = SigningKey.read(opened.folder.keys), require_head(opened.folder.ledger)
    if key.public != head.key:
        raise Damaged("LEDGER_KEY_OTHER", path=str(opened.folder.ledger))
    return Place(key, own_keys(opened.folder.ledger), head, by.when)


def folder_of(opened: Opened, peer: Site) -> Path:
    """Return the folder of what is kept of *peer*."""
    return peer_folder(opened.folder.ledger, key_of(peer.address))


def is_entered(opened: Opened, identifier: str) -> bool:
    """Say whether the ledger has the entry with that id."""
    with open_ledger(opened.folder.ledger) as ledger:
        return identifier in ledger


@contextmanager
def scratch(opened: Opened) -> Iterator[Path]:
    """Give a folder for lists that are being made or looked at; it goes with what a killed command left in it."""
    folder = opened.folder.work / "courier"
    remove_tree(folder)
    with writing(folder):
        make_directories(folder)
    try:
        yield folder
    finally:
        remove_tree(folder)


def bring_proof(proof: Kept, courier: ReplicaStore) -> None:
    """Bring *proof* to *courier*, where it does not lie yet."""
    if not any(stored.name == proof.name for stored in courier.names(proof.name)):
        bring_list(proof.path, courier, proof.name)

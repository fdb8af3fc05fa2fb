"""What lies where: in the folder of a courier, and of what is kept of other working places in the library."""

from __future__ import annotations

from pathlib import Path

from khizana.core.identifiers import Digest

FOLDER = "khizana-courier"
"""Folder of a disk for packs and proofs; other things may lie beside it, a site among them."""
PACKS = "packs/"
PROOFS = "proofs/"
LIST = ".jsonl"
BEGUN = ".begun"

_PEERS, _GIVEN, _GOT = "peers", "given", "got"


def pack_name(pack: str) -> str:
    """Return the name of the signed list of a pack; the pack is finished when it is there."""
    return f"{PACKS}{pack}{LIST}"


def begun_name(pack: str) -> str:
    """Return the name of the file that says that a pack was begun."""
    return f"{PACKS}{pack}{BEGUN}"


def proof_name(pack: str, digest: Digest) -> str:
    """Return the name of a proof about *pack*, from the digest of the proof itself."""
    return f"{PROOFS}{pack}-{digest[:16]}{LIST}"


def peer_folder(ledger: Path, key: str) -> Path:
    """Return the folder of what is kept of the place whose key was exchanged as *key*: its ledger, and proofs."""
    return ledger / _PEERS / key


def given_folder(peer: Path) -> Path:
    """Return the folder of the proofs that were given to a place."""
    return peer / _GIVEN


def got_folder(peer: Path) -> Path:
    """Return the folder of the proofs that came from a place."""
    return peer / _GOT

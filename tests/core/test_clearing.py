"""That clearing a site removes what a tombstone names, all of it, and nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from data.memory_store import MemoryStore
from data.ocfl_objects import make_object
from khizana.core.errors import Away, Damaged
from khizana.core.identifiers import Digest, ObjectId
from khizana.core.preservation.clearing import PlainSite, SealedSite, clear, still_there
from khizana.core.preservation.ledger.deletion_entries import Named
from khizana.core.preservation.ocfl.inventory import digest_of
from khizana.core.preservation.ocfl.listing import listing_of
from khizana.core.preservation.removal import named_at
from khizana.core.preservation.sealed.names import (
    SUMS,
    Blinding,
    contents_token,
    file_token,
    new_blinding,
    sealed_name,
    version_folder,
)

ID = ObjectId("urn:khizana:test:tb-1:images")
OTHER = "f" * 128


def plain(tmp_path: Path, store: MemoryStore) -> Named:
    """Put an object of three versions into *store*, as it is."""
    folder = make_object(tmp_path / "a", ID, [{"1.tif": bytes([each])} for each in b"123"])
    for path in folder.rglob("*"):
        if path.is_file():
            store.files[PlainSite(store).folder(ID) + path.relative_to(folder).as_posix()] = path.read_bytes()
    return named_at(folder)


def inventories(tmp_path: Path) -> set[Digest]:
    return {digest_of(path.read_bytes()) for path in (tmp_path / "a").rglob("inventory.json")}


BLINDING = new_blinding()


def sealed(store: MemoryStore, *versions: Digest, blinding: Blinding = BLINDING) -> None:
    """Put finished sealed versions with those inventories into *store*."""
    for number, digest in enumerate(versions, 1):
        folder = version_folder(blinding, ID, number)
        ciphertext = digest_of(f"{number}".encode())
        names = [
            sealed_name(file_token(blinding, ID, f"v{number}/inventory.json", digest), ciphertext),
            sealed_name(file_token(blinding, ID, f"v{number}/content/1.tif", digest), ciphertext),
            sealed_name(contents_token(blinding, ID, number, digest), ciphertext),
        ]
        store.files |= {folder + each: b"ciphertext" for each in names}
        store.files[folder + SUMS] = "".join(f"{ciphertext}  {each}\n" for each in sorted(names)).encode()


def test_a_plain_site_is_cleared_whole_whatever_was_damaged_or_set_aside(tmp_path: Path) -> None:
    store = MemoryStore()
    named = plain(tmp_path, store)
    site = PlainSite(store)
    folder = site.folder(ID)
    store.files[f"{folder}v2/inventory.json"] = b"rot"
    del store.files[f"{folder}v1/inventory.json"]
    store.files[f"aside/2026/{folder}v2/content/1.tif"] = b"as it was"
    store.files["storage/0=ocfl_1.1"] = b"ocfl_1.1\n"
    before = dict(store.files)
    assert still_there(site, [named], {ID: inventories(tmp_path)}) == [named]
    assert clear(site, [named], {ID: inventories(tmp_path)}) == len(before) - 1
    assert list(store.files) == ["storage/0=ocfl_1.1"]
    assert clear(site, [named], {}) == 0


def replaced(name: str, store: MemoryStore, algorithm: str = "sha512") -> None:
    """Make an inventory another one that agrees with its sidecar."""
    content = json.dumps(json.loads(store.files[name]), indent=3).encode()
    store.files[name] = content
    digest = hashlib.new(algorithm, content).hexdigest()
    store.files[f"{name}.{algorithm}"] = f"{digest} inventory.json\n".encode()


def newer(folder: str, store: MemoryStore) -> None:
    store.files[f"{folder}v4/inventory.json"] = store.files[f"{folder}inventory.json"]


def another_between(folder: str, store: MemoryStore) -> None:
    replaced(f"{folder}v2/inventory.json", store)


def another_at_the_root(folder: str, store: MemoryStore) -> None:
    replaced(f"{folder}inventory.json", store)


def unfinished(folder: str, store: MemoryStore) -> None:
    store.files[f"{folder}v4/content/2.tif"] = b"the only copy"


@pytest.mark.parametrize("change", [newer, another_between, another_at_the_root, unfinished])
def test_a_plain_site_with_anything_else_keeps_all_of_it(
    change: Callable[[str, MemoryStore], None], tmp_path: Path
) -> None:
    store = MemoryStore()
    named, site = plain(tmp_path, store), PlainSite(store)
    vouched = {ID: inventories(tmp_path)}
    change(site.folder(ID), store)
    before = dict(store.files)
    with pytest.raises(Damaged, match="nobody consented"):
        clear(site, [named], vouched)
    assert store.files == before
    assert still_there(site, [named], vouched) == []


def test_another_institutions_object_is_known_by_its_list_whatever_its_algorithm(tmp_path: Path) -> None:
    store = MemoryStore()
    versions = [{"1": bytes([each])} for each in b"123"]
    folder = make_object(tmp_path / "a", "urn:other:one", versions, algorithm="sha256")
    site, named = PlainSite(store), named_at(folder)
    there = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    listing = listing_of({name: digest_of(content) for name, content in there.items()})
    above = site.folder(named.object_id)
    store.files |= {above + name: content for name, content in (there | {listing.name: listing.content}).items()}
    good = dict(store.files)
    for name in ("inventory.json", "v2/inventory.json"):
        replaced(above + name, store, "sha256")
        with pytest.raises(Damaged, match="nobody consented"):
            clear(site, [named], {named.object_id: {listing.digest}})
        store.files |= good
    assert clear(site, [named], {named.object_id: {listing.digest}}) == len(good)
    assert not store.files


FIRST, SECOND, THIRD = Digest("1" * 128), Digest("2" * 128), Digest("3" * 128)
NAMED = Named(ID, 3, FIRST, THIRD)


class Stopping(MemoryStore):
    """A store that is unplugged after so many removals."""

    def __init__(self, left: int) -> None:
        super().__init__()
        self.left = left

    def remove(self, name: str) -> None:
        if not self.left:
            raise Away("SITE_GONE", path=self.address)
        self.left -= 1
        super().remove(name)


def test_a_sealed_site_is_cleared_whole_and_a_run_that_was_killed_goes_on() -> None:
    for stopped in range(12):
        store = Stopping(stopped)
        sealed(store, FIRST, SECOND, THIRD)
        assert len(store.files) == 12
        with pytest.raises(Away):
            clear(SealedSite(store, BLINDING), [NAMED], {ID: {SECOND}})
        store.left = 12
        assert clear(SealedSite(store, BLINDING), [NAMED], {ID: {SECOND}}) == 12 - stopped
        assert not store.files


@pytest.mark.parametrize(
    "versions",
    [
        (FIRST, SECOND, Digest(OTHER)),
        (Digest(OTHER), SECOND, THIRD),
        (FIRST, Digest(OTHER)),
        (FIRST, SECOND, THIRD, THIRD),
    ],
)
def test_a_sealed_site_with_another_version_keeps_all_of_it_though_its_number_is_the_same(
    versions: tuple[Digest, ...],
) -> None:
    store = MemoryStore()
    sealed(store, *versions)
    before = dict(store.files)
    with pytest.raises(Damaged, match="nobody consented"):
        clear(SealedSite(store, BLINDING), [NAMED], {ID: {SECOND}})
    assert store.files == before

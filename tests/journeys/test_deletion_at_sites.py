"""Deleted here: what then becomes of copies at sites, of what a site gives back, and of a ledger that lost its end."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from data.cards import card
from data.commands import Library, khizana
from data.deleting import ago, consented, copied, deleted, enter, guarded, killed_at, objects
from data.ocfl_objects import make_object
from journeys.test_sealed_site import joined
from khizana.adapters.disk import DiskStore
from khizana.core.identifiers import ObjectId
from khizana.core.preservation.ledger.deletion_entries import awaited
from khizana.core.preservation.ledger.deletions import read_deletions
from khizana.core.preservation.ocfl.layout import object_path
from khizana.core.preservation.replicas.carried import bring_ledger, carry_ledger

IMAGES = ObjectId("urn:khizana:test:s-0:images")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("deletion")
    guarded(place)
    return place


@pytest.fixture
def places(made: Path, tmp_path: Path) -> tuple[Library, Path]:
    return copied(made, tmp_path), tmp_path


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rewritten(folder: Path) -> None:
    """Make the object in *folder* another one that agrees with itself, of the same number of versions."""
    for inventory in folder.rglob("inventory.json"):
        value = json.loads(inventory.read_bytes())
        for version in value["versions"].values():
            version["message"] = "of another history"
        content = json.dumps(value).encode()
        inventory.write_bytes(content)
        digest = hashlib.sha512(content).hexdigest()
        inventory.with_name("inventory.json.sha512").write_text(f"{digest} inventory.json\n")


def test_a_site_with_another_object_is_told_and_keeps_it_and_everything_else_goes_on(
    places: tuple[Library, Path],
) -> None:
    library, place = places
    other = place / "first" / "storage" / object_path(IMAGES)
    request = deleted(library, place)
    rewritten(other)
    before = files(other)
    library.run("add", card(place / "more", ["1r.jpg"], seed=7), "--shelfmark", "S 2")
    said = library.run("replicate", status=8)
    assert "nobody consented" in said.stderr
    assert IMAGES in said.stderr
    assert objects(place / "first" / "storage") == 6, "the new manuscript was copied, the other stayed"
    assert files(other) == before
    assert library.json("status")["deletions_left"] == [{"request": request, "site": "first"}]
    # A manuscript of that shelfmark that comes anew is not written over it.
    library.run("add", card(place / "again", ["1r.jpg"], seed=9), "--shelfmark", "S 0")
    library.run("replicate", status=8)
    assert files(other) == before


def test_a_site_has_the_tombstone_before_anything_of_it_goes(places: tuple[Library, Path]) -> None:
    library, place = places
    request = deleted(library, place)
    killed_at(library, "khizana.core.preservation.clearing:_remove", "replicate")
    assert objects(place / "first" / "storage") == 4
    assert bring_ledger(DiskStore(place / "first"), place / "seen")
    assert [each.id for each in read_deletions(place / "seen").tombstones()] == [request]
    # And restored from there, the library does not have it again.
    said = khizana("restore", f"disk:{place / 'first'}", "--into", place / "again")
    assert said.returncode == 0, said.stderr
    assert request in said.stderr
    again = Library(place / "again")
    assert again.json("status")["manuscripts"] == 1
    assert objects(again.root / "storage") == 2
    assert objects(place / "first" / "storage") == 4, "restoring removes nothing from a site"
    said = library.run("replicate", "--json")
    assert json.loads(said.stdout)["objects"] == 0
    assert "nothing of what the request" in said.stderr
    assert objects(place / "first" / "storage") == 2


def test_a_site_that_has_seen_a_newer_ledger_is_not_cleared(places: tuple[Library, Path]) -> None:
    library, place = places
    request = deleted(library, place)
    shutil.copytree(library.root, place / "ahead")
    enter(Library(place / "ahead"), [awaited(request, "later", by=ago(0))])
    assert carry_ledger(DiskStore(place / "first"), place / "ahead" / "ledger", site="first", stamp="s") is None
    assert "rolled back" in library.run("replicate", status=8).stderr
    assert objects(place / "first" / "storage") == 4
    assert library.json("status")["deletions_left"] == [{"request": request, "site": "first"}]


def test_a_site_that_has_seen_another_ledger_is_not_cleared(places: tuple[Library, Path]) -> None:
    library, place = places
    shutil.copytree(library.root, place / "other")
    enter(Library(place / "other"), [awaited("00000000", "another", by=ago(0))])
    deleted(library, place)
    assert carry_ledger(DiskStore(place / "first"), place / "other" / "ledger", site="first", stamp="s") is None
    assert "rewritten" in library.run("replicate", status=8).stderr
    assert objects(place / "first" / "storage") == 4


def test_restored_from_a_site_that_had_not_heard_of_it_the_others_do_not_get_it_again(
    places: tuple[Library, Path],
) -> None:
    library, place = places
    library.run("site", "add", "second", f"disk:{place / 'second'}", "--place", "Gao")
    library.run("replicate")
    deleted(library, place)
    library.run("replicate", "--site", "first")
    assert objects(place / "first" / "storage") == 2
    khizana("restore", f"disk:{place / 'second'}", "--into", place / "again")
    again = Library(place / "again")
    assert again.json("status")["manuscripts"] == 2, "nobody there knew"
    said = again.run("replicate", "--site", "first", status=8)
    assert "was deleted by the ledger at" in said.stderr
    assert IMAGES in said.stderr
    assert objects(place / "first" / "storage") == 2


def test_a_restored_library_clears_no_site_of_what_was_deleted_before(places: tuple[Library, Path]) -> None:
    library, place = places
    library.run("site", "add", "second", f"disk:{place / 'second'}", "--place", "Gao")
    library.run("replicate")
    request = deleted(library, place)
    library.run("replicate", "--site", "second")
    before = files(place / "first" / "storage")
    khizana("restore", f"disk:{place / 'second'}", "--into", place / "again")
    again = Library(place / "again")
    said = again.run("replicate")
    assert f"first: S 0 (request {request}) was deleted before this library was made again" in said.stderr
    assert files(place / "first" / "storage") == before
    assert again.json("status")["deletions_left"] == []


def test_a_sealed_site_gives_nothing_back_that_its_ledger_says_is_deleted(places: tuple[Library, Path]) -> None:
    library, place = places
    library.run("keys", "make", "--into", place / "pages", "--needed", 2, "--shares", 3)
    library.run("site", "add", "sealed", f"disk:{place / 'sealed'}", "--place", "Gao", "--sealed")
    library.run("replicate")
    request = deleted(library, place)
    killed_at(library, "khizana.core.preservation.clearing:_remove", "replicate", "--site", "sealed")
    key = joined(library)
    said = khizana("restore", f"disk:{place / 'sealed'}", "--into", place / "again", "--key", key)
    assert said.returncode == 0, said.stderr
    assert request in said.stderr
    assert Library(place / "again").json("status")["manuscripts"] == 1
    assert objects(place / "again" / "storage") == 2
    library.run("replicate")
    assert library.json("status")["deletions_left"] == []


@pytest.mark.parametrize("name", ["first", "another"])
def test_a_site_that_was_removed_when_something_was_deleted_is_cleared_when_it_comes_back(
    places: tuple[Library, Path], name: str
) -> None:
    library, place = places
    library.run("site", "remove", "first")
    request = deleted(library, place)
    assert f"{request}, S 0 (taken twice): carried out" in (listed := library.run("delete", "list").stdout)
    assert listed.rstrip().endswith("still at: first")
    assert library.json("status")["deletions_left"] == []
    library.run("site", "add", name, f"disk:{place / 'first'}")
    assert library.json("status")["deletions_left"] == [{"request": request, "site": name}]
    assert objects(place / "first") == 4
    library.run("replicate")
    assert objects(place / "first") == 2
    assert library.run("delete", "list").stdout.rstrip().endswith("still at: -")
    assert library.json("status")["deletions_left"] == []


def test_a_site_that_came_back_by_another_name_is_cleared_of_what_was_deleted_before(
    places: tuple[Library, Path],
) -> None:
    library, place = places
    request = deleted(library, place)
    library.run("site", "remove", "first")
    library.run("site", "add", "another", f"disk:{place / 'first'}")
    assert library.json("status")["deletions_left"] == [{"request": request, "site": "another"}]
    again = deleted(library, place, "S 1")
    assert f"{again}, S 1 (taken twice): carried out" in (listed := library.run("delete", "list").stdout)
    assert listed.rstrip().endswith("still at: another"), "and not by its former name as well"
    library.run("replicate")
    assert objects(place / "first") == 0
    assert library.json("status")["deletions_left"] == []


def test_what_was_taken_out_goes_back_where_the_ledger_has_lost_the_tombstone(places: tuple[Library, Path]) -> None:
    library, place = places
    before = files(library.root / "storage")
    request = library.json("delete", "ask", "S 0", "--reason", "taken twice")["request"]
    consented(library, place, request)
    shutil.copytree(library.root / "ledger", place / "rolled back")
    killed_at(library, "khizana.core.preservation.removal:Removal.finish", "delete", "carry-out", request)
    assert objects(library.root / "storage") == 2
    shutil.copytree(library.root / "ledger", place / "newest")
    shutil.rmtree(library.root / "ledger")
    shutil.copytree(place / "rolled back", library.root / "ledger")
    said = library.run("status")
    assert f"{IMAGES} is in the storage root again" in said.stderr
    assert files(library.root / "storage") == before
    assert library.json("status")["manuscripts"] == 2
    assert not any((library.root / "work" / "deleting").glob("*"))
    library.run("verify")
    # With the ledger that has it, it is deleted after all.
    shutil.rmtree(library.root / "ledger")
    shutil.copytree(place / "newest", library.root / "ledger")
    library.run("delete", "carry-out", request)
    assert objects(library.root / "storage") == 2
    assert library.json("status")["manuscripts"] == 1


def test_an_adopted_object_goes_back_too_and_counts_again(places: tuple[Library, Path]) -> None:
    library, place = places
    source = place / "source"
    source.mkdir()
    (source / "0=ocfl_1.1").write_bytes(b"ocfl_1.1\n")
    make_object(source / "a", "urn:other:one")
    library.run("adopt", source)
    request = library.json("delete", "ask", "urn:other:one", "--reason", "not ours")["request"]
    consented(library, place, request)
    shutil.copytree(library.root / "ledger", place / "rolled back")
    killed_at(library, "khizana.core.preservation.removal:Removal.finish", "delete", "carry-out", request)
    shutil.rmtree(library.root / "ledger")
    shutil.copytree(place / "rolled back", library.root / "ledger")
    assert "is in the storage root again" in library.run("status").stderr
    assert library.json("status")["objects"] == 5
    library.run("verify")


def test_what_cannot_go_back_stays_aside_and_is_told(places: tuple[Library, Path]) -> None:
    library, place = places
    request = library.json("delete", "ask", "S 0", "--reason", "taken twice")["request"]
    consented(library, place, request)
    shutil.copytree(library.root / "ledger", place / "rolled back")
    killed_at(library, "khizana.core.preservation.removal:Removal.finish", "delete", "carry-out", request)
    shutil.rmtree(library.root / "ledger")
    shutil.copytree(place / "rolled back", library.root / "ledger")
    taken = library.root / "work" / "deleting" / request
    for inventory in taken.glob("*/inventory.json"):
        inventory.write_bytes(b"{}")
    before = files(taken)
    for _ in range(2):
        assert "is kept there" in library.run("status").stderr
    assert files(taken) == before


def test_an_adopted_object_that_was_deleted_is_cleared_and_not_adopted_again(places: tuple[Library, Path]) -> None:
    library, place = places
    source = place / "source"
    source.mkdir()
    (source / "0=ocfl_1.1").write_bytes(b"ocfl_1.1\n")
    make_object(source / "a", "urn:other:one")
    make_object(source / "b", "urn:other:two", [{"1.tif": b"1"}, {"1.tif": b"2"}, {"1.tif": b"3"}], algorithm="sha256")
    assert library.json("adopt", source)["adopted"] == 2
    library.run("replicate")
    request = deleted(library, place, "urn:other:two")
    assert objects(library.root / "storage") == 5
    library.run("replicate")
    assert objects(place / "first" / "storage") == 5
    assert library.json("status")["deletions_left"] == []
    said = library.run("adopt", source, status=1)
    assert f"urn:other:two was deleted here (request {request})" in said.stderr
    assert objects(library.root / "storage") == 5
    # Nor with a version that was added elsewhere since.
    shutil.rmtree(source / "b")
    make_object(source / "b", "urn:other:two", [{"1.tif": bytes([each])} for each in b"1234"], algorithm="sha256")
    assert library.run("adopt", source, status=1).returncode == 1


def test_what_goes_on_from_what_was_deleted_is_kept_and_told(places: tuple[Library, Path]) -> None:
    library, place = places
    shutil.copytree(library.root, place / "elsewhere")
    elsewhere = Library(place / "elsewhere")
    elsewhere.run("publish", "S 0", "--level", "staff")
    request = deleted(library, place)
    shutil.copytree(elsewhere.root / "storage", library.root / "storage", dirs_exist_ok=True)
    said = library.run("rebuild", status=None).stderr
    assert f"request {request}" in said
    assert "nobody consented" in said
    assert library.json("status")["manuscripts"] == 2
    library.run("delete", "carry-out", request, status=8)
    assert objects(library.root / "storage") == 4

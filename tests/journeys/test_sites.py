"""Copies at two sites, damage in all three places, repair, and a library again from each site alone."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from hashlib import sha512
from pathlib import Path

import ocfl
import pytest

from data.cards import card
from data.commands import Library, khizana, new_library
from data.databases import copy_library
from data.forged import forge_with_database


@pytest.fixture(scope="module")
def replicated(tmp_path_factory: pytest.TempPathFactory, database: Callable[[], str]) -> tuple[Library, Path, Path]:
    place = tmp_path_factory.mktemp("sites")
    library = new_library(place / "library", database=database())
    for number in range(2):
        photographs = card(place / f"card{number}", ["1r.jpg", "1v.jpg", "2r.jpg"], seed=number * 10)
        library.run("add", photographs, "--shelfmark", f"S {number}")
    (place / "disks").mkdir()
    for name, *more in (("first", "--place", "Bamako"), ("second", "--place", "Timbuktu", "--offline")):
        library.run("site", "add", name, f"disk:{place / 'disks' / name}", *more)
    library.run("replicate")
    return library, place / "disks" / "first", place / "disks" / "second"


@pytest.fixture
def places(replicated: tuple[Library, Path, Path], tmp_path: Path) -> tuple[Library, Path, Path]:
    """The library with its two sites, a copy for each test."""
    copy_library(replicated[0].root, tmp_path / "library")
    for name, folder in zip(("first", "second"), replicated[1:], strict=True):
        shutil.copytree(folder, tmp_path / name)
    sites = tmp_path / "library" / "sites.toml"
    for name, folder in (("first", replicated[1]), ("second", replicated[2])):
        sites.write_text(sites.read_text().replace(str(folder), str(tmp_path / name)))
    return Library(tmp_path / "library"), tmp_path / "first", tmp_path / "second"


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def master(folder: Path) -> Path:
    return min(folder.rglob("masters/0001.jpg"))


@pytest.mark.both_databases
def test_every_site_holds_the_same_valid_storage_root(places: tuple[Library, Path, Path]) -> None:
    library, *sites = places
    for site in sites:
        assert files(site / "storage") == files(library.root / "storage")
        assert ocfl.StorageRoot(root=str(site / "storage")).validate()
    status = library.json("status")
    assert status["safety"] == {"green": 0, "amber": 4, "red": 0}, "the library itself has not been checked yet"
    library.run("verify", "--site", "all")
    assert library.json("status")["safety"] == {"green": 4, "amber": 0, "red": 0}


def test_a_second_replicate_reads_and_writes_nothing(places: tuple[Library, Path, Path]) -> None:
    library, first, _ = places
    library.run("replicate", "--site", "first")  # what the ledger says of the second site
    before = {path: path.stat().st_mtime_ns for path in first.rglob("*")}
    assert library.json("replicate", "--site", "first") == {
        "site": "first",
        "objects": 0,
        "of": 0,
        "files": 0,
        "bytes": 0,
    }
    assert {path: path.stat().st_mtime_ns for path in first.rglob("*") if path.name != "library"} | before == before


def test_a_new_version_alone_is_copied(places: tuple[Library, Path, Path]) -> None:
    library, first, _ = places
    library.run("publish", "S 0", "--level", "staff")
    assert library.json("status")["sites_lacking"] == {"first": 1, "second": 1}
    done = library.json("replicate", "--site", "first")
    assert (done["objects"], done["files"]) == (1, 6), "two content files, and inventory and sidecar in two places"
    assert files(first / "storage") == files(library.root / "storage")


@pytest.mark.both_databases(long=True)
def test_damage_in_every_place_is_told_apart_and_repaired(places: tuple[Library, Path, Path]) -> None:
    library, first, second = places
    good = files(library.root / "storage")
    altered = master(library.root / "storage")
    altered.write_bytes(altered.read_bytes()[:-1] + b"\0")
    missing = min((first / "storage").rglob("structure.json"))
    missing.unlink()
    (missing.parent / "stray").write_bytes(b"x")
    inventory = min((second / "storage").rglob("v1/inventory.json"))
    inventory.write_bytes(inventory.read_bytes().replace(b"Accession", b"Adoption!"))
    said = library.run("verify", "--site", "all", status=8)
    for words in ("here: ", "is altered", "first: ", "is missing", "is unexpected", "second: "):
        assert words in said.stderr
    assert library.json("status")["safety"] == {"green": 2, "amber": 1, "red": 1}
    library.run("repair")
    for place in (library.root, first, second):
        assert files(place / "storage") == good
    library.run("verify", "--site", "all")
    assert b"stray" not in {path.name.encode() for path in (first / "storage").rglob("*")}
    assert [path.name for path in (first / "aside").rglob("stray")] == ["stray"], "kept aside"


def test_an_inventory_that_has_its_name_nowhere_is_found_under_another_and_put_back(
    places: tuple[Library, Path, Path],
) -> None:
    library, first, second = places
    good = files(library.root / "storage")
    for place in (library.root, first, second):
        newest = max((place / "storage").rglob("v*/inventory.json"))
        for inventory in (newest, newest.parent.parent / "inventory.json"):
            inventory.unlink() if place != second else inventory.rename(f"{inventory}.old")
    library.run("verify", "--site", "all", status=8)
    library.run("repair")
    for place in (library.root, first, second):
        assert files(place / "storage") == good
    library.run("verify", "--site", "all")


def test_nothing_damaged_here_is_copied_to_a_site(places: tuple[Library, Path, Path]) -> None:
    library, _, _ = places
    library.run("site", "add", "third", f"disk:{library.root.parent / 'third'}")
    altered = master(library.root / "storage")
    altered.write_bytes(altered.read_bytes()[:-1] + b"\0")
    said = library.run("replicate", "--site", "third", status=8)
    assert "is not what was recorded and was not copied" in said.stderr
    assert library.json("status")["sites_lacking"]["third"] == 1
    library.run("verify", "--site", "here", status=8)
    library.run("repair", "--site", "here")
    library.run("replicate", "--site", "third")
    assert files(library.root.parent / "third" / "storage") == files(library.root / "storage")


@pytest.mark.parametrize("name", ["first", "second"])
def test_one_site_alone_gives_the_whole_library_back(
    places: tuple[Library, Path, Path], name: str, tmp_path: Path
) -> None:
    library, *_ = places
    storage = files(library.root / "storage")
    status = library.json("status")
    shutil.rmtree(library.root)
    done = khizana("restore", f"disk:{tmp_path / name}", "--into", tmp_path / "again")
    assert done.returncode == 0, done.stderr
    again = Library(tmp_path / "again")
    assert files(again.root / "storage") == storage
    for key in ("name", "manuscripts", "pages", "objects", "events", "published"):
        assert again.json("status")[key] == status[key]
    assert {path.name for path in again.root.iterdir()} >= {"khizana.toml", "sites.toml", "storage"}
    sites = again.root / "sites.toml"
    sites.write_text(re.sub('"disk:.*/', f'"disk:{tmp_path}/', sites.read_text()))  # where this test's copies lie
    assert "a new key that no signature vouches for" in again.run("ledger", "check").stderr
    again.run("publish", "S 0", "--level", "staff")
    # The ledger goes on: the site that gave it back is a witness of its beginning, and takes what comes after.
    again.run("replicate", "--site", name)
    again.run("verify", "--site", name)


def test_a_damaged_site_gives_back_all_that_is_right(places: tuple[Library, Path, Path], tmp_path: Path) -> None:
    library, first, _ = places
    lost = master(first / "storage")
    name = str(lost.relative_to(first))
    lost.write_bytes(b"other bytes")
    done = khizana("restore", f"disk:{first}", "--into", tmp_path / "again")
    assert done.returncode == 8
    assert "0001.jpg" in done.stderr
    kept = files(tmp_path / "again" / "storage")
    assert {path for path in files(library.root / "storage") if path not in kept} == {name.removeprefix("storage/")}
    assert b"other bytes" in files(tmp_path / "again" / "aside").values()


@pytest.mark.parametrize("harm", ["a bit flips", "a word is another", "the newest piece is gone", "no head is left"])
def test_a_site_whose_ledger_is_damaged_gives_all_objects_back_and_says_how_to_go_on(
    harm: str, places: tuple[Library, Path, Path], tmp_path: Path
) -> None:
    library, first, second = places
    pieces = sorted((first / "ledger" / "entries").iterdir())
    if harm == "a bit flips":
        pieces[0].write_bytes(pieces[0].read_bytes().replace(b'"agent"', b'"agen\xf4"', 1))
    elif harm == "a word is another":
        pieces[0].write_bytes(pieces[0].read_bytes().replace(b'"agent":"k', b'"agent":"K', 1))
    elif harm == "the newest piece is gone":
        pieces[-1].unlink()
    else:
        shutil.rmtree(first / "ledger" / "heads")
    kept = b"".join(piece.read_bytes() for piece in pieces if piece.exists())
    done = khizana("restore", f"disk:{first}", "--into", tmp_path / "again")
    assert done.returncode == 8
    assert "gave back is damaged" in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    again = Library(tmp_path / "again")
    assert files(again.root / "storage") == files(library.root / "storage")
    assert (again.root / "ledger" / "damaged" / "entries.jsonl").read_bytes() == kept
    # As it was told: an empty folder under another name takes copies, or the other site gives back more.
    again.run("site", "remove", "first")
    again.run("site", "add", "third", f"disk:{tmp_path / 'third'}")
    again.run("replicate", "--site", "third")
    assert files(tmp_path / "third" / "storage") == files(library.root / "storage")
    done = khizana("restore", f"disk:{second}", "--into", tmp_path / "better")
    assert done.returncode == 0, done.stderr
    Library(tmp_path / "better").run("ledger", "check")


def test_a_rehearsal_says_what_each_site_would_give_back(places: tuple[Library, Path, Path], tmp_path: Path) -> None:
    library, first, _ = places
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    library.run("publish", "S 1", "--level", "staff")
    master(first / "storage").write_bytes(b"other bytes")
    done = library.run("rehearse", "--site", "first", "--into", scratch, status=8)
    assert "2 objects whole, 1 in an older version, 1 damaged; 0 are not there" in done.stdout
    assert not list(scratch.iterdir())


def test_places_that_are_no_site_of_this_library_are_refused(
    places: tuple[Library, Path, Path], tmp_path: Path
) -> None:
    library, first, _ = places
    mark = first / "khizana-site.json"
    kept = mark.read_text()
    for words, status, change in (
        ("no site of a library", 3, mark.unlink),
        ('of the library "other"', 2, lambda: mark.write_text(kept.replace('"test"', '"other"'))),
        ("newer Khizana", 2, lambda: mark.write_text(kept.replace('"format": 1', '"format": 9'))),
        ("cannot be understood", 8, lambda: mark.write_text("{")),
        ("is not there any more", 5, lambda: shutil.rmtree(first)),
    ):
        change()
        before = files(first) if first.is_dir() else {}
        said = library.run("replicate", "--site", "first", status=status)
        assert words in said.stderr
        assert (files(first) if first.is_dir() else {}) == before
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "holiday.jpg").write_bytes(b"x")
    assert "holiday.jpg" in library.run("site", "add", "x", f"disk:{tmp_path / 'full'}", status=2).stderr
    assert "plug the disk in" in library.run("site", "add", "x", f"disk:{tmp_path}/no/where", status=3).stderr
    assert "no address" in library.run("site", "add", "x", "ftp:there", status=2).stderr
    assert "cannot name a site" in library.run("site", "add", "Here!", f"disk:{tmp_path / 'y'}", status=2).stderr
    assert "no site called" in library.run("verify", "--site", "nowhere", status=3).stderr
    assert "no length of time" in library.run("verify", "--site", "all", "--for", "soon", status=2).stderr


def test_a_check_of_no_time_checks_nothing_and_the_next_goes_on(places: tuple[Library, Path, Path]) -> None:
    library, _, _ = places
    assert "0 objects checked, 4 left" in library.run("verify", "--site", "first", "--for", "0s").stdout
    assert "4 objects checked, 0 left" in library.run("verify", "--site", "first", "--for", "1h").stdout


def test_an_object_rewritten_with_its_own_digests_is_known_by_the_ledger_after_the_database_is_gone(
    places: tuple[Library, Path, Path],
) -> None:
    library, *_ = places
    good = files(library.root / "storage")
    path = min((library.root / "storage").rglob("v1/content/structure.json")).parents[2]
    for inventory in (path / "inventory.json", path / "v1" / "inventory.json"):
        rewritten = inventory.read_bytes().replace(b"Accession of 3", b"Accession of 4")
        inventory.write_bytes(rewritten)
        (inventory.parent / "inventory.json.sha512").write_text(f"{sha512(rewritten).hexdigest()} inventory.json\n")
    assert library.run("verify").returncode == 0, "a valid object: nothing in it tells"
    library.lose_database()
    said = library.run("rebuild", status=1)
    assert "is not the one that was recorded" in said.stderr
    assert library.json("status")["manuscripts"] == 1, "it is not shown"
    library.run("verify", "--site", "here", status=8)
    library.run("repair", "--site", "here")
    library.run("rebuild")
    assert library.json("status")["manuscripts"] == 2
    assert files(library.root / "storage") == good


def test_a_site_that_is_older_than_the_ledger_it_carries_says_so_when_it_is_restored(
    places: tuple[Library, Path, Path], tmp_path: Path
) -> None:
    library, first, _ = places
    old = tmp_path / "old"
    shutil.copytree(first / "storage", old)
    library.run("publish", "S 0", "--level", "staff")
    library.run("replicate", "--site", "first")
    shutil.rmtree(first / "storage")
    shutil.copytree(old, first / "storage")
    done = khizana("restore", f"disk:{first}", "--into", tmp_path / "again")
    assert done.returncode == 8
    assert "version" in done.stderr, done.stderr
    assert Library(tmp_path / "again").json("status")["manuscripts"] == 2


def test_what_was_copied_checked_and_repaired_stands_in_the_ledger(places: tuple[Library, Path, Path]) -> None:
    library, first, _ = places
    master(first / "storage").write_bytes(b"other bytes")
    library.run("verify", "--site", "first", status=8)
    library.run("repair", "--site", "first")
    entries = [json.loads(line) for line in (library.root / "ledger" / "entries.jsonl").read_text().splitlines()]
    told = [(entry["kind"], entry["outcome"]) for entry in entries[-3:]]
    assert told == [("fixity check", "fail"), ("fixity check", "fail"), ("recovery", "success")]
    assert [entry["kind"] for entry in entries].count("replication") == 8
    assert [entry["subject"] for entry in entries if entry["kind"] == "site added"] == ["first", "second"]
    assert library.run("ledger", "check").returncode == 0


def test_a_version_without_its_inventory_is_told_when_the_database_is_made_again(
    places: tuple[Library, Path, Path],
) -> None:
    library, *_ = places
    (min((library.root / "storage").rglob("v2")).with_name("v1") / "inventory.json").unlink()
    library.lose_database()
    shutil.rmtree(library.root / "ledger")
    said = library.run("rebuild", status=1)
    assert "v1/inventory.json is missing from the storage root" in said.stderr
    assert library.json("status")["manuscripts"] == 1


def test_a_file_that_is_lost_here_keeps_no_later_page_from_a_site(tmp_path: Path) -> None:
    library = new_library(tmp_path / "library")
    library.run("add", card(tmp_path / "first", ["1r.jpg", "1v.jpg"], seed=1), "--shelfmark", "TB 1")
    min((library.root / "storage").rglob("masters/0001.jpg")).unlink()
    library.run("add", card(tmp_path / "second", ["2r.jpg"], seed=20), "--shelfmark", "TB 1", "--more")
    later = min((library.root / "storage").rglob("v2/content/masters/*.jpg")).read_bytes()
    library.run("site", "add", "disk", f"disk:{tmp_path / 'disk'}")
    said = library.run("replicate", status=8)
    assert "0001.jpg is missing" in said.stderr
    assert later in {path.read_bytes() for path in (tmp_path / "disk" / "storage").rglob("*.jpg")}
    assert library.json("status")["sites_lacking"]["disk"] == 1, "what lacks a page is not called whole"
    assert "missing" in library.run("verify", "--site", "disk", status=8).stderr


def test_a_library_whose_ledger_was_rewritten_changes_nothing_at_a_site(tmp_path: Path) -> None:
    library = new_library(tmp_path / "library")
    library.run("add", card(tmp_path / "first", ["1r.jpg"], seed=1), "--shelfmark", "TB 1")
    library.run("site", "add", "disk", f"disk:{tmp_path / 'disk'}")
    library.run("replicate")
    before = {path: path.read_bytes() for path in (tmp_path / "disk").rglob("*") if path.is_file()}
    for name in ("ledger", "keys"):  # as somebody would who has the whole machine, database and all
        shutil.rmtree(library.root / name)
    library.lose_database()
    library.run("rebuild", "--no-access-copies", status=None)
    library.run("add", card(tmp_path / "second", ["1r.jpg"], seed=9), "--shelfmark", "TB 2")
    said = library.run("replicate", status=8)
    assert "was rewritten" in said.stderr
    assert "was rewritten" in library.run("repair", "--site", "disk", status=8).stderr
    assert {path: path.read_bytes() for path in (tmp_path / "disk").rglob("*") if path.is_file()} == before


def test_a_site_that_is_lost_counts_no_longer_and_comes_back_when_it_is_found(
    places: tuple[Library, Path, Path], tmp_path: Path
) -> None:
    library, first, _ = places
    library.run("verify", "--site", "all")
    assert library.json("status")["safety"]["green"] == 4
    before = files(first)
    assert "first counts no longer" in library.run("site", "remove", "first").stdout
    assert library.json("status")["safety"]["green"] == 0
    assert files(first) == before, "what lies there may be the last good copy"
    assert "no site called" in library.run("site", "remove", "first", status=3).stderr
    assert library.json("site", "list")["name"] == "second"
    said = library.run("site", "add", "first", f"disk:{tmp_path / 'another'}", status=4).stderr
    assert "choose another" in said, "the ledger and the database know copies by the name of their site"
    library.run("site", "add", "first", f"disk:{first}", "--place", "Bamako")
    library.run("replicate")
    assert library.json("status")["safety"]["green"] == 4
    assert "There is a site" in library.run("site", "add", "third", f"disk:{first}/../first", status=4).stderr
    assert "site removed" in library.run("ledger", "show").stdout


def test_a_site_comes_back_to_a_library_that_has_lost_its_list(places: tuple[Library, Path, Path]) -> None:
    library, first, second = places
    (library.root / "sites.toml").unlink()
    for site in (first, second):
        library.run("site", "add", site.name, f"disk:{site}")
    before = files(first / "storage")
    library.run("replicate")
    assert files(first / "storage") == before


def test_by_an_object_that_was_rewritten_with_the_database_nothing_is_changed_anywhere(
    places: tuple[Library, Path, Path],
) -> None:
    library, first, _ = places
    good = files(first / "storage")
    path = forge_with_database(library)
    library.run("verify", "--site", "first", status=8)
    for verb in ("repair", "replicate"):
        said = library.run(verb, "--site", "first", status=8)
        assert "is remembered otherwise than it was entered into the ledger" in said.stderr
        assert files(first / "storage") == good
    said = library.run("publish", f"S {int('s-1' in path.name)}", "--level", "staff")
    assert "remembered otherwise" in said.stderr, "the new version is not entered, which would hide it"
    assert "is not the one that was entered" in library.run("ledger", "check", status=8).stderr
    library.lose_database()
    library.run("rebuild", status=None)
    library.run("verify", "--site", "here", status=8)


def test_an_older_library_takes_nothing_newer_at_a_site_for_strays(
    places: tuple[Library, Path, Path], tmp_path: Path
) -> None:
    library, first, _ = places
    shutil.copytree(library.root, tmp_path / "image")
    library.run("publish", "S 0", "--level", "staff")
    library.run("replicate")
    before = files(first / "storage")
    older = Library(tmp_path / "image")  # somebody brought yesterday's image of the disk back
    older.run("verify", "--site", "first", status=8)
    said = older.run("repair", "--site", "first", status=8)
    assert "rolled back" in said.stderr
    assert files(first / "storage") == before


def test_an_older_library_that_goes_on_writing_replaces_nothing_at_a_site(
    places: tuple[Library, Path, Path], tmp_path: Path
) -> None:
    library, first, _ = places
    shutil.copytree(library.root, tmp_path / "image")
    library.run("publish", "S 0", "--level", "staff")
    library.run("add", card(tmp_path / "new", ["1r.jpg"], seed=77), "--shelfmark", "S new")
    library.run("replicate")
    before = files(first)
    older = Library(tmp_path / "image")  # somebody brought yesterday's image of the disk back, and worked with it
    older.run("publish", "S 0", "--level", "staff")
    said = older.run("replicate", "--site", "first", status=8).stderr
    assert "otherwise than it is known here" in said
    assert "was rolled back" in said
    assert files(first) == before


def test_rot_in_the_ledger_at_a_site_is_found_by_a_check_and_repaired(places: tuple[Library, Path, Path]) -> None:
    library, first, _ = places
    piece = min((first / "ledger" / "entries").iterdir())
    right = piece.read_bytes()
    piece.write_bytes(right.replace(b"success", b"failure", 1))
    said = library.run("verify", "--site", "first", status=8).stderr
    assert f"ledger/entries/{piece.name} is altered" in said
    assert "1 files made right" in library.run("repair", "--site", "first").stdout
    assert piece.read_bytes() == right
    library.run("verify", "--site", "first")
    piece.unlink()
    library.run("replicate")
    assert piece.read_bytes() == right

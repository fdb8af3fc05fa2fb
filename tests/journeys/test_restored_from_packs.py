"""A library again from one portable disk with packs, when every machine and every other copy is gone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import pytest

from data.cards import card
from data.commands import Library, khizana, new_library
from data.working_places import key_of, two_places
from journeys.test_adopted_at_sites import source_of_another

FOLDER = "khizana-courier"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two places; ``usb`` carries all that ``home`` has to the other one, in two packs, nothing of it proved."""
    place = tmp_path_factory.mktemp("packs")
    home, _ = two_places(place, "S 0")
    home.run("add", card(place / "card1", ["1r.jpg", "1v.jpg", "2r.jpg"], seed=20), "--shelfmark", "S 1")
    home.run("courier", "pack", place / "usb", "--for", "bamako")
    home.run("publish", "S 1", "--level", "staff")
    home.run("order", "S 1", "--direction", "ltr")
    rows = home.run("order", "S 1").stdout.splitlines()
    (place / "pages.csv").write_text("\n".join([rows[0], *reversed(rows[1:])]))
    home.run("order", "S 1", place / "pages.csv")
    home.run("courier", "pack", place / "usb", "--for", "bamako")
    return place


@pytest.fixture
def places(made: Path, tmp_path: Path) -> tuple[Library, Library, Path]:
    for name in ("home", "bamako", "usb", "disk"):
        shutil.copytree(made / name, tmp_path / name)
    return Library(tmp_path / "home"), Library(tmp_path / "bamako"), tmp_path / "usb"


def digests(folder: Path) -> Mapping[str, str]:
    """Return the digest of every file below *folder*."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest() for path in found}


def entries(library: Library) -> list[str]:
    return (library.root / "ledger" / "entries.jsonl").read_text().splitlines()


def kept(library: Library) -> dict[str, object]:
    """Return what a library is, beside its bytes: counts, what is shown to whom, and the order of its pages."""
    status = library.json("status")
    told = {key: status[key] for key in ("name", "manuscripts", "pages", "objects", "events", "published")}
    return told | {"order": [library.run("order", shelfmark).stdout for shelfmark in ("S 0", "S 1")]}


def largest_piece(usb: Path) -> Path:
    pieces = (path for path in (usb / FOLDER / "pieces").rglob("*") if path.is_file())
    return max(pieces, key=lambda path: path.stat().st_size)


def test_a_courier_alone_gives_every_page_description_event_and_order_back(
    places: tuple[Library, Library, Path], tmp_path: Path
) -> None:
    home, bamako, usb = places
    storage, told, ledger, key = digests(home.root / "storage"), kept(home), entries(home), key_of(home)
    for lost in (home.root, bamako.root, tmp_path / "disk"):
        shutil.rmtree(lost)
    before = digests(usb)
    done = khizana("restore", f"disk:{usb}", "--into", tmp_path / "again")
    assert done.returncode == 0, done.stderr
    assert f"5 objects from 2 packs signed with {key}" in done.stderr
    assert "settings and the list of sites: write them anew" in done.stderr
    again = Library(tmp_path / "again")
    assert digests(again.root / "storage") == storage
    assert kept(again) == told
    signed = max(
        json.loads(line)["size"] for line in (again.root / "ledger" / "heads.jsonl").read_text().splitlines()[:-1]
    )
    assert entries(again)[:signed] == ledger[:signed]
    assert len(ledger) - signed == 1, "only that the second pack was made"
    assert digests(usb) == before, "a courier is only read"
    again.run("verify")
    assert "a new key that no signature vouches for" in again.run("ledger", "check").stderr
    again.run("publish", "S 0", "--level", "smaller")


def test_a_portable_disk_is_restored_from_by_its_label_and_a_site_on_it_comes_first(
    places: tuple[Library, Library, Path], tmp_path: Path
) -> None:
    home, _, usb = places
    mounts = {"KHIZANA_MOUNTS": str(tmp_path / "media")}
    (tmp_path / "media").mkdir()
    usb.rename(tmp_path / "media" / "RED")
    assert khizana("restore", "courier:RED", "--into", tmp_path / "again", **mounts).returncode == 0
    assert digests(tmp_path / "again" / "storage") == digests(home.root / "storage")
    assert "not plugged in" in khizana("restore", "courier:BLUE", "--into", tmp_path / "x", **mounts).stderr
    home.run("site", "add", "red", "courier:RED", **mounts)
    home.run("publish", "S 0", "--level", "staff")
    home.run("replicate", "--site", "red", **mounts)
    done = khizana("restore", "courier:RED", "--into", tmp_path / "from-site", **mounts)
    assert "packs signed with" not in done.stderr
    assert digests(tmp_path / "from-site" / "storage") == digests(home.root / "storage")


def test_a_damaged_piece_takes_only_the_file_in_it_and_the_same_restore_goes_on_elsewhere(
    places: tuple[Library, Library, Path], tmp_path: Path
) -> None:
    home, _, usb = places
    piece = largest_piece(usb)
    good = piece.read_bytes()
    for bad in (good[:-1] + bytes([good[-1] ^ 1]), good[: len(good) // 2], None):
        piece.unlink()
        if bad is not None:
            piece.write_bytes(bad)
        again = tmp_path / "again"
        done = khizana("restore", f"disk:{usb}", "--into", again)
        assert done.returncode == 8, done.stderr
        assert piece.name in done.stderr
        assert "is not restored: the piece that it lies in" in done.stderr
        assert "1 files could not be restored" in done.stdout
        back, whole = digests(again / "storage"), digests(home.root / "storage")
        lost = whole.keys() - back.keys()
        assert len(lost) == 1
        assert "/masters/" in lost.pop()
        assert whole.items() >= back.items()
        if bad is None:
            piece.touch()
        shutil.rmtree(again)


def test_without_the_first_pack_what_comes_after_it_is_told_and_not_guessed(
    places: tuple[Library, Library, Path], tmp_path: Path
) -> None:
    home, bamako, usb = places
    bamako.run("courier", "receive", usb)
    home.run("courier", "receive", usb)
    home.run("publish", "S 0", "--level", "staff")
    (tmp_path / "usb2").mkdir()
    home.run("courier", "pack", tmp_path / "usb2", "--for", "bamako")
    done = khizana("restore", f"disk:{tmp_path / 'usb2'}", "--into", tmp_path / "again")
    assert done.returncode == 8
    assert (
        "urn:khizana:test:s-0:description is known up to version 3, and version 1 is on none of these packs"
        in done.stderr
    )
    assert "of the ledger these packs give back the first 0" in done.stderr
    assert Library(tmp_path / "again").json("status")["objects"] == 0
    # Folders of several disks make one: pieces and packs never have each other's names.
    shutil.copytree(tmp_path / "usb2" / FOLDER, tmp_path / "usb" / FOLDER, dirs_exist_ok=True)
    done = khizana("restore", f"disk:{usb}", "--into", tmp_path / "whole")
    assert done.returncode == 0, done.stderr
    assert digests(tmp_path / "whole" / "storage") == digests(home.root / "storage")


def test_a_disk_that_carries_only_a_part_says_what_its_ledger_knows_besides(
    places: tuple[Library, Library, Path], tmp_path: Path
) -> None:
    home, _, usb = places
    for pack in sorted((usb / FOLDER / "packs").glob("*-000001.*")):
        pack.unlink()
    done = khizana("restore", f"disk:{usb}", "--into", tmp_path / "again")
    assert done.returncode == 0, "the second pack carries again what was not proved"
    shutil.rmtree(usb)
    usb.mkdir()
    home.run("courier", "pack", usb, "--for", "bamako", "--ask")
    done = khizana("restore", f"disk:{usb}", "--into", tmp_path / "asked")
    assert done.returncode == 8
    assert done.stderr.count("version 1 is on none of these packs") == 5
    assert done.stderr.count("is in the ledger, up to version") == 5


def test_a_pack_of_an_impostor_on_the_disk_is_never_mixed_in(
    places: tuple[Library, Library, Path], tmp_path: Path
) -> None:
    home, bamako, usb = places
    impostor = new_library(tmp_path / "impostor")
    impostor.run("add", card(tmp_path / "card", ["1r.jpg"], seed=50), "--shelfmark", "S 0")
    impostor.run("site", "add", "bamako", f"peer:{key_of(bamako)}")
    impostor.run("courier", "pack", usb, "--for", "bamako")
    done = khizana("restore", f"disk:{usb}", "--into", tmp_path / "again")
    assert done.returncode == 2
    assert key_of(home) in done.stderr
    assert key_of(impostor) in done.stderr
    assert not (tmp_path / "again").exists()
    done = khizana("restore", f"disk:{usb}", "--from", key_of(home), "--into", tmp_path / "again")
    assert done.returncode == 0, done.stderr
    assert f"is signed with {key_of(impostor)}, which was not named" in done.stderr
    assert digests(tmp_path / "again" / "storage") == digests(home.root / "storage")
    # His pack under the name and key of home: the signature tells.
    theirs = next((usb / FOLDER / "packs").glob(f"{key_of(impostor)[8:24]}*.jsonl"))
    theirs.write_text(theirs.read_text().replace(key_of(impostor)[8:], key_of(home)[8:]))
    done = khizana("restore", f"disk:{usb}", "--into", tmp_path / "forged")
    assert done.returncode == 8
    assert "not what its sender signed" in done.stderr
    assert digests(tmp_path / "forged" / "storage") == digests(home.root / "storage")
    for key, status in ((key_of(bamako), 3), ("ed25519-x", 2)):
        assert khizana("restore", f"disk:{usb}", "--from", key, "--into", tmp_path / "x").returncode == status
    for each in (usb / FOLDER / "packs").glob("*.jsonl"):
        each.write_bytes(each.read_bytes()[:-1])
    done = khizana("restore", f"disk:{usb}", "--into", tmp_path / "x")
    assert (done.returncode, "not what its sender signed" in done.stderr) == (8, True)


def test_what_two_places_wrote_is_joined_where_both_are_believed(
    places: tuple[Library, Library, Path], tmp_path: Path
) -> None:
    home, bamako, usb = places
    bamako.run("publish", "S 0", "--level", "smaller")
    home.run("publish", "S 0", "--level", "staff")
    bamako.run("courier", "pack", usb, "--for", "home", "--all")
    home.run("courier", "pack", usb, "--for", "bamako")
    keys = ("--from", key_of(home), "--from", key_of(bamako))
    done = khizana("restore", f"disk:{usb}", *keys, "--into", tmp_path / "again")
    assert done.returncode == 0, done.stderr
    home.run("courier", "receive", usb)
    assert digests(tmp_path / "again" / "storage") == digests(home.root / "storage"), "as the places themselves join it"
    home.run("ledger", "rekey")
    home.run("publish", "S 1", "--level", "open")
    home.run("courier", "pack", usb, "--for", "bamako")
    done = khizana("restore", f"disk:{usb}", *keys, "--into", tmp_path / "later")
    assert done.returncode == 0, done.stderr
    assert digests(tmp_path / "later" / "storage") == digests(home.root / "storage"), "a changed key is followed"


def test_objects_that_were_adopted_come_back_like_any_other(
    places: tuple[Library, Library, Path], tmp_path: Path
) -> None:
    home, _, usb = places
    assert home.json("adopt", source_of_another(tmp_path / "source"))["adopted"] == 4
    home.run("courier", "pack", usb, "--for", "bamako")
    done = khizana("restore", f"disk:{usb}", "--into", tmp_path / "again")
    assert done.returncode == 0, done.stderr
    assert digests(tmp_path / "again" / "storage") == digests(home.root / "storage")
    assert Library(tmp_path / "again").json("status")["objects"] == 9


def test_a_rehearsal_says_what_the_packs_would_give_back(places: tuple[Library, Library, Path], tmp_path: Path) -> None:
    home, bamako, usb = places
    (tmp_path / "scratch").mkdir()
    arguments = ("rehearse", "--courier", usb, "--into", tmp_path / "scratch")
    assert "5 objects whole, 0 in an older version, 0 damaged; 0 are not there" in home.run(*arguments).stdout
    assert bamako.json("rehearse", "--courier", usb)["whole"] == 2, "of what it has itself, by the key of home"
    home.run("publish", "S 0", "--level", "staff")
    largest_piece(usb).write_bytes(b"damaged")
    said = home.run(*arguments, status=8)
    assert "3 objects whole, 1 in an older version, 1 damaged; 0 are not there" in said.stdout
    assert "is not restored: the piece that it lies in" in said.stderr
    assert not list((tmp_path / "scratch").iterdir())
    assert "no pack" in home.run("rehearse", "--courier", tmp_path, status=3).stderr

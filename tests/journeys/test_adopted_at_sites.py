"""What came from elsewhere is kept like what is the library's own: entered, copied, checked, mended and restored."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from data.cards import card
from data.commands import Library, khizana, new_library
from data.ocfl_objects import make_object
from data.s3_server import KEY, KEYS, SECRET, s3_server
from journeys.test_sealed_site import files, joined
from khizana.core.errors import Damaged
from khizana.core.preservation.ocfl.inventory import digest_of
from khizana.core.preservation.ocfl.listing import listing_of, read_listing

OBJECTS = 6
"""Two of the manuscript, and four adopted ones."""


def source_of_another(folder: Path) -> Path:
    """Objects that no writer of this library would make, each valid."""
    folder.mkdir()
    (folder / "0=ocfl_1.1").write_bytes(b"ocfl_1.1\n")
    one = make_object(folder / "a", "urn:other:one", fixity=("md5",))
    (one / "logs").mkdir()
    (one / "logs" / "checked.txt").write_bytes(b"once")
    (one / "extensions" / "0010-of-theirs").mkdir(parents=True)
    (one / "extensions" / "0010-of-theirs" / "notes").write_bytes(b"of theirs")
    make_object(folder / "b", "مخطوط/٢", [{"ورقة ١.tif": b"1"}, {"ورقة ١.tif": b"2"}], algorithm="sha256")
    make_object(folder / "c", "urn:other:three", spec="1.0")
    bare = make_object(folder / "d", "urn:other:bare")
    for each in bare.glob("v1/inventory.json*"):
        each.unlink()  # the newest version and the root tell the whole history
    return folder


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """A library with one manuscript and four adopted objects, at a plain and at a sealed site."""
    library, disks = new_library(tmp_path / "library", name="ours"), tmp_path / "disks"
    library.run("keys", "make", "--into", tmp_path / "pages", "--needed", 2, "--shares", 3)
    library.run("add", card(tmp_path / "card", ["1r.jpg"]), "--shelfmark", "TB 1")
    assert library.json("adopt", source_of_another(tmp_path / "source"))["adopted"] == OBJECTS - 2
    disks.mkdir()
    library.run("site", "add", "first", f"disk:{disks / 'first'}")
    library.run("site", "add", "second", f"disk:{disks / 'second'}", "--sealed")
    library.run("replicate")
    return library


def adopted(storage: Path) -> list[Path]:
    return sorted(path.parents[1] for path in storage.rglob("khizana-adoption.xml"))


def test_adopted_objects_are_entered_copied_and_counted(library: Library, tmp_path: Path) -> None:
    storage = files(library.root / "storage")
    assert files(tmp_path / "disks" / "first" / "storage") == storage
    assert any("ورقة" in name for name in storage)
    entries = [json.loads(line) for line in (library.root / "ledger" / "entries.jsonl").read_text().splitlines()]
    entered = {
        each["subject"]: each["facts"] for each in entries if "files" in each["facts"] and "inventory" in each["facts"]
    }
    assert set(entered) == {"urn:other:one", "مخطوط/٢", "urn:other:three", "urn:other:bare"}
    assert all(facts["version"] == 2 for facts in entered.values())
    library.run("verify", "--site", "all")
    library.run("verify", "--site", "second", "--key", joined(library))
    status = library.json("status")
    assert status["sites_lacking"] == {"first": 0, "second": 0}
    assert sum(status["safety"].values()) == OBJECTS
    assert library.run("ledger", "check").returncode == 0
    done = library.json("adopt", tmp_path / "source")
    assert (done["adopted"], done["there"]) == (0, 4)
    assert len((library.root / "ledger" / "entries.jsonl").read_text().splitlines()) == len(entries) + 4, "checks alone"


def test_damage_in_adopted_objects_is_found_wherever_it_is_and_mended(library: Library, tmp_path: Path) -> None:
    first, key = tmp_path / "disks" / "first", joined(library)
    good = files(library.root / "storage")
    for storage in (library.root / "storage", first / "storage"):
        notes = next(storage.rglob("0010-of-theirs/notes"))
        notes.write_bytes(b"of others")
        next(storage.rglob("logs/checked.txt")).unlink()
        next(storage.rglob("v1/content/ورقة ١.tif")).write_bytes(b"3")
        for each in storage.rglob("inventory.json.sha256"):
            each.unlink()
        min(path for path in storage.rglob("khizana-files-*")).unlink()
    shutil.rmtree(adopted(first / "storage")[0])
    said = library.run("verify", "--site", "all", status=Damaged.exit_status).stderr
    assert all(name in said for name in ("of-theirs/notes", "checked.txt", "ورقة ١.tif", "inventory.json.sha256"))
    library.run("repair", status=Damaged.exit_status)
    library.run("repair", "--key", key)
    assert files(library.root / "storage") == files(first / "storage") == good
    for each in (tmp_path / "disks" / "second" / "sealed").rglob("*.age"):
        each.write_bytes(each.read_bytes()[:-1] + b"\0")
    library.run("verify", "--site", "second", status=Damaged.exit_status)
    library.run("repair", "--site", "second")
    library.run("verify", "--site", "second", "--key", key)


@pytest.mark.parametrize("site", ["first", "second"])
def test_a_site_alone_gives_adopted_objects_back_byte_for_byte(site: str, library: Library, tmp_path: Path) -> None:
    good, status = files(library.root / "storage"), library.json("status")
    given = ["--key", joined(library)] if site == "second" else []
    rehearsed = library.run("rehearse", "--site", site, *given, "--into", tmp_path)
    assert f"{OBJECTS} objects whole, 0 in an older version, 0 damaged; 0 are not there" in rehearsed.stdout
    done = khizana("restore", f"disk:{tmp_path / 'disks' / site}", "--into", tmp_path / "again", *given)
    assert done.returncode == 0, done.stderr
    again = Library(tmp_path / "again")
    assert files(again.root / "storage") == good
    assert again.json("status")["objects"] == status["objects"] == OBJECTS
    assert again.run("ledger", "check").returncode == 0
    again.run("verify", "--site", "here")
    assert sum(again.json("status")["safety"].values()) == OBJECTS


def test_a_rebuild_knows_an_adopted_object_from_the_ledger_and_tells_one_that_was_rewritten(
    library: Library,
) -> None:
    notes = next((library.root / "storage").rglob("0010-of-theirs/notes"))
    notes.write_bytes(b"of others")
    with_list = next(path for path in adopted(library.root / "storage") if path in notes.parents)
    (old,) = with_list.glob("logs/khizana-files-*")
    found = read_listing(old.read_bytes(), "x").files
    new = listing_of({**found, "extensions/0010-of-theirs/notes": digest_of(b"of others")})
    old.unlink()
    (with_list / new.name).write_bytes(new.content)  # as whoever wants it unseen would
    library.lose_database()
    codes = {each["code"] for each in library.json("rebuild", status=1)["findings"]}
    assert "OBJECT_REWRITTEN" in codes or "LEDGER_VERSION_DIFFERS" in codes, codes
    assert "urn:other:one" in library.run("replicate", status=Damaged.exit_status).stderr
    library.run("verify", "--site", "all", status=Damaged.exit_status)
    library.run("repair")
    assert notes.read_bytes() == b"of theirs"
    library.run("verify", "--site", "here")


def test_a_bucket_keeps_adopted_objects_like_a_disk(library: Library, tmp_path: Path) -> None:
    (library.root / "keys" / "s3.toml").write_text(f'[kept]\naccess_key_id = "{KEY}"\nsecret_access_key = "{SECRET}"\n')
    with s3_server(tmp_path / "buckets") as server:
        server.bucket("kept")
        library.run("site", "add", "cloud", server.address("kept"))
        assert library.json("replicate", "--site", "cloud")["objects"] == OBJECTS
        library.run("verify", "--site", "cloud")
        victim = next(server.root.rglob("v1/content/ورقة ١.tif"))
        victim.write_bytes(b"3")
        library.run("verify", "--site", "cloud", status=Damaged.exit_status)
        library.run("repair", "--site", "cloud")
        library.run("verify", "--site", "cloud")
        done = khizana("restore", server.address("kept"), "--into", tmp_path / "again", **KEYS)
        assert done.returncode == 0, done.stderr
    assert files(tmp_path / "again" / "storage") == files(library.root / "storage")

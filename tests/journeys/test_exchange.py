"""A manuscript goes to another library in a bag and arrives as it was; a bag that is not whole never arrives."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import bagit
import pytest

from data.cards import card
from data.commands import Library, khizana, new_library
from khizana.core.preservation.premis import read_events

SHELFMARK = "تب ٤٢"
NAMES = ("ورقة_1r.jpg", "0002_1v.jpg", "0003_2r.jpg")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    root = tmp_path_factory.mktemp("sender")
    made = new_library(root / "library", name="sender")
    made.run("add", card(root / "card", NAMES), "--shelfmark", SHELFMARK, "--title", "ar=كتاب في الفلك")
    made.run("add", card(root / "closed", seed=9), "--shelfmark", "TB 7", "--level", "staff", "--direction", "ltr")
    return made


def masters(folder: Path) -> list[str]:
    return sorted(hashlib.sha512(path.read_bytes()).hexdigest() for path in folder.rglob("masters/*"))


def test_a_bag_carries_all_that_the_objects_hold_and_anyone_can_read_it(library: Library, tmp_path: Path) -> None:
    said = library.json("bag", SHELFMARK, "--into", tmp_path)
    folder = Path(said["path"])
    assert folder == tmp_path / "تب-42"
    bag = bagit.Bag(str(folder))
    assert bag.is_valid()
    assert bag.info["Internal-Sender-Identifier"] == SHELFMARK
    assert bag.info["External-Identifier"] == [
        "urn:khizana:sender:%D8%AA%D8%A8-42:images",
        "urn:khizana:sender:%D8%AA%D8%A8-42:description",
    ]
    with (folder / "data" / "pages.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["original_name"] for row in rows} == set(NAMES)
    assert all((folder / "data" / row["file"]).is_file() for row in rows)
    events = (folder / "data" / "events" / "images" / "0001.xml").read_bytes()
    assert {event.type for event in read_events(events)} >= {"ingestion", "accession", "validation"}
    assert all(digest.encode() in events for digest in masters(folder))
    assert masters(folder) == sorted(set(masters(library.root / "storage")) & set(masters(folder)))
    assert "كتاب في الفلك" in (folder / "data" / "description.xml").read_text(encoding="utf-8")
    assert library.json("verify", folder)["valid"] is True
    # Given again, nothing is overwritten.
    assert "exists already" in library.run("bag", SHELFMARK, "--into", tmp_path, status=4).stderr


@pytest.mark.parametrize("form", ["zip", "tar"])
def test_an_archive_is_the_same_bag(library: Library, form: str, tmp_path: Path) -> None:
    library.run("bag", SHELFMARK, "--into", tmp_path, f"--{form}")
    path = tmp_path / f"تب-42.{form}"
    assert [path] == list(tmp_path.iterdir())
    assert "a valid bag" in khizana("verify", path).stdout
    shutil.unpack_archive(path, tmp_path / "out")
    assert bagit.Bag(str(tmp_path / "out" / "تب-42")).is_valid()
    if form == "zip":
        with zipfile.ZipFile(path) as archive:
            assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    assert khizana("verify", path).returncode == 8


def packed(bag: Path, how: str) -> Path:
    """Pack *bag* as whoever sent it may have; return what to give."""
    if how == "folder":
        return bag
    return Path(shutil.make_archive(str(bag.with_name("sent")), how, bag.parent, bag.name))


@pytest.mark.parametrize("how", ["folder", "zip", "tar"])
def test_a_bag_arrives_in_another_library_as_it_was(library: Library, how: str, tmp_path: Path) -> None:
    library.run("bag", SHELFMARK, "--into", tmp_path)
    receiver = new_library(tmp_path / "receiver", name="receiver")
    sent = packed(tmp_path / "تب-42", how)
    receiver.run("add", sent, "--shelfmark", "R 1")
    assert masters(receiver.root / "storage") == masters(tmp_path / "تب-42")
    receiver.run("bag", "R 1", "--into", tmp_path / "again")
    first, second = tmp_path / "تب-42" / "data", tmp_path / "again" / "r-1" / "data"
    assert (second / "description.xml").read_bytes() == (first / "description.xml").read_bytes()

    def labels(folder: Path) -> list[str]:
        with (folder / "pages.csv").open(encoding="utf-8", newline="") as stream:
            return [row["label"] for row in csv.DictReader(stream)]

    assert labels(second) == labels(first)
    receiver.run("add", sent, "--shelfmark", "R 1")  # the same command again changes nothing
    assert receiver.json("status")["pages"] == 3


@pytest.mark.parametrize("how", ["folder", "zip"])
def test_a_bag_of_a_closed_manuscript_says_so_and_stays_closed_where_it_arrives(
    library: Library, how: str, tmp_path: Path
) -> None:
    assert "whom the agreement allows" in library.run("bag", "TB 7", "--into", tmp_path).stderr
    receiver = new_library(tmp_path / "receiver", name="receiver")
    receiver.run("add", packed(tmp_path / "tb-7", how), "--shelfmark", "TB 7", "--level", "open")
    assert receiver.json("status")["published"] == {"open": 0, "terms": 0, "smaller": 0, "readers": 0, "staff": 1}
    stored = [json.loads(path.read_bytes()) for path in (receiver.root / "storage").rglob("structure.json")]
    assert [each["direction"] for each in stored] == ["ltr"]


@pytest.mark.parametrize("damage", ["altered", "missing", "more", "link"])
@pytest.mark.parametrize(("verb", "how"), [("add", "folder"), ("receive", "folder"), ("add", "tar")])
def test_nothing_is_received_from_a_bag_that_is_not_whole(
    library: Library, verb: str, how: str, damage: str, tmp_path: Path
) -> None:
    library.run("bag", SHELFMARK, "--into", tmp_path)
    bag = tmp_path / "تب-42"
    one = bag / "data" / "masters" / "0001.jpg"
    if damage == "altered":
        raw = bytearray(one.read_bytes())
        raw[-10] ^= 1
        one.write_bytes(raw)
    elif damage == "missing":
        one.unlink()
    elif damage == "more":
        shutil.copy(one, bag / "data" / "masters" / "9999.jpg")
    else:
        one.rename(tmp_path / "elsewhere.jpg")
        one.symlink_to(tmp_path / "elsewhere.jpg")
    receiver = new_library(tmp_path / "receiver", name="receiver")
    bag = packed(bag, how)
    done = receiver.run(verb, bag, "--shelfmark", "R 1", status=2)
    assert "is not valid" in done.stderr
    assert receiver.json("status")["staged"] == 0
    assert receiver.run("verify", bag, status=8).stdout


def test_a_compressed_tar_is_called_what_it_is(library: Library, tmp_path: Path) -> None:
    library.run("bag", "TB 7", "--into", tmp_path)
    sent = packed(tmp_path / "tb-7", "gztar")
    for verb in ("add", "receive"):
        said = library.run(verb, sent, "--shelfmark", "R 1", status=2).stderr
        assert f"{sent} is neither a folder nor a zip or tar" in said, "there is no folder to look for"


def test_zip_or_tar_is_one_of_both(library: Library, tmp_path: Path) -> None:
    assert "not both" in library.run("bag", SHELFMARK, "--into", tmp_path, "--zip", "--tar", status=2).stderr
    assert library.run("bag", "nothing", "--into", tmp_path, status=3).stderr


def test_a_killed_bag_leaves_no_bag_and_the_same_command_makes_it(library: Library, tmp_path: Path) -> None:
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "import khizana.core.preservation.bagit.write as write\n"
        "write.sync_tree = lambda _: os._exit(9)\n"
        "from khizana.cli.main import run\n"
        "sys.exit(run(sys.argv[1:]))\n"
    )
    arguments = ["bag", SHELFMARK, "--into", str(tmp_path), "--library", str(library.root)]
    assert subprocess.run([sys.executable, "-c", script, *arguments], check=False).returncode == 9
    assert not (tmp_path / "تب-42").exists()
    library.run("bag", SHELFMARK, "--into", tmp_path)
    assert bagit.Bag(str(tmp_path / "تب-42")).is_valid()
    assert {path.name for path in tmp_path.iterdir()} == {"تب-42"}

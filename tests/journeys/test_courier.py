"""Two working places of one library that never meet: packs there, proofs back, and everyone who would deceive them."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from data.cards import card
from data.commands import Library, khizana, new_library
from data.ocfl_objects import make_object
from data.tight import tight_file_system
from data.working_places import key_of, two_places
from journeys.test_adopted_at_sites import source_of_another
from khizana.adapters.disk import DiskStore
from khizana.core.preservation.courier.signed import Writer, fetch
from khizana.core.preservation.ledger.keys import SigningKey

FOLDER = "khizana-courier"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two places, ``home`` and ``bamako``, from one restore; since then ``home`` has one manuscript more."""
    place = tmp_path_factory.mktemp("courier")
    home, _ = two_places(place, "S 0")
    home.run("add", card(place / "card1", ["1r.jpg", "1v.jpg"], seed=20), "--shelfmark", "S 1")
    return place


@pytest.fixture
def places(made: Path, tmp_path: Path) -> tuple[Library, Library, Path]:
    """The two places and an empty portable disk, a copy for each test."""
    for name in ("home", "bamako", "usb", "disk"):
        shutil.copytree(made / name, tmp_path / name)
    return Library(tmp_path / "home"), Library(tmp_path / "bamako"), tmp_path / "usb"


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def kinds(library: Library) -> list[str]:
    """Return the kinds of the entries of the ledger that are about couriers."""
    lines = (library.root / "ledger" / "entries.jsonl").read_text().splitlines()
    told = ("pack", "proof", "peer")
    return [f"{entry['kind']} {entry['outcome']}" for entry in map(json.loads, lines) if entry["kind"].startswith(told)]


def test_what_is_packed_arrives_and_the_proof_that_comes_back_turns_the_light(
    places: tuple[Library, Library, Path],
) -> None:
    home, bamako, usb = places
    assert home.json("status")["sites_lacking"]["bamako"] == 4
    assert "4 objects to carry to bamako" in home.run("status").stdout
    packed = home.json("courier", "pack", usb, "--for", "bamako")
    assert (packed["objects"], packed["left"]) == (4, 0)
    assert home.json("status")["sites_lacking"]["bamako"] == 4, "nothing counts before it is proved"
    said = bamako.run("courier", "receive", usb).stdout
    assert "2 objects new, 0 with new versions, 0 joined with changes made here, 2 here already" in said
    assert "home held the same 4 objects" in said
    assert files(bamako.root / "storage") == files(home.root / "storage")
    assert bamako.json("status")["manuscripts"] == 2
    bamako.run("verify", "--site", "here")
    assert bamako.json("status")["safety"] == {"green": 0, "amber": 4, "red": 0}, "home signed that it holds them"
    assert "4 objects are there" in home.run("courier", "receive", usb).stdout
    home.run("verify", "--site", "here")
    status = home.json("status")
    assert status["sites_lacking"]["bamako"] == 0
    assert status["safety"]["red"] == 0
    assert "nothing to carry" in home.run("courier", "pack", usb, "--for", "bamako").stdout
    assert kinds(home) == ["pack made success", "proof received success"]
    assert kinds(bamako) == ["pack received success"]
    for library in places[:2]:
        library.run("ledger", "check")
    witness = next((bamako.root / "ledger" / "peers").iterdir())
    assert bamako.run("ledger", "check", witness).returncode == 0, "it keeps what it saw of the other ledger"
    assert home.run("ledger", "check", "--head", witness / "heads.jsonl").returncode == 0


def test_then_only_new_versions_are_carried_and_back_again(places: tuple[Library, Library, Path]) -> None:
    home, bamako, usb = places
    home.run("courier", "pack", usb, "--for", "bamako")
    bamako.run("courier", "receive", usb)
    home.run("courier", "receive", usb)
    home.run("publish", "S 1", "--level", "staff")
    shutil.rmtree(usb / FOLDER)
    assert home.json("courier", "pack", usb, "--for", "bamako")["objects"] == 1
    assert len([path for path in (usb / FOLDER / "pieces").rglob("*") if path.is_file()]) == 2, "a bundle, the ledger"
    assert "1 with new versions" in bamako.run("courier", "receive", usb).stdout
    assert bamako.json("status")["published"] == {"open": 1, "terms": 0, "smaller": 0, "readers": 0, "staff": 1}
    bamako.run("publish", "S 0", "--level", "smaller")
    assert bamako.json("courier", "pack", usb, "--for", "home")["objects"] == 1
    said = home.run("courier", "receive", usb).stdout
    assert "proves that pack" in said
    assert "1 with new versions" in said
    assert files(bamako.root / "storage") == files(home.root / "storage")


def test_a_place_that_has_most_of_it_is_asked_first(places: tuple[Library, Library, Path]) -> None:
    home, bamako, usb = places
    home.run("courier", "pack", usb, "--for", "bamako", "--ask")
    assert len([path for path in (usb / FOLDER / "pieces").rglob("*") if path.is_file()]) == 1, "the ledger"
    assert "2 here already, 2 whose earlier versions are lacking" in bamako.run("courier", "receive", usb).stdout
    home.run("courier", "receive", usb)
    assert home.json("status")["sites_lacking"]["bamako"] == 2
    assert home.json("courier", "pack", usb, "--for", "bamako")["objects"] == 2
    assert "2 objects new" in bamako.run("courier", "receive", usb).stdout
    home.run("courier", "receive", usb)
    assert home.json("status")["sites_lacking"]["bamako"] == 0


def test_a_pack_or_proof_that_comes_twice_does_nothing_twice(places: tuple[Library, Library, Path]) -> None:
    home, bamako, usb = places
    home.run("courier", "pack", usb, "--for", "bamako")
    bamako.run("courier", "receive", usb)
    shutil.rmtree(usb / FOLDER / "proofs")
    before, entries = files(bamako.root / "storage"), kinds(bamako)
    assert "received before" in bamako.run("courier", "receive", usb).stdout
    assert (files(bamako.root / "storage"), kinds(bamako)) == (before, entries)
    home.run("courier", "receive", usb)
    assert home.json("status")["sites_lacking"]["bamako"] == 0, "the proof was written again"
    told = kinds(home)
    assert home.run("courier", "receive", usb).returncode == 0
    assert kinds(home) == told


def test_an_older_pack_is_told_and_takes_nothing_away(places: tuple[Library, Library, Path], tmp_path: Path) -> None:
    home, bamako, usb = places
    home.run("courier", "pack", usb, "--for", "bamako")
    home.run("publish", "S 1", "--level", "staff")
    (tmp_path / "usb2").mkdir()
    home.run("courier", "pack", tmp_path / "usb2", "--for", "bamako", "--all")
    bamako.run("courier", "receive", tmp_path / "usb2")
    before = files(bamako.root / "storage")
    said = bamako.run("courier", "receive", usb).stdout
    assert "is older than pack 2" in said
    assert "4 here already" in said
    assert files(bamako.root / "storage") == before


def test_an_impostor_is_refused_with_his_key_and_nothing_is_taken_in(
    places: tuple[Library, Library, Path], tmp_path: Path
) -> None:
    home, bamako, usb = places
    impostor = new_library(tmp_path / "impostor")
    impostor.run("add", card(tmp_path / "card", ["1r.jpg"], seed=50), "--shelfmark", "S 66")
    impostor.run("site", "add", "bamako", f"peer:{key_of(bamako)}")
    impostor.run("courier", "pack", usb, "--for", "bamako")
    before = files(bamako.root / "storage")
    said = bamako.run("courier", "receive", usb, status=2).stderr
    assert key_of(impostor) in said
    assert "nothing of it was taken in" in said
    assert files(bamako.root / "storage") == before
    # His pack under the name and key of home: the signature tells.
    packs = usb / FOLDER / "packs"
    theirs = next(packs.glob("*.jsonl"))
    theirs.write_text(theirs.read_text().replace(key_of(impostor)[8:], key_of(home)[8:]))
    assert "not what its sender signed" in bamako.run("courier", "receive", usb, status=8).stderr
    assert files(bamako.root / "storage") == before


def test_a_proof_that_nobody_gave_is_refused(places: tuple[Library, Library, Path]) -> None:
    home, bamako, usb = places
    home.run("courier", "pack", usb, "--for", "bamako")
    bamako.run("courier", "receive", usb)
    proof = next((usb / FOLDER / "proofs").iterdir())
    proof.write_text(proof.read_text().replace('"kind":"had"', '"kind":"new"', 1))
    assert "not what its sender signed" in home.run("courier", "receive", usb, status=8).stderr
    assert home.json("status")["sites_lacking"]["bamako"] == 4


def test_packs_of_another_library_and_for_another_place_are_told_apart(
    places: tuple[Library, Library, Path], tmp_path: Path
) -> None:
    home, bamako, usb = places
    other = new_library(tmp_path / "other", name="other")
    other.run("add", card(tmp_path / "card", ["1r.jpg"], seed=50), "--shelfmark", "S 66")
    other.run("site", "add", "bamako", f"peer:{key_of(bamako)}")
    other.run("courier", "pack", usb, "--for", "bamako")
    assert 'of the library "other"' in bamako.run("courier", "receive", usb, status=2).stderr
    shutil.rmtree(usb / FOLDER)
    home.run("courier", "pack", usb, "--for", "bamako")
    third = new_library(tmp_path / "third")
    assert "carries nothing for this place" in third.run("courier", "receive", usb).stdout
    assert "carries nothing for this place" in home.run("courier", "receive", usb).stdout, "its own pack"


def test_damage_on_the_way_takes_only_what_it_touches(places: tuple[Library, Library, Path]) -> None:
    home, bamako, usb = places
    home.run("courier", "pack", usb, "--for", "bamako")
    large = max((usb / FOLDER / "pieces").rglob("*"), key=lambda path: path.stat().st_size * path.is_file())
    good = large.read_bytes()
    large.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    said = bamako.run("courier", "receive", usb, status=8)
    assert "is not what was packed" in said.stderr
    assert ":images: " in said.stderr, "the object is named"
    assert "1 not taken in" in said.stdout
    home.run("courier", "receive", usb)
    assert home.json("status")["sites_lacking"]["bamako"] in (0, 1)
    large.write_bytes(good)
    assert "0 not taken in" in bamako.run("courier", "receive", usb).stdout
    assert files(bamako.root / "storage") == files(home.root / "storage")


def test_an_unfinished_pack_and_one_of_a_newer_format_are_told(places: tuple[Library, Library, Path]) -> None:
    home, bamako, usb = places
    home.run("courier", "pack", usb, "--for", "bamako")
    pack = next((usb / FOLDER / "packs").glob("*.jsonl"))
    good = pack.read_text()
    pack.write_text(good.replace('"format":1', '"format":7', 1))
    assert "a newer Khizana (format 7)" in bamako.run("courier", "receive", usb, status=2).stderr
    pack.unlink()
    assert "is unfinished" in bamako.run("courier", "receive", usb).stderr
    shutil.rmtree(home.root / "ledger" / "cache", ignore_errors=True)
    home.run("courier", "pack", usb, "--for", "bamako")
    assert "2 objects new" in bamako.run("courier", "receive", usb).stdout


def test_a_ledger_that_was_rewritten_is_told_loudly_and_its_pack_is_left(
    places: tuple[Library, Library, Path], tmp_path: Path
) -> None:
    home, bamako, usb = places
    shutil.copytree(home.root, tmp_path / "back")
    home.run("publish", "S 0", "--level", "staff")
    home.run("courier", "pack", usb, "--for", "bamako")
    bamako.run("courier", "receive", usb)
    before = files(bamako.root / "storage")
    back = Library(tmp_path / "back")
    back.run("publish", "S 1", "--level", "staff")
    back.run("publish", "S 1", "--level", "open")
    shutil.rmtree(usb / FOLDER)
    back.run("courier", "pack", usb, "--for", "bamako")
    assert "rewritten or set back" in bamako.run("courier", "receive", usb, status=8).stderr
    assert files(bamako.root / "storage") == before
    assert kinds(bamako) == ["pack received success", "peer ledger rewritten fail"]


def test_a_full_disk_takes_whole_objects_and_another_takes_the_rest(
    places: tuple[Library, Library, Path], tmp_path: Path
) -> None:
    home, bamako, usb = places
    photographs = card(tmp_path / "large", [f"{number}r.jpg" for number in range(8)], seed=70)
    home.run("add", photographs, "--shelfmark", "S 2")
    with tight_file_system(tmp_path / "tight", megabytes=1) as tight:
        said = home.json("courier", "pack", tight, "--for", "bamako")
        assert said["objects"] > 0
        assert said["left"] > 0
        assert "not taken in" in bamako.run("courier", "receive", tight).stdout
        rest = home.json("courier", "pack", usb, "--for", "bamako")
        assert rest["objects"] == 6, "what is on its way comes last, and is not left out before it is proved"
        bamako.run("courier", "receive", usb)
        home.run("courier", "receive", tight)
    home.run("courier", "receive", usb)
    assert home.json("status")["sites_lacking"]["bamako"] == 0
    assert files(bamako.root / "storage") == files(home.root / "storage")


def test_a_disk_without_room_for_anything_is_named(places: tuple[Library, Library, Path], tmp_path: Path) -> None:
    home, _, _ = places
    with tight_file_system(tmp_path / "tight", megabytes=1) as tight:
        (tight / "holiday").write_bytes(b"x" * 900_000)
        said = home.run("courier", "pack", tight, "--for", "bamako", status=6).stderr
        assert str(tight) in said
        assert "no room" in said
        assert not list((tight / FOLDER / "packs").glob("*.jsonl"))


def test_a_write_protected_disk_is_received_from_and_not_packed_on(
    places: tuple[Library, Library, Path], tmp_path: Path
) -> None:
    home, bamako, usb = places
    with tight_file_system(tmp_path / "protected", megabytes=8) as disk:
        home.run("courier", "pack", disk, "--for", "bamako")
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        assert "protected from writing" in home.run("courier", "pack", disk, "--for", "bamako", status=5).stderr
        said = bamako.run("courier", "receive", disk)
        assert "2 objects new" in said.stdout
        assert "proof of arrival could not be written" in said.stderr
    bamako.run("publish", "S 0", "--level", "smaller")
    bamako.run("courier", "pack", usb, "--for", "home")
    home.run("courier", "receive", usb)
    assert home.json("status")["sites_lacking"]["bamako"] == 0, "the next pack brought the proof"


def test_what_is_said_where_a_disk_or_place_is_not_what_it_should_be(
    places: tuple[Library, Library, Path], tmp_path: Path
) -> None:
    home, _, usb = places
    own = key_of(home)
    for words, status, arguments in (
        ("no disk at", 3, ("courier", "pack", tmp_path / "none", "--for", "bamako")),
        ("no disk at", 3, ("courier", "receive", tmp_path / "none")),
        ("carries no pack", 3, ("courier", "receive", usb)),
        ("no site called", 3, ("courier", "pack", usb, "--for", "nowhere")),
        ("is no working place", 2, ("courier", "pack", usb, "--for", "disk")),
        ("by courier only", 2, ("replicate", "--site", "bamako")),
        ("by courier only", 2, ("verify", "--site", "bamako")),
        ("by courier only", 2, ("repair", "--site", "bamako")),
        ("by courier only", 2, ("rehearse", "--site", "bamako")),
        ("by courier only", 2, ("restore", "peer:ed25519-x", "--into", tmp_path / "x")),
        ("no address of a working place", 2, ("site", "add", "x", "peer:ed25519-x")),
        ("of this place itself", 2, ("site", "add", "x", f"peer:{own}")),
        ("can be sealed", 2, ("site", "add", "x", f"peer:ed25519-{'a' * 64}", "--sealed")),
        ("already", 4, ("site", "add", "x", f"peer:{key_of(places[1])}")),
        ("no label", 2, ("site", "add", "x", "courier:../x")),
    ):
        library = () if arguments[0] == "restore" else None
        done = khizana(*arguments) if library == () else home.run(*arguments, status=None)
        assert done.returncode == status, (arguments, done.stderr)
        assert words in done.stderr, arguments
    assert "working place" in home.run("site", "list").stdout


def test_a_portable_disk_is_found_by_its_label_wherever_it_is_plugged_in(
    places: tuple[Library, Library, Path], tmp_path: Path
) -> None:
    home, _, _ = places
    mounts = {"KHIZANA_MOUNTS": f"{tmp_path / 'media'}:{tmp_path / 'mnt'}"}
    said = home.run("site", "add", "red", "courier:RED", status=5, **mounts)
    assert "disk RED is not plugged in" in said.stderr
    (tmp_path / "media" / "aicha" / "RED").mkdir(parents=True)
    home.run("site", "add", "red", "courier:RED", "--place", "Djenné", **mounts)
    assert "offline = true" in (home.root / "sites.toml").read_text()
    home.run("replicate", "--site", "red", **mounts)
    (tmp_path / "mnt").mkdir()
    (tmp_path / "media" / "aicha" / "RED").rename(tmp_path / "mnt" / "RED")
    (tmp_path / "media" / "aicha" / "RED").mkdir()
    assert "4 objects checked" in home.run("verify", "--site", "red", **mounts).stdout, "not the folder left behind"
    home.run("courier", "pack", tmp_path / "mnt" / "RED", "--for", "bamako", **mounts)
    assert {path.name for path in (tmp_path / "mnt" / "RED").iterdir()} == {"khizana", FOLDER}
    shutil.rmtree(tmp_path / "mnt")
    shutil.rmtree(tmp_path / "media")
    assert "not plugged in" in home.run("replicate", "--site", "red", status=5, **mounts).stderr


def test_a_key_that_changed_is_followed_and_a_lost_one_is_not(places: tuple[Library, Library, Path]) -> None:
    home, bamako, usb = places
    home.run("ledger", "rekey")
    bamako.run("ledger", "rekey")
    home.run("courier", "pack", usb, "--for", "bamako")
    assert "2 objects new" in bamako.run("courier", "receive", usb).stdout
    assert "4 objects are there" in home.run("courier", "receive", usb).stdout


def test_adopted_objects_are_carried_with_the_record_of_their_adoption(
    places: tuple[Library, Library, Path], tmp_path: Path
) -> None:
    home, bamako, usb = places
    assert home.json("adopt", source_of_another(tmp_path / "source"))["adopted"] == 4
    assert home.json("courier", "pack", usb, "--for", "bamako")["objects"] == 8
    assert "6 objects new" in bamako.run("courier", "receive", usb).stdout
    assert files(bamako.root / "storage") == files(home.root / "storage")
    assert bamako.json("status")["objects"] == home.json("status")["objects"]
    bamako.run("verify", "--site", "here")
    bamako.run("ledger", "check")
    assert bamako.json("status")["safety"]["red"] == 0
    home.run("courier", "receive", usb)
    assert home.json("status")["sites_lacking"]["bamako"] == 0
    assert list((bamako.root / "work").glob("adopt*/*")) == []


def test_what_both_places_adopted_counts_as_had_and_another_object_of_that_name_is_told(
    places: tuple[Library, Library, Path], tmp_path: Path
) -> None:
    home, bamako, usb = places
    source = source_of_another(tmp_path / "source")
    home.run("adopt", source)
    bamako.run("adopt", source)
    other = make_object(tmp_path / "other" / "x", "urn:other:four", [{"a": b"of home"}])
    (tmp_path / "other" / "0=ocfl_1.1").write_bytes(b"ocfl_1.1\n")
    home.run("adopt", other.parent)
    shutil.rmtree(other)
    make_object(other, "urn:other:four", [{"a": b"of bamako"}])
    bamako.run("adopt", other.parent)
    before = files(bamako.root / "storage")
    home.run("courier", "pack", usb, "--for", "bamako", "--ask")
    assert "5 whose earlier versions are lacking" not in bamako.run("courier", "receive", usb).stdout
    shutil.rmtree(usb / FOLDER)
    home.run("courier", "pack", usb, "--for", "bamako", "--all")
    said = bamako.run("courier", "receive", usb, status=8)
    assert "Another object urn:other:four" in said.stderr
    assert "6 here already" in said.stdout
    assert {name: before[name] for name in before} == {
        name: content for name, content in files(bamako.root / "storage").items() if name in before
    }
    home.run("courier", "receive", usb)
    assert home.json("status")["sites_lacking"]["bamako"] == 1, "the four that are alike are not carried for ever"


def test_a_damaged_piece_of_an_adopted_object_takes_nothing_in(
    places: tuple[Library, Library, Path], tmp_path: Path
) -> None:
    home, bamako, usb = places
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "0=ocfl_1.1").write_bytes(b"ocfl_1.1\n")
    make_object(tmp_path / "source" / "x", "urn:other:large", [{"a": bytes(70_000)}])
    home.run("adopt", tmp_path / "source")
    home.run("courier", "pack", usb, "--for", "bamako")
    large = next(
        path for path in (usb / FOLDER / "pieces").rglob("*") if path.is_file() and path.stat().st_size == 70_000
    )
    large.write_bytes(bytes(69_999) + b"1")
    assert "urn:other:large: " in bamako.run("courier", "receive", usb, status=8).stderr
    assert bamako.json("status")["objects"] == 4
    large.write_bytes(bytes(70_000))
    assert "1 objects new" in bamako.run("courier", "receive", usb).stdout
    assert files(bamako.root / "storage") == files(home.root / "storage")


@pytest.mark.parametrize(
    ("name", "words"),
    [("urn:other:zzz", "(urn:other:one)"), ("urn:khizana:test:s-9:images", "is no object of this library")],
)
def test_an_adopted_object_under_another_name_is_not_taken_in_though_its_place_is_known(
    places: tuple[Library, Library, Path], tmp_path: Path, name: str, words: str
) -> None:
    home, bamako, usb = places
    home.run("adopt", source_of_another(tmp_path / "source"))
    home.run("courier", "pack", usb, "--for", "bamako")
    path = next((usb / FOLDER / "packs").glob("*.jsonl"))
    pack = fetch(DiskStore(usb / FOLDER), f"packs/{path.name}", tmp_path / "list")
    forged = Writer(tmp_path / "forged", pack.header)
    for line in pack.lines():
        forged.line(dict(line) | ({"adopted": name} if line.get("adopted") == "urn:other:one" else {}))
    forged.close(SigningKey.read(home.root / "keys"))
    shutil.copy(tmp_path / "forged", path)
    said = bamako.run("courier", "receive", usb, status=8)
    assert "5 objects new" in said.stdout
    assert "1 not taken in" in said.stdout
    assert f"✗ {name}: " in said.stderr
    assert words in said.stderr
    bamako.run("verify")
    assert not list((bamako.root / "storage").rglob("checked.txt")), "nothing of it is anywhere"
    bamako.run("rebuild")

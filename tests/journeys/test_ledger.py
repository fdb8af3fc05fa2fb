"""What commands do stands in the ledger, and what was done behind their back is seen."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from data.cards import card
from data.commands import Library, khizana, new_library
from khizana.core.preservation.ocfl.inventory import digest_of

IMAGES = "urn:khizana:test:tb-42:images"
ORDER = "urn:khizana:test:tb-42:order"
DESCRIPTION = "urn:khizana:test:tb-42:description"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Library:
    root = tmp_path_factory.mktemp("ledger")
    library = new_library(root / "library")
    library.run("add", card(root / "one"), "--shelfmark", "TB 42")
    library.run("order", "TB 42", "--direction", "ltr")
    library.run("publish", "TB 42", "--withdraw")
    return library


@pytest.fixture
def library(made: Library, tmp_path: Path) -> Library:
    shutil.copytree(made.root, tmp_path / "library")
    return Library(tmp_path / "library")


def entries(library: Library) -> list[dict[str, object]]:
    return [json.loads(line) for line in library.run("ledger", "show", "--json").stdout.splitlines()]


def codes(library: Library, *arguments: object, status: int = 8) -> set[str]:
    return {each["code"] for each in library.json("ledger", "check", *arguments, status=status)["findings"]}


def folder_of(library: Library, identifier: str) -> Path:
    return next(
        path.parent.parent
        for path in library.root.glob("storage/*/*/*/*/v1/inventory.json")
        if json.loads(path.read_bytes())["id"] == identifier
    )


def test_every_version_is_entered_with_its_event_and_inventory(library: Library) -> None:
    stands = [(each["kind"], each["subject"], each["facts"].get("version")) for each in entries(library)]  # type: ignore[attr-defined]  # JSON
    assert stands == [
        ("ledger begun", "test", None),
        ("accession", DESCRIPTION, 1),
        ("accession", IMAGES, 1),
        ("policy assignment", DESCRIPTION, 2),
        ("version written", ORDER, 1),
        ("metadata modification", ORDER, 2),
        ("policy assignment", DESCRIPTION, 3),
    ]
    for each in entries(library)[1:]:
        facts = each["facts"]
        assert isinstance(facts, dict)
        inventory = folder_of(library, str(each["subject"])) / f"v{facts['version']}" / "inventory.json"
        assert facts["inventory"] == digest_of(inventory.read_bytes())
        # The first order is that of the images: nobody did anything.
        assert each["kind"] == "version written" or facts["event"].startswith("urn:uuid:")
    told = library.run("ledger", "show", "--subject", ORDER).stdout.splitlines()
    assert len(told) == 2
    assert library.run("ledger", "check").stdout.count("nothing is wrong") == 1


def test_what_a_killed_command_left_out_is_entered_by_the_next(library: Library) -> None:
    """Killed between the objects and the ledger: the mark of the manuscript is there, its entries are not."""
    whole = entries(library)
    ledger = library.root / "ledger"
    for name, count in (("entries.jsonl", 4), ("heads.jsonl", 3)):
        lines = (ledger / name).read_bytes().splitlines(keepends=True)
        (ledger / name).write_bytes(b"".join(lines[:count]))
    assert codes(library, status=0) == {"LEDGER_VERSION_UNENTERED"}
    (library.root / "pending").mkdir(exist_ok=True)
    (library.root / "pending" / ("0" * 32)).write_text("tb-42")
    library.run("status")
    again = entries(library)
    assert sorted(each["id"] for each in again) == sorted(each["id"] for each in whole)
    assert codes(library, status=0) == set()


def test_a_library_from_before_the_ledger_gets_one_by_rebuild(library: Library) -> None:
    shutil.rmtree(library.root / "ledger")
    shutil.rmtree(library.root / "keys")
    assert codes(library) == {"NO_LEDGER"}
    library.run("rebuild")
    assert len(entries(library)) == 7
    assert codes(library, status=0) == set()
    library.run("rebuild")
    assert len(entries(library)) == 7


def test_an_object_edited_with_all_its_digests_is_seen(library: Library) -> None:
    folder = folder_of(library, DESCRIPTION)
    content = (
        (folder / "inventory.json").read_bytes().replace(b"Publication: not published", b"Publication: a published")
    )
    for place in (folder, folder / "v3"):
        (place / "inventory.json").write_bytes(content)
        (place / "inventory.json.sha512").write_text(f"{digest_of(content)} inventory.json\n")
    assert codes(library) == {"LEDGER_VERSION_DIFFERS"}
    assert "not the one that was entered" in library.run("rebuild", status=1).stderr
    assert codes(library) == {"LEDGER_VERSION_DIFFERS"}, "rebuild enters no other bytes of a version"


def test_an_object_that_is_gone_or_set_back_is_seen(library: Library) -> None:
    shutil.rmtree(folder_of(library, IMAGES))
    folder = folder_of(library, DESCRIPTION)
    shutil.rmtree(folder / "v3")
    for name in ("inventory.json", "inventory.json.sha512"):
        shutil.copyfile(folder / "v2" / name, folder / name)
    assert codes(library) == {"LEDGER_OBJECT_GONE", "LEDGER_VERSION_GONE"}


def test_a_ledger_set_back_with_the_whole_library_is_seen_by_a_head_kept_elsewhere(
    library: Library, made: Library, tmp_path: Path
) -> None:
    library.run("publish", "TB 42", "--level", "staff")
    paper = tmp_path / "paper"
    paper.write_bytes((library.root / "ledger" / "heads.jsonl").read_bytes().splitlines()[-1] + b"\n")
    assert codes(library, "--head", paper, status=0) == set()
    assert codes(made, "--head", paper) == {"LEDGER_ROLLED_BACK"}


def test_a_damaged_ledger_keeps_no_one_from_publishing_and_is_told(library: Library) -> None:
    path = library.root / "ledger" / "entries.jsonl"
    path.write_bytes(path.read_bytes().replace(b"accession", b"accessiom"))
    done = library.run("publish", "TB 42")
    assert "is published" in done.stdout
    assert "not yet in the ledger" in done.stderr
    assert "LEDGER_ALTERED" in codes(library)
    path.write_bytes(path.read_bytes().replace(b"accessiom", b"accession"))
    library.run("rebuild")
    assert codes(library, status=0) == set()
    assert len(entries(library)) == 8


def test_a_lost_key_stops_signing_only(library: Library) -> None:
    shutil.rmtree(library.root / "keys")
    assert "put the library's key back" in library.run("publish", "TB 42").stderr
    assert codes(library, status=0) == {"LEDGER_UNSIGNED"}


def test_a_proof_is_confirmed_without_the_library(library: Library, tmp_path: Path) -> None:
    proof, key = tmp_path / "proof.json", tmp_path / "key.pub"
    key.write_bytes((library.root / "keys" / "ledger.pub").read_bytes())
    library.run("ledger", "prove", f"{IMAGES}#v1", "--out", proof)
    library.run("ledger", "prove", "3", "--out", proof, status=4)
    assert "accession of urn:khizana:test:tb-42:images" in library.run("ledger", "confirm", proof).stdout
    shutil.rmtree(library.root)
    done = khizana("ledger", "confirm", proof, "--key", key)
    assert (done.returncode, done.stdout.startswith("True: entry 3,")) == (0, True)
    proof.write_text(proof.read_text().replace("success", "failure"))
    assert khizana("ledger", "confirm", proof, "--key", key).returncode == 8
    proof.write_text("no")
    assert khizana("ledger", "confirm", proof, "--key", key).returncode == 2
    assert khizana("ledger", "confirm", tmp_path / "none", "--key", key).returncode == 3
    assert khizana("ledger", "confirm", proof, "--key", proof).returncode == 2


def test_the_key_is_changed_and_old_keys_and_heads_still_hold(library: Library, tmp_path: Path) -> None:
    old = tmp_path / "old.pub"
    shutil.copyfile(library.root / "keys" / "ledger.pub", old)
    shutil.copyfile(library.root / "ledger" / "heads.jsonl", tmp_path / "old-heads")
    said = library.run("ledger", "rekey").stdout
    assert (library.root / "keys" / "ledger.pub").read_bytes() != old.read_bytes()
    assert '"size":8' in said
    library.run("publish", "TB 42")
    assert codes(library, "--head", tmp_path / "old-heads", "--key", old, status=0) == set()
    library.run("ledger", "prove", "9", "--out", tmp_path / "proof")
    for key in ([], ["--key", old]):
        assert "True: entry 9" in library.run("ledger", "confirm", tmp_path / "proof", *key).stdout


def test_a_request_for_a_time_stamp_is_made_and_a_false_reply_refused(library: Library, tmp_path: Path) -> None:
    assert "7.tsq" in library.run("ledger", "stamp").stdout
    (tmp_path / "reply").write_bytes(b"no")
    library.run("ledger", "stamp", tmp_path / "reply", status=2)
    library.run("ledger", "stamp", tmp_path / "none", status=3)
    assert codes(library, status=0) == set()
    library.run("ledger", "prove", "8", "--out", tmp_path / "proof", status=3)
    assert khizana("ledger", "check", library.root / "ledger").returncode == 0
    assert khizana("ledger", "check", tmp_path).returncode == 8
    assert khizana("ledger", "show", "--library", tmp_path).returncode == 3

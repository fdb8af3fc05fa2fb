"""Another institution's OCFL storage root is taken as it is, object by object, and counted ever after."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from data.cards import card
from data.commands import Library, new_library
from data.ocfl_objects import make_object
from khizana.core.preservation.ocfl.listing import is_listing

ADOPTION = "logs/khizana-adoption.xml"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return new_library(tmp_path / "library", name="ours")


def root_of_another(folder: Path) -> Path:
    """Make a storage root with valid objects of three kinds, one that is damaged, and one that claims to be ours."""
    folder.mkdir()
    (folder / "0=ocfl_1.1").write_bytes(b"ocfl_1.1\n")
    make_object(folder / "a" / "one", "urn:other:one")
    make_object(folder / "b" / "two", "مخطوط/٢", algorithm="sha256")
    make_object(folder / "c" / "three", "urn:other:three", spec="1.0", fixity=("md5",))
    damaged = make_object(folder / "d" / "four", "urn:other:four")
    (damaged / "v1" / "content" / "folio-1r.txt").write_bytes(b"altered")
    make_object(folder / "e" / "five", "urn:khizana:ours:x:images")
    (folder / "a" / "one" / "logs").mkdir()
    (folder / "a" / "one" / "logs" / "checked.txt").write_bytes(b"once")
    return folder


def is_ours(path: str) -> bool:
    """Whether adopting added it: the record, and the list of the files."""
    return path.endswith(ADOPTION) or is_listing("/".join(path.split("/")[-2:]))


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not is_ours(path.as_posix())
    }


def adopted(library: Library) -> list[Path]:
    return sorted(path.parents[1] for path in (library.root / "storage").rglob("khizana-adoption.xml"))


def test_valid_objects_are_taken_byte_for_byte_and_the_others_refused(tmp_path: Path, library: Library) -> None:
    source = root_of_another(tmp_path / "source")
    before = files(source)
    library.run("add", card(tmp_path / "card"), "--shelfmark", "TB 1")
    said = library.json("adopt", source, status=1)
    assert (said["adopted"], said["there"], said["refused"]) == (3, 0, 2)
    assert {"ADOPT_INVALID", "ADOPT_OWN", "E092"} <= {finding["code"] for finding in said["findings"]}
    assert files(source) == before
    taken = {frozenset(files(path).items()) for path in adopted(library)}
    assert taken == {frozenset(files(source / each).items()) for each in ("a/one", "b/two", "c/three")}

    status = library.json("status")
    assert (status["manuscripts"], status["objects"]) == (1, 5)
    library.run("verify")
    again = library.json("adopt", source, status=1)
    assert (again["adopted"], again["there"], again["refused"]) == (0, 3, 2)

    library.lose_database()
    rebuilt = library.json("rebuild")
    assert (rebuilt["manuscripts"], rebuilt["adopted"], rebuilt["findings"]) == (1, 3, [])
    after = library.json("status")
    assert (after["objects"], after["events"]) == (status["objects"], status["events"])

    assert library.run("ledger", "check").returncode == 0

    shutil.rmtree(adopted(library)[0])
    lost = library.json("rebuild", status=1)
    assert lost["adopted"] == 2
    assert [finding["code"] for finding in lost["findings"]] == ["LEDGER_OBJECT_GONE"]
    assert library.json("status")["objects"] == 4


def test_an_object_with_the_identifier_of_another_is_refused_and_nothing_overwritten(
    tmp_path: Path, library: Library
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder, content in ((first, b"one"), (second, b"other")):
        folder.mkdir()
        (folder / "0=ocfl_1.0").write_bytes(b"ocfl_1.0\n")
        make_object(folder / "x" / "object", "urn:other:one", [{"a": content}], spec="1.0")
    library.run("adopt", first)
    assert "nothing is ever overwritten" in library.run("adopt", second, status=1).stderr
    (place,) = adopted(library)
    assert files(place) == files(first / "x" / "object")


def test_what_is_no_storage_root_is_told_in_one_sentence(tmp_path: Path, library: Library) -> None:
    assert "not an OCFL storage root" in library.run("adopt", tmp_path / "absent", status=2).stderr
    assert "not an OCFL storage root" in library.run("adopt", card(tmp_path / "card"), status=2).stderr


@pytest.mark.parametrize("at", ["sync_tree", "write_beside", "sync_directory", "read_summary"])
def test_killed_at_any_step_an_object_is_whole_or_not_there_and_the_same_command_goes_on(
    at: str, tmp_path: Path, library: Library
) -> None:
    source = root_of_another(tmp_path / "source")
    script = (
        "import os, sys\n"
        "import khizana.core.preservation.ocfl.adopt as adopt\n"
        f"real, count = adopt.{at}, []\n"
        "def killed(*arguments):\n"
        "    count.append(1)\n"
        "    if len(count) == 2: os._exit(9)\n"
        "    return real(*arguments)\n"
        f"adopt.{at} = killed\n"
        "from khizana.cli.main import run\n"
        "sys.exit(run(sys.argv[1:]))\n"
    )
    arguments = ["adopt", str(source), "--library", str(library.root)]
    assert subprocess.run([sys.executable, "-c", script, *arguments], check=False).returncode == 9
    library.run("verify")
    said = library.json("adopt", source, status=1)
    assert said["adopted"] + said["there"] == 3
    assert said["refused"] == 2
    library.run("verify")
    assert library.json("status")["objects"] == 3
    assert not (library.root / "work" / "adopting").exists()


def test_objects_of_every_kind_that_the_public_fixtures_have_survive(
    shared_data: Path, tmp_path: Path, library: Library
) -> None:
    """Other content directories, digest algorithms, padded versions, upper-case digests: none need be a manuscript."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "0=ocfl_1.1").write_bytes(b"ocfl_1.1\n")
    for release in ("1.0", "1.1"):
        for path in (shared_data / "suites" / "ocfl-fixtures" / release / "good-objects").iterdir():
            shutil.copytree(path, source / release.replace(".", "-") / path.name)
    said = library.json("adopt", source, status=1)
    # Some fixtures share an identifier: the second of two is refused, the first kept.
    assert {finding["code"] for finding in said["findings"]} >= {"ADOPT_INVALID"}
    assert said["adopted"] + said["refused"] == 22
    assert said["adopted"] == len(adopted(library)) >= 10
    library.run("verify")
    assert library.json("status")["objects"] == said["adopted"]
    rebuilt = library.json("rebuild")
    assert (rebuilt["adopted"], rebuilt["findings"]) == (said["adopted"], [])

"""Descriptions come to the catalogue, change here and there, go out again, and nothing of them is lost on the way."""

from __future__ import annotations

import csv
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from data.cards import card
from data.commands import KHIZANA, Library, command_environment, new_library, served
from data.descriptions import foreign_tei, inventory
from khizana.core.tei.entries import read_entry

ROWS = [
    ("رقم المخطوط", "العنوان", "المؤلف", "الموضوع", "عدد الأوراق", "ملاحظات المصور"),
    ("1", "كتاب النجوم", "أحمد بابا", "فلك", "12", "غير واضح"),
    ("2", "رسالة في الطب", "", "طب", "٧", ""),
    ("", "", "", "", "", ""),
    ("3", "مدح النبي", "ابن مهيب", "مدح", "30", "=1+1"),
    ("2", "كتاب آخر", "", "فقه", "4", ""),
]


# All of it is run on both databases in the long run; what writes rows in ways of its own, always.
pytestmark = pytest.mark.both_databases(long=True)


@pytest.fixture
def library(tmp_path: Path, database: Callable[[], str]) -> Library:
    return new_library(tmp_path / "library", database=database())


def _file(folder: Path, name: str, content: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
    return folder / name


def _exported(library: Library, folder: Path, name: str) -> bytes:
    library.run("export", "--into", folder)
    return (folder / f"{name}.xml").read_bytes()


def _kept(library: Library) -> list[Path]:
    """Return every file but the locks and the database."""
    return sorted(
        path for path in library.root.rglob("*") if path.suffix not in {".lock", ""} and "sqlite3" not in path.name
    )


def test_a_description_comes_back_as_it_came_and_the_same_file_changes_nothing(
    library: Library, tmp_path: Path
) -> None:
    given = _file(tmp_path / "given", "seven.xml", foreign_tei())
    assert library.json("import", given.parent)["added"] == 1
    assert _exported(library, tmp_path / "out", "ms-7") == given.read_bytes()
    again = library.json("import", given.parent)
    assert (again["unchanged"], again["added"], again["changed"]) == (1, 0, 0)
    library.run("export", "--into", tmp_path / "out")  # the same files again are no fault


def test_a_dry_run_says_what_would_be_and_writes_nothing(library: Library, tmp_path: Path) -> None:
    given = _file(tmp_path / "given", "seven.xml", foreign_tei())
    before = _kept(library)
    said = library.json("import", given, "--dry-run")
    assert (said["dry_run"], said["added"], said["batch"]) == (True, 1, "")
    assert _kept(library) == before
    assert library.json("status")["manuscripts"] == 0


def test_what_was_changed_here_and_there_is_joined_and_what_both_changed_is_left_to_a_person(
    library: Library, tmp_path: Path
) -> None:
    given = _file(tmp_path / "given", "seven.xml", foreign_tei())
    library.run("import", given)
    assert library.json("edit", "MS 7", "--set", "summary_en=Our words.", "--add", "subjects_en=Astronomy")[
        "changed"
    ] == ["ms-7"]
    given.write_bytes(foreign_tei(title="Kitāb al-nujūm al-kabīr"))
    said = library.json("import", given)
    assert (said["changed"], said["conflict"]) == (1, 0)
    joined = read_entry(_exported(library, tmp_path / "one", "ms-7"))
    assert "Kitāb al-nujūm al-kabīr" in {each.text for each in joined.titles}
    assert "Our words." in {each.text for each in joined.summary}
    assert "Astronomy" in {each.text for each in joined.subjects}
    given.write_bytes(foreign_tei(title="Kitāb al-nujūm al-kabīr", summary="Their words."))
    said = library.json("import", given, status=1)
    assert said["conflict"] == 1
    assert said["first_changes"][0]["conflicts"] == ["summary"]
    ours = read_entry(_exported(library, tmp_path / "two", "ms-7"))
    assert "Their words." not in {each.text for each in ours.summary}
    assert library.json("import", given, status=1)["conflict"] == 1  # it is told until somebody decides
    assert library.json("import", given, "--take-theirs")["changed"] == 1
    theirs = read_entry(_exported(library, tmp_path / "three", "ms-7"))
    assert "Their words." in {each.text for each in theirs.summary}
    assert "Astronomy" in {each.text for each in theirs.subjects}


def test_what_the_model_does_not_know_outlives_every_change(library: Library, tmp_path: Path) -> None:
    given = _file(tmp_path / "given", "seven.xml", foreign_tei())
    library.run("import", given)
    library.run("edit", "MS 7", "--set", "title_ar=كتاب آخر", "--set", "leaves=13")
    document = _exported(library, tmp_path / "out", "ms-7")
    for kept in (
        b"made by another program",
        b'own:internal="yes"',
        b"<musicNotation><p>None.</p>",
        b'own:seen="twice"',
    ):
        assert kept in document
    entry = read_entry(document)
    assert (entry.physical.leaves, entry.physical.height) == (13, 220)


def test_every_row_of_an_inventory_is_a_manuscript_or_is_told_of(library: Library, tmp_path: Path) -> None:
    given = inventory(tmp_path / "inventory.csv", ROWS)
    said = library.json("import", given, "--report", tmp_path / "report.csv", status=1)
    assert said["read"] == len(ROWS)
    assert (said["added"], said["reported"]) == (3, 3)
    rows = list(csv.DictReader((tmp_path / "report.csv").open(encoding="utf-8-sig")))
    assert {(row["line"], row["fate"]) for row in rows} == {
        ("1", "reported"),
        ("2", "added"),
        ("3", "added"),
        ("4", "reported"),
        ("5", "added"),
        ("6", "reported"),
    }
    assert library.json("import", given, status=1)["unchanged"] == 3
    library.run("export", "--as", "csv", "--into", tmp_path / "out.csv")
    exported = (tmp_path / "out.csv").read_text(encoding="utf-8-sig")
    assert "غير واضح" in exported
    assert "\"'=1+1" in exported or "'=1+1" in exported  # what begins like a formula is none when it is opened


@pytest.mark.parametrize("kind", ["csv", "xlsx", "ods"])
def test_a_spreadsheet_that_is_exported_and_imported_changes_nothing_but_what_was_edited_in_it(
    library: Library, tmp_path: Path, kind: str
) -> None:
    library.run("import", _file(tmp_path / "given", "seven.xml", foreign_tei()))
    library.run("import", inventory(tmp_path / "inventory.csv", ROWS), status=1)
    out = tmp_path / f"out.{kind}"
    before = _exported(library, tmp_path / "before", "ms-7")
    library.run("export", "--as", kind, "--into", out)
    said = library.json("import", out)
    assert (said["added"], said["changed"], said["conflict"], said["unchanged"]) == (0, 0, 0, 4)
    assert _exported(library, tmp_path / "after", "ms-7") == before


def test_a_list_of_manuscripts_that_are_called_otherwise_here_comes_back_to_them(
    library: Library, tmp_path: Path
) -> None:
    library.run("import", _file(tmp_path / "given", "seven.xml", foreign_tei()), "--named-by", "holding")
    before = _exported(library, tmp_path / "before", "a-family-library-ms-7")
    library.run("export", "--as", "csv", "--into", tmp_path / "out.csv")
    said = library.json("import", tmp_path / "out.csv")
    assert (said["added"], said["changed"], said["unchanged"]) == (0, 0, 1)
    assert _exported(library, tmp_path / "after", "a-family-library-ms-7") == before


def test_a_shelfmark_is_not_edited_away(library: Library, tmp_path: Path) -> None:
    library.run("import", inventory(tmp_path / "inventory.csv", ROWS), status=1)
    before = _kept(library)
    refused = library.run("edit", "--all", "--set", "shelfmark=X", status=2)
    assert "former_shelfmark" in refused.stderr
    assert _kept(library) == before


def test_a_pipe_is_not_waited_for_and_a_link_to_a_folder_is_told(library: Library, tmp_path: Path) -> None:
    given = _file(tmp_path / "given", "seven.xml", foreign_tei()).parent
    os.mkfifo(given / "pipe.xml")
    (given / "round").symlink_to(given)
    said = library.json("import", given, status=1)
    assert (said["read"], said["added"], said["reported"]) == (3, 1, 2)
    assert set(said["findings"]) >= {"IMPORT_NO_FILE", "IMPORT_LINK"}


def test_an_edit_of_many_and_an_import_can_be_taken_back(library: Library, tmp_path: Path) -> None:
    library.run("import", inventory(tmp_path / "inventory.csv", ROWS), status=1)
    before = {name: _exported(library, tmp_path / "before", name) for name in ("1", "2", "3")}
    done = library.json("edit", "--where", "subjects_ar=طبّ", "--add", "subjects_en=Medicine")
    assert done["changed"] == ["2"]
    everything = library.json("edit", "--all", "--set", "owner=A family")
    assert sorted(everything["changed"]) == ["1", "2", "3"]
    library.run("edit", "1", "--set", "owner=Another family")
    listed = library.json("undo")["batches"]
    assert [each["descriptions"] for each in listed] == [1, 3, 1, 3]
    library.lose_database()
    library.run("rebuild")
    assert library.json("undo")["batches"] == listed
    undone = library.json("undo", everything["batch"][9:17], status=1)
    assert undone["undone"] == 2
    assert [(each["manuscript"], each["code"]) for each in undone["stays"]] == [("1", "UNDO_CHANGED_SINCE")]
    library.run("undo", done["batch"])
    after = {name: _exported(library, tmp_path / "after", name) for name in ("1", "2", "3")}
    assert after["3"] == before["3"]
    assert read_entry(after["2"]) == read_entry(before["2"])
    assert {each.text for each in read_entry(after["1"]).owner} == {"Another family"}


@pytest.mark.both_databases
def test_many_are_published_and_withdrawn_at_once(library: Library, tmp_path: Path) -> None:
    library.run("import", inventory(tmp_path / "inventory.csv", ROWS), status=1)
    assert library.json("publish", "--all") == {"changed": 3, "of": 3, "failed": []}
    said = library.json("publish", "1", "9", "3", "--withdraw", status=1)
    assert (said["changed"], said["of"], [each["code"] for each in said["failed"]]) == (2, 3, ["NO_MANUSCRIPT"])
    assert library.json("status")["published"] == {"open": 1, "terms": 0, "smaller": 0, "readers": 0, "staff": 0}
    assert "--all" in library.run("publish", status=2).stderr


def test_photographs_of_a_described_manuscript_join_its_description(library: Library, tmp_path: Path) -> None:
    library.run("import", _file(tmp_path / "given", "seven.xml", foreign_tei()), "--publish")
    with served(library) as site:
        status, _, page = site.get("/en/m/ms-7/")
        assert status == 200
        assert "Kitāb al-nujūm".encode() in page
        assert b"not been photographed yet" in page
    library.run("add", card(tmp_path / "card", ["1r.jpg", "1v.jpg"]), "--shelfmark", "MS 7")
    assert library.json("rebuild")["manuscripts"] == 1
    with served(library) as site:
        assert site.get("/en/m/ms-7/1r")[0] == 200
        assert "Kitāb al-nujūm".encode() in site.get("/en/m/ms-7/")[2]


@pytest.mark.both_databases
def test_the_database_made_again_has_what_was_imported(library: Library, tmp_path: Path) -> None:
    library.run("import", inventory(tmp_path / "inventory.csv", ROWS), status=1)
    before = library.json("undo")
    library.lose_database()
    assert library.json("rebuild")["findings"] == []
    assert library.json("status")["manuscripts"] == 3
    assert library.json("undo") == before


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<!DOCTYPE a [<!ENTITY b 'c'><!ENTITY d '&b;&b;'>]><TEI><msDesc>&d;</msDesc></TEI>", "TEI_ENTITIES"),
        (b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><TEI><msDesc>&b;</msDesc></TEI>", "TEI_ENTITIES"),
        (b"<TEI><msDesc>", "TEI_NOT_XML"),
        (b"<TEI/>", "TEI_NO_DESCRIPTION"),
        (foreign_tei(""), "SHELFMARK_UNUSABLE"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_and_the_others_are_imported(
    library: Library, tmp_path: Path, content: bytes, code: str
) -> None:
    bad = _file(tmp_path / "given", "a bad one.xml", content)
    _file(tmp_path / "given", "seven.xml", foreign_tei())
    said = library.json("import", bad.parent, status=1)
    assert (said["read"], said["added"], said["reported"]) == (2, 1, 1)
    assert code in said["findings"]
    assert any("a bad one.xml" in each["sentence"] for each in said["first_findings"])


def test_an_import_killed_at_any_moment_loses_nothing_and_the_same_command_completes(
    library: Library, tmp_path: Path
) -> None:
    rows = [ROWS[0], *((str(number), f"كتاب {number}", "", "فقه", "3", "") for number in range(1, 701))]
    given = inventory(tmp_path / "inventory.csv", rows)
    chance = random.Random(4)
    command = [*KHIZANA, "import", str(given), "--json"]
    environment = command_environment(KHIZANA_LIBRARY=str(library.root))
    for _ in range(6):
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            time.sleep(1.0 + chance.random() * 2)
            process.send_signal(signal.SIGKILL)
    said = library.json("import", given)
    assert said["added"] + said["unchanged"] == 700
    library.run("verify", library.root / "storage")
    assert library.json("status")["manuscripts"] == 700
    assert library.json("import", given)["unchanged"] == 700

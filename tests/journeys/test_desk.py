"""Staff import, change, undo and export on pages, and nobody else does."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data.commands import Library, Served, new_library, served
from data.descriptions import foreign_tei, inventory
from data.staff import Browser, counts, make_account
from khizana.core.tasks.folder import KEPT, newest_tasks, sweep_tasks

ROWS = [
    ("رقم المخطوط", "العنوان", "المؤلف", "الموضوع", "عدد الأوراق"),
    ("1", "كتاب النجوم", "أحمد بابا", "فلك", "12"),
    ("2", "رسالة في الطب", "", "طب", "٧"),
    ("3", "مدح النبي", "ابن مهيب", "مدح", "30"),
    ("2", "كتاب آخر", "", "فقه", "4"),
]
FORMS = ("import", "edit", "export")


# The worker of the desk writes as the commands do, which always run on both; the pages do so in the long run.
pytestmark = pytest.mark.both_databases(long=True)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, database: Callable[[], str]) -> Library:
    library = new_library(tmp_path_factory.mktemp("desk") / "library", database=database())
    make_account(library)
    return library


@pytest.fixture(scope="module")
def here(library: Library) -> Iterator[Served]:
    with served(library) as here:
        yield here


@pytest.fixture
def staff(here: Served) -> Browser:
    browser = Browser(here)
    browser.sign_in()
    return browser


def rows_as_csv(tmp_path: Path, rows: list[tuple[str, ...]] = ROWS) -> bytes:
    return inventory(tmp_path / "rows.csv", rows).read_bytes()


def test_an_import_is_seen_done_changed_and_taken_back(staff: Browser, library: Library, tmp_path: Path) -> None:
    page = staff.when_ready(staff.upload("/en/desk/import", [("inventory.csv", rows_as_csv(tmp_path))]))
    assert re.fullmatch(r"/en/desk/task/[0-9a-f]{32}", page.address)
    assert counts(page) == {
        "new": 3,
        "changed": 0,
        "unchanged": 0,
        "in conflict": 0,
        "not imported": 1,
        "headings and blank rows": 1,
    }
    assert "Nothing is written yet" in page.text
    assert "كتاب النجوم" in page.text
    assert "inventory.csv, row 5: 2 stands already at row 3" in page.text
    assert library.json("status")["manuscripts"] == 0

    done = staff.when_ready(staff.press(page, "/do"))
    assert counts(done)["new"] == 3
    assert library.json("status")["manuscripts"] == 3
    report = list(csv.DictReader(io.StringIO(staff.get(f"{done.address}/report").body.decode("utf-8-sig"))))
    assert [row["fate"] for row in report] == ["reported", "added", "added", "added", "reported"]
    assert {row["file"] for row in report} == {"inventory.csv"}

    again = staff.when_ready(staff.upload("/en/desk/import", [("inventory.csv", rows_as_csv(tmp_path))]))
    assert counts(again)["unchanged"] == 3
    assert "Nothing would change" in again.text

    asked = {"which": "where", "where_column": "subjects_ar", "where_value": "طِبّ"}
    change = {"column": "subjects_en", "how": "add", "values": "Medicine"}
    edit = staff.when_ready(staff.post("/en/desk/edit", {**asked, **change}, token=True))
    assert counts(edit) == {"changed": 1, "notes": 0}
    assert "Medicine" in edit.text
    assert "subjects_en" not in edit.text  # a column is called by its label
    edited = staff.when_ready(staff.press(edit, "/do"))
    library.run("export", "2", "--as", "dc", "--into", tmp_path / "with.xml")
    assert "Medicine" in (tmp_path / "with.xml").read_text(encoding="utf-8")

    undo = staff.when_ready(staff.press(edited, "/desk/undo"))
    assert counts(undo) == {"changed": 1, "notes": 0}
    staff.when_ready(staff.press(undo, "/do"))
    library.run("export", "2", "--as", "dc", "--into", tmp_path / "without.xml")
    assert "Medicine" not in (tmp_path / "without.xml").read_text(encoding="utf-8")
    home = staff.get("/en/desk/")
    assert "Import of inventory.csv" in home.text
    assert "Undoing of an earlier change" in home.text


def test_both_sides_of_a_conflict_are_shown(staff: Browser, library: Library) -> None:
    first = staff.when_ready(staff.upload("/en/desk/import", [("seven.xml", foreign_tei())]))
    staff.when_ready(staff.press(first, "/do"))
    library.run("edit", "MS 7", "--set", "summary=Our words.")
    page = staff.when_ready(staff.upload("/en/desk/import", [("seven.xml", foreign_tei(summary="Their words."))]))
    assert counts(page)["in conflict"] == 1
    table = page.text[page.text.index("conflict") :]
    assert table.index("Our words.") < table.index("Their words.")
    taken = staff.upload("/en/desk/import", [("seven.xml", foreign_tei(summary="Their words."))], {"take_theirs": "on"})
    page = staff.when_ready(taken)
    assert (counts(page)["in conflict"], counts(page)["changed"]) == (0, 1)


def test_images_that_a_manifest_names_are_left_where_they_are_and_that_is_said(staff: Browser) -> None:
    canvas = {"type": "Canvas", "items": [{"items": [{"body": {"type": "Image", "id": "https://x.invalid/1.jpg"}}]}]}
    shelfmark = {"label": {"en": ["Shelfmark"]}, "value": {"none": ["MS 91"]}}
    manifest = {"type": "Manifest", "label": {"en": ["A book"]}, "metadata": [shelfmark], "items": [canvas]}
    page = staff.when_ready(staff.upload("/en/desk/import", [("m.json", json.dumps(manifest).encode())]))
    assert counts(page)["new"] == 1
    assert "name 1 images of 1 manuscripts at other libraries. They stay there" in page.text


@pytest.mark.parametrize("path", ["", *FORMS, "undo", f"task/{'0' * 32}", f"task/{'0' * 32}/file"])
def test_who_did_not_sign_in_sees_nothing_and_is_led_back_afterwards(here: Served, path: str) -> None:
    status, headers, body = here.get(f"/en/desk/{path}")
    assert (status, body) == (302, b"")
    assert headers["Location"].startswith("/en/sign-in?next=%2Fen%2Fdesk%2F")
    assert "no-store" in headers["Cache-Control"]
    for cookie in ("sessionid=forged", "sessionid="):
        assert here.get(f"/en/desk/{path}", Cookie=cookie)[0] == 302
    assert Browser(here).sign_in(path=f"/en/desk/{path}").address == f"/en/desk/{path}"


def test_readers_are_shown_no_way_to_the_desk_and_staff_are(here: Served, staff: Browser) -> None:
    assert "/desk/" not in Browser(here).get("/en/").text
    assert 'href="/en/desk/"' in staff.get("/en/").text


@pytest.mark.parametrize("path", [*FORMS, "undo", f"task/{'0' * 32}/do", f"task/{'0' * 32}/again"])
def test_a_form_without_its_token_is_refused(staff: Browser, library: Library, path: str) -> None:
    before = len(newest_tasks(library.root / "work" / "tasks"))
    answer = staff.post(
        f"/en/desk/{path}", {"which": "all", "column": "owner", "how": "set", "values": "x", "form": "csv"}
    )
    assert answer.status == 403
    assert len(newest_tasks(library.root / "work" / "tasks")) == before


def test_a_stranger_may_send_no_more_than_a_sign_in_has(here: Served, staff: Browser) -> None:
    stranger = Browser(here)
    token = stranger.token("/en/sign-in")
    large = b"x" * 100_000
    assert stranger.upload("/en/desk/import", [("a.csv", large)], token=token).status == 413
    small = stranger.upload("/en/desk/import", [("a.csv", b"x")], token=token)
    assert small.address.startswith("/en/sign-in")
    assert staff.upload("/en/desk/import", [("a.csv", large)]).status == 200
    assert staff.upload("/en/sign-in", [("a.csv", large)], token=token).status == 413


def test_more_than_may_be_sent_is_told_in_a_sentence_and_kept_nowhere(staff: Browser, library: Library) -> None:
    before = len(newest_tasks(library.root / "work" / "tasks"))
    answer = staff.upload("/en/desk/import", [("a.csv", b"x" * (64 * 2**20 + 1))])
    assert "larger than 64 MB together" in answer.text
    assert len(newest_tasks(library.root / "work" / "tasks")) == before


@pytest.mark.parametrize(
    "name",
    [
        "../../../khizana.toml",
        "..\\..\\storage\\a.csv",
        "/etc/passwd",
        "a\u202efdp.csv",
        "<script>alert(1)</script>.csv",
        "asked.json",
        "x" * 300 + ".csv",
    ],
)
def test_a_name_of_a_file_is_only_shown(staff: Browser, library: Library, tmp_path: Path, name: str) -> None:
    outside = _outside(library)
    page = staff.when_ready(staff.upload("/en/desk/import", [(name, rows_as_csv(tmp_path, ROWS[:2]))]))
    assert page.status == 200
    assert "<script>alert" not in page.text
    assert str(library.root) not in page.text
    assert _outside(library) == outside
    newest = newest_tasks(library.root / "work" / "tasks")[0]
    assert all(re.fullmatch(r"[a-z]+(?:-\d)?(?:\.[a-z]+)?", path.name) for path in newest.path.iterdir())


def _outside(library: Library) -> set[Path]:
    """Return what lies in the library beside its tasks, and what lies around it."""
    tasks = library.root / "work" / "tasks"
    return {path for path in library.root.parent.rglob("*") if tasks not in path.parents and "sqlite3" not in path.name}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("photo.jpg", b"\xff\xd8\xff\xe0" + bytes(200), "photo.jpg"),
        ("broken.xlsx", b"PK\x03\x04 xl/ not a workbook at all", "broken.xlsx"),
        ("broken.zip", b"PK\x03\x04" + bytes(100), "broken.zip"),
        ("empty.csv", b"", "empty.csv"),
        ("bad.xml", b"<TEI><msDesc>", "bad.xml"),
    ],
)
def test_what_is_no_file_of_ours_is_told_in_a_sentence(staff: Browser, name: str, content: bytes, said: str) -> None:
    page = staff.when_ready(staff.upload("/en/desk/import", [(name, content)]))
    assert counts(page)["not imported"] == 1
    findings = page.text[page.text.index('class="findings"') :]
    assert said in findings
    assert "Traceback" not in page.text
    assert "given-1" not in page.text


@pytest.mark.parametrize("language", ["ar", "fr", "en"])
@pytest.mark.parametrize("path", ["", *FORMS, f"task/{'0' * 32}"])
def test_every_page_speaks_the_language_of_its_address_and_is_kept_nowhere(
    staff: Browser, language: str, path: str
) -> None:
    page = staff.get(f"/{language}/desk/{path}")
    assert page.status == (404 if path.startswith("task") else 200)
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in page.text
    assert "no-store" in page.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("form", "begins"),
    [("xlsx", b"PK"), ("ods", b"PK"), ("csv", b"\xef\xbb\xbf"), ("marcxml", b"<?xml"), ("dc", b"<?xml")],
)
def test_the_catalogue_is_fetched_in_each_form(staff: Browser, tmp_path: Path, form: str, begins: bytes) -> None:
    _import(staff, tmp_path)
    page = staff.when_ready(staff.post("/fr/desk/export", {"form": form, "which": "all"}, token=True))
    file = staff.get(f"{page.address}/file")
    assert file.body.startswith(begins)
    assert file.headers["Content-Disposition"].startswith('attachment; filename="test-catalogue.')


def test_descriptions_are_fetched_as_tei_in_a_zip(staff: Browser, tmp_path: Path) -> None:
    _import(staff, tmp_path)
    asked = {"form": "tei", "which": "shelfmarks", "shelfmarks": "1\n3\n"}
    page = staff.when_ready(staff.post("/en/desk/export", asked, token=True))
    with zipfile.ZipFile(io.BytesIO(staff.get(f"{page.address}/file").body)) as archive:
        assert sorted(archive.namelist()) == ["1.xml", "3.xml"]
        assert b"<TEI" in archive.read("1.xml")


def test_a_task_that_cannot_be_done_says_why_and_can_be_tried_again(staff: Browser, tmp_path: Path) -> None:
    asked = {"which": "shelfmarks", "shelfmarks": "NOWHERE 9", "column": "owner", "how": "set", "values": "A family"}
    page = staff.when_ready(staff.post("/en/desk/edit", asked, token=True))
    assert "could not be done" in page.text
    assert "NOWHERE 9" in page.text
    _import(staff, tmp_path, [ROWS[0], ("NOWHERE 9", "كتاب", "", "", "")])
    again = staff.when_ready(staff.press(page, "/again"))
    assert counts(again) == {"changed": 1, "notes": 0}


@pytest.mark.parametrize(
    "lacking",
    [
        {"which": "shelfmarks", "shelfmarks": " \n"},
        {"which": "where", "where_column": "no_such"},
        {"column": "shelfmark"},
        {"how": "explode"},
        {"values": ""},
        {"how": "replace", "goes": ""},
    ],
)
def test_a_form_that_lacks_something_says_what_and_keeps_the_rest(staff: Browser, lacking: dict[str, str]) -> None:
    asked = {"which": "all", "column": "owner", "how": "set", "values": "Our family", "where_value": "kept"} | lacking
    page = staff.post("/en/desk/edit", asked, token=True)
    assert page.status == 400
    assert 'role="alert"' in page.text
    assert "kept" in page.text


def test_a_task_goes_on_after_its_worker_was_killed(tmp_path: Path, database: Callable[[], str]) -> None:
    library = new_library(tmp_path / "library", database=database())
    make_account(library)
    rows = [ROWS[0], *((str(number), f"كتاب {number}", "", "فقه", "3") for number in range(1, 1201))]
    with served(library) as here:
        staff = Browser(here)
        staff.sign_in()
        page = staff.when_ready(staff.upload("/en/desk/import", [("long.csv", rows_as_csv(tmp_path, rows))]))
        page = staff.press(page, "/do")
        task = newest_tasks(library.root / "work" / "tasks")[0]
        while not (task.path / "begun").exists() or not any((library.root / "storage").glob("*/*")):
            time.sleep(0.01)
        for worker in _children(here.process.pid):
            os.kill(worker, signal.SIGKILL)
        here.process.kill()
    with served(library) as here:
        staff = Browser(here)
        staff.sign_in()
        done = staff.when_ready(staff.get(page.address))
        assert counts(done)["new"] + counts(done)["unchanged"] == 1200
        assert "was cut off and went on" in done.text
    assert library.json("status")["manuscripts"] == 1200
    assert len(library.json("undo")["batches"]) == 1


def _children(process: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()]


def test_tasks_are_swept_after_a_month(staff: Browser, library: Library, tmp_path: Path) -> None:
    _import(staff, tmp_path)
    tasks = library.root / "work" / "tasks"
    newest = newest_tasks(tasks)[0]
    asked = (newest.path / "asked.json").stat().st_mtime
    sweep_tasks(tasks, now=asked + KEPT - 1)
    assert newest.path.exists()
    sweep_tasks(tasks, now=asked + KEPT + 1)
    assert newest_tasks(tasks) == []


def _import(staff: Browser, tmp_path: Path, rows: list[tuple[str, ...]] = ROWS) -> None:
    page = staff.when_ready(staff.upload("/en/desk/import", [("rows.csv", rows_as_csv(tmp_path, rows))]))
    if "Nothing is written yet" in page.text:
        staff.when_ready(staff.press(page, "/do"))

"""Page order and labels of a folder of photographs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha512
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khizana.core.errors import BadInput, NotFound, Unreadable
from khizana.core.preservation.card import FolderCard
from khizana.core.preservation.staging import digest_of
from khizana.core.structure.order import LONGEST_PAGES, photographs, read_pages


@pytest.fixture
def card(tmp_path: Path) -> Path:
    folder = tmp_path / "card"
    folder.mkdir()
    return folder


def _put(card: Path, *names: str) -> None:
    for name in names:
        (card / name).parent.mkdir(parents=True, exist_ok=True)
        (card / name).write_bytes(b"image")


def _pages(card: Path, text: str | bytes) -> Path:
    path = card / "pages.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_photographs_come_by_name_with_numbers_read_as_numbers(card: Path) -> None:
    _put(card, "IMG_10.jpg", "IMG_9.jpg", "IMG_1.JPG")
    assert [(each.name, each.label) for each in photographs(FolderCard(card))] == [
        ("IMG_1.JPG", "1"),
        ("IMG_9.jpg", "2"),
        ("IMG_10.jpg", "3"),
    ]


def test_folio_sides_in_file_names_are_labels(card: Path) -> None:
    _put(card, "0001_cover.tif", "0002_1r.tif", "0003_1v.tif")
    assert [each.label for each in photographs(FolderCard(card))] == ["1", "1r", "1v"]


def test_folders_within_the_card_are_read_and_sidecars_hidden_files_and_links_are_not(card: Path) -> None:
    _put(card, "DCIM/100/a.tif", "DCIM/100/a.xmp", ".hidden.tif", ".Trash/b.tif", "Thumbs.db", "description.xml")
    (card / "link.tif").symlink_to(card / "DCIM/100/a.tif")
    assert [each.name for each in photographs(FolderCard(card))] == ["DCIM/100/a.tif"]


def test_a_file_that_is_no_image_by_its_name_is_still_looked_at(card: Path) -> None:
    _put(card, "page one", "film.mov")
    assert [each.name for each in photographs(FolderCard(card))] == ["film.mov", "page one"]


def test_an_empty_folder_has_no_photographs(card: Path) -> None:
    assert photographs(FolderCard(card)) == ()


def test_pages_csv_gives_order_and_labels(card: Path) -> None:
    _put(card, "a.tif", "b.tif", "c.tif")
    _pages(card, "file,label\nc.tif,front cover\na.tif,\nb.tif,1v\n")
    assert [(each.name, each.label) for each in photographs(FolderCard(card))] == [
        ("c.tif", "front cover"),
        ("a.tif", "2"),
        ("b.tif", "1v"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "\ufefffile,label\r\na.tif,1r\r\n",
        "Fichier;Feuillet\na.tif;1r\n",
        "ملف,ورقة\na.tif,1r\n",
        "note,FOLIO,File\nx,1r, a.tif \n\n,,\n",
        '"file","label"\n"a.tif","1r"',
    ],
)
def test_pages_csv_is_read_as_spreadsheets_write_it(card: Path, text: str) -> None:
    _put(card, "a.tif")
    _pages(card, text)
    assert [(each.name, each.label) for each in photographs(FolderCard(card))] == [("a.tif", "1r")]


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("file,label\na.tif,1\nz.tif,2\n", "PAGES_NAMES_NO_FILE", 3),
        ("file,label\na.tif,1\n../a.tif,2\n", "PAGES_NAMES_NO_FILE", 3),
        ("file,label\na.tif,1\na.tif,2\n", "PAGES_NAMES_TWICE", 3),
        ("file,label\na.tif,1\n", "PAGES_LEAVES_OUT", None),
        ("a.tif,1\n", "PAGES_HEADINGS", None),
        ("", "PAGES_HEADINGS", None),
        ("file,label\na.tif,\xe9\n".encode("latin-1"), "PAGES_UNREADABLE", 2),
        ("file,label\na.tif,1\n".encode("utf-16"), "PAGES_UNREADABLE", 1),
        (b"file,label\n" + b"x" * 200_000 + b",1\n", "PAGES_UNREADABLE", 2),
        (b"," * (LONGEST_PAGES + 1), "PAGES_UNREADABLE", 0),
    ],
)
def test_a_pages_csv_that_does_not_fit_is_refused_with_its_line(
    card: Path, text: str | bytes, code: str, line: int | None
) -> None:
    _put(card, "a.tif", "b.tif")
    _pages(card, text)
    with pytest.raises(BadInput) as caught:
        photographs(FolderCard(card))
    assert caught.value.code == code
    assert caught.value.facts.get("line") == line


def test_a_card_that_is_not_there_or_is_a_file_is_told(card: Path) -> None:
    _put(card, "a.tif")
    for path in (card / "none", card / "a.tif"):
        with pytest.raises(NotFound):
            photographs(FolderCard(path))


def test_a_card_that_fails_while_its_names_are_read_is_unreadable(card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "scandir", fail)
    with pytest.raises(Unreadable) as caught:
        photographs(FolderCard(card))
    assert caught.value.code == "FOLDER_UNREADABLE"


def test_a_list_of_pages_that_is_not_there_or_is_a_folder_is_told(card: Path) -> None:
    with pytest.raises(NotFound):
        read_pages(card / "pages.csv")
    with pytest.raises(Unreadable):
        read_pages(card)


def test_names_that_are_not_text_are_told_escaped_and_none_is_lost(card: Path) -> None:
    folder = os.fsencode(card)
    names = (
        b"\xff.tif",
        b"\\xff.tif",
        b"line\nend.tif",
        "é.tif".encode(),
        "e\u0301.tif".encode(),
        b"A.tif",
        b"a.tif",
    )
    for name in names:
        with open(folder + b"/" + name, "wb") as file:  # noqa: PTH123 - a name of bytes
            file.write(name)
    found = photographs(FolderCard(card))
    assert len({each.name for each in found}) == 7
    assert {digest_of(each.file) for each in found} == {sha512(name).hexdigest() for name in names}
    for each in found:
        each.name.encode()


@given(
    st.binary(max_size=400) | st.text(max_size=400).map(lambda text: ("file,label\n" + text).encode("utf-8", "replace"))
)
def test_no_list_of_pages_is_met_with_anything_but_rows_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(raw)
    rows: Sequence[tuple[int, str, str]] = ()
    with suppress(BadInput):  # anything else fails the test
        rows = read_pages(path)
    assert all(line >= 1 and name == name.strip() for line, name, _ in rows)


def test_folders_nested_deeper_than_calls_can_be_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = tmp_path / "card"
    card.mkdir()
    monkeypatch.chdir(card)
    depth = 1200
    for _ in range(depth):
        Path("d").mkdir()
        os.chdir("d")
    Path("1r.jpg").touch()
    try:
        assert [each.label for each in photographs(FolderCard(card))] == ["1r"]
    finally:
        # Taken down step by step: pytest clears old folders with calls within calls, which this one is too deep for.
        Path("1r.jpg").unlink()
        for _ in range(depth):
            os.chdir("..")
            Path("d").rmdir()

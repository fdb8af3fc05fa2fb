"""The specimen library: whole, honest, the same every time, and true about where its words lie."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest
from lxml import etree
from PIL import Image, ImageOps

from khizana.core.errors import BadInput, NotFound
from khizana.core.specimen import SpecimenManuscript, make_specimen, specimen_shelfmarks
from khizana.core.specimen.book import plan
from khizana.core.specimen.books import BOOKS
from khizana.core.specimen.collection import encoded
from khizana.core.specimen.hand import Hand
from khizana.core.specimen.page import draw_leaf
from khizana.core.specimen.texts import MARK_ARABIC, MARK_LATIN
from khizana.core.specimen.truth import ALTO
from khizana.core.tei.read import read_description

FONT = Path(__file__).parents[2] / "src/khizana/web/static/fonts/khizana-naskh.ttf"
LETTERS = "KHZ 011"

needs_font = pytest.mark.skipif(not FONT.exists(), reason="no font yet: make assets")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("specimen")


@pytest.fixture(scope="module")
def letters(home: Path) -> SpecimenManuscript:
    (made,) = make_specimen(home, font=FONT, only={LETTERS}, workers=2)
    return made


def test_there_are_two_codices_and_ten_sets_of_leaves_on_six_subjects() -> None:
    assert len(BOOKS) >= 12
    assert sum(book.sides for book in BOOKS) >= 150
    assert Counter(book.bound for book in BOOKS) == {True: 2, False: 10}
    assert all(3 <= book.sides // 2 <= 40 for book in BOOKS)
    assert {book.subject for book in BOOKS} == {"astronomy", "mathematics", "law", "recitation", "letters", "ajami"}
    assert {figure for book in BOOKS for figure in book.figures.values()} >= {"declination", "spheres"}
    assert {book.format for book in BOOKS} == {"jpg", "tif", "png"}
    assert len(set(specimen_shelfmarks())) == len(BOOKS)


@needs_font
def test_the_catchword_of_every_verso_is_the_first_word_of_the_next_recto() -> None:
    for book in BOOKS:
        sides = plan(book, Hand(FONT, book.maghribi))
        assert len(sides) == book.sides
        for verso, recto in zip(sides[1::2], sides[2::2], strict=False):
            assert verso.catchword == recto.lines[0].words[0].text
        assert not any(side.catchword for side in sides[0::2])


@needs_font
def test_no_heading_stands_alone_at_the_foot_of_a_page_and_no_sentence_breaks_off_at_the_end() -> None:
    for book in BOOKS:
        sides = plan(book, Hand(FONT, book.maghribi))
        assert all(side.lines[-1].kind != "rubric" for side in sides)
        closing = max(n for n, line in enumerate(sides[-1].lines) if any(word.closes for word in line.words))
        assert sides[-1].lines[closing].words[-1].closes


@needs_font
def test_the_same_bytes_come_again_however_many_processes_draw(letters: SpecimenManuscript, tmp_path: Path) -> None:
    make_specimen(tmp_path, font=FONT, only=[LETTERS], workers=1)
    root = letters.folder.parent
    made = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    assert made == sorted(path.relative_to(root) for path in root.rglob("*") if path.is_file())
    assert [path for path in made if (tmp_path / path).read_bytes() != (root / path).read_bytes()] == []


@needs_font
def test_what_is_there_is_kept_and_what_is_missing_is_made_again(letters: SpecimenManuscript, tmp_path: Path) -> None:
    again = tmp_path / "again"
    shutil.copytree(letters.folder.parent, again)
    lost = again / letters.slug / letters.pages[3].file.name
    before = lost.read_bytes()
    lost.unlink()
    kept = (again / letters.slug / letters.pages[0].file.name).stat().st_mtime_ns
    told: list[tuple[int, int]] = []
    make_specimen(again, font=FONT, only=[LETTERS], workers=1, on_page=lambda done, total: told.append((done, total)))
    assert lost.read_bytes() == before
    assert (again / letters.slug / letters.pages[0].file.name).stat().st_mtime_ns == kept
    assert told == [(6, 6)]


@needs_font
def test_every_page_says_in_two_languages_and_in_its_metadata_that_it_is_a_specimen(
    letters: SpecimenManuscript,
) -> None:
    for page in letters.pages:
        lines = json.loads(page.truth.read_text(encoding="utf-8"))["lines"]
        marks = [line["text"] for line in lines if line["kind"] == "specimen mark"]
        assert MARK_LATIN in marks
        assert marks.count(MARK_ARABIC) == 2
        assert Image.open(page.file).getexif()[0x010E] == MARK_LATIN


@needs_font
def test_the_ink_of_every_line_lies_in_its_outline_and_hardly_any_outside(letters: SpecimenManuscript) -> None:
    for page in letters.pages:
        truth = json.loads(page.truth.read_text(encoding="utf-8"))
        ink = np.asarray(Image.open(page.file).convert("L")) < 105
        written = np.zeros(ink.shape, np.uint8)
        texts = [line for line in truth["lines"] if line["kind"] in {"text", "rubric"}]
        for line in texts:
            x, y, width, height = line["box"]
            part = np.zeros(ink.shape, np.uint8)
            cv2.fillPoly(part, [np.round(line["outline"]).astype(np.int32)], 1)
            assert ink[part > 0].mean() > 0.02 or line["kind"] == "rubric", line["text"]
            # Right and left of a line there is paper.
            for beside in (slice(x - 46, x - 14), slice(x + width + 6, x + width + 40)):
                assert ink[y + 8 : y + height - 8, beside].mean() < 0.02, line["text"]
            written |= part
        boxes = np.array([line["box"] for line in texts])
        top, bottom = boxes[:, 1].min() - 30, (boxes[:, 1] + boxes[:, 3]).max() + 10
        left, right = boxes[:, 0].min(), (boxes[:, 0] + boxes[:, 2]).max()
        area = np.s_[top:bottom, left:right]
        assert ink[area][written[area] == 0].sum() < 0.02 * ink[area].sum()


@needs_font
def test_lines_are_justified(letters: SpecimenManuscript) -> None:
    for page in letters.pages:
        lines = json.loads(page.truth.read_text(encoding="utf-8"))["lines"]
        widths = [line["box"][2] for line in lines if line["kind"] == "text"]
        full = [width for width in widths if width > 0.9 * max(widths)]
        assert len(full) >= (3 if page is letters.pages[-1] else 6)
        # The dot that closes a sentence at the end of a line stands outside the box of its words.
        assert max(full) - min(full) < 0.05 * max(full)


@needs_font
def test_alto_and_json_tell_the_same(letters: SpecimenManuscript) -> None:
    page = letters.pages[0]
    truth = json.loads(page.truth.read_text(encoding="utf-8"))
    alto = etree.parse(page.truth.with_suffix(".xml"))
    lines = alto.iterfind(f".//{{{ALTO}}}TextLine")
    told = [" ".join(word.get("CONTENT") or "" for word in line.iterfind(f"{{{ALTO}}}String")) for line in lines]
    assert told == [line["text"] for line in truth["lines"]]
    (sheet,) = alto.iterfind(f".//{{{ALTO}}}Page")
    assert Image.open(page.file).size == (int(sheet.get("WIDTH") or 0), int(sheet.get("HEIGHT") or 0))


@needs_font
def test_reading_order_stands_in_pages_csv_where_camera_names_do_not_give_it(letters: SpecimenManuscript) -> None:
    rows = list(csv.DictReader((letters.folder / "pages.csv").read_text(encoding="utf-8").splitlines()))
    assert [(row["file"], row["label"]) for row in rows] == [(page.file.name, page.label) for page in letters.pages]
    assert [page.label for page in letters.pages] == ["1r", "1v", "2r", "2v", "3r", "3v"]
    assert [page.file.name for page in letters.pages] != sorted(page.file.name for page in letters.pages)
    description = read_description((letters.folder / "description.xml").read_bytes())
    assert description.shelfmark == LETTERS
    assert "specimen" in description.date_as_written


@needs_font
def test_a_page_photographed_sideways_is_upright_by_its_orientation() -> None:
    book = next(book for book in BOOKS if book.sideways)
    hand = Hand(FONT, book.maghribi)
    (page,) = draw_leaf(book, plan(book, hand)[:1], hand)
    stored = Image.open(io.BytesIO(encoded(book, page)))
    height, width = page.pixels.shape[:2]
    assert stored.size == (height, width)
    upright = np.asarray(ImageOps.exif_transpose(stored), np.int16)
    assert np.abs(upright - page.pixels).mean() < 4


def test_a_shelfmark_that_no_specimen_has_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="KHZ 999"):
        make_specimen(tmp_path, font=Path(__file__), only=["KHZ 999"])
    with pytest.raises(NotFound, match="font"):
        make_specimen(tmp_path, font=tmp_path / "none.ttf")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_font_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not a font"):
        make_specimen(tmp_path, font=Path(__file__))

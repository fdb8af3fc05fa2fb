"""The one stylesheet and its fonts."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import brotli
import pytest
from fontTools.ttLib import TTFont

from khizana.web.reading_room.style import static, style

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "src" / "khizana" / "web" / "static"
SHEET = (STATIC / "reading-room.css").read_text(encoding="utf-8")
FONTS = STATIC / "fonts"
TOKENS, REST = SHEET.split("/* part: every */")


@pytest.fixture(scope="module")
def assets() -> dict[str, Any]:
    if not (FONTS / "khizana-naskh.woff2").exists():
        pytest.skip("no fonts: run make assets")
    return runpy.run_path(str(ROOT / "tools" / "assets.py"))


def test_colours_stand_among_the_tokens_only() -> None:
    assert re.findall(r"#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(", TOKENS)
    assert not re.findall(r"#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(", REST)


def colours(css: str) -> dict[str, tuple[int, int, int]]:
    found = re.findall(r"--(\w+): #([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})", css)
    return {name: (int(red, 16), int(green, 16), int(blue, 16)) for name, red, green, blue in found}


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """Return the contrast of two colours (WCAG 2.2, contrast ratio)."""

    def light(colour: tuple[int, int, int]) -> float:
        parts = [part / 255 for part in colour]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted((light(one), light(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("ground", ["wall", "table"])
@pytest.mark.parametrize("letters", ["ink", "quiet", "indigo", "rubric"])
def test_letters_can_be_read_on_every_ground_by_day_and_by_night(letters: str, ground: str) -> None:
    day, night = TOKENS.split("prefers-color-scheme: dark")
    for tokens in (colours(day), colours(night)):
        assert contrast(tokens[letters], tokens[ground]) >= 4.5


def test_directions_are_logical() -> None:
    physical = (
        r"\b(?:margin|padding|border|inset)-(?:left|right)|\b(?:left|right)\s*:|text-align:\s*(?:left|right)|float:"
    )
    assert not re.findall(physical, SHEET)
    assert not re.findall(r"text-align:\s*(?:left|right)", SHEET)


def test_every_token_that_is_used_is_defined() -> None:
    used = set(re.findall(r"var\((--[\w-]+)", SHEET))
    defined = set(re.findall(r"(--[\w-]+):", SHEET))
    # The ratio of the image stands on the image itself.
    assert used - defined == {"--r"}


def test_a_page_carries_only_the_parts_it_names() -> None:
    folio = style("tokens", "every", "folio")
    assert "@font-face" not in folio
    assert ".shelf" not in folio
    assert ".room{" in folio
    with pytest.raises(ValueError, match="no part"):
        style("tokens", "nosuch")


def test_the_style_of_a_folio_page_is_small() -> None:
    assert len(brotli.compress(style("tokens", "every", "folio").encode())) < 2600


def test_calc_keeps_the_spaces_that_mean_something() -> None:
    assert "calc(100svh - var(--bar) - var(--foot))" in style("tokens", "every", "folio")


def test_a_static_address_changes_with_its_content() -> None:
    assert re.fullmatch(r"/static/reading-room\.js\?v=[0-9a-f]{8}", static("reading-room.js"))
    assert static("reading-room.js") != static("reading-room.css")
    assert static("no/such").endswith("absent")


def test_the_compressed_script_is_the_script(assets: dict[str, Any]) -> None:
    assert assets
    packed = (STATIC / "reading-room.js.br").read_bytes()
    assert brotli.decompress(packed) == (STATIC / "reading-room.js").read_bytes(), "run make assets"
    assert len(packed) < 5_000


def test_the_sheet_and_the_fonts_agree_on_their_letters(assets: dict[str, Any]) -> None:
    for font in assets["WEB_FONTS"]:
        declared = re.search(rf"{font.name}\.woff2.*?unicode-range: ([^;]+);", SHEET, re.DOTALL)
        assert declared
        ranges = assets["unicodes_of"](declared[1].replace(" ", ""))
        assert ranges <= assets["unicodes_of"](font.unicodes)


def test_every_letter_of_ajami_has_a_shape(assets: dict[str, Any], shared_data: Path) -> None:
    assert assets
    letters = (shared_data / "open" / "ajami-letters" / "letter_languages.textproto").read_text(encoding="utf-8")
    wanted = {ord(char) for char in letters if 0x600 <= ord(char) <= 0x8FF}
    assert len(wanted) > 100
    for name in ("khizana-naskh.woff2", "khizana-naskh.ttf"):
        assert wanted <= set(TTFont(FONTS / name).getBestCmap())


def test_a_font_whose_name_is_reserved_carries_ours(assets: dict[str, Any]) -> None:
    assert assets
    for name in ("khizana-naskh.woff2", "khizana-naskh.ttf"):
        for record in TTFont(FONTS / name)["name"].names:
            text = str(record)
            # Copyright, maker and licence keep the names: the licence asks for that.
            if record.nameID not in (0, 8, 9, 10, 11, 12, 13, 14) and record.nameID < 256:
                assert "Scheherazade" not in text
                assert "SIL" not in text
    assert "Reserved Font Name" in (FONTS / "khizana-naskh-LICENSE.txt").read_text(encoding="utf-8")


def test_a_word_that_mixes_common_and_ajami_letters_comes_from_one_file(assets: dict[str, Any]) -> None:
    assert assets
    covered = set(TTFont(FONTS / "khizana-naskh.woff2").getBestCmap())
    assert {ord(char) for char in "ݑُوطِࢩَنْفَـٰنِ"} <= covered

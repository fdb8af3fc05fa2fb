"""An offline edition, opened from the disk by a browser that has no network: read, looked at closely, searched."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from data.commands import Library
from data.walking import Kept, kept, mentions, size_of, walked_library
from khizana.core.policy import ANYONE, Action, Allow, Degrade, Refuse
from khizana.core.search.analysis import common_terms
from khizana.core.text.fold import fold

ROOT = Path(__file__).parent.parent.parent
AXE = ROOT / "tools/npm/node_modules/axe-core/axe.min.js"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
LANGUAGES = ("ar", "fr", "en")
MANUSCRIPTS = list(kept())
OPEN = next(each for each in MANUSCRIPTS if each.slug == "walk-open-out")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("offline"),  # its library is made once
    pytest.mark.skipif(not Path(CHROMIUM).is_file(), reason=f"no Chromium at {CHROMIUM}: set CHROMIUM to one"),
]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    library = walked_library(tmp_path_factory.mktemp("offline"))
    library.run("rebuild")  # makes the larger sizes too, which khizana serve would make some time later
    return library


@pytest.fixture(scope="module")
def edition(library: Library) -> Path:
    folder = library.root.parent / "stick" / "library"
    library.run("publish", "offline", folder, "--all", "--full")
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 390, "height": 800})
    opened.set_offline(True)
    yield opened
    opened.close()


class Reading:
    """A page of the edition, with what it asked for and what went wrong."""

    def __init__(self, context: BrowserContext, edition: Path) -> None:
        self.page: Page = context.new_page()
        self.asked: list[str] = []
        self.problems: list[str] = []
        self._edition = edition
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", lambda message: self.problems.append(message.text))

    def open(self, path: str) -> Page:
        self.page.goto((self._edition / path.partition("?")[0]).as_uri() + "".join(path.partition("?")[1:]))
        return self.page

    def search(self, asked: str, language: str = "en") -> Page:
        self.open(f"{language}/search.html")
        self.page.fill("input[name=q]", asked)
        self.page.click("form.seek button")
        expect(self.page.get_by_role("status")).not_to_be_empty()
        expect(self.page.get_by_role("status")).not_to_contain_text("…")
        return self.page


@pytest.fixture
def reading(context: BrowserContext, edition: Path) -> Reading:
    return Reading(context, edition)


def _texts(edition: Path) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in edition.rglob("*") if path.suffix in (".html", ".js"))


def test_it_hands_on_what_everyone_may_have_and_nothing_else(edition: Path) -> None:
    def handed(each: Kept) -> bool:
        return isinstance(each.decision(Action.HARVEST, ANYONE), Allow)

    assert mentions(_texts(edition), MANUSCRIPTS) == {each.slug for each in MANUSCRIPTS if handed(each)}
    for each in MANUSCRIPTS:
        images = sorted((edition / "i" / each.slug).glob("*.avif"))
        sizes = [max(size_of(image.read_bytes())) for image in images]
        match each.decision(Action.VIEW, ANYONE):
            case Allow():
                assert len(images) == 2 * 2  # two pages, light and full
            case Degrade(longest_side=longest):
                assert len(images) == 2
                assert max(sizes) <= longest
            case Refuse():
                assert images == []


def test_it_is_read_from_the_door_to_a_close_look_without_asking_the_network_for_anything(reading: Reading) -> None:
    page = reading.open("index.html")
    page.click("main a[lang=ar]")
    assert page.evaluate("document.documentElement.dir") == "rtl"
    page.click(f".shelf a[href='m/{OPEN.slug}.html']")
    page.click(".work .enter")
    room = page.locator("dialog.room")
    expect(room).to_be_visible()
    label = room.locator("h2")
    expect(label).to_contain_text("1r")
    # A manuscript read from right to left has its next page on the left, whatever the language of the page.
    page.keyboard.press("ArrowLeft")
    expect(label).to_contain_text("1v")
    page.keyboard.press("ArrowRight")
    expect(label).to_contain_text("1r")
    image = room.locator("img")
    assert image.evaluate("image => image.naturalWidth") == 800
    page.keyboard.press("+")
    expect(image).to_have_js_property("naturalWidth", 1200)  # the larger file
    assert "scale(1.5)" in image.evaluate("image => image.style.transform")
    page.keyboard.press("0")
    page.keyboard.press("Escape")
    expect(room).to_be_hidden()
    assert {url.partition(":")[0] for url in reading.asked} == {"file"}
    assert reading.problems == []


@pytest.mark.parametrize(
    ("language", "asked", "marked"),
    [
        ("ar", "كتابُ", ["كتاب"]),
        ("fr", OPEN.secret.upper(), [OPEN.secret]),
        ("en", OPEN.told[:-1], [OPEN.told]),
        ("en", "ahmad baba", ["Aḥmad", "Bābā"]),
    ],
)
def test_words_are_found_and_marked_as_written(reading: Reading, language: str, asked: str, marked: list[str]) -> None:
    page = reading.search(asked, language)
    first = page.locator(".found li").first
    expect(first).to_be_visible()
    said = page.locator(".found mark").all_inner_texts()
    assert set(marked) <= set(said), said
    first.locator("a").click()
    expect(page.locator("h1")).to_be_visible()
    assert reading.problems == []


def test_nothing_found_is_said(reading: Reading) -> None:
    page = reading.search("zzzzqqq")
    expect(page.get_by_role("status")).to_contain_text("Nothing was found")
    page = reading.search("<script>alert(1)</script>'\"&")
    assert reading.problems == []


def test_a_browser_folds_every_character_as_the_library_does(reading: Reading) -> None:
    page = reading.open("en/search.html")
    page.evaluate("khizanaSearch.folding()")
    page.wait_for_function("(() => { try { return khizanaSearch.fold('A') === 'a' } catch { return false } })()")
    points = [point for point in range(0x110000) if not 0xD800 <= point < 0xE000]
    for start in range(0, len(points), 1 << 14):
        text = "".join(map(chr, points[start : start + (1 << 14)]))
        folded = page.evaluate("text => khizanaSearch.fold(text)", text)
        if folded != fold(text).text:
            apart = [
                char for char in text if page.evaluate("text => khizanaSearch.fold(text)", char) != fold(char).text
            ]
            raise AssertionError([f"{ord(char):04x}" for char in apart[:20]])


def test_a_browser_takes_words_apart_and_finds_their_places_as_the_library_does(reading: Reading) -> None:
    page = reading.open("en/search.html")
    page.evaluate("khizanaSearch.folding()")
    page.wait_for_function("(() => { try { return khizanaSearch.fold('A') === 'a' } catch { return false } })()")
    chance = random.Random(11)
    signs = "والفبكتلمهيةأإآءىشس ابت َُِّْـ‌ 'ʾʿ’-ḥāṣīçéœABl'd'qu'12١٢۳.,؛،ﷲﻻﷺ\u200e\u0640ɓŋⴰⵎߒ𞤀𐓏"
    texts = ["".join(chance.choice(signs) for _ in range(chance.randrange(1, 60))) for _ in range(1_500)]
    texts += ["والكتاب الله بالله اللهم الحج والده للقاضي فالله", "l’astrolabe d'Ibn M'bark qu'il aujourd'hui"]
    made: list[list[list[Any]]] = page.evaluate(
        """texts => texts.map((text) => khizanaSearch.words(text).map((word) =>
        [khizanaSearch.term(word.text), [...text.slice(0, word.start)].length]))""",
        texts,
    )
    for text, words in zip(texts, made, strict=True):
        wanted = [[term, word.start] for term, word in common_terms(text)]
        assert [term for term, _ in words] == [term for term, _ in wanted], text
        # Signs before a first letter may be left out of what is marked.
        assert all(start >= begun for (_, start), (_, begun) in zip(words, wanted, strict=True)), text


def test_everything_is_read_without_javascript_but_the_search(browser: Browser, edition: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((edition / f"en/m/{OPEN.slug}.html").as_uri())
    figures = page.locator(".leaves figure")
    assert figures.count() == 2
    figures.last.locator("img").scroll_into_view_if_needed()
    figures.last.locator("a").click()
    assert page.url.endswith(".avif")
    page.goto((edition / "en/search.html").as_uri())
    expect(page.get_by_text("The search needs JavaScript")).to_be_visible()
    context.close()


def test_damage_is_named_by_the_page_and_by_the_check(
    context: BrowserContext, edition: Path, tmp_path: Path, library: Library
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(edition, copy)
    image, script = copy / f"i/{OPEN.slug}/0001-800.avif", next((copy / "s").glob("t*.js"))
    image.write_bytes(image.read_bytes()[:40])
    content = script.read_bytes()
    place = content.index(b"terms") + 12
    script.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
    (copy / "fr" / "search.html").unlink()

    reading = Reading(context, copy)
    page = reading.open(f"en/m/{OPEN.slug}.html")
    expect(page.get_by_role("alert")).to_contain_text(f"i/{OPEN.slug}/0001-800.avif is damaged or missing")
    page = Reading(context, copy).open("en/search.html?q=Kitab")
    expect(page.get_by_role("alert")).to_contain_text(f"s/{script.name}")

    done = library.run("publish", "offline", copy, "--check", status=1)
    said = done.stdout + done.stderr
    assert f"{image} is damaged" in said
    assert f"{script} is damaged" in said
    assert f"{copy / 'fr' / 'search.html'} is missing" in said
    library.run("publish", "offline", copy, "--all", "--full")  # the same command mends it
    library.run("publish", "offline", copy, "--check")


def test_packs_have_all_the_words_and_each_its_own_images(
    library: Library, edition: Path, tmp_path: Path, context: BrowserContext
) -> None:
    packs = tmp_path / "packs"
    size = sum(path.stat().st_size for path in (edition / "i/walk-open-out").glob("*-800.avif"))
    told = library.json("publish", "offline", packs, "walk-open-out", "walk-smaller-out", "--pack", f"{size / 1000}kB")
    assert told["packs"] == 2
    images = {pack: {path.parent.name for path in (packs / f"pack-{pack}/i").rglob("*.avif")} for pack in (1, 2)}
    assert images == {1: {"walk-open-out"}, 2: {"walk-smaller-out"}}
    for pack, other in ((1, "walk-smaller-out"), (2, "walk-open-out")):
        reading = Reading(context, packs / f"pack-{pack}")
        page = reading.open("en/index.html")
        assert page.locator(".shelf li").count() == 2
        page.click(f".shelf a[href='m/{other}.html']")
        expect(page.get_by_text(f"The images of this manuscript are in pack {3 - pack}.")).to_be_visible()
        assert page.locator(".leaves").count() == 0
        assert reading.search("Kitab").locator(".found li").count() == 2
        assert reading.problems == []
    library.run("publish", "offline", packs, "--check")
    (packs / "pack-2/index.html").unlink()
    assert "pack-2/index.html is missing" in library.run("publish", "offline", packs, "--check", status=1).stderr
    # What is in one pack now is no longer in two.
    library.run("publish", "offline", packs, "walk-open-out", "--pack", "1GB")
    assert mentions(_texts(packs), MANUSCRIPTS) == {"walk-open-out"}
    assert list((packs / "pack-2").rglob("*.avif")) == []
    assert "something else" in library.run("publish", "offline", edition, "--all", "--pack", "1GB", status=2).stderr
    library.run("publish", "offline", tmp_path / "e", "--all", "--pack", "much", status=2)


def test_what_cannot_be_written_is_told_in_a_sentence(library: Library, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    assert "something else in it" in library.run("publish", "offline", tmp_path / "full", "--all", status=2).stderr
    assert "Name the manuscripts" in library.run("publish", "offline", tmp_path / "new", status=2).stderr
    assert "None of these" in library.run("publish", "offline", tmp_path / "new", "walk-staff-out", status=2).stderr
    library.run("publish", "offline", tmp_path / "new", "nothing", status=3)
    library.run("publish", "offline", tmp_path / "new", "--check", status=3)
    assert not (tmp_path / "new").exists()
    # A manuscript may be called as the verb is.
    assert "offline" in library.run("publish", "--", "offline", status=3).stderr


@pytest.mark.skipif(not AXE.is_file(), reason="no axe-core: python tools/assets.py --peers fetches it")
@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_that_would_shut_a_reader_out(
    browser: Browser, edition: Path, language: str, colours: str
) -> None:
    context = browser.new_context(color_scheme=colours, bypass_csp=True)  # type: ignore[arg-type] # one of two
    page = context.new_page()
    for path in ("index.html", f"m/{OPEN.slug}.html", f"m/{OPEN.slug}.html#p1", "m/walk-terms-out.html", "search.html"):
        page.goto("about:blank")
        page.goto(f"{(edition / language).as_uri()}/{path}")
        page.add_script_tag(path=AXE)
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        found = page.evaluate("tags => axe.run({ runOnly: tags })", tags)
        assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found["violations"]] == [], path
    context.close()

"""A page image as a reader meets it: in a real browser, with and without JavaScript."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from data.commands import Served, served
from data.reading_library import reading_library

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("reading room")]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-3d-apis"]
REFUSED = re.compile("40[34]|410")
"""What the console says of pages that are for staff, are not there, or are not there any more."""
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(reading_library(tmp_path_factory.getbasetemp() / "reading")) as open_library:
        yield open_library


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no Chromium at {CHROMIUM}: make system, or set CHROMIUM")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield found
        found.close()


Reader = Callable[..., "Reading"]


class Reading:
    """One reader's page, with everything it asked for and complained of."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.page: Page = context.new_page()
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.address = address

    def open(self, path: str) -> Page:
        self.page.goto(self.address + path, wait_until="load")
        return self.page

    def paths(self) -> list[str]:
        """Return what was asked for, data: addresses left out."""
        return [urlsplit(url).path for url in self.asked if url.startswith("http")]

    def place(self) -> str:
        return urlsplit(self.page.url).path

    def scale(self) -> float:
        """Return how many times its fitted size the image is shown at."""
        return float(
            self.page.evaluate("""() => { const image = document.querySelector(".stage img");
              return image.getBoundingClientRect().width / image.offsetWidth; }""")
        )

    def is_deep(self) -> bool:
        return bool(self.page.evaluate("!!document.querySelector('.deep[data-shown]')"))

    def wait_for_scale(self, least: float, most: float) -> None:
        self.page.wait_for_function(
            """([least, most]) => { const image = document.querySelector(".stage img");
              const scale = image.getBoundingClientRect().width / image.offsetWidth;
              return scale >= least && scale <= most; }""",
            arg=[least, most],
        )


@pytest.fixture
def reader(room: Served, browser: Browser) -> Iterator[Reader]:
    opened: list[tuple[BrowserContext, Reading]] = []

    def reading(*, size: dict[str, int] = DESK, script: bool = True, touch: bool = False, dots: float = 1) -> Reading:
        context = browser.new_context(
            viewport=size, java_script_enabled=script, has_touch=touch, device_scale_factor=dots
        )
        context.set_default_timeout(15_000)
        made = Reading(context, room.address)
        opened.append((context, made))
        return made

    yield reading
    for context, made in opened:
        context.close()
        assert not made.complaints


def test_a_page_image_is_read_without_javascript_in_two_requests(reader: Reader) -> None:
    reading = reader(size={"width": 390, "height": 844}, script=False, dots=2)
    page = reading.open("/ar/m/tb-1/2r")
    assert reading.paths() == ["/ar/m/tb-1/2r", reading.paths()[1]]
    assert re.fullmatch(r"/images/tb-1\.0003/800\.avif", reading.paths()[1])
    assert page.evaluate("document.querySelector('.stage img').naturalWidth") > 0
    assert page.is_hidden(".zoom")
    page.click("a[rel=next]")
    assert reading.place() == "/ar/m/tb-1/2v"
    page.click("a[rel=prev]")
    assert reading.place() == "/ar/m/tb-1/2r"


def test_a_screen_of_three_dots_is_not_sent_twice_the_bytes(reader: Reader) -> None:
    reading = reader(size={"width": 390, "height": 844}, script=False, dots=3)
    reading.open("/ar/m/tb-1/2r")
    assert reading.paths()[1].endswith("/800.avif")


@pytest.mark.parametrize(
    "size",
    [(360, 640), (390, 844), (844, 390), (820, 1180), (1024, 768), (1280, 800), (1920, 1080)],
    ids=lambda size: f"{size[0]}x{size[1]}",
)
def test_the_width_said_in_sizes_is_the_width_shown(reader: Reader, size: tuple[int, int]) -> None:
    # A wrong one asks for a blurred file or for bytes that nobody sees.
    page = reader(size={"width": size[0], "height": size[1]}).open("/fr/m/tb-1/2r")
    # The natural width is given corrected by the density that sizes led to: it is the width that sizes says.
    said, shown = page.evaluate(
        "(image => [image.naturalWidth, image.getBoundingClientRect().width])(document.querySelector('.stage img'))"
    )
    assert said == pytest.approx(shown, abs=2)


def test_the_image_keeps_its_place_before_it_has_come(reader: Reader) -> None:
    reading = reader(script=False)
    reading.page.route("**/*.avif", lambda route: route.abort())
    page = reading.open("/en/m/tb-1/2r")
    box = page.evaluate(
        "(({width, height}) => [width, height])(document.querySelector('.stage img').getBoundingClientRect())"
    )
    assert box[0] / box[1] == pytest.approx(1300 / 1690, rel=0.01)
    reading.complaints.clear()  # the refused image is said in the console


@pytest.mark.parametrize(
    ("manuscript", "key", "onward"),
    [("tb-1", "ArrowLeft", "1v"), ("tb-2", "ArrowRight", "1v")],
)
def test_the_key_towards_the_next_page_follows_the_manuscript_not_the_interface(
    reader: Reader, manuscript: str, key: str, onward: str
) -> None:
    back = {"ArrowLeft": "ArrowRight", "ArrowRight": "ArrowLeft"}[key]
    for language in ("ar", "en"):
        reading = reader()
        page = reading.open(f"/{language}/m/{manuscript}/1r")
        page.keyboard.press(back)  # there is no page before the first
        page.keyboard.press(key)
        page.wait_for_url(f"**/{manuscript}/{onward}")
        page.keyboard.press(back)
        page.wait_for_url(f"**/{manuscript}/1r")


def test_the_next_page_lies_to_the_left_of_a_manuscript_read_right_to_left(reader: Reader) -> None:
    for language in ("ar", "fr"):
        page = reader().open(f"/{language}/m/tb-1/2r")
        assert page.locator("a.next").bounding_box()["x"] < page.locator("a.prev").bounding_box()["x"]
        page = reader().open(f"/{language}/m/tb-2/1v")
        assert page.locator("a.next").bounding_box()["x"] > page.locator("a.prev").bounding_box()["x"]


def test_the_next_page_is_fetched_after_load_and_shown_without_the_network(reader: Reader) -> None:
    reading = reader()
    with reading.page.expect_request("**/images/tb-1.0002/*"):
        page = reading.open("/ar/m/tb-1/1r")
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**/tb-1/1v")
    image = page.locator(".stage img")
    assert "tb-1.0002" in image.evaluate("image => image.currentSrc")
    assert image.evaluate("image => image.complete && image.naturalWidth > 0")
    assert page.title().startswith("1v")
    assert page.inner_text("h1 bdi") == "1v"
    page.context.set_offline(False)
    reading.complaints.clear()  # what it would fetch ahead of the page after that is refused offline
    page.go_back()
    page.locator("h1 bdi").filter(has_text="1r").wait_for()
    assert reading.place() == "/ar/m/tb-1/1r"


def test_a_reader_who_saves_data_is_sent_nothing_ahead(reader: Reader) -> None:
    reading = reader()
    reading.page.add_init_script("Object.defineProperty(navigator, 'connection', {value: {saveData: true}})")
    page = reading.open("/ar/m/tb-1/1r")
    page.wait_for_load_state("networkidle")
    assert not [path for path in reading.paths() if "1v" in path or "0002" in path]
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**/tb-1/1v")


def swipe(page: Page, dx: int, dy: int = 0) -> None:
    """Draw one finger over the page image."""
    box = page.locator(".stage").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch(page, [[(x + dx * step / 4, y + dy * step / 4)] for step in range(5)])


def touch(page: Page, frames: list[list[tuple[float, float]]]) -> None:
    """Play fingers on the screen: one list of points a moment."""
    cdp = page.context.new_cdp_session(page)
    for number, points in enumerate(frames):
        kind = "touchStart" if number == 0 else "touchMove"
        cdp.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(points)]},
        )
    cdp.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_swipe_turns_the_page_as_a_leaf_is_turned(reader: Reader) -> None:
    reading = reader(size=PHONE, touch=True, dots=2)
    page = reading.open("/fr/m/tb-1/1v")
    swipe(page, 120)  # right to left: what comes from the left is next
    page.wait_for_url("**/tb-1/2r")
    swipe(page, -120)
    page.wait_for_url("**/tb-1/1v")
    swipe(page, 10, 150)
    page.wait_for_timeout(200)
    assert reading.place() == "/fr/m/tb-1/1v"


def test_two_fingers_make_the_image_larger_where_they_are(reader: Reader) -> None:
    reading = reader(size=PHONE, touch=True, dots=2)
    page = reading.open("/fr/m/tb-1/1v")
    box = page.locator(".stage").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch(page, [[(x - apart, y), (x + apart, y)] for apart in (40, 50, 60, 72)])
    reading.wait_for_scale(1.7, 1.9)
    assert reading.place() == "/fr/m/tb-1/1v"
    swipe(page, 120)  # now it moves the image, not the page
    page.wait_for_timeout(200)
    assert reading.place() == "/fr/m/tb-1/1v"


def test_a_double_tap_zooms_and_zooms_back(reader: Reader) -> None:
    reading = reader(size=PHONE, touch=True, dots=2)
    page = reading.open("/fr/m/tb-1/1v")
    box = page.locator(".stage img").bounding_box()
    point = (box["x"] + box["width"] / 4, box["y"] + box["height"] / 4)
    for least, most in ((1.99, 2.01), (0.99, 1.01)):
        page.wait_for_timeout(400)  # two double taps are not four taps
        page.touchscreen.tap(*point)
        page.touchscreen.tap(*point)
        reading.wait_for_scale(least, most)


def test_zoom_asks_for_a_larger_file_of_the_same_picture(reader: Reader) -> None:
    reading = reader(size=PHONE)
    page = reading.open("/en/m/tb-1/2r")
    assert page.locator(".stage img").evaluate("image => image.currentSrc").endswith("/480.avif")
    with page.expect_response("**/images/tb-1.0003/800.avif"):
        page.keyboard.press("+")
    reading.wait_for_scale(1.49, 1.51)
    page.keyboard.press("0")
    reading.wait_for_scale(0.99, 1.01)
    assert "openseadragon" not in " ".join(reading.paths())


def test_a_wheel_zooms_at_the_pointer_and_scrolls_when_nothing_is_zoomed(reader: Reader) -> None:
    reading = reader()
    page = reading.open("/en/m/tb-1/2r")
    page.mouse.move(640, 300)
    page.mouse.wheel(0, 200)
    page.wait_for_function("scrollY > 0")
    assert reading.scale() == pytest.approx(1, abs=0.01)
    page.evaluate("scrollTo(0, 0)")
    page.mouse.wheel(0, -120)
    reading.wait_for_scale(1.2, 1.5)
    assert page.evaluate("scrollY") == 0


def test_beyond_twice_the_size_tiles_go_on_where_our_own_zoom_was(reader: Reader) -> None:
    reading = reader()
    page = reading.open("/en/m/tb-1/2r")
    page.click(".zoom [data-zoom=in]")
    reading.wait_for_scale(1.49, 1.51)
    page.wait_for_timeout(400)
    assert "openseadragon" not in " ".join(reading.paths())
    before = page.locator(".stage img").bounding_box()
    page.click(".zoom [data-zoom=in]")
    page.wait_for_selector(".deep[data-shown]")
    assert [path for path in reading.paths() if path.endswith("/iiif/3/tb-1.0003/info.json")]
    shown = page.evaluate(
        """() => { const box = document.querySelector(".stage").getBoundingClientRect();
          const at = document.querySelector(".stage img").getBoundingClientRect();
          return {x: at.x - box.x, y: at.y - box.y, width: at.width}; }"""
    )
    assert shown["width"] == pytest.approx(before["width"] * 1.5, rel=0.01)
    # The image with its words for screen readers stays; the tiles are for eyes only.
    assert page.locator(".stage img").get_attribute("alt")
    assert page.locator(".deep").get_attribute("aria-hidden") == "true"
    page.keyboard.press("-")
    page.wait_for_selector(".deep", state="detached")
    reading.wait_for_scale(1.4, 1.6)
    page.keyboard.press("ArrowLeft")  # zoomed: it moves the image
    assert reading.place() == "/en/m/tb-1/2r"
    page.keyboard.press("0")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**/tb-1/2v")


def test_images_that_must_stay_small_are_zoomed_without_tiles(reader: Reader) -> None:
    reading = reader()
    page = reading.open("/en/m/tb-3/1r")
    for _ in range(4):
        page.keyboard.press("+")
    page.wait_for_timeout(500)
    assert not [path for path in reading.paths() if "openseadragon" in path or path.startswith("/iiif/")]


PATHS = (
    "",
    "m/",
    "m/tb-1/",
    "m/tb-2/",
    "m/tb-1/2r",
    "m/tb-2/1r",
    "m/tb-3/1r",
    "m/tb-4/1r",
    "sign-in",
    "terms",
    "access/ended",
    "m/nosuch/",
)


@pytest.mark.parametrize("language", ["ar", "fr", "en"])
def test_no_page_is_wider_than_a_small_phone(reader: Reader, language: str) -> None:
    reading = reader(size=PHONE, dots=2)
    for path in PATHS:
        page = reading.open(f"/{language}/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
    # A page that is not there, or is for staff, is said so in the console too.
    reading.complaints[:] = [said for said in reading.complaints if not REFUSED.search(said)]


def test_everything_can_be_reached_by_keyboard_and_is_seen_to_be(reader: Reader) -> None:
    page = reader().open("/fr/m/tb-1/2r")
    reached: list[str] = []
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("(e => e.className || e.dataset.zoom || e.name || e.tagName)(document.activeElement)")
        )
        if page.evaluate("document.activeElement !== document.body"):
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", reached
    assert {"skip", "mark", "turn prev", "in", "out", "whole", "turn next", "folio"} <= set(reached)


def test_escape_shows_the_whole_page_again_and_back_leads_where_it_led_before(reader: Reader) -> None:
    reading = reader()
    page = reading.open("/ar/m/tb-1/1r")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**/tb-1/1v")
    whole = page.locator(".zoom [data-zoom=whole]")
    assert whole.get_attribute("aria-disabled") == "true"
    page.keyboard.press("+")
    reading.wait_for_scale(1.49, 1.51)
    assert whole.get_attribute("aria-disabled") == "false"
    page.keyboard.press("Escape")
    reading.wait_for_scale(0.99, 1.01)
    page.keyboard.press("+")
    page.go_back()
    page.wait_for_url("**/tb-1/1r")
    page.locator("h1 bdi").filter(has_text="1r").wait_for()
    reading.wait_for_scale(0.99, 1.01)
    assert page.locator(".languages a").first.get_attribute("href") == "/fr/m/tb-1/1r"


FINGERS = """() => [...document.querySelectorAll("a, button, input:not([type=hidden])")]
  .map((each) => [each.getBoundingClientRect(), each.className, each.textContent.trim() || each.name])
  .filter(([box, name]) => box.width && name !== "skip" && (box.width < 44 || box.height < 44))
  .map(([box, , text]) => `${text}: ${box.width} x ${box.height}`)"""


@pytest.mark.parametrize("language", ["ar", "en"])
def test_everything_that_can_be_touched_is_large_enough_for_a_finger(reader: Reader, language: str) -> None:
    reading = reader(size=PHONE, dots=2, touch=True)
    for path in PATHS:
        page = reading.open(f"/{language}/{path}")
        assert page.evaluate(FINGERS) == [], path
    reading.complaints[:] = [said for said in reading.complaints if not REFUSED.search(said)]


@pytest.mark.parametrize("language", ["ar", "en"])
def test_letters_of_twice_the_size_fit_a_small_phone(reader: Reader, language: str) -> None:
    reading = reader(size=PHONE, dots=2)
    for path in PATHS:
        page = reading.open(f"/{language}/{path}")
        page.add_style_tag(content="html { font-size: 200% }")
        # What juts out at the side where a page begins cannot be scrolled to, and does not count as width.
        out = page.evaluate(
            """() => [...document.querySelectorAll("body *:not(.skip, .strip *, b, svg *)")]
              .filter((each) => { const box = each.getBoundingClientRect();
                return box.width && (box.left < -1 || box.right > innerWidth + 1); })
              .map((each) => each.outerHTML.slice(0, 80))"""
        )
        assert out == [], path
    reading.complaints[:] = [said for said in reading.complaints if not REFUSED.search(said)]


def test_a_title_on_the_shelf_is_never_hidden_in_part(reader: Reader) -> None:
    # Cut lines lost the dots under the last of them, and the vowel signs over the first.
    page = reader(size=PHONE).open("/en/m/")
    ways = page.eval_on_selector_all(".name", "all => all.map((each) => getComputedStyle(each).overflowY)")
    assert set(ways) == {"visible"}
    assert page.eval_on_selector(".mark span", "(each) => getComputedStyle(each).overflowY") == "visible"


AXE = Path(__file__).parents[2] / "tools/npm/node_modules/axe-core/axe.min.js"


@pytest.mark.skipif(not AXE.is_file(), reason="no axe-core: python tools/assets.py --peers fetches it")
@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("language", ["ar", "en"])
def test_axe_finds_nothing_that_would_shut_a_reader_out(reader: Reader, language: str, colours: str) -> None:
    reading = reader(size=PHONE)
    for path in PATHS:
        reading.page.emulate_media(color_scheme=colours)  # type: ignore[arg-type] # one of the two
        page = reading.open(f"/{language}/{path}")
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run()")
        assert len(found["passes"]) > 15
        assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == [], path
    reading.complaints[:] = [said for said in reading.complaints if not REFUSED.search(said)]


def test_a_word_of_ajami_is_set_in_one_font_file(reader: Reader) -> None:
    page = reader().open("/ar/m/tb-1/")
    page.evaluate("document.querySelector('h1').textContent = 'ݑُوطِ ࢩَنْفَـٰنِ'")
    page.wait_for_function("document.fonts.status === 'loaded'")
    cdp = page.context.new_cdp_session(page)
    cdp.send("DOM.enable")
    cdp.send("CSS.enable")
    node = cdp.send("DOM.querySelector", {"nodeId": cdp.send("DOM.getDocument")["root"]["nodeId"], "selector": "h1"})
    used = cdp.send("CSS.getPlatformFontsForNode", {"nodeId": node["nodeId"]})["fonts"]
    # The space between the words may come from anywhere.
    letters = [(font["familyName"], font["isCustomFont"]) for font in used if font["glyphCount"] > 1]
    assert letters == [("Khizana Naskh", True)]

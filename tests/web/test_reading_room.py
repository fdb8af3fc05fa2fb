"""Every public page, from the server that readers meet."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar

import brotli
import pytest
from django.test import RequestFactory
from lxml import html

import data.unnamed  # noqa: F401 - sets Django up, which the views below need
from data.commands import KHIZANA, Served, command_environment, served
from data.reading_library import FRENCH_TITLE, PASSWORD, reading_library
from khizana.web.reading_room import views

pytestmark = pytest.mark.xdist_group("reading room")
LANGUAGES = ("ar", "fr", "en")


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(reading_library(tmp_path_factory.getbasetemp() / "reading")) as open_library:
        yield open_library


def select(root: html.HtmlElement, selectors: str) -> list[html.HtmlElement]:
    """Return the elements that match *selectors*: of CSS, what these tests need (tag, .class, [name=value], space)."""
    paths = []
    for selector in selectors.split(","):
        path = "."
        for step in selector.split():
            tag, name, attribute, value = re.fullmatch(r"(\w*)(?:\.([\w-]+))?(?:\[(\w+)=(\w+)\])?", step).groups()
            path += f"//{tag or '*'}"
            path += f"[contains(concat(' ', @class, ' '), ' {name} ')]" if name else ""
            path += f"[@{attribute}='{value}']" if attribute else ""
        paths.append(path)
    return root.xpath(" | ".join(paths))


def page(room: Served, path: str, status: int = 200) -> html.HtmlElement:
    answered, _headers, body = room.get(path)
    assert answered == status, path
    return html.document_fromstring(body.decode("utf-8"))


@pytest.fixture(scope="module")
def staff(room: Served) -> urllib.request.OpenerDirector:
    """Return a browser in which someone of the staff is signed in."""
    subprocess.run(
        [*KHIZANA, "account", "aicha"],
        env=command_environment(KHIZANA_LIBRARY=str(room.library.root)),
        input=f"{PASSWORD}\n",
        text=True,
        check=True,
        capture_output=True,
    )
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    address = f"{room.address}/en/sign-in"
    form = html.document_fromstring(browser.open(address).read()).get_element_by_id("sign-in")
    fields = {**dict(form.form_values()), "username": "aicha", "password": PASSWORD}
    answer = browser.open(
        urllib.request.Request(address, urllib.parse.urlencode(fields).encode(), {"Referer": address})  # noqa: S310 - a loopback address
    )
    assert answer.url == f"{room.address}/en/"
    return browser


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("fr-ML,fr;q=0.9,en;q=0.8", "fr"),
        ("en", "en"),
        ("ha,en-GB;q=0.5", "en"),
        ("de", "ar"),
        ("", "ar"),
        ("*;q=nan", "ar"),
    ],
)
def test_the_root_leads_to_the_language_a_browser_prefers_or_else_to_arabic(
    room: Served, accepted: str, language: str
) -> None:
    status, headers, _body = room.get("/", Accept_Language=accepted)
    assert (status, headers["Location"]) == (302, f"/{language}/")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["", "m/", "m/tb-1/", "m/tb-1/2r", "m/tb-4/1r", "sign-in", "m/nosuch/"])
def test_every_page_says_its_language_and_direction_and_keeps_the_place_in_the_others(
    room: Served, language: str, path: str
) -> None:
    _status, _headers, body = room.get(f"/{language}/{path}")
    root = html.document_fromstring(body.decode("utf-8"))
    assert root.get("lang") == language
    assert root.get("dir") == ("rtl" if language == "ar" else "ltr")
    others = {link.get("hreflang"): link.get("href") for link in select(root, "nav.languages a")}
    kept = "" if "nosuch" in path else path
    assert others == {tag: f"/{tag}/{kept}" for tag in LANGUAGES if tag != language}
    assert len(select(root, "h1")) == 1
    # What a template forgot to translate would stay English.
    if language == "ar":
        assert "page" not in select(root, "main")[0].text_content().lower()


def test_the_home_page_shows_what_readers_may_know_of_and_nothing_else(room: Served) -> None:
    root = page(room, "/en/")
    shelfmarks = [select(card, ".about bdi")[0].text for card in select(root, ".card")]
    assert shelfmarks == ["TB 1", "TB 2", "TB 3", "TB 4", "تب ٦"]
    assert "5 manuscripts" in root.text_content()
    marked = {select(card, ".about bdi")[0].text: select(card, "em") for card in select(root, ".card")}
    assert marked["TB 4"][0].text == "At the library only"
    assert marked["TB 3"][0].text == "Smaller images"
    assert not select(select(root, ".card")[3], "img")


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 200), ("?page=1", 200), ("?page=2", 404), ("?page=0", 404), ("?page=x", 404), ("?page=%D9%A1", 404)],
)
def test_a_page_of_the_list_that_is_not_there_is_not_found(room: Served, query: str, status: int) -> None:
    assert room.get(f"/fr/m/{query}")[0] == status


def test_a_manuscript_shows_its_titles_and_all_its_pages_in_its_own_direction(room: Served) -> None:
    root = page(room, "/fr/m/tb-1/")
    assert select(root, "h1")[0].text == FRENCH_TITLE
    assert select(root, ".other")[0].get("lang") == "ar"
    sheet = select(root, ".sheet")[0]
    assert sheet.get("dir") == "rtl"
    assert [each.text for each in select(sheet, "bdi")] == ["1r", "1v", "2r", "2v", "3r"]
    assert [each.get("href") for each in select(sheet, "a")][:2] == ["/fr/m/tb-1/1r", "/fr/m/tb-1/1v"]
    assert select(page(room, "/ar/m/tb-2/"), ".sheet")[0].get("dir") == "ltr"


def test_a_folio_offers_avif_then_jpeg_in_the_sizes_that_exist(room: Served) -> None:
    root = page(room, "/fr/m/tb-1/2r")
    source = select(root, ".stage source")[0]
    image = select(root, ".stage img")[0]
    assert source.get("type") == "image/avif"
    widths = re.findall(r"/(\d+)\.avif (\d+)w", source.get("srcset"))
    assert [width for width, _ in widths] == ["480", "800", "1200"]
    for address in [part.split()[0] for part in f"{source.get('srcset')},{image.get('srcset')}".split(",")]:
        assert room.get(address)[0] == 200, address
    assert (image.get("width"), image.get("height")) == ("1300", "1690")
    assert image.get("alt") == f"{FRENCH_TITLE}, 2r"
    assert image.get("fetchpriority") == "high"
    assert source.get("sizes") == image.get("sizes")


def test_a_folio_leads_to_its_neighbours_and_no_further_than_the_ends(room: Served) -> None:
    middle = page(room, "/en/m/tb-1/2r")
    assert select(middle, "a[rel=prev]")[0].get("href") == "/en/m/tb-1/1v"
    assert select(middle, "a[rel=next]")[0].get("href") == "/en/m/tb-1/2v"
    assert not select(page(room, "/en/m/tb-1/1r"), "a[rel=prev]")
    assert not select(page(room, "/en/m/tb-1/3r"), "a[rel=next]")


def test_a_folio_gives_its_shelfmark_manifest_description_and_citation(room: Served) -> None:
    root = page(room, "/en/m/tb-1/2r")
    links = [link.get("href") for link in select(root, ".files a")]
    cited = [f"/m/tb-1/cite.{form}?language=en&folio=2r" for form in ("bib", "ris", "json")]
    assert links == [*cited, "/en/m/tb-1/", "/iiif/manifest/tb-1", "/m/tb-1/description.xml", "/en/"]
    for link in links:
        assert room.get(link)[0] == 200, link
    assert "Treasury, TB 1, 2r." in root.text_content()
    address = select(root, ".address")[0].text
    assert room.get(address.removeprefix(room.address), Accept_Language="en")[1]["Location"] == "/en/m/tb-1/2r"


def test_a_manuscript_and_each_of_its_pages_is_cited_in_files_for_programs(room: Served) -> None:
    for link in select(page(room, "/ar/m/tb-1/"), "dd .files a"):
        status, headers, body = room.get(link.get("href"))
        assert status == 200
        assert headers["Content-Disposition"].startswith('attachment; filename="reading-tb-1.')
        assert headers.get_content_charset() == "utf-8"
        assert b"TB 1" in body
        assert headers["Cache-Control"]
    (item,) = json.loads(room.get("/m/tb-1/cite.json?language=fr&folio=2r")[2])
    assert (item["locator"], item["archive_location"]) == ("2r", "TB 1")
    assert room.get(item["URL"].removeprefix(room.address), Accept_Language="fr")[1]["Location"] == "/fr/m/tb-1/2r"
    assert json.loads(room.get("/m/tb-1/cite.json?language=%00&folio=")[2])
    status, _, body = room.get("/m/tb-1/cite.bib?folio=99r", Accept_Language="fr")
    assert (status, json.loads(body)["error"].startswith("Le manuscrit « tb-1 »")) == (404, True)
    assert {room.get(f"/m/tb-1/cite.{ending}")[0] for ending in ("xml", "bib/", "")} == {404}


def test_a_folio_is_small_and_asks_for_nothing_but_its_image_without_javascript(room: Served) -> None:
    for _ in range(2):  # as made, and as stored
        _status, headers, body = room.get("/ar/m/tb-1/2r", Accept_Encoding="br")
        assert len(body if headers["Content-Encoding"] == "br" else brotli.compress(body)) < 5_000
    root = page(room, "/ar/m/tb-1/2r")
    assert not select(root, "link[rel=stylesheet], link[rel=preload], iframe, object")
    assert select(root, "link[rel=icon]")[0].get("href").startswith("data:")
    assert "@font-face" not in select(root, "style")[0].text
    assert [script.get("type") for script in select(root, "script")] == ["module"]


def test_a_folio_that_does_not_exist_is_not_found_in_the_readers_language(room: Served) -> None:
    for path in ("/fr/m/tb-1/99r", "/fr/m/nosuch/", "/fr/nosuch", "/fr/m/tb-1/2r/x"):
        root = page(room, path, 404)
        assert root.get("lang") == "fr", path
        assert select(root, "h1")[0].text == "Cette page n’existe pas", path


@pytest.mark.parametrize(
    "path",
    [
        "/en/m/%00/",
        "/en/m/%FF%FE/",
        "/en/m/tb-1/%00",
        "/en/m/tb-1/%F0%9F%98%80",
        f"/en/m/{'a' * 3000}/",
        "/en/m/..%2F..%2Fetc/",
        "/en/m/?page=99999999999999999999",
        "//elsewhere.example/",
    ],
)
def test_a_hostile_address_is_not_found(room: Served, path: str) -> None:
    assert room.get(path)[0] == 404


def test_what_only_asks_for_headers_is_answered(room: Served) -> None:
    for path in ("/en/", "/en/m/", "/en/m/tb-1/", "/en/m/tb-1/1r"):
        request = urllib.request.Request(room.address + path, method="HEAD")  # noqa: S310 - a loopback address
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - the same
            assert (answer.status, answer.read()) == (200, b""), path


def test_a_sign_in_never_leads_out_of_the_library(room: Served) -> None:
    root = page(room, "/en/sign-in?next=//elsewhere.example/")
    assert select(root, "input[name=next]")[0].get("value") == ""


def test_what_is_withdrawn_says_that_it_was_here_and_nothing_else(room: Served) -> None:
    for path in ("/fr/m/tb-5/", "/fr/m/tb-5/1r", "/fr/m/tb-5/99r"):
        root = page(room, path, 410)
        assert root.get("lang") == "fr"
        assert "TB 5" in select(root, ".over")[0].text_content()
        assert "Withdrawn" not in root.text_content()  # its title
        assert [link.get("href") for link in select(root, ".languages a")] == ["/ar/m/tb-5/", "/en/m/tb-5/"]


def test_images_for_staff_are_refused_with_the_owners_reason(room: Served) -> None:
    root = page(room, "/fr/m/tb-4/1r", 403)
    assert "demandez une visite" in select(root, ".lead")[0].text
    assert not select(root, "img")
    described = page(room, "/fr/m/tb-4/")
    assert select(described, ".notice")
    assert not select(described, "main img")


def test_smaller_images_are_offered_smaller_and_said_to_be(room: Served) -> None:
    root = page(room, "/en/m/tb-3/1r")
    assert re.findall(r"/(\d+)\.avif", select(root, ".stage source")[0].get("srcset")) == ["480"]
    assert "smaller size" in select(root, ".notice")[0].text
    # Deep zoom would ask for what is refused.
    assert select(root, ".room")[0].get("data-zoom") is None
    for image in select(page(room, "/en/m/tb-3/"), "img"):
        assert room.get(image.get("src"))[0] == 200


@pytest.mark.parametrize("asked", ["2r", "2R", " 2 r "])
def test_a_reader_who_writes_a_folio_is_led_to_it(room: Served, asked: str) -> None:
    status, headers, _body = room.get(f"/fr/m/tb-1/?folio={urllib.parse.quote(asked)}")
    assert (status, headers["Location"]) == (302, "/fr/m/tb-1/2r")


def test_a_folio_that_is_not_in_the_manuscript_is_said_not_to_be(room: Served) -> None:
    root = page(room, "/en/m/tb-1/?folio=%3Cscript%3E99")
    assert "<script>99" in select(root, "[role=status]")[0].text


def test_a_shelfmark_in_arabic_makes_addresses_that_work(room: Served) -> None:
    cards = select(page(room, "/ar/"), ".card a")
    address = cards[-1].get("href")
    assert address.isascii()
    first = select(page(room, address), ".sheet a")[0].get("href")
    for each in select(page(room, first), ".stage img, .stage source"):
        assert room.get(each.get("srcset").split()[0])[0] == 200


def test_staff_see_what_readers_do_not(room: Served, staff: urllib.request.OpenerDirector) -> None:
    def seen(path: str) -> html.HtmlElement:
        return html.document_fromstring(staff.open(room.address + path).read().decode("utf-8"))

    assert len(select(seen("/en/"), ".card")) == 6
    withdrawn = seen("/en/m/tb-5/1r")
    assert select(withdrawn, ".stage img")
    assert select(withdrawn, ".notice")[0].text == "This manuscript is not published."
    assert select(seen("/en/m/tb-4/1r"), ".notice")[0].text == "Only staff see the images of this manuscript."
    # And what staff saw is not kept for others.
    assert room.get("/en/m/tb-5/1r")[0] == 410
    assert room.get("/en/m/tb-4/1r")[0] == 403


def test_a_wrong_password_is_said_without_saying_which_part_was_wrong(room: Served) -> None:
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    address = f"{room.address}/fr/sign-in"
    form = html.document_fromstring(browser.open(address).read()).get_element_by_id("sign-in")
    fields = {**dict(form.form_values()), "username": "nobody", "password": "wrong"}
    answer = browser.open(
        urllib.request.Request(address, urllib.parse.urlencode(fields).encode(), {"Referer": address})  # noqa: S310 - a loopback address
    )
    root = html.document_fromstring(answer.read().decode("utf-8"))
    assert "ne vont pas ensemble" in select(root, "[role=alert]")[0].text
    assert select(root, "input[name=username]")[0].get("value") == "nobody"


def test_a_form_that_did_not_come_from_our_page_is_refused_in_the_readers_language(room: Served) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{room.address}/fr/sign-in", data=b"username=a&password=b")  # noqa: S310 - a loopback address
    assert refused.value.code == 403
    root = html.document_fromstring(refused.value.read().decode("utf-8"))
    assert select(root, "h1")[0].text == "Ce formulaire a expiré"
    assert select(root, "a.enter")[0].get("href") == "/fr/sign-in"


def test_a_page_that_fails_is_still_a_page_in_the_readers_language() -> None:
    failed = views.failed(RequestFactory().get("/ar/m/"))
    root = html.document_fromstring(failed.content.decode("utf-8"))
    assert (failed.status_code, root.get("lang"), root.get("dir")) == (500, "ar", "rtl")
    assert "بعد دقيقة" in select(root, "h1")[0].text
    assert "--ink" in select(root, "style")[0].text


def test_a_manuscript_of_one_page_offers_no_other_page_to_go_to(room: Served) -> None:
    slug = urllib.parse.quote("تب-6")
    for path in (f"/ar/m/{slug}/", f"/ar/m/{slug}/1r"):
        assert not select(page(room, path), ".strip, .go"), path
    assert select(page(room, "/ar/m/tb-1/1r"), ".strip, .go")


def test_a_title_cannot_smuggle_markup_into_a_page(room: Served, tmp_path_factory: pytest.TempPathFactory) -> None:
    from data.cards import card  # noqa: PLC0415 - used here only

    folder = card(tmp_path_factory.mktemp("hostile") / "card", ["1r.jpg"])
    title = 'en="><script>alert(1)</script>'
    room.library.run("add", folder, "--shelfmark", 'X"><b>', "--title", title, "--level", "open")
    manifest = json.loads(room.get("/iiif/collection")[2])
    slug = next(item["id"].rpartition("/")[2] for item in manifest["items"] if "/x" in item["id"])
    for path in ("/en/m/", f"/en/m/{slug}/", f"/en/m/{slug}/1r"):
        root = page(room, path)
        for script in select(root, "script"):
            assert not script.text or (script.get("type") == "application/ld+json" and "<" not in script.text), path
        assert "<script>alert(1)" in root.text_content(), path
    room.library.run("publish", 'X"><b>', "--withdraw")

"""The search page and its answers for programs, and the verb beside it, on a library made with the commands."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from lxml import etree, html

from data.cards import photograph
from data.commands import KHIZANA, Served, command_environment, new_library, served
from data.reading_library import FRENCH_TITLE, reading_library

pytestmark = pytest.mark.xdist_group("reading room")
ARABIC = "الاسطرلاب"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(reading_library(tmp_path_factory.getbasetemp() / "reading")) as open_library:
        yield open_library


def page(room: Served, path: str) -> html.HtmlElement:
    status, _headers, body = room.get(path)
    assert status == 200, path
    return html.document_fromstring(body.decode("utf-8"))


def answer(room: Served, path: str) -> dict:
    status, headers, body = room.get(path)
    assert status == 200, path
    assert headers["content-type"].startswith("application/json")
    return json.loads(body)


@pytest.mark.parametrize("language", ["ar", "fr", "en"])
def test_the_page_shows_what_was_found_where_and_why(room: Served, language: str) -> None:
    found = page(room, f"/{language}/search?q={quote(ARABIC)}")
    (hit,) = found.find_class("hit")
    assert hit.xpath(".//h2/a/@href") == [f"/{language}/m/tb-1/"]
    assert hit.xpath(".//mark/text()") == ["بالأسطرلابِ"]
    assert hit.xpath(".//details[@class='why']/p")[0].text_content()
    assert found.xpath("//form[@role='search']//input[@name='q']/@value") == [ARABIC]
    assert found.xpath("/html/@dir") == ["rtl" if language == "ar" else "ltr"]


def test_a_name_in_another_script_leads_there(room: Served) -> None:
    assert [hit["id"] for hit in answer(room, "/search.json?q=asturlab")["hits"]] == ["tb-1"]


def test_every_page_of_lists_has_the_box(room: Served) -> None:
    for path in ("/ar/", "/ar/m/", "/ar/search"):
        assert page(room, path).xpath("//form[@role='search']/@action") == ["/ar/search"]


def test_what_is_not_published_is_found_by_no_door(room: Served) -> None:
    for path in ("/search.json?q=withdrawn", "/search.json?q=", "/search.json?q=TB+5", "/search.json?q=wthdrwn"):
        found = answer(room, path)
        assert "tb-5" not in [hit["id"] for hit in found["hits"]]
        assert "Withdrawn" not in json.dumps(found["suggestions"])
        assert found["total"] == len(found["hits"])
    assert answer(room, "/suggest.json?q=withd")["suggestions"] == []
    assert "Withdrawn" not in room.get("/search.csv?q=withdrawn")[2].decode()
    assert "Withdrawn" not in room.get("/search.rss?q=tb")[2].decode()


def test_marks_are_offsets_into_the_text_as_stored(room: Served) -> None:
    (hit,) = answer(room, f"/search.json?q={quote('Traité')}")["hits"]
    (marked,) = hit["highlights"]
    assert marked["text"] == FRENCH_TITLE
    assert [marked["text"][start:end] for start, end in marked["spans"]] == ["Traité"]


def test_results_go_out_as_a_table_and_as_a_feed(room: Served) -> None:
    status, _headers, body = room.get("/search.csv?q=letters")
    assert status == 200
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
    assert [(row["id"], row["title"]) for row in rows] == [("tb-3", "Letters")]
    feed = etree.fromstring(room.get("/search.rss?q=letters&language=fr")[2])
    assert [each.text for each in feed.iterfind(".//item/title")] == ["Letters"]
    assert feed.findtext(".//item/link", "").endswith("/fr/m/tb-3/")


def test_names_are_suggested_in_either_script(room: Served) -> None:
    texts = [each["text"] for each in answer(room, f"/suggest.json?q={quote('الأسط')}")["suggestions"]]
    assert [text for text in texts if "الأسط" in text] or texts
    assert FRENCH_TITLE in [each["text"] for each in answer(room, "/suggest.json?q=Trai")["suggestions"]]


@pytest.mark.parametrize(
    "typed", ['"', "-", "date:x", ":::", "\u202e", "a" * 9_000, "<script>alert(1)</script>", "%00"]
)
def test_whatever_is_typed_gets_a_page(room: Served, typed: str) -> None:
    found = page(room, f"/en/search?q={quote(typed)}")
    assert not found.xpath("//main//script[not(@src)]")


def test_a_filter_in_force_can_be_taken_away(room: Served) -> None:
    found = page(room, "/en/search?q=letters&f=images:yes&f=nonsense&page=x")
    (chosen,) = found.find_class("chosen")[0].iterfind(".//a")
    assert "images" not in chosen.get("href")
    assert "letters" in chosen.get("href")


def test_the_verb_finds_what_staff_may_find_and_with_public_what_readers_may(room: Served) -> None:
    library = room.library
    assert [hit["id"] for hit in library.json("search", "withdrawn")["hits"]] == ["tb-5"]
    assert library.json("search", "withdrawn", "--public")["total"] == 0
    assert "A name sounds like it" in library.run("search", "asturlab", "--explain", KHIZANA_LANGUAGE="en").stdout
    assert library.run("search", "letters", "--csv").stdout.splitlines()[1].startswith("tb-3,TB 3,Letters")
    library.run("search", "x", "--facet", "colour=red", status=2)
    library.run("search", "x", "--field", "colour", status=2)


def test_many_queries_come_by_standard_input_one_a_line(room: Served) -> None:
    done = subprocess.run(
        [*KHIZANA, "search", "--json", "-"],
        env=command_environment(KHIZANA_LIBRARY=str(room.library.root)),
        input=f"{ARABIC}\n\nletters\n",
        text=True,
        capture_output=True,
        check=True,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["query"] for each in answers] == [ARABIC, "", "letters"]
    assert [hit["id"] for hit in answers[2]["hits"]] == ["tb-3"]


def test_an_index_made_again_answers_the_same(room: Served) -> None:
    before = room.library.json("search", "letters")["hits"]
    assert room.library.json("index")["manuscripts"] == room.library.json("status")["manuscripts"]
    assert room.library.json("search", "letters")["hits"] == before


def test_a_manuscript_that_is_withdrawn_is_found_no_more_at_once(room: Served) -> None:
    room.library.run("publish", "TB 3", "--withdraw")
    try:
        assert answer(room, "/search.json?q=letters")["hits"] == []
    finally:
        room.library.run("publish", "TB 3", "--level", "smaller")
    for _ in range(300):
        # The worker of khizana serve, or the command, brings the index up to date: whichever is first.
        if room.library.json("search", "letters", "--public")["hits"]:
            break
        time.sleep(0.1)
    assert [hit["id"] for hit in answer(room, "/search.json?q=letters")["hits"]] == ["tb-3"]


@pytest.mark.both_databases
def test_a_library_without_an_index_has_one_soon_after_it_is_served(
    tmp_path: Path, database: Callable[[], str]
) -> None:
    library = new_library(tmp_path / "library", database=database())
    (tmp_path / "card").mkdir()
    photograph(tmp_path / "card" / "1r.jpg", width=400, height=500)
    library.run("add", tmp_path / "card", "--shelfmark", "TB 9", "--title", "ar=كتاب الفلك")
    with served(library) as here:
        for _ in range(600):
            status, _headers, body = here.get("/search.json?q=falak")
            assert status in (200, 503)
            if status == 200 and json.loads(body)["hits"]:
                break
            time.sleep(0.1)
        assert [hit["id"] for hit in answer(here, "/search.json?q=falak")["hits"]] == ["tb-9"]

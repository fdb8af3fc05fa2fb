"""The image doors answer as the Image API says, to whom the agreement allows, and never with a fault of their own."""

from __future__ import annotations

import asyncio
import io
import json
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from data.iiif_images import (
    OPEN,
    SMALLER,
    STAFF_ONLY,
    UNPUBLISHED,
    FewImages,
    make_access_folder,
    page_pixels,
    write_pyramid,
)
from khizana.core.policy import ANYONE, STAFF, Agreement, Reader
from khizana.core.serving import ServedImage
from khizana.web.iiif import opened
from khizana.web.iiif.image_app import ImageApp
from khizana.web.iiif.renders import Renders

WIDTH, HEIGHT = 1301, 1700
PAGE = "/iiif/3/tb-1.0001"
BASE = "https://library.example"


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def image(self) -> Image.Image:
        return Image.open(io.BytesIO(self.body))


@dataclass
class Library:
    """Some page images behind the doors, and one event loop to ask in."""

    folder: Path
    reader: Reader = ANYONE
    base: str | None = BASE
    remote: bool = False
    renders: Renders | None = None
    asked_who: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        agreements = {"tb-1": OPEN, "tb-2": SMALLER, "tb-3": STAFF_ONLY, "tb-4": UNPUBLISHED, "كتاب-1": OPEN}
        self.images = FewImages(
            {f"{name}.0001": self.served(given) for name, given in agreements.items()}, remote=self.remote
        )
        self.loop = asyncio.new_event_loop()
        self.app = ImageApp(self.images, self.who, self.base, renders=self.renders)

    def served(self, agreement: Agreement) -> ServedImage:
        return ServedImage(self.folder, WIDTH, HEIGHT, agreement)

    def who(self, scope: Any) -> Reader:
        self.asked_who.append(threading.current_thread().name)
        assert scope["type"] == "http"
        return self.reader

    def ask(self, path: str, method: str = "GET", **headers: str) -> Reply:
        return self.loop.run_until_complete(self.asking(path, method, **headers))

    async def asking(self, path: str, method: str = "GET", **headers: str) -> Reply:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            return {"type": "http.request"}

        pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        scope = {
            "type": "http",
            "method": method,
            "scheme": "http",
            "path": path,
            "query_string": b"",
            "headers": pairs,
        }
        await self.app(scope, receive, send)
        start = sent[0]
        body = b"".join(message["body"] for message in sent[1:])
        return Reply(start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, body)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_access_folder(tmp_path_factory.mktemp("access") / "ab", page_pixels(WIDTH, HEIGHT))


@pytest.fixture
def library(folder: Path) -> Library:
    return Library(folder)


def test_a_whole_tile_is_sent_as_it_lies_and_again_from_what_is_remembered(library: Library) -> None:
    for _ in range(2):
        reply = library.ask(f"{PAGE}/512,512,512,512/512,512/0/default.jpg")
        assert reply.status == 200
        assert reply.headers["content-type"] == "image/jpeg"
        assert reply.headers["content-length"] == str(len(reply.body))
        assert reply.headers["cache-control"] == "public, max-age=600, must-revalidate"
        assert reply.headers["access-control-allow-origin"] == "*"
        assert f'<{BASE}{PAGE}/512,512,512,512/max/0/default.jpg>;rel="canonical"' in reply.headers["link"]
        assert '<http://iiif.io/api/image/3/level2.json>;rel="profile"' in reply.headers["link"]
        assert reply.image.size == (512, 512)
    assert library.asked_who == []


def test_a_tile_of_every_form_and_version_is_the_same_bytes(library: Library) -> None:
    forms = ("0,0,1024,1024/512,512", "0,0,1024,1024/512,", "0,0,1024,1024/!512,512", "0,0,1024,1024/pct:50")
    bodies = {library.ask(f"/iiif/{v}/tb-1.0001/{form}/0/color.jpg").body for form in forms for v in (2, 3)}
    assert len(bodies) == 1


def test_tiles_at_the_edges_have_the_size_that_was_asked_for(library: Library) -> None:
    for address, size in (
        ("1024,1536,277,164/277,164", (277, 164)),
        ("1024,1024,277,676/139,338", (139, 338)),
        ("0,0,1301,1700/326,425", (326, 425)),
    ):
        reply = library.ask(f"{PAGE}/{address}/0/default.jpg")
        assert (reply.status, reply.image.size) == (200, size)


def test_the_information_document_of_version_3(library: Library) -> None:
    for _ in range(2):
        reply = library.ask(f"{PAGE}/info.json")
        assert reply.headers["content-type"] == "application/json"
        info = json.loads(reply.body)
        assert info["id"] == f"{BASE}{PAGE}"
        assert (info["type"], info["profile"], info["protocol"]) == (
            "ImageService3",
            "level2",
            "http://iiif.io/api/image",
        )
        assert info["tiles"] == [{"width": 512, "height": 512, "scaleFactors": [1, 2, 4]}]
        assert {"width": 480, "height": 627} in info["sizes"]
        assert {"width": WIDTH, "height": HEIGHT} in info["sizes"]
        assert info["preferredFormats"][0] == "jpg"
        assert "maxArea" not in info


def test_the_information_document_of_version_2(library: Library) -> None:
    reply = library.ask("/iiif/2/tb-1.0001/info.json", accept="application/ld+json")
    info = json.loads(reply.body)
    assert reply.headers["content-type"] == "application/ld+json"
    assert info["@id"] == f"{BASE}/iiif/2/tb-1.0001"
    assert info["profile"][0] == "http://iiif.io/api/image/2/level2.json"
    assert "webp" in info["profile"][1]["formats"]


def test_json_ld_is_given_to_those_who_ask(library: Library) -> None:
    for _ in range(2):
        reply = library.ask(f"{PAGE}/info.json", accept="application/ld+json, */*;q=0.1")
        assert reply.headers["content-type"].startswith("application/ld+json;profile=")
        assert library.ask(f"{PAGE}/info.json").headers["content-type"] == "application/json"
        assert reply.headers["vary"] == "Accept"


def test_every_size_and_tile_that_the_information_names_can_be_had(library: Library) -> None:
    info = json.loads(library.ask(f"{PAGE}/info.json").body)
    for size in info["sizes"]:
        reply = library.ask(f"{PAGE}/full/{size['width']},{size['height']}/0/default.jpg")
        assert reply.image.size == (size["width"], size["height"])


def test_a_size_that_lies_ready_is_sent_from_its_file(library: Library, folder: Path) -> None:
    for version in (2, 3):
        assert (
            library.ask(f"/iiif/{version}/tb-1.0001/full/480,/0/default.jpg").body == (folder / "480.jpg").read_bytes()
        )
    assert library.ask(f"{PAGE}/full/480,/0/gray.jpg").body != (folder / "480.jpg").read_bytes()


def test_reading_sizes_are_sent_as_they_lie(library: Library, folder: Path) -> None:
    for name, media_type in (("480.jpg", "image/jpeg"), ("480.avif", "image/avif")):
        for _ in range(3):
            reply = library.ask(f"/images/tb-1.0001/{name}")
            assert (reply.status, reply.headers["content-type"]) == (200, media_type)
            assert reply.body == (folder / name).read_bytes()
            assert library.ask(f"/images/tb-1.0001/{name}", if_none_match=reply.headers["etag"]).status == 304
    for name in ("2000.jpg", "480.png", "480", "../480.jpg", "480.jpg/", "٤٨٠.jpg", "pyramid.tif"):
        assert library.ask(f"/images/tb-1.0001/{name}").status == 404


def test_a_reading_size_that_is_not_made_yet_comes_from_the_pyramid(library: Library) -> None:
    for name in ("800.jpg", "1200.avif"):
        reply = library.ask(f"/images/tb-1.0001/{name}")
        assert (reply.status, reply.headers["cache-control"]) == (307, "no-store")
        assert library.ask(reply.headers["location"]).image.width == int(name.partition(".")[0])


def test_a_reader_who_has_it_is_told_so(library: Library) -> None:
    for address in ("0,0,512,512/max/0/default.jpg", "full/200,/0/default.jpg", "info.json"):
        for _ in range(2):
            etag = library.ask(f"{PAGE}/{address}").headers["etag"]
            assert etag.startswith('"')
            reply = library.ask(f"{PAGE}/{address}", if_none_match=f'"other", W/{etag}')
            assert (reply.status, reply.body, reply.headers["etag"]) == (304, b"", etag)
            assert library.ask(f"{PAGE}/{address}", if_none_match='"other"').status == 200


def test_head_gives_the_headers_of_get(library: Library) -> None:
    for address in ("0,0,512,512/max/0/default.jpg", "full/200,/0/default.jpg", "info.json"):
        got, head = library.ask(f"{PAGE}/{address}"), library.ask(f"{PAGE}/{address}", "HEAD")
        assert head.body == b""
        assert head.headers == got.headers


def test_other_methods_are_refused_and_a_preflight_is_answered(library: Library) -> None:
    reply = library.ask(f"{PAGE}/info.json", "POST")
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    reply = library.ask(f"{PAGE}/info.json", "OPTIONS", origin="https://viewer.example")
    assert (reply.status, reply.headers["access-control-allow-origin"]) == (204, "*")


def test_the_bare_address_leads_to_the_information(library: Library) -> None:
    for address in (PAGE, PAGE + "/"):
        reply = library.ask(address)
        assert (reply.status, reply.headers["location"]) == (303, f"{BASE}{PAGE}/info.json")


def test_an_arabic_identifier_is_percent_encoded_in_what_is_said_of_it(library: Library) -> None:
    info = json.loads(library.ask("/iiif/3/كتاب-1.0001/info.json").body)
    assert info["id"] == f"{BASE}/iiif/3/%D9%83%D8%AA%D8%A7%D8%A8-1.0001"
    assert library.ask("/iiif/3/كتاب-1.0001/full/9,/0/default.jpg").status == 200


def test_without_a_public_address_the_request_tells_it_and_is_not_believed_blindly(folder: Path) -> None:
    library = Library(folder, base=None)
    for host in ("one.example", "two.example:8000", "[::1]:8000"):
        assert json.loads(library.ask(f"{PAGE}/info.json", host=host).body)["id"] == f"http://{host}{PAGE}"
    for host in ("a b", 'x"y', "evil/path", "<x>"):
        assert library.ask(f"{PAGE}/info.json", host=host).status == 400


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/iiif/3/none.0001/info.json", 404),
        ("/iiif/3/none.0001/full/max/0/default.jpg", 404),
        ("/iiif/3/a/b/full/max/0/default.jpg", 404),
        (f"{PAGE}/info.xml", 404),
        (f"{PAGE}/full/max/0", 404),
        (f"{PAGE}/full/full/0/default.jpg", 400),
        (f"{PAGE}/9999,0,1,1/max/0/default.jpg", 400),
        (f"{PAGE}/full/max/0/default.jpg/x", 404),
        ("/iiif/3/", 404),
        ("/iiif/4/tb-1.0001/info.json", 404),
        ("/images/", 404),
        ("/images/tb-1.0001", 404),
    ],
)
def test_what_is_not_there_and_what_is_wrong_are_told_apart(library: Library, path: str, status: int) -> None:
    reply = library.ask(path, accept_language="fr")
    assert reply.status == status
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    assert reply.headers["content-language"] == "fr"
    assert reply.body.decode().count("\n") == 1


def test_a_refusal_speaks_the_language_of_the_reader(library: Library) -> None:
    said = {
        language: library.ask("/iiif/3/none/info.json", accept_language=language).body
        for language in ("ar", "fr", "en")
    }
    assert len(set(said.values())) == 3
    assert library.ask("/iiif/3/none/info.json", accept_language="ha, fr;q=0.5, en;q=0.9").body == said["en"]
    assert library.ask("/iiif/3/none/info.json", accept_language="de;q=x, AR-ml").body == said["ar"]
    assert library.ask("/iiif/3/none/info.json").body == said["en"]


def test_an_unpublished_page_looks_like_one_that_does_not_exist(library: Library) -> None:
    for address in ("info.json", "full/max/0/default.jpg", ""):
        hidden, absent = library.ask(f"/iiif/3/tb-4.0001/{address}"), library.ask(f"/iiif/3/tb-9.0001/{address}")
        assert (hidden.status, hidden.body, hidden.headers) == (404, absent.body, absent.headers)
    assert library.ask("/images/tb-4.0001/480.jpg").status == 404


def test_a_page_for_staff_is_refused_with_the_reason_and_shown_to_staff(library: Library) -> None:
    reply = library.ask("/iiif/3/tb-3.0001/0,0,512,512/max/0/default.jpg")
    assert reply.status == 403
    assert b"staff only" in reply.body
    assert library.ask("/images/tb-3.0001/480.jpg").status == 403
    library.reader = STAFF
    reply = library.ask("/iiif/3/tb-3.0001/0,0,512,512/max/0/default.jpg")
    assert (reply.status, reply.headers["cache-control"], reply.headers["vary"]) == (200, "private, no-store", "Cookie")
    assert library.ask("/images/tb-3.0001/480.jpg").headers["cache-control"] == "private, no-store"
    library.reader = ANYONE
    assert library.ask("/iiif/3/tb-3.0001/0,0,512,512/max/0/default.jpg").status == 403
    # Looking a person up may take a database: never in the thread that answers everyone.
    assert all(name.startswith("read") for name in library.asked_who)


def test_smaller_images_only_means_no_detail_by_any_address(library: Library) -> None:
    page = "/iiif/3/tb-2.0001"
    info = json.loads(library.ask(f"{page}/info.json").body)
    assert (info["maxWidth"], info["maxHeight"]) == (800, 800)
    assert info["tiles"][0]["scaleFactors"] == [4]
    for size in info["sizes"]:
        assert max(size.values()) <= 801
        assert library.ask(f"{page}/full/{size['width']},{size['height']}/0/default.jpg").status == 200
    assert library.ask(f"{page}/full/max/0/default.jpg").image.size == (612, 800)
    assert library.ask(f"{page}/0,0,512,512/max/0/default.jpg").image.size == (240, 240)
    for address in ("0,0,512,512/512,512/0/default.jpg", "full/801,/0/default.jpg", "full/^2000,/0/default.jpg"):
        reply = library.ask(f"{page}/{address}", accept_language="en")
        assert reply.status == 403
        assert b"800" in reply.body
    assert library.ask("/iiif/2/tb-2.0001/full/full/0/default.jpg").status == 403
    assert library.ask("/images/tb-2.0001/480.jpg").status == 200
    assert library.ask("/images/tb-2.0001/800.jpg").status == 403
    library.reader = STAFF
    assert library.ask(f"{page}/0,0,512,512/512,512/0/default.jpg").status == 200
    assert "maxWidth" not in json.loads(library.ask(f"{page}/info.json").body)


def test_a_changed_agreement_is_in_force_at_once(library: Library) -> None:
    addresses = [f"{PAGE}/0,0,512,512/512,512/0/default.jpg", f"{PAGE}/info.json", "/images/tb-1.0001/480.jpg"]
    for address in addresses * 2:
        assert library.ask(address).status == 200
    for image in library.images.images:
        library.images.images[image] = library.served(STAFF_ONLY)
    for address in addresses:
        assert library.ask(address).status == 403


def test_what_no_identifier_can_be_is_not_looked_up(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    async def load(_: FewImages, image: str) -> None:
        pytest.fail(f"{image!r} was looked up")

    monkeypatch.setattr(FewImages, "load", load)
    for identifier in ("tb-1\x00", "a\nb", "x" * 257, "\u202e"):
        assert library.ask(f"/iiif/3/{identifier}/info.json").status == 404


def test_an_image_is_loaded_on_the_first_meeting(folder: Path) -> None:
    library = Library(folder, remote=True)
    assert library.ask(f"{PAGE}/info.json").status == 200


def test_a_replaced_access_copy_is_noticed(tmp_path: Path) -> None:
    folder = make_access_folder(tmp_path / "ab", page_pixels(WIDTH, HEIGHT))
    library = Library(folder)
    address = f"{PAGE}/0,0,512,512/512,512/0/default.jpg"
    before = library.ask(address)
    write_pyramid(folder / "new.tif", page_pixels(WIDTH, HEIGHT, seed=9))
    (folder / "new.tif").rename(folder / "pyramid.tif")
    # A file is looked at once a second; the test does not wait for that second.
    library.app = ImageApp(library.images, library.who, BASE)
    after = library.ask(address, if_none_match=before.headers["etag"])
    assert after.status == 200
    assert after.body != before.body


def test_a_missing_or_damaged_access_copy_is_an_outage_in_one_sentence(tmp_path: Path) -> None:
    library = Library(tmp_path / "absent")
    for make in (
        lambda: None,
        (tmp_path / "absent").mkdir,
        (tmp_path / "absent/pyramid.tif").touch,
    ):
        make()
        reply = library.ask(f"{PAGE}/full/max/0/default.jpg")
        assert (reply.status, reply.headers["retry-after"]) == (503, "600")
        assert str(tmp_path).encode() not in reply.body


def test_too_many_images_at_once_are_refused_and_the_same_one_is_made_once(folder: Path) -> None:
    library = Library(folder, renders=Renders(threads=1, most_waiting=3))

    async def crowd(addresses: list[str]) -> list[int]:
        return [reply.status for reply in await asyncio.gather(*(library.asking(address) for address in addresses))]

    library.ask(f"{PAGE}/info.json")
    different = library.loop.run_until_complete(
        crowd([f"{PAGE}/full/{width},/0/default.png" for width in range(600, 612)])
    )
    assert sorted(different) == [200] * 3 + [503] * 9
    same = library.loop.run_until_complete(crowd([f"{PAGE}/full/700,/0/default.png"] * 12))
    assert same == [200] * 12


def test_a_crowd_of_addresses_does_not_grow_what_is_remembered(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened, "MOST_REMEMBERED", 50)
    for number in range(200):
        reply = library.ask(f"{PAGE}/0,0,512,512/pct:100.{number:09}/0/default.jpg".replace("pct:100.0", "pct:100.00"))
        assert reply.status in {200, 400}
        assert (
            library.ask(f"{PAGE}/{'0' * (number % 8)}0,{'0' * (number // 8 % 8)}0,512,512/max/0/default.jpg").status
            == 200
        )
    assert len(library.app._door.ready) == 50  # noqa: SLF001 - what it holds is the question


_PIECE = st.text(max_size=20) | st.sampled_from(
    [
        "full",
        "max",
        "info.json",
        "tb-1.0001",
        "0,0,512,512",
        "512,512",
        "0",
        "default.jpg",
        "..",
        "",
        "%",
        "pct:1,1,1,1",
        "^max",
    ]
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    door=st.sampled_from(["/iiif/2/", "/iiif/3/", "/images/", "/iiif/3/tb-1.0001/", "/images/tb-1.0001/"]),
    pieces=st.lists(_PIECE, max_size=9),
    method=st.sampled_from(["GET", "HEAD", "OPTIONS", "PATCH"]),
)
def test_no_address_is_ever_a_fault_of_the_server(library: Library, door: str, pieces: list[str], method: str) -> None:
    reply = library.ask(door + "/".join(pieces), method)
    assert reply.status < 500
    assert reply.status in {200, 204, 303, 400, 404, 405}


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["accept", "accept-language", "host", "if-none-match"]),
    value=st.text(st.characters(max_codepoint=255)),
)
def test_no_header_is_ever_a_fault_of_the_server(folder: Path, name: str, value: str) -> None:
    library = _OF_ANY_HOST.setdefault(folder, Library(folder, base=None))
    for address in (f"{PAGE}/info.json", PAGE, f"{PAGE}/0,0,512,512/512,512/0/default.jpg", "/iiif/3/none/info.json"):
        assert library.ask(address, **{name: value}).status < 500


_OF_ANY_HOST: dict[Path, Library] = {}


def test_an_image_that_was_made_is_remembered_with_its_headers(library: Library) -> None:
    first, second = (library.ask(f"{PAGE}/full/333,/0/default.webp") for _ in range(2))
    assert second == first
    assert second.headers["content-type"] == "image/webp"
    assert library.ask(f"{PAGE}/full/333,/0/default.webp", "HEAD").headers == first.headers

"""A viewer on another site, written from IIIF Authorization Flow 2.0 alone, leads its reader in and out again.

It knows nothing of this library but the address of one image service. Beside it: what forged, old, stolen and odd
cookies and tokens are answered.
"""

from __future__ import annotations

import functools
import http.server
import json
import os
import threading
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, sync_playwright

from data.commands import Library, Served
from data.staff import PASSWORD, Browser
from data.walking import HEIGHT, WIDTH, Walker, walked_library, walkers

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
AUTH = "http://iiif.io/api/auth/2/context.json"
VIEWER = "https://viewer.example"

CLIENT = """<!doctype html><meta charset="utf-8"><title>Viewer</title><button>Open</button><script>
const waiting = new Map();
let sent = 0;
addEventListener("message", ({ data, origin }) => waiting.get(data.messageId)?.({ ...data, from: origin }));

// 2.1: services are found by their type, the context of the flow stands before that of the images.
const find = (service, type) => (service.service ?? []).find((each) => each.type === type);

async function described(service) {
  const info = await (await fetch(`${service}/info.json`)).json();
  return { info, probe: find(info, "AuthProbeService2") };
}
async function probed({ id }, token) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  const answer = await fetch(id, { headers });
  return { http: answer.status, ...(await answer.json()) };
}
// 3.3.1.1: the way in is a window of its own, and its reader is done when it is closed.
function enter(access) {
  const address = new URL(access.id);
  address.searchParams.set("origin", location.origin);
  const opened = window.open(address);
  return new Promise((done) => {
    const look = setInterval(() => opened.closed && (clearInterval(look), done()), 50);
  });
}
// 4.2: the token comes from a frame, by a message with the number that was sent.
function token(access) {
  const address = new URL(find(access, "AuthAccessTokenService2").id);
  const messageId = `message ${++sent}`;
  address.searchParams.set("messageId", messageId);
  address.searchParams.set("origin", location.origin);
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.src = address;
  return new Promise((done) => {
    waiting.set(messageId, (message) => (frame.remove(), done(message)));
    document.body.append(frame);
  });
}
function shown(address) {
  return new Promise((done) => {
    const image = new Image();
    image.onload = () => done([image.naturalWidth, image.naturalHeight]);
    image.onerror = () => done(null);
    image.src = address;
  });
}
document.querySelector("button").onclick = () => { window.entered = enter(window.access); };
</script>"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("authorization"),  # its library is made once
    pytest.mark.skipif(not Path(CHROMIUM).is_file(), reason=f"no Chromium at {CHROMIUM}: set CHROMIUM to one"),
]


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, list[Walker]]]:
    with walkers(walked_library(tmp_path_factory.mktemp("walk"))) as served_to:
        yield served_to


@pytest.fixture(scope="module")
def viewer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the viewer from an origin of its own."""
    folder = tmp_path_factory.mktemp("viewer")
    (folder / "index.html").write_text(CLIENT)
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def _opened(page: Page, service: str) -> dict[str, Any]:
    opened: dict[str, Any] = page.evaluate("(service) => described(service)", service)
    assert opened["info"]["@context"] == [AUTH, "http://iiif.io/api/image/3/context.json"]
    page.evaluate("(access) => { window.access = access }", opened["probe"]["service"][0])
    return opened


def _probed(page: Page, opened: dict[str, Any], token: str = "") -> dict[str, Any]:
    answer: dict[str, Any] = page.evaluate("([probe, token]) => probed(probe, token)", [opened["probe"], token])
    assert (answer["http"], answer["@context"], answer["type"]) == (200, AUTH, "AuthProbeResult2")
    return answer


def _token(page: Page) -> dict[str, Any]:
    message: dict[str, Any] = page.evaluate("token(window.access)")
    assert message["@context"] == AUTH
    return message


def test_a_viewer_on_another_site_leads_its_reader_through_the_terms(
    walk: tuple[Served, list[Walker]], viewer: str, chromium: Chromium
) -> None:
    here, _ = walk
    service = f"{here.address}/iiif/3/walk-terms-out.0001"
    tile = f"{service}/0,0,512,512/512,/0/default.jpg"
    context = chromium.new_context(locale="fr")
    page = context.new_page()
    page.goto(viewer)
    opened = _opened(page, service)
    before = _probed(page, opened)
    assert before["status"] == 401
    assert {"ar", "fr", "en"} == before["heading"].keys() == before["note"].keys()
    assert page.evaluate("(tile) => shown(tile)", tile) is None
    assert (_token(page)["type"], _token(page)["profile"]) == ("AuthAccessTokenError2", "missingAspect")

    with context.expect_page() as popup:
        page.click("button")
    window = popup.value
    window.wait_for_load_state()
    assert (window.evaluate("document.documentElement.lang"), "lecture" in window.inner_text("main")) == ("fr", True)
    window.click("main button")
    page.evaluate("window.entered")  # the window closed itself

    given = _token(page)
    assert given["type"] == "AuthAccessToken2"
    assert 0 < given["expiresIn"] <= 300
    assert given["from"] == here.address
    assert _probed(page, opened, given["accessToken"])["status"] == 200
    assert page.evaluate("(tile) => shown(tile)", tile) == [512, 512]

    # What was agreed to opens nothing that asks for an account.
    closed = _opened(page, f"{here.address}/iiif/3/walk-readers-out.0001")
    assert _probed(page, closed, given["accessToken"])["status"] == 403
    assert _token(page)["profile"] == "missingAspect"

    _opened(page, service)
    context.new_page().goto(page.evaluate('find(window.access, "AuthLogoutService2").id'))
    assert page.evaluate("(tile) => shown(`${tile}?again`)", tile) is None
    assert _token(page)["profile"] == "missingAspect"
    context.close()


def test_a_viewer_on_another_site_leads_its_reader_to_the_sign_in(
    walk: tuple[Served, list[Walker]], viewer: str, chromium: Chromium
) -> None:
    here, _ = walk
    context = chromium.new_context(locale="ar")
    page = context.new_page()
    page.goto(viewer)
    smaller = f"{here.address}/iiif/3/walk-smaller-out.0001"
    opened = _opened(page, smaller)
    before = _probed(page, opened)
    assert before["status"] == 401
    substitute = before["substitute"][0]
    assert max(page.evaluate("(image) => shown(image)", substitute["id"])) == 800
    assert substitute["type"] == "Image"

    with context.expect_page() as popup:
        page.click("button")
    window = popup.value
    window.wait_for_load_state()
    assert window.evaluate("document.documentElement.dir") == "rtl"
    window.fill("input[name=username]", "visitor")
    window.fill("input[name=password]", PASSWORD)
    window.click("main button")
    page.evaluate("window.entered")

    given = _token(page)
    after = _probed(page, opened, given["accessToken"])
    assert after["status"] == 302
    whole = after["location"]
    assert whole["type"] == "ImageService3"
    # Documents come without cookies, images with them: the whole is told of at an address of its own.
    document = page.evaluate("(service) => described(service)", whole["id"])["info"]
    assert (document["id"], document["width"], "maxWidth" in document) == (whole["id"], WIDTH, False)
    assert page.evaluate("(image) => shown(image)", f"{whole['id']}/full/max/0/default.jpg") == [WIDTH, HEIGHT]
    readers = _opened(page, f"{here.address}/iiif/3/walk-readers-out.0001")
    assert _probed(page, readers, given["accessToken"])["status"] == 200
    context.close()


def test_a_manifest_names_images_that_a_reader_can_be_led_to_and_no_others(walk: tuple[Served, list[Walker]]) -> None:
    here, _ = walk
    for level, named in (("terms", True), ("readers", True), ("staff", False)):
        manifest = json.loads(here.get(f"/iiif/manifest/walk-{level}-out")[2])
        services = [
            annotation["body"]["service"][0]["id"]
            for canvas in manifest["items"]
            for page in canvas["items"]
            for annotation in page["items"]
        ]
        assert len(services) == (2 if named else 0), level
        assert "thumbnail" not in manifest


def _held(name: str, walk: list[Walker]) -> str:
    """Return the access cookie of a reader of the walk."""
    walker = next(each for each in walk if each.name == name)
    return walker.browser.cookie("khizana_access")


def _message(answer: tuple[int, Any, bytes]) -> dict[str, Any]:
    status, headers, body = answer
    assert status == 200
    assert "x-frame-options" not in {name.lower() for name in headers}
    value = body.decode().partition('data-message="')[2].partition('">')[0]
    message: dict[str, Any] = json.loads(value.replace("&quot;", '"').replace("&amp;", "&").replace("&#x27;", "'"))
    return message


def test_forged_and_odd_cookies_are_given_no_token_and_no_image(walk: tuple[Served, list[Walker]]) -> None:
    here, everyone = walk
    good = _held("agreed", everyone)
    asked = f"/iiif/auth/token/terms?{urllib.parse.urlencode({'origin': VIEWER, 'messageId': '1'})}"
    assert _message(here.get(asked, Cookie=f"khizana_access={good}"))["type"] == "AuthAccessToken2"
    body, stamp, signature = good.split(":")
    other = _message(here.get(asked, Cookie=f"khizana_access={good}"))["accessToken"]
    for forged in (
        f"{body}x:{stamp}:{signature}",
        f"{body}:{stamp}:{signature[::-1]}",
        f"{body}:0:{signature}",
        other,
        "x",
        "x" * 5_000,
        "::",
    ):
        message = _message(here.get(asked, Cookie=f"khizana_access={forged}"))
        assert (message["type"], message["profile"]) == ("AuthAccessTokenError2", "invalidAspect"), forged
        image = "/iiif/3/walk-terms-out.0001/full/300,/0/default.jpg"
        assert here.get(image, Cookie=f"khizana_access={forged}")[0] == 403, forged
        assert here.get("/en/m/walk-terms-out/1r", Cookie=f"khizana_access={forged}")[0] == 403


def test_a_token_is_good_for_its_own_origin_and_opens_no_image(walk: tuple[Served, list[Walker]]) -> None:
    here, everyone = walk
    good = _held("agreed", everyone)
    asked = f"/iiif/auth/token/terms?{urllib.parse.urlencode({'origin': VIEWER, 'messageId': '1'})}"
    token = _message(here.get(asked, Cookie=f"khizana_access={good}"))["accessToken"]
    probe = "/iiif/auth/probe/walk-terms-out.0001"

    def status(given: str, **headers: str) -> int:
        answered, _, body = here.get(probe, Authorization=given, **headers)
        assert answered == 200
        return int(json.loads(body)["status"])

    assert status(f"Bearer {token}") == status(f"bearer {token}", Origin=VIEWER) == 200
    assert status(f"Bearer {token}", Origin="https://thief.example") == 401
    for forged in (
        f"Bearer {token}x",
        f"Bearer {good}",
        f"Basic {token}",
        "Bearer",
        "Bearer ",
        f"Bearer {'x' * 9_000}",
    ):
        assert status(forged) == 401, forged[:40]
    image = "/iiif/3/walk-terms-out.0001/full/300,/0/default.jpg"
    assert here.get(image, Authorization=f"Bearer {token}")[0] == 403
    assert here.get(image, Cookie=f"khizana_access={token}")[0] == 403
    for unknown in ("walk-open-in.0001", "nothing.0001", "%2e%2e", "x" * 2_000):
        answered, _, body = here.get(f"/iiif/auth/probe/{unknown}", Authorization=f"Bearer {token}")
        assert (answered, json.loads(body)["status"]) == (200, 404), unknown


@pytest.mark.parametrize(
    "origin",
    ["", "null", "viewer.example", "javascript:alert(1)", "https://a.example/path", "https://a b", '"><script>'],
)
def test_a_token_is_posted_to_no_place_that_is_no_origin(walk: tuple[Served, list[Walker]], origin: str) -> None:
    here, everyone = walk
    asked = urllib.parse.urlencode({"origin": origin, "messageId": "1"})
    cookie = f"khizana_access={_held('agreed', everyone)}"
    status, headers, body = here.get(f"/iiif/auth/token/terms?{asked}", Cookie=cookie)
    assert (status, headers["Content-Type"]) == (400, "text/plain; charset=utf-8")
    assert b"accessToken" not in body


def test_a_message_that_cannot_be_told_apart_is_refused_and_a_hostile_one_stays_text(
    walk: tuple[Served, list[Walker]],
) -> None:
    here, everyone = walk
    cookie = f"khizana_access={_held('agreed', everyone)}"

    def answer(message_id: str) -> dict[str, Any]:
        asked = urllib.parse.urlencode({"origin": VIEWER, "messageId": message_id})
        return _message(here.get(f"/iiif/auth/token/terms?{asked}", Cookie=cookie))

    assert answer("")["profile"] == answer("x" * 300)["profile"] == "invalidRequest"
    hostile = "</script>'><b>&amp;"
    raw = here.get(
        f"/iiif/auth/token/terms?{urllib.parse.urlencode({'origin': VIEWER, 'messageId': hostile})}", Cookie=cookie
    )[2]
    assert raw.count(b"<script") == raw.count(b"</script>") == 1
    assert b"<b>" not in raw


def test_terms_lead_back_to_this_library_alone(walk: tuple[Served, list[Walker]]) -> None:
    here, _ = walk
    reader = Browser(here)
    for onward in ("https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", "/\\elsewhere.example"):
        answer = reader.post("/en/terms", {"next": onward}, token=True)
        assert (answer.status, answer.address) == (200, "/en/"), onward
    assert Browser(here).post("/en/terms", {"next": "/en/"}).status == 403  # a form of another site


def test_access_ends_with_the_account_and_with_the_sign_out(walk: tuple[Served, list[Walker]]) -> None:
    here, _ = walk
    library: Library = here.library
    image = "/iiif/3/walk-readers-out.0001/full/300,/0/default.jpg"
    reader = Browser(here)
    reader.sign_in("visitor", path="/en/access")
    held = reader.cookie("khizana_access")
    assert here.get(image, Cookie=f"khizana_access={held}")[0] == 200
    page = reader.get("/en/access/ended")
    assert "You are still signed in here" in page.text
    reader.press(page, "/sign-out")
    assert (reader.cookie("khizana_access"), reader.get(image).status) == ("", 403)
    library.run("account", "visitor", "--remove")
    deadline = time.monotonic() + 120  # the account is looked at again after half a minute
    while here.get(image, Cookie=f"khizana_access={held}")[0] == 200:
        assert time.monotonic() < deadline
        time.sleep(1)
    assert here.get(image, Cookie=f"khizana_access={held}")[0] == 403

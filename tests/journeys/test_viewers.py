"""Universal Viewer, Clover and TIFY open the same manifest, from another site: they show the page, and turn it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from data.commands import Served
from data.viewers import CHROMIUM, LONG, SLUG, Opened, chromium, site_of, specimen_served

ROOT = Path(__file__).parent.parent.parent
VIEWERS = ROOT / "tools/npm/viewers"

HEAD = '<!doctype html><html><head><meta charset="utf-8"><style>html,body,#viewer{{height:100%;margin:0}}</style>{}'


@dataclass(frozen=True)
class Viewer:
    """A viewer, as its makers say that a page shows it."""

    name: str
    page: str
    onward: str
    """Name of the button that turns to the next page."""
    older: bool = False
    """It prefers the older of two image services."""


KNOWN = (
    Viewer(
        "universalviewer",
        HEAD.format('<link rel="stylesheet" href="universalviewer/dist/uv.css">')
        + """<body><div id="viewer" class="uv"></div><script src="universalviewer/dist/umd/UV.js"></script><script>
UV.init("viewer", { manifest: MANIFEST, embedded: true });</script>""",
        onward="Next Image",
        older=True,
    ),
    Viewer(
        "clover-iiif",
        HEAD.format("")
        + """<body><clover-viewer></clover-viewer><script>
document.querySelector("clover-viewer").id = MANIFEST;</script>
<script src="clover-iiif/dist/web-components/index.umd.js"></script>""",
        onward="Next",
    ),
    Viewer(
        "tify",
        HEAD.format('<link rel="stylesheet" href="tify/dist/tify.css">')
        + """<body><div id="viewer"></div><script type="module">import Tify from "./tify/dist/tify.js";
new Tify({ container: "#viewer", manifestUrl: MANIFEST });</script>""",
        onward="Next page",
    ),
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not VIEWERS.is_dir(), reason="no other viewers: python tools/assets.py --peers fetches them"),
    pytest.mark.skipif(not Path(CHROMIUM).is_file(), reason=f"no Chromium at {CHROMIUM}: set CHROMIUM to one"),
]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with specimen_served(tmp_path_factory.mktemp("viewers")) as here:
        yield here


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.mark.parametrize("viewer", KNOWN, ids=lambda each: each.name)
def test_another_viewer_shows_the_page_and_turns_it(
    viewer: Viewer, library: Served, browser: Browser, tmp_path: Path
) -> None:
    address = f"{library.address}/iiif/manifest/{SLUG}"
    manifest = json.loads(library.get(f"/iiif/manifest/{SLUG}")[2])
    (tmp_path / "index.html").write_text(viewer.page.replace("MANIFEST", json.dumps(address)), encoding="utf-8")
    (tmp_path / viewer.name).symlink_to(VIEWERS / viewer.name)
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    opened = Opened(viewer.name, page)
    opened.watch(library)
    with site_of(tmp_path) as site:
        page.goto(f"{site}/index.html")
        onward = page.get_by_role("button", name=viewer.onward, exact=True).filter(visible=True).first
        expect(onward).to_be_visible(timeout=LONG)
        shown = page.locator("body").text_content() or ""
        assert any(title in shown for title in chain(*manifest["label"].values()))

        first = opened.picture("1-first")
        images = [_image(canvas, "2" if viewer.older else "3") for canvas in manifest["items"]]
        assert opened.tiles(images[0])
        assert not opened.tiles(images[1])
        onward.click()
        page.wait_for_timeout(500)
        second = opened.picture("2-next")
        assert opened.tiles(images[1])
        assert np.abs(second - first).mean() > 1
    assert opened.problems == []
    assert {answer.status for answer in opened.answers} <= {200, 304}
    page.close()


def _image(canvas: dict[str, Any], version: str) -> str:
    """Return the address of the image service, of that version, of what is painted on *canvas*."""
    services = canvas["items"][0]["items"][0]["body"]["service"]
    named = [each.get("id") or each["@id"] for each in services]
    return next(f"{each}/" for each in named if f"/iiif/{version}/" in each)

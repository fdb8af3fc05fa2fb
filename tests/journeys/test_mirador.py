"""Mirador, the viewer of the field, opens our manifests as any library's visitor would: from another site."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from data.commands import Served
from data.viewers import CHROMIUM, LONG, SLUG, Opened, chromium, site_of, specimen_served

ROOT = Path(__file__).parent.parent.parent
MIRADOR = ROOT / "tools/npm/node_modules/mirador/dist/mirador.min.js"

VIEWER = """<!doctype html><html><head><meta charset="utf-8"><title>Mirador</title></head>
<body><div id="viewer"></div><script src="mirador.min.js"></script><script>
Mirador.viewer({
  id: "viewer",
  language: "en",
  windows: [{ manifestId: MANIFEST, view: "single" }],
  window: { allowClose: false, sideBarOpen: false },
  workspaceControlPanel: { enabled: false },
});
</script></body></html>"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not MIRADOR.is_file(), reason="no Mirador: python tools/assets.py --peers fetches it"),
    pytest.mark.skipif(not Path(CHROMIUM).is_file(), reason=f"no Chromium at {CHROMIUM}: set CHROMIUM to one"),
]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with specimen_served(tmp_path_factory.mktemp("mirador")) as here:
        yield here


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "mirador.min.js").symlink_to(MIRADOR)
    with site_of(tmp_path) as address:
        yield address


@pytest.fixture
def version(request: pytest.FixtureRequest) -> str:
    return str(getattr(request, "param", ""))


@pytest.fixture
def mirador(library: Served, browser: Browser, site: str, tmp_path: Path, version: str) -> Iterator[Opened]:
    address = f"{library.address}/iiif/manifest/{SLUG}{version}"
    (tmp_path / "index.html").write_text(VIEWER.replace("MANIFEST", json.dumps(address)), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    opened = Opened("mirador", page)
    opened.watch(library)
    page.on("requestfailed", lambda failed: opened.problems.append(f"{failed.url}: {failed.failure}"))
    page.goto(f"{site}/index.html")
    expect(page.get_by_label("Next item").first).to_be_visible(timeout=LONG)
    page.wait_for_load_state("networkidle")
    yield opened
    page.close()


def test_mirador_opens_a_manifest_turns_right_to_left_and_zooms(library: Served, mirador: Opened) -> None:
    page = mirador.page
    manifest = json.loads(library.get(f"/iiif/manifest/{SLUG}")[2])
    labels = [canvas["label"]["none"][0] for canvas in manifest["items"]]
    expect(page.get_by_text(manifest["label"]["en"][0]).first).to_be_visible(timeout=LONG)
    where = page.locator(".mirador-osd-navigation, .mirador-canvas-nav")
    expect(where.get_by_text(labels[0])).to_be_visible(timeout=LONG)
    first = mirador.picture("1-first")

    # A book read from right to left has its next page on the left.
    onward, back = page.get_by_label("Next item").first, page.get_by_label("Previous item").first
    left, right = onward.bounding_box(), back.bounding_box()
    assert left
    assert right
    assert left["x"] < right["x"]
    onward.click()
    expect(where.get_by_text(labels[1])).to_be_visible(timeout=LONG)
    second = mirador.picture("2-next")
    assert np.abs(second - first).mean() > 1
    back.click()
    expect(where.get_by_text(labels[0])).to_be_visible(timeout=LONG)
    assert np.abs(mirador.picture("3-back") - first).mean() < 1

    before = min(region[2] for region in mirador.tiles())
    for _ in range(4):
        page.get_by_label("Zoom in").first.click()
        page.wait_for_timeout(400)
    zoomed = mirador.picture("4-zoomed")
    assert np.abs(zoomed - first).mean() > 1
    # Nearer means regions of fewer pixels of the master for each tile.
    assert min(region[2] for region in mirador.tiles()) < before

    assert mirador.problems == []
    assert {answer.status for answer in mirador.answers} <= {200, 304}


@pytest.mark.parametrize("version", ["/v2"], indirect=True)
def test_mirador_opens_the_older_manifest_too(mirador: Opened) -> None:
    screen = mirador.picture("5-version-2")
    assert screen.std() > 10
    assert any("/iiif/2/" in answer.url and "/info.json" in answer.url for answer in mirador.answers)
    assert mirador.problems == []
    assert {answer.status for answer in mirador.answers} <= {200, 304}

"""Mirador, the viewer of the field, opens our manifests as any library's visitor would: from another site."""

from __future__ import annotations

import functools
import http.server
import io
import json
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Response, expect, sync_playwright

from data.commands import Served, free_port, new_library, served
from khizana.core.specimen import make_specimen

ROOT = Path(__file__).parent.parent.parent
MIRADOR = ROOT / "tools/npm/node_modules/mirador/dist/mirador.min.js"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-3d-apis"]
LONG = 60_000  # milliseconds: a busy machine is not a failure
STILL = 0.05  # grey levels of 255 over the screen: the pressed button of the viewer goes on pulsing
SHELFMARK = "KHZ 005"
SLUG = "khz-005"
Grey = np.ndarray[Any, np.dtype[np.float32]]
TILE = re.compile(r"/iiif/3/[^/]+/(\d+),(\d+),(\d+),(\d+)/")

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


@dataclass
class Opened:
    """Mirador with one manifest open, and what it asked of the library."""

    page: Page
    answers: list[Response] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def tiles(self) -> list[tuple[int, int, int, int]]:
        """Return the regions of the tiles asked for so far."""
        return [tuple(map(int, found.groups())) for each in self.answers if (found := TILE.search(each.url))]  # type: ignore[misc] # four groups

    def picture(self, name: str) -> Grey:
        """Return the screen in grey once it stands still; keep it where ``KHIZANA_SCREENSHOTS`` names a folder."""
        self.page.wait_for_load_state("networkidle")
        shot, seen = self._shot()
        for _ in range(60):
            self.page.wait_for_timeout(200)
            before = seen
            shot, seen = self._shot()
            if np.abs(seen - before).mean() < STILL:
                break
        if folder := os.environ.get("KHIZANA_SCREENSHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            (Path(folder) / f"mirador-{name}.png").write_bytes(shot)
        return seen

    def _shot(self) -> tuple[bytes, Grey]:
        shot = self.page.screenshot(animations="disabled")
        return shot, np.asarray(Image.open(io.BytesIO(shot)).convert("L"), np.float32)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    root = tmp_path_factory.mktemp("mirador")
    with as_file(files("khizana.web") / "static/fonts/khizana-naskh.ttf") as font:
        (specimen,) = make_specimen(root / "photographs", font=font, only=[SHELFMARK])
    kept = new_library(root / "library")
    description = specimen.folder / "description.xml"
    kept.run("add", specimen.folder, "--shelfmark", SHELFMARK, "--description", description, "--direction", "rtl")
    # The address is told outright: a viewer on another site follows what the manifest names, port included.
    port = free_port()
    with (
        patch("data.commands.free_port", return_value=port),
        served(kept, KHIZANA_SERVING_AT=f"http://127.0.0.1:{port}") as here,
    ):
        yield here


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """A web site of its own with Mirador on it, so that the library is asked from another origin."""
    (tmp_path / "mirador.min.js").symlink_to(MIRADOR)
    quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(quiet, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def version(request: pytest.FixtureRequest) -> str:
    return str(getattr(request, "param", ""))


@pytest.fixture
def mirador(library: Served, browser: Browser, site: str, tmp_path: Path, version: str) -> Iterator[Opened]:
    address = f"{library.address}/iiif/manifest/{SLUG}{version}"
    (tmp_path / "index.html").write_text(VIEWER.replace("MANIFEST", json.dumps(address)), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1200, "height": 900})
    opened = Opened(page)
    page.on("response", lambda answer: opened.answers.append(answer) if library.address in answer.url else None)
    page.on("requestfailed", lambda failed: opened.problems.append(f"{failed.url}: {failed.failure}"))
    page.on("pageerror", lambda error: opened.problems.append(str(error)))
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

"""How long a reader on a slow phone waits for a page: Khizana, OpenSeadragon alone and Mirador, on the same manifest.

    python benchmarks/pages.py --out FILE [--pages FOLDER] [--runs 3] [--library DIR]

Chromium, 390 x 844, throttled to 400 kbit/s and 400 ms. "Sharp" is read from the screen, alike for every viewer: the
moment of the first painted frame from which on the picture no longer changes in a way that an eye would see. Bytes are
those that came over the line, headers included. A library is made of FOLDER (by default, real pages of the public test
data) with the commands a person would use, and served; the peers are served beside it, compressed.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import http.server
import io
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import brotli
import numpy as np
from PIL import Image
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

Grey = np.ndarray[Any, np.dtype[np.float32]]

ROOT = Path(__file__).parent.parent
DATA = (ROOT / os.environ.get("KHIZANA_TEST_DATA", "../shared/data")).resolve()
MODULES = ROOT / "tools" / "npm" / "node_modules"
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}  # 400 kbit/s
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
# Software WebGL would falsify the peers' times.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-3d-apis"]
SEEN = 4.0  # grey levels of 255, root mean square over the page image: less is noise of the screen's own coding
QUIET = 3.0  # seconds without a byte or a frame, after which nothing more is expected


@dataclass
class Request:
    """One request and what it cost."""

    url: str
    bytes: int = 0
    open: bool = True


@dataclass(frozen=True)
class Wait:
    """One wait of a reader."""

    sharp_ms: float
    bytes: int
    requests: int


class Watch:
    """Looks over a reader's shoulder: every painted frame with its time, and every request with its bytes."""

    def __init__(self, page: Page) -> None:
        self.cdp: CDPSession = page.context.new_cdp_session(page)
        self.frames: list[tuple[float, bytes]] = []
        self.requests: dict[str, Request] = {}
        self.newest = time.time()
        self.cdp.on("Network.requestWillBeSent", self._sent)
        self.cdp.on("Network.loadingFinished", self._ended)
        self.cdp.on("Network.loadingFailed", self._ended)
        self.cdp.on("Page.screencastFrame", self._frame)
        self.cdp.send("Network.enable")
        self.cdp.send("Network.emulateNetworkConditions", SLOW)
        self.cdp.send("Page.startScreencast", {"format": "jpeg", "quality": 80, "everyNthFrame": 1})

    def _frame(self, event: dict[str, Any]) -> None:
        self.newest = event["metadata"]["timestamp"]
        self.frames.append((self.newest, base64.b64decode(event["data"])))
        self.cdp.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]})

    def _sent(self, event: dict[str, Any]) -> None:
        self.newest = time.time()
        url = event["request"]["url"]
        if url.startswith("http"):
            self.requests[event["requestId"]] = Request(url)

    def _ended(self, event: dict[str, Any]) -> None:
        self.newest = time.time()
        if request := self.requests.get(event["requestId"]):
            request.bytes = int(event.get("encodedDataLength", 0))
            request.open = False

    def settle(self, page: Page, longest: float) -> None:
        """Wait until neither a byte nor a frame has come for a while."""
        until = time.time() + longest
        while time.time() < until:
            page.wait_for_timeout(200)
            if not any(each.open for each in self.requests.values()) and time.time() - self.newest > QUIET:
                return

    def wait_since(self, start: float) -> float:
        """Return the milliseconds from *start* (clock time) to the first frame that stays, to the eye, as it is.

        Raises ``RuntimeError`` when nothing changed after *start*: then nothing was measured.
        """
        before = [data for when, data in self.frames if when < start]
        seen = [(when, _grey(data)) for when, data in self.frames if when >= start]
        if not seen or (before and _apart(_grey(before[-1]), seen[-1][1]) <= SEEN):
            raise RuntimeError("the picture did not change: nothing was measured")
        last = seen[-1][1]
        sharp = seen[-1][0]
        for when, picture in reversed(seen):
            if _apart(picture, last) > SEEN:
                break
            sharp = when
        return round((sharp - start) * 1000, 1)


def _grey(data: bytes) -> Grey:
    image = Image.open(io.BytesIO(data)).convert("L")
    # The middle of the screen, where every viewer shows the page image: bars and buttons are not waited for.
    width, height = image.size
    return np.asarray(image.crop((width // 10, height // 4, width - width // 10, height * 5 // 8)), dtype=np.float32)


def _apart(one: Grey, other: Grey) -> float:
    if one.shape != other.shape:
        return 255.0
    return float(np.sqrt(np.mean((one - other) ** 2)))


@dataclass(frozen=True)
class Viewer:
    """One way to read the same manifest."""

    name: str
    address: str
    onward: str
    """JavaScript that goes on to the next page, as a reader's key or button does."""
    script: bool = True
    ahead: tuple[str, ...] = ()
    """Parts of the addresses of the next page: what was fetched ahead is the next page's cost."""


def measure(browser: Browser, viewer: Viewer, dots: int, longest: float) -> dict[str, Wait]:
    """Open *viewer* on a fresh phone with *dots* device pixels to a CSS pixel, then go on to the next page."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        device_scale_factor=dots,
        has_touch=True,
        java_script_enabled=viewer.script,
    )
    try:
        page = context.new_page()
        watch = Watch(page)
        start = time.time()
        page.goto(viewer.address, wait_until="commit", timeout=120_000)
        watch.settle(page, longest)
        shown = list(watch.requests.values())
        ahead = [each for each in shown if any(part in each.url for part in viewer.ahead)]
        mine = [each for each in shown if each not in ahead]
        waits = {"first": Wait(watch.wait_since(start), sum(each.bytes for each in mine), len(mine))}
        if viewer.onward:
            start = time.time()
            page.evaluate(viewer.onward)
            watch.settle(page, longest)
            later = ahead + [each for each in watch.requests.values() if each not in shown]
            if viewer.ahead:
                # And what is fetched ahead of the page after it is that page's.
                later = [each for each in later if any(part in each.url for part in viewer.ahead)]
            waits["next"] = Wait(watch.wait_since(start), sum(each.bytes for each in later), len(later))
        return waits
    finally:
        context.close()


class Peers(http.server.SimpleHTTPRequestHandler):
    """Serves the peers' pages from memory, compressed as well as can be."""

    protocol_version = "HTTP/1.1"
    files: dict[str, tuple[str, bytes]] = {}  # noqa: RUF012 - one server, filled once before it starts

    def do_GET(self) -> None:
        """Answer from memory."""
        kind, body = self.files.get(self.path, ("", b""))
        self.send_response(200 if kind else 404)
        self.send_header("Content-Type", kind or "text/plain")
        self.send_header("Content-Length", str(len(body)))
        if kind:
            self.send_header("Content-Encoding", "br")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def peers(base: str, manifest: dict[str, Any]) -> Iterator[str]:
    """Serve one page each for OpenSeadragon alone and Mirador; give their address."""
    services = [item["items"][0]["items"][0]["body"]["service"][0]["id"] for item in manifest["items"]]
    head = '<!doctype html><html><head><meta charset="utf-8"><link rel=icon href=data:,><meta name=viewport '
    head += 'content="width=device-width">'
    head += "<style>html,body,#v{margin:0;height:100%}</style></head><body><div id=v></div>"
    # The addresses of the images stand in the page: a manifest to fetch first would only slow OpenSeadragon.
    sources = json.dumps([f"{service}/info.json" for service in services])
    osd = f"""{head}<script src="osd.js"></script><script>const viewer = OpenSeadragon({{id: "v", sequenceMode: true,
        showNavigationControl: false, showSequenceControl: false, tileSources: {sources}}})</script>"""
    mirador = f"""{head}<script src="mirador.js"></script><script>Mirador.viewer({{id: "v", workspaceControlPanel:
        {{enabled: false}}, windows: [{{manifestId: "{base}/iiif/manifest/{manifest["slug"]}"}}]}})</script>"""
    made = {"/osd": ("text/html", osd.encode()), "/mirador": ("text/html", mirador.encode())}
    for name, path in (
        ("osd", "openseadragon/build/openseadragon/openseadragon.min.js"),
        ("mirador", "mirador/dist/mirador.min.js"),
    ):
        made[f"/{name}.js"] = ("text/javascript", (MODULES / path).read_bytes())
    Peers.files = {name: (kind, brotli.compress(body, quality=9)) for name, (kind, body) in made.items()}
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Peers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()


@contextlib.contextmanager
def served(library: Path) -> Iterator[str]:
    """Serve *library* with ``khizana serve``; give its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "khizana.cli.main", "serve", "--library", str(library), "--port", str(port)]
    base = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, "KHIZANA_SERVING_AT": base})
    try:
        for _ in range(150):
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{base}/en/", timeout=5):  # noqa: S310 - our own server
                break
            time.sleep(0.2)
        yield base
    finally:
        process.terminate()
        process.wait(30)


def make_library(folder: Path, pages: Path) -> None:
    """Make a library of one manuscript in *folder*, with the commands a person would use."""
    khizana = [sys.executable, "-m", "khizana.cli.main"]
    subprocess.run([*khizana, "init", str(folder), "--name", "bench"], check=True, stdout=subprocess.DEVNULL)
    add = [*khizana, "add", str(pages), "--shelfmark", "Bench 1", "--title", "Bench", "--library", str(folder)]
    subprocess.run([*add, "--direction", "rtl"], check=True, stdout=subprocess.DEVNULL)


def compare(base: str, slug: str, runs: int) -> dict[str, Any]:
    """Return the waits of every viewer on the manuscript *slug*, median of *runs*."""
    with urllib.request.urlopen(f"{base}/iiif/manifest/{slug}") as answer:  # noqa: S310 - our own server
        manifest = {**json.load(answer), "slug": slug}
    images = [item["items"][0]["items"][0]["body"]["service"][0]["id"].rsplit("/", 1)[1] for item in manifest["items"]]
    with urllib.request.urlopen(f"{base}/en/m/{slug}/") as answer:  # noqa: S310 - our own server
        html = answer.read().decode()
    first, second = [part.split('"')[0] for part in html.split('class="sheet"')[1].split('<a href="')[1:3]]
    key = 'dispatchEvent.call(document, new KeyboardEvent("keydown", {key: "ArrowLeft", bubbles: true}))'
    with peers(base, manifest) as other, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        shown = [
            (Viewer("khizana, no JavaScript", base + first, "", script=False), 2),
            (Viewer("khizana, no JavaScript, 3 dots", base + first, "", script=False), 3),
            (Viewer("khizana", base + first, key, ahead=(second, images[1])), 2),
            (Viewer("openseadragon", f"{other}/osd", "void viewer.goToPage(1)"), 2),
            (Viewer("mirador", f"{other}/mirador", "document.querySelector('.mirador-next-canvas-button').click()"), 2),
        ]
        found = {}
        for viewer, dots in shown:
            each = [measure(browser, viewer, dots, longest=60) for _ in range(runs)]
            found[viewer.name] = {
                step: {
                    name: statistics.median(asdict(run[step])[name] for run in each) for name in asdict(each[0][step])
                }
                for step in each[0]
            }
            print(f"{viewer.name:32}", json.dumps(found[viewer.name]), flush=True)
        browser.close()
    return found


def main() -> int:
    """Measure, print as it goes, and write the JSON."""
    parser = argparse.ArgumentParser(description="How long a reader on a slow phone waits for a page.")
    parser.add_argument("--out", type=Path, required=True, help="the JSON file to write")
    parser.add_argument("--pages", type=Path, default=DATA / "measure" / "real-pages" / "leipzig_vollers_226")
    parser.add_argument("--library", type=Path, help="a library that is there already, instead of --pages")
    parser.add_argument("--slug", default="bench-1", help="the manuscript to read")
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    if not asked.library and not asked.pages.is_dir():
        parser.error(f"no page images at {asked.pages}: name a folder with --pages, or set KHIZANA_TEST_DATA")
    if not (MODULES / "mirador").is_dir():
        parser.error("the viewers to compare with are not there: run python tools/assets.py --peers")
    with tempfile.TemporaryDirectory() as folder:
        library = asked.library or Path(folder) / "library"
        if not asked.library:
            make_library(library, asked.pages)
        with served(library) as base:
            found = compare(base, asked.slug, asked.runs)
    result = {
        "benchmark": "pages",
        "aims": {
            "first": {"sharp_ms": 2200, "bytes": 60_000, "requests": 3},
            "next": {"sharp_ms": 400, "bytes": 55_000},
        },
        "line": "400 kbit/s, 400 ms; 390 x 844, 2 dots a pixel unless said",
        "machine": {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()},
        "viewers": found,
    }
    asked.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

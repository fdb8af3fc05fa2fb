"""What it takes to open our manifests in other libraries' viewers: a library, a site of their own, and a screen."""

from __future__ import annotations

import functools
import http.server
import io
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, Response, sync_playwright

from data.commands import Served, free_port, new_library, served
from khizana.core.specimen import make_specimen

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-3d-apis"]
LONG = 60_000  # milliseconds: a busy machine is not a failure
STILL = 0.05  # grey levels of 255 over the screen: the pressed button of a viewer goes on pulsing
SHELFMARK = "KHZ 005"
SLUG = "khz-005"
Grey = np.ndarray[Any, np.dtype[np.float32]]
TILE = re.compile(r"/iiif/[23]/[^/]+/(\d+),(\d+),(\d+),(\d+)/")


@dataclass
class Opened:
    """A viewer with one manifest open, and what it asked of the library."""

    name: str

    page: Page
    answers: list[Response] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))

    def watch(self, library: Served) -> None:
        """Keep what *library* answers from now on."""
        self.page.on("response", lambda answer: self.answers.append(answer) if library.address in answer.url else None)

    def tiles(self, service: str = "") -> list[tuple[int, int, int, int]]:
        """Return the regions of the tiles that came so far, of all images or of the one behind *service*."""
        came = (each.url for each in self.answers if each.ok and each.url.startswith(service))
        return [tuple(map(int, found.groups())) for url in came if (found := TILE.search(url))]  # type: ignore[misc] # four groups

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
            (Path(folder) / f"{self.name}-{name}.png").write_bytes(shot)
        return seen

    def _shot(self) -> tuple[bytes, Grey]:
        shot = self.page.screenshot(animations="disabled")
        return shot, np.asarray(Image.open(io.BytesIO(shot)).convert("L"), np.float32)


@contextmanager
def specimen_served(root: Path) -> Iterator[Served]:
    """Serve a library of one manuscript of the specimen, read from right to left."""
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


@contextmanager
def chromium() -> Iterator[Browser]:
    """Give a browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def site_of(folder: Path) -> Iterator[str]:
    """Serve *folder* as a web site of its own, so that the library is asked from another origin."""
    quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()

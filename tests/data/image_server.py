"""A server of images on this machine, which gives what it is told to give, good and bad, and remembers who asked."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pyvips

from data.cards import photograph


@dataclass(frozen=True)
class Gives:
    """One answer."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "image/jpeg"})
    stated: int | None = None
    """The length that is stated, where it is a lie; -1 for none at all."""


Answer = Gives | Callable[["BaseHTTPRequestHandler"], None]


@dataclass
class ImageServer:
    """What it answers, by path; and the paths that it was asked for."""

    port: int = 0
    answers: dict[str, Answer | list[Answer]] = field(default_factory=dict)
    """A list is given one after the other, the last for ever."""
    whatever: Callable[[str], Gives | None] = lambda _: None
    """What is answered to a path that is not among them."""
    asked: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)

    @property
    def address(self) -> str:
        """Address without a closing slash."""
        return f"http://127.0.0.1:{self.port}"

    def next(self, path: str) -> Answer:
        """Return what is answered now."""
        self.asked.append(path)
        nothing = Gives(b"nothing here", 404, {"Content-Type": "text/plain"})
        answer = self.answers.get(path) or self.whatever(path) or nothing
        if isinstance(answer, list):
            return answer.pop(0) if len(answer) > 1 else answer[0]
        return answer


@contextmanager
def image_server() -> Iterator[ImageServer]:
    """Run a server on a free port of this machine until the block ends."""
    server = ImageServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.agents.add(self.headers["User-Agent"])
            answer = server.next(self.path)
            with suppress(OSError):  # whoever asked may have had enough
                if not isinstance(answer, Gives):
                    answer(self)
                    return
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if answer.stated != -1:
                    self.send_header("Content-Length", str(answer.stated or len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.daemon_threads = True
    server.port = running.server_address[1]
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        running.shutdown()
        running.server_close()
        thread.join()


def serve_tiles(server: ImageServer, folder: Path, *, width: int, height: int) -> None:
    """Let *server* be an image service of level 2 for any image, all of them the same photograph."""
    whole = pyvips.Image.new_from_file(str(photograph(folder / "whole.jpg", width=width, height=height)))

    def answered(path: str) -> Gives | None:
        if found := re.fullmatch(r"/(\w+)/info\.json", path):
            facts = {"@context": "http://iiif.io/api/image/3/context.json", "id": f"{server.address}/{found[1]}"}
            facts |= {"type": "ImageService3", "protocol": "http://iiif.io/api/image", "profile": "level2"}
            tiles = {"width": width, "height": height, "tiles": [{"width": 512, "scaleFactors": [1, 2, 4]}]}
            headers = {"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"}
            return Gives(json.dumps(facts | tiles).encode(), headers=headers)
        if found := re.fullmatch(r"/\w+/([^/]+)/([^/]+)/0/default\.jpg", path):
            part = whole
            if found[1] != "full":
                left, top, across, down = map(int, found[1].split(","))
                part = whole.crop(left, top, min(across, width - left), min(down, height - top))
            if found[2] != "max":
                part = part.resize(int(found[2].split(",")[0]) / part.width)
            return Gives(part.write_to_buffer(".jpg"))
        return None

    server.whatever = answered


def jpeg(folder: Path, seed: int, *, width: int = 240, height: int = 320) -> bytes:
    """Return a small photograph, another one for every seed."""
    return photograph(folder / f"{seed}-{width}.jpg", seed, width=width, height=height).read_bytes()


def service(server: ImageServer, name: str, version: int) -> dict[str, Any]:
    """Return an image service of *server* as a manifest states it."""
    address = f"{server.address}/{name}"
    if version == 3:
        return {"id": address, "type": "ImageService3", "profile": "level2"}
    if version == 2:
        context = "http://iiif.io/api/image/2/context.json"
        return {"@context": context, "@id": address, "profile": "http://iiif.io/api/image/2/level2.json"}
    context = "http://library.stanford.edu/iiif/image-api/1.1/context.json"
    return {
        "@context": context,
        "@id": address,
        "profile": "http://library.stanford.edu/iiif/image-api/1.1/compliance.html#level1",
    }


def manifest(server: ImageServer, labels: list[str], *, width: int = 240, height: int = 320, version: int = 3) -> str:
    """Return a manifest of a manuscript "MS 1", with an image service of *server* for each label."""
    canvases = []
    for number, label in enumerate(labels, 1):
        body: dict[str, Any] = {"type": "Image", "width": width, "height": height, "format": "image/jpeg"}
        body |= {
            "id": f"{server.address}/{number}/full/400,/0/default.jpg",
            "service": [service(server, str(number), version)],
        }
        canvas = {"id": f"{server.address}/canvas/{number}", "type": "Canvas", "label": {"none": [label]}}
        canvas |= {"width": width * 2, "height": height * 2}
        canvases.append(canvas | {"items": [{"items": [{"motivation": "painting", "body": body}]}]})
    return json.dumps(
        {
            "@context": "http://iiif.io/api/presentation/3/context.json",
            "id": f"{server.address}/manifest",
            "type": "Manifest",
            "label": {"ar": ["كتاب النجوم"]},
            "metadata": [{"label": {"en": ["Shelfmark"]}, "value": {"none": ["MS 1"]}}],
            "viewingDirection": "right-to-left",
            "rights": "http://creativecommons.org/licenses/by/4.0/",
            "requiredStatement": {"label": {"en": ["Held by"]}, "value": {"en": ["A library by the river"]}},
            "items": canvases,
        },
        ensure_ascii=False,
    )

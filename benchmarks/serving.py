"""How fast images are served: Khizana, iipsrv and nginx with the same bytes as files, side by side in one run.

    python benchmarks/serving.py --out FILE.json [--seconds 2] [--rounds 3] [--quick] [--keep FOLDER]

The same pyramids and the same addresses (Image API 2.1, which every iipsrv knows) in the same order for all, asked by
wrk in interleaved rounds; the median of the rounds is the result. Every list of addresses that have to be rendered is
longer than our memory of rendered images, so that each one is rendered each time. Needs nginx, wrk and iipsrv
(another binary: IIPSRV). On a shared machine read the ratios, and the processor time of one request.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from dataclasses import dataclass
from hashlib import sha512
from pathlib import Path

import machine
import numpy as np
import pyvips
from image_peers import IIPSRV, Server, iipsrv, khizana, nginx_static
from PIL import Image

from khizana.core.identifiers import Digest
from khizana.core.imaging.pyramid import Pyramid
from khizana.core.library import LibraryFolder

ROOT = Path(__file__).parent.parent
DATA = (ROOT / os.environ.get("KHIZANA_TEST_DATA", "../shared/data")).resolve()
CONNECTIONS = (1, 16, 64)
FEWEST_BYTES = 60_000_000  # of a list of rendered answers: more than the 48 MB that we keep

_LUA = """
local paths = {}
local at = 0
-- Not before init: until then wrk knows no Host, and HTTP/1.1 without it is an error.
init = function(args)
  for line in io.lines(os.getenv("KHIZANA_BENCH_LIST")) do paths[#paths + 1] = wrk.format("GET", line) end
end
request = function() at = at % #paths + 1; return paths[at] end
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of request."""

    name: str
    paths: list[str]


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of wrk on one server gave."""

    per_second: float
    cpu_us: float
    """Processor time of the server for one request, in microseconds."""
    p99_ms: float
    failed: int


def main() -> None:
    """Compare, and write the result."""
    given = _arguments()
    with contextlib.ExitStack() as stack:
        folder = given.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="khizana-serving-")))
        folder.mkdir(parents=True, exist_ok=True)
        library = folder / "library"
        images = _make_library(library, folder / "card", 2 if given.quick else 4)
        pyramids = folder / "pyramids"
        pyramids.mkdir(exist_ok=True)
        for name, access in images.items():
            with contextlib.suppress(FileExistsError):
                (pyramids / f"{name}.tif").symlink_to(access / "pyramid.tif")
        kinds = _kinds(images, quick=given.quick)
        ours = stack.enter_context(khizana(library))
        files = folder / "files"
        _fetch_all(ours, kinds, files)
        servers = [
            ours,
            stack.enter_context(iipsrv(pyramids, folder)),
            stack.enter_context(nginx_static(files, folder)),
        ]
        _check(kinds, servers)
        result = _compare(kinds, servers, folder, given)
    text = json.dumps(result, indent=1)
    given.out.write_text(text + "\n")
    for line in _summary(result):
        print(line)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seconds", type=float, help="of one run")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--keep", type=Path, help="a folder in which images and files are kept for the next run")
    parser.add_argument("--kinds", help="only these, separated by commas")
    given = parser.parse_args()
    given.seconds = given.seconds or (1 if given.quick else 2)
    given.rounds = given.rounds or (1 if given.quick else 3)
    return given


def _make_library(library: Path, card: Path, count: int) -> dict[str, Path]:
    """Make a library of *count* pages of 6,000 x 8,000 pixels and the real pages that are there.

    Return the folder of the access copies of each page image, by its identifier.
    """
    if not library.exists():
        card.mkdir()
        for number in range(count):
            page = pyvips.Image.new_from_array(_page(number)).copy(interpretation="srgb")
            page.tiffsave(str(card / f"{number}.tif"))
        real = [
            *sorted((DATA / "open/columbia-ms-or-150").glob("*.png"))[:2],
            *sorted((DATA / "measure/real-pages").rglob("*.png"))[:2],
        ]
        for number, master in enumerate(real, count):
            shutil.copyfile(master, card / f"{number}.png")
        there = ["--library", str(library)]
        # The last makes the larger sizes, so that no worker makes them while others are measured.
        for verb in (["init", str(library)], ["add", str(card), "--shelfmark", "bench", *there], ["rebuild", *there]):
            subprocess.run([sys.executable, "-m", "khizana.cli.main", *verb], check=True, stdout=subprocess.DEVNULL)
    folder = LibraryFolder(library)
    masters = sorted(card.iterdir(), key=lambda master: int(master.stem))
    digests = [Digest(sha512(master.read_bytes()).hexdigest()) for master in masters]
    return {f"bench.{number:04d}": folder.access_copy(digest) for number, digest in enumerate(digests, 1)}


def _page(seed: int, width: int = 6000, height: int = 8000) -> np.ndarray:
    """Return a page: paper with grain and slow stains, lines of ink strokes; the same for the same seed."""
    chance = np.random.default_rng(seed)
    stains = chance.normal(0, 9, (height // 250, width // 250)).astype(np.float32)
    paper = np.kron(stains, np.ones((250, 250), np.float32)) + 205
    paper += chance.normal(0, 5, (height, width)).astype(np.float32)
    for top in range(400, height - 400, 160):
        strokes = np.repeat(chance.random((12, (width - 800) // 8)) < 0.33, 8, axis=1).repeat(7, axis=0)
        ink = paper[top : top + 84, 400 : 400 + strokes.shape[1]]
        ink[strokes] *= 0.35
    channels = [paper, paper * 0.93, paper * 0.78]
    return np.clip(np.stack(channels, axis=2), 0, 255).astype(np.uint8)


def _kinds(images: dict[str, Path], *, quick: bool) -> list[Kind]:
    chance = random.Random(1)  # noqa: S311 - the same addresses each time
    whole, edges, regions, pages, ready, infos = [], [], [], [], [], []
    names = list(images)
    pyramids = {name: Pyramid(str(access / "pyramid.tif")) for name, access in images.items()}
    for name, pyramid in pyramids.items():
        infos.append(f"/iiif/2/{name}/info.json")
        ready += [f"/iiif/2/{name}/full/{width},/0/default.jpg" for width in (480, 800, 1200) if width < pyramid.width]
        tiles = _tiles(name, pyramid)
        whole += tiles[0]
        edges += tiles[1]
    for _ in range(300 if quick else 1500):
        name = chance.choice(names)
        pyramid = pyramids[name]
        width = chance.randint(300, min(3000, pyramid.width))
        height = chance.randint(300, min(3000, pyramid.height))
        x, y = chance.randint(0, pyramid.width - width), chance.randint(0, pyramid.height - height)
        out = chance.randint(200, min(1000, width))
        regions.append(f"/iiif/2/{name}/{x},{y},{width},{height}/{out},/0/default.jpg")
        pages.append(f"/iiif/2/{name}/full/{chance.randint(400, min(1600, pyramid.width))},/0/default.jpg")
    for paths in (whole, edges):
        chance.shuffle(paths)
    return [
        Kind("aligned tiles", whole),
        Kind("edge tiles", edges),
        Kind("arbitrary regions", regions),
        Kind("whole pages, any width", sorted(set(pages), key=pages.index)[: 100 if quick else 500]),
        Kind("whole pages, reading sizes", ready),
        Kind("info.json", infos),
    ]


def _tiles(name: str, pyramid: Pyramid) -> tuple[list[str], list[str]]:
    """Return the addresses of the whole tiles and of those that an edge cuts, as a viewer asks for them."""
    whole, edges = [], []
    for index, level in enumerate(pyramid.levels):
        step = pyramid.tile << index
        for row in range(level.rows):
            for column in range(level.columns):
                x, y = column * step, row * step
                width, height = min(step, pyramid.width - x), min(step, pyramid.height - y)
                path = f"/iiif/2/{name}/{x},{y},{width},{height}/{-(-width >> index)},/0/default.jpg"
                (whole if width == height == step else edges).append(path)
    return whole, edges


def _fetch_all(server: Server, kinds: list[Kind], files: Path) -> None:
    """Write what *server* answers to files of the same names."""
    for kind in kinds:
        for path in kind.paths:
            file = Path(f"{files}{path}")
            if not file.exists():
                file.parent.mkdir(parents=True, exist_ok=True)
                with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}") as reply:
                    file.write_bytes(reply.read())


def _check(kinds: list[Kind], servers: list[Server]) -> None:
    """Leave unless every server gives the same size of image for the first address of each kind."""
    for kind in kinds:
        answers = []
        for server in servers:
            address = f"http://127.0.0.1:{server.port}{kind.paths[0]}"
            try:
                with urllib.request.urlopen(address) as reply:
                    body = reply.read()
            except urllib.error.HTTPError as error:
                sys.exit(f"{server.name} answers {error.code} to {address}")
            image = body.startswith(b"\xff\xd8")
            answers.append(Image.open(io.BytesIO(body)).size if image else json.loads(body)["width"])
        print(f"{kind.name}: {len(kind.paths)} addresses, {kind.paths[0]} is {answers}", flush=True)
        if len(set(answers)) > 1 and kind.name != "edge tiles":
            sys.exit("the servers give different sizes")


def _compare(kinds: list[Kind], servers: list[Server], folder: Path, given: argparse.Namespace) -> dict[str, object]:
    lua = folder / "cycle.lua"
    lua.write_text(_LUA)
    results = []
    for kind in kinds:
        if given.kinds and kind.name not in given.kinds.split(","):
            continue
        listed = folder / "paths.txt"
        listed.write_text("\n".join(kind.paths) + "\n")
        bytes_of = [Path(f"{folder / 'files'}{path}").stat().st_size for path in kind.paths]
        for connections in CONNECTIONS[: 2 if given.quick else 3]:
            runs: dict[str, list[Run]] = {server.name: [] for server in servers}
            for round_number in range(given.rounds):
                turn = round_number % len(servers)
                for server in (*servers[turn:], *servers[:turn]):
                    runs[server.name].append(_run(server, connections, given.seconds, lua, listed))
            print(
                kind.name,
                connections,
                {name: round(_median(of, "per_second")) for name, of in runs.items()},
                flush=True,
            )
            results.append(_result(kind, connections, bytes_of, runs))
    return {
        "machine": machine.facts() | {"load_after": round(os.getloadavg()[0], 2)},
        "versions": _versions(),
        "seconds": given.seconds,
        "rounds": given.rounds,
        # nginx and iipsrv have a worker on every processor, as their makers advise; wrk has one thread beside them.
        "workers": {server.name: server.workers for server in servers},
        "results": results,
    }


def _run(server: Server, connections: int, seconds: float, lua: Path, listed: Path) -> Run:
    before = server.cpu_seconds()
    address = f"http://127.0.0.1:{server.port}"
    command = [
        "wrk",
        "-t1",
        f"-c{connections}",
        f"-d{seconds:g}s",
        "--timeout",
        "20s",
        "--latency",
        "-s",
        str(lua),
        address,
    ]
    said = subprocess.run(
        command, env=os.environ | {"KHIZANA_BENCH_LIST": str(listed)}, capture_output=True, text=True, check=True
    ).stdout
    used = server.cpu_seconds() - before
    asked = re.search(r"(\d+) requests in ([\d.]+)(ms|s|m)", said)
    latency = re.search(r"99%\s+([\d.]+)(us|ms|s)", said)
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", said)
    count = int(asked[1]) if asked else 0
    lasted = float(asked[2]) * {"ms": 0.001, "s": 1, "m": 60}[asked[3]] if asked else seconds
    return Run(
        per_second=count / lasted,
        cpu_us=1e6 * used / max(count, 1),
        p99_ms=float(latency[1]) * {"us": 0.001, "ms": 1, "s": 1000}[latency[2]] if latency else 0.0,
        failed=int(wrong[1] if wrong else 0) + sum(map(int, errors.groups()) if errors else ()),
    )


def _median(runs: list[Run], name: str) -> float:
    return statistics.median(float(getattr(run, name)) for run in runs)


def _result(kind: Kind, connections: int, sizes: list[int], runs: dict[str, list[Run]]) -> dict[str, object]:
    rates = {name: _median(of, "per_second") for name, of in runs.items()}
    ours = rates["khizana"]
    return {
        "kind": kind.name,
        "addresses": len(kind.paths),
        "mean_bytes": round(statistics.mean(sizes)),
        # False where our memory of rendered images could hold them all: then rendering is measured only at first.
        "rendered_each_time": sum(sizes) > FEWEST_BYTES,
        "connections": connections,
        "servers": {
            name: {
                "per_second": round(rates[name], 1),
                "rounds": [round(run.per_second, 1) for run in of],
                "cpu_us_per_request": round(_median(of, "cpu_us"), 1),
                "p99_ms": round(_median(of, "p99_ms"), 2),
                "failed": sum(run.failed for run in of),
            }
            for name, of in runs.items()
        },
        "khizana_to": {name: round(ours / rate, 2) for name, rate in rates.items() if rate and name != "khizana"},
    }


def _versions() -> dict[str, str]:
    nginx = subprocess.run(["nginx", "-v"], capture_output=True, text=True, check=False).stderr.strip()
    package = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}", "iipimage-server"], capture_output=True, check=False
    )
    wrk = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False).stdout.splitlines()
    return {"nginx": nginx, "iipsrv": f"{IIPSRV} {package.stdout.decode()}", "wrk": wrk[0] if wrk else ""}


def _summary(result: dict[str, object]) -> list[str]:
    lines = []
    for entry in result["results"]:  # type: ignore[attr-defined]  # a list of our own making
        rates = ", ".join(
            f"{name} {of['per_second']:.0f}/s ({of['cpu_us_per_request']:.0f} us{', FAILED' if of['failed'] else ''})"
            for name, of in entry["servers"].items()
        )
        lines.append(f"{entry['kind']} x{entry['connections']}: {rates}; ratios {entry['khizana_to']}")
    return lines


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()

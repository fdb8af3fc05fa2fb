"""``khizana add`` against the bare sum of its parts, in turn on the same photographs.

    python benchmarks/accession.py --out accession.json [--images 100] [--rounds 3]

The parts: sha512 of every byte twice, and one JPEG-tiled pyramid each by the vips command line, on all processors.
``khizana add`` does besides: two copies flushed and read back, probing, AVIF and JPEG reading sizes, OCFL
inventories, validation, events, the database. Photographs: 24 megapixels, JPEG, a page with its grain.

``khizana add`` leaves the reading sizes wider than 800 pixels to a worker (docs/decisions/0013), so there are two
ratios: ``ratio`` of ``khizana add`` alone, for which a person waits, and ``ratio_with_every_size`` of ``khizana add``
and the worker's part after it (done here by ``khizana rebuild``), for which the machine is at work.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha512
from pathlib import Path

import pyvips
from machine import facts

from khizana.core.imaging.access_facts import FIRST_WIDTHS
from khizana.core.imaging.reading_sizes import WIDTHS

WIDTH, HEIGHT = 4000, 6000  # pixels
QUALITY = 92
KHIZANA = (sys.executable, "-m", "khizana.cli.main")
PROCESSORS = len(os.sched_getaffinity(0))
CHUNK = 1 << 20


def make_photographs(folder: Path, count: int) -> None:
    """Write *count* photographs of written pages, each with a grain of its own."""
    folder.mkdir()
    lines = pyvips.Image.text(
        "\n".join(f"{n} " + "khizana treasury bookcase page leaf folio " * 4 for n in range(70)), dpi=260, width=3200
    )
    ink = lines.embed(400, 400, WIDTH, HEIGHT).copy_memory()
    for number in range(count):
        grain = pyvips.Image.gaussnoise(WIDTH, HEIGHT, mean=208, sigma=5, seed=number)
        grey = (grain - ink * 0.7).cast("uchar")
        page = grey.bandjoin([(grey * 0.95).cast("uchar"), (grey * 0.82).cast("uchar")]).copy(interpretation="srgb")
        page.jpegsave(str(folder / f"{number + 1:04d}.jpg"), Q=QUALITY)


def parts(folder: Path, scratch: Path) -> float:
    """Return the seconds that the bare parts take, all processors at work."""
    scratch.mkdir()
    files = sorted(folder.iterdir())
    began = time.perf_counter()
    with ThreadPoolExecutor(PROCESSORS) as pool:
        list(pool.map(_part, files, [scratch] * len(files)))
    seconds = time.perf_counter() - began
    shutil.rmtree(scratch)
    return seconds


def _part(file: Path, scratch: Path) -> None:
    for _ in range(2):
        digest = sha512()
        with file.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
    options = [
        "--tile",
        "--pyramid",
        "--compression",
        "jpeg",
        "--Q",
        "85",
        "--tile-width",
        "512",
        "--tile-height",
        "512",
    ]
    environment = {**os.environ, "VIPS_CONCURRENCY": "1"}
    subprocess.run(
        ["vips", "tiffsave", str(file), str(scratch / f"{file.stem}.tif"), *options], check=True, env=environment
    )


def add(folder: Path, root: Path) -> tuple[float, float]:
    """Return the seconds that ``khizana add`` takes, into a new library, and those of making what it leaves."""
    environment = {**os.environ, "KHIZANA_LIBRARY": str(root)}
    subprocess.run([*KHIZANA, "init", str(root)], check=True, stdout=subprocess.DEVNULL)
    began = time.perf_counter()
    subprocess.run(
        [*KHIZANA, "add", str(folder), "--shelfmark", "B 1"], check=True, env=environment, stdout=subprocess.DEVNULL
    )
    added = time.perf_counter()
    if not _waiting(environment):
        raise SystemExit("khizana add left nothing for later: the two ratios would be one")
    before = time.perf_counter()
    subprocess.run([*KHIZANA, "rebuild"], check=True, env=environment, stdout=subprocess.DEVNULL)
    completed = time.perf_counter()
    if _waiting(environment):
        raise SystemExit("not every size was made")
    shutil.rmtree(root)
    return added - began, completed - before


def _waiting(environment: dict[str, str]) -> int:
    """Return how many pages wait for their larger sizes."""
    said = subprocess.run([*KHIZANA, "status", "--json"], check=True, env=environment, capture_output=True)
    jobs = json.loads(said.stdout)["jobs"]
    return int(jobs["waiting"]) + int(jobs["failed"])


def main() -> None:
    """Run both in turn and write the medians and their ratio."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--out", type=Path, required=True)
    arguments.add_argument("--images", type=int, default=100)
    arguments.add_argument("--rounds", type=int, default=3)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="khizana-bench-") as place:
        folder, scratch, root = Path(place) / "card", Path(place) / "scratch", Path(place) / "library"
        make_photographs(folder, given.images)
        size = sum(file.stat().st_size for file in folder.iterdir())
        # One unmeasured image each, so that neither pays for the first start.
        warm = Path(place) / "warm"
        warm.mkdir()
        shutil.copy(folder / "0001.jpg", warm)
        parts(warm, scratch)
        add(warm, root)
        rounds = [(*add(folder, root), parts(folder, scratch)) for _ in range(given.rounds)]
    result = {
        "machine": facts(),
        "images": given.images,
        "megapixels": WIDTH * HEIGHT / 1e6,
        "bytes": size,
        "sizes_made_by_add": [width for width in WIDTHS if width <= FIRST_WIDTHS],
        "sizes_left_to_a_worker": [width for width in WIDTHS if width > FIRST_WIDTHS],
        "add_seconds": [added for added, _, _ in rounds],
        "larger_sizes_seconds": [later for _, later, _ in rounds],
        "parts_seconds": [bare for _, _, bare in rounds],
        "ratio": statistics.median(added / bare for added, _, bare in rounds),
        "aim": 1.25,
        "ratio_with_every_size": statistics.median((added + later) / bare for added, later, bare in rounds),
        "largest_process_mib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
    }
    given.out.write_text(json.dumps(result, indent=1) + "\n")
    print(f"khizana add / bare parts: {result['ratio']:.2f} (aim: at most 1.25)")
    print(f"khizana add and the larger sizes after it / bare parts: {result['ratio_with_every_size']:.2f}")


if __name__ == "__main__":
    main()

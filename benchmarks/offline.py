"""What an offline edition costs and how soon it opens: ``python benchmarks/offline.py [--out FILE] [--scale 300]``.

A library of so many manuscripts of ten pages is made (by default of real pages of the public test data, each used many
times) and published as an offline edition in the light size; before it a tenth of it, for the growth: *ratio* is the
processor time for a page of the whole over that of the tenth, and 1 is what is wanted. Told of each: seconds, files,
bytes of a page with all that belongs to it, and the most memory. Then a new Chromium, each time, with no network, opens
a manuscript from the disk at its first page and searches for a word: from the start of the browser and from that of the
page until the image is decoded, or the hits stand there. Prints JSON, and writes it to FILE.json where one is named.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from command import Cost, khizana
from machine import facts
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from data.commands import Library, new_library
from data.descriptions import foreign_tei

ROOT = Path(__file__).parent.parent
DATA = (ROOT / os.environ.get("KHIZANA_TEST_DATA", "../shared/data")).resolve()
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
PAGES = 10
"""Of each manuscript."""
RUNS = 5
BUDGET = 10_000_000 / 200
"""Bytes that a page may take in the light size, with everything that belongs to it."""

DECODED = """() => { const image = document.querySelector("dialog.room img");
return Boolean(image && image.currentSrc && image.complete && image.naturalWidth); }"""


def library_of(folder: Path, photographs: list[Path], manuscripts: int) -> Library:
    """Make a library of so many manuscripts of ten pages, each of the *photographs* in turn."""
    library = new_library(folder / "library")
    supply = cycle(photographs)
    for number in range(1, manuscripts + 1):
        card = folder / "card"
        card.mkdir()
        for page, source in enumerate(islice(supply, PAGES), 1):
            (card / f"{page:04d}_{page}r{source.suffix}").hardlink_to(source)
        description = folder / "description.xml"
        description.write_bytes(
            foreign_tei(
                f"MS {number}", title=f"Kitāb number {number}", arabic=f"كتاب النجوم {number}", summary="Stars."
            )
        )
        library.run("add", card, "--shelfmark", f"MS {number}", "--description", description)
        for each in card.iterdir():
            each.unlink()
        card.rmdir()
    library.run("rebuild")  # makes the larger sizes, which khizana serve would make some time later
    return library


def size_of(edition: Path) -> tuple[int, int]:
    """Return how many files the edition has, and their bytes."""
    sizes = [path.stat().st_size for path in edition.rglob("*") if path.is_file()]
    return len(sizes), sum(sizes)


def costs(edition: Path, cost: Cost, manuscripts: int) -> dict[str, Any]:
    """Return what was measured of one edition."""
    files, size = size_of(edition)
    pages = manuscripts * PAGES
    return {
        "manuscripts": manuscripts,
        "pages": pages,
        "files": files,
        "bytes": size,
        "bytes_per_page": round(size / pages),
        "of_budget": round(size / pages / BUDGET, 3),
        "cpu_ms_per_page": round(cost.cpu * 1000 / pages, 2),
        "seconds": round(cost.seconds, 1),
        "peak_mib": cost.peak_mib,
    }


def opened(edition: Path) -> dict[str, Any]:
    """Return how soon a new browser shows a first page, and hits, in milliseconds: medians."""
    first, whole, search = [], [], []
    with sync_playwright() as playwright:
        for _ in range(RUNS):
            began = time.perf_counter()
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            context = browser.new_context(viewport={"width": 390, "height": 844}, offline=True)
            page = context.new_page()
            gone = time.perf_counter()
            page.goto(f"{(edition / 'ar/m/ms-1.html').as_uri()}#p1")
            page.wait_for_function(DECODED)
            first.append(time.perf_counter() - gone)
            whole.append(time.perf_counter() - began)
            gone = time.perf_counter()
            page.goto(f"{(edition / 'ar/search.html').as_uri()}?q=النجوم")
            page.locator(".found mark").first.wait_for()
            search.append(time.perf_counter() - gone)
            browser.close()
    named = {"first_page_ms": first, "from_start_of_browser_ms": whole, "search_ms": search}
    return {name: round(statistics.median(times) * 1000) for name, times in named.items()}


def main() -> None:
    """Measure, print, and write where asked."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--out", type=Path)
    arguments.add_argument("--scale", type=int, default=300, help="manuscripts")
    arguments.add_argument("--photographs", type=Path, default=DATA / "measure" / "real-pages")
    given = arguments.parse_args()
    before = facts()
    photographs = sorted(
        path for path in given.photographs.rglob("*") if path.suffix.lower() in (".jpg", ".png", ".tif")
    )
    if not photographs:
        raise SystemExit(f"no photographs at {given.photographs}: name a folder that has some with --photographs")
    with tempfile.TemporaryDirectory(dir=given.out.parent if given.out else None) as folder:
        library = library_of(Path(folder), photographs, given.scale)
        tenth = [f"MS {number}" for number in range(1, max(2, given.scale // 10) + 1)]
        where = ("--library", library.root)
        small = khizana("publish", "offline", Path(folder) / "tenth", *tenth, *where)
        large = khizana("publish", "offline", Path(folder) / "whole", "--all", *where)
        parts = costs(Path(folder) / "tenth", small, len(tenth)), costs(Path(folder) / "whole", large, given.scale)
        again = khizana("publish", "offline", Path(folder) / "whole", "--all", *where)
        result = {
            "machine": before,
            "photographs": len(photographs),
            "ratio": round(parts[1]["cpu_ms_per_page"] / parts[0]["cpu_ms_per_page"], 2),
            "tenth": parts[0],
            "whole": parts[1],
            "again_seconds": round(again.seconds, 1),
            "opened": opened(Path(folder) / "whole"),
        }
    text = json.dumps(result, indent=2)
    print(text)
    if given.out:
        given.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

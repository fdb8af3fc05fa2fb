"""How soon a changed agreement holds everywhere: ``python benchmarks/agreement.py [--out FILE.json] [--pages 2000]``.

A manuscript of so many pages is made, published and served. Then its level is changed to and fro with the command a
person would use, while every kind of door is asked again and again: pages, tiles, reading sizes, documents, manifests,
descriptions, harvests, lists and search. *command* is what the command took, *after* how long after its end the last
door still answered as before (0 where all had changed by then), *doors* the same for each. The peer is the same change
of a manuscript of one page: *ratio* is the time of the whole, from the start of the command to the last door, over that
of the peer. Prints JSON, and writes it to FILE.json where one is named.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pyvips
from machine import facts

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from data.commands import KHIZANA, Library, Served, command_environment, new_library, served

ROUNDS = 5
CHANGES = ("staff", "open")

DOORS = {
    "page": "/en/m/{slug}/1r",
    "last page": "/en/m/{slug}/{pages}r",
    "tile": "/iiif/3/{slug}.0001/0,0,100,100/100,/0/default.jpg",
    "last tile": "/iiif/3/{slug}.{pages:04d}/0,0,100,100/100,/0/default.jpg",
    "reading size": "/images/{slug}.0001/480.jpg",
    "information": "/iiif/3/{slug}.0001/info.json",
    "older tile": "/iiif/2/{slug}.0001/full/100,/0/default.jpg",
    "linkset": "/m/{slug}/linkset.json",
}
"""Doors whose status tells: 200 under *open*, an error under *staff*."""

TEXTS = {
    "manifest": ("/iiif/manifest/{slug}", "/iiif/3/"),
    "manuscript": ("/en/m/{slug}/", "/iiif/3/"),
    "harvest": ("/oai?verb=ListRecords&metadataPrefix=oai_dc", "<dc:title"),
}
"""Doors whose text tells: it has the mark under *open* alone."""


def library_with(folder: Path, pages: int) -> tuple[Library, str]:
    """Make a library with one manuscript of *pages* small pages; return it with the manuscript's identifier."""
    library = new_library(folder / f"library-{pages}")
    card = folder / f"card-{pages}"
    card.mkdir()
    for number in range(1, pages + 1):
        page = pyvips.Image.gaussnoise(100, 130, mean=200, sigma=20, seed=number).cast("uchar")
        page.bandjoin([page, page]).copy(interpretation="srgb").write_to_file(str(card / f"{number:05d}_{number}r.jpg"))
    library.run("add", card, "--shelfmark", "long", "--title", "en=Long")
    return library, "long"


def answers(here: Served, slug: str, pages: int) -> dict[str, bool]:
    """Return of each door whether it answers as under *open*."""
    told = {name: here.get(door.format(slug=slug, pages=pages))[0] == 200 for name, door in DOORS.items()}
    for name, (door, mark) in TEXTS.items():
        told[name] = mark.encode() in here.get(door.format(slug=slug))[2]
    return told


def changed(here: Served, slug: str, pages: int, level: str) -> dict[str, Any]:
    """Change the level and return what that took, in seconds."""
    command = [*KHIZANA, "publish", slug, "--level", level]
    environment = command_environment(KHIZANA_LIBRARY=str(here.library.root))
    began = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    last: dict[str, float] = {}
    ended = 0.0
    while True:
        running = process.poll() is None
        now = time.perf_counter()
        if not running and not ended:
            ended = now
        told = answers(here, slug, pages)
        late = [name for name, is_open in told.items() if is_open is not (level == "open")]
        last |= dict.fromkeys(late, time.perf_counter())
        if ended and not late:
            break
        if now - began > 120:
            raise SystemExit(f"after two minutes {', '.join(late)} answered as before")
    if process.returncode:
        raise SystemExit(f"khizana publish ended with {process.returncode}")
    after = {name: max(0.0, when - ended) for name, when in last.items()}
    return {"command": ended - began, "after": max(after.values()), "whole": max(last.values()) - began, "doors": after}


def measured(folder: Path, pages: int) -> dict[str, Any]:
    """Return what changes of a manuscript of *pages* take, in seconds: medians, and the worst."""
    library, slug = library_with(folder, pages)
    with served(library) as here:
        if not all(answers(here, slug, pages).values()):
            raise SystemExit(f"not all doors are open to begin with: {answers(here, slug, pages)}")
        runs = [changed(here, slug, pages, level) for _ in range(ROUNDS) for level in CHANGES]
    return {
        "pages": pages,
        "changes": len(runs),
        **{
            f"{name}_s": {
                "median": round(statistics.median(run[name] for run in runs), 3),
                "worst": round(max(run[name] for run in runs), 3),
            }
            for name in ("command", "after", "whole")
        },
        "worst_after_by_door_s": {
            name: round(max(run["doors"].get(name, 0.0) for run in runs), 3) for name in (*DOORS, *TEXTS)
        },
    }


def main() -> None:
    """Measure, print, and write where asked."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--out", type=Path)
    arguments.add_argument("--pages", type=int, default=2000)
    given = arguments.parse_args()
    before = facts()
    with tempfile.TemporaryDirectory() as folder:
        peer, long = measured(Path(folder), 1), measured(Path(folder), given.pages)
    ratio = round(long["whole_s"]["median"] / peer["whole_s"]["median"], 2)
    text = json.dumps({"machine": before, "ratio": ratio, "long": long, "peer": peer}, indent=2)
    print(text)
    if given.out:
        given.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""How long a manifest takes to make and to write, cold and warm: ``python benchmarks/manifests.py [--out FILE.json]``.

Prints JSON, and writes it to FILE.json where one is named. Times are of the processor, not of the clock. *Cold* is
the first manifest of a new process, imports left out; *made* and *written* are medians of a process that has made
others; no image or database is touched.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from data.described import CARD, manuscript
from khizana.core.iiif.collection import Entry, collection_v3
from khizana.core.iiif.manifest import manifest_v3
from khizana.core.iiif.manifest_v2 import manifest_v2
from khizana.core.iiif.presented import to_bytes
from khizana.core.iiif.schema import problems_v3

CANVASES = (10, 100, 500, 2000)
ROUNDS = 21
COLD = "--cold"


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the milliseconds of processor time *work* took, and what it gave."""
    started = time.process_time()
    given = work()
    return (time.process_time() - started) * 1000, given


def median(work: Callable[[], Any]) -> float:
    """Return the median milliseconds of *work*."""
    return round(statistics.median(timed(work)[0] for _ in range(ROUNDS)), 3)


def cold(canvases: int) -> float:
    """Return the milliseconds of the first manifest of *canvases* pages in a process of its own."""
    answer = subprocess.run([sys.executable, __file__, COLD, str(canvases)], check=True, capture_output=True, text=True)
    return round(float(answer.stdout), 3)


def measured(canvases: int) -> dict[str, Any]:
    """Return the times of manifests of *canvases* pages, in milliseconds, and their sizes in bytes."""
    whole = manuscript(pages=canvases)
    made = manifest_v3(whole, CARD)
    older = manifest_v2(whole, CARD)
    return {
        "canvases": canvases,
        "v3_cold_ms": statistics.median(cold(canvases) for _ in range(5)),
        "v3_made_ms": median(lambda: manifest_v3(whole, CARD)),
        "v3_written_ms": median(lambda: to_bytes(made)),
        "v3_bytes": len(to_bytes(made)),
        "v3_checked_ms": median(lambda: list(problems_v3(made))),
        "v2_made_ms": median(lambda: manifest_v2(whole, CARD)),
        "v2_written_ms": median(lambda: to_bytes(older)),
        "v2_bytes": len(to_bytes(older)),
    }


def main() -> None:
    """Measure, print, and write where asked."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--out", type=Path)
    arguments.add_argument(COLD, type=int, help="canvases: measure one in this process and leave")
    given = arguments.parse_args()
    if given.cold:
        whole = manuscript(pages=given.cold)
        print(timed(lambda: to_bytes(manifest_v3(whole, CARD)))[0])
        return
    entries = [Entry(whole.id, "T", {}, whole.agreement, whole.pages[0].image) for whole in [manuscript()] * 500]
    result = {
        "benchmark": "manifests",
        "machine": {"cores": os.cpu_count(), "processor": platform.machine(), "python": platform.python_version()},
        "manifests": [measured(canvases) for canvases in CANVASES],
        "collection_of_500_ms": median(lambda: to_bytes(collection_v3(CARD, entries, total=len(entries)))),
    }
    text = json.dumps(result, indent=1) + "\n"
    print(text, end="")
    if given.out:
        given.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

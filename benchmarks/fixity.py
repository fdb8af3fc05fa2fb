"""Checking and copying replicas against the tools of the system, in turn on the same files, out of no cache.

    python benchmarks/fixity.py --out fixity.json [--gigabytes 4] [--rounds 3]

``khizana verify --site here`` against ``sha512sum`` over the same files, as many at a time as there are processors;
and ``khizana replicate`` to a new site against ``cp -r``, flushing, and ``sha512sum`` of the copy out of no cache.
Files: masters of 40 MB in objects of ten, random bytes; each manuscript's are the first one's, written again. The
memory of files is dropped before each run, so that everybody reads the disk. A ratio is the median of those of the
rounds; above 1 Khizana is the faster.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from multiprocessing import Process
from pathlib import Path

from command import khizana
from machine import facts
from scale import SHELFMARK, write_like

PROCESSORS = len(os.sched_getaffinity(0))
MASTER = 40_000_000  # bytes
PAGES = 10


def main() -> None:
    """Measure, and write medians and ratios."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--out", type=Path, required=True)
    arguments.add_argument("--gigabytes", type=float, default=4.0)
    arguments.add_argument("--rounds", type=int, default=3)
    given = arguments.parse_args()
    machine = facts()
    with tempfile.TemporaryDirectory(prefix="khizana-fixity-") as place:
        library = Path(place) / "library"
        khizana("init", library)
        storage = library / "storage"
        add(library, Path(place) / "card")
        write_like(storage, max(1, round(given.gigabytes * 1e9 / MASTER / PAGES)) - 1)
        khizana("rebuild", "--no-access-copies", "--library", library)
        files = files_below(storage)
        size = sum(path.stat().st_size for path in files)
        peaks = []
        verify, sums, replicate, copy = [], [], [], []
        for number in range(given.rounds):
            forget(files)
            cost = khizana("verify", "--site", "here", "--library", library)
            verify.append(cost.seconds)
            peaks.append(cost.peak_mib)
            sums.append(timed(files, lambda: sha512sum(storage)))
            site = Path(place) / f"site-{number}"
            khizana("site", "add", f"s{number}", f"disk:{site}", "--library", library)
            forget(files)
            cost = khizana("replicate", "--site", f"s{number}", "--library", library)
            replicate.append(cost.seconds)
            peaks.append(cost.peak_mib)
            (library / "sites.toml").unlink()
            shutil.rmtree(site)
            copied = Path(place) / "copied"
            copy.append(timed(files, lambda copied=copied: copy_and_sum(storage, copied)))
            shutil.rmtree(copied)
    result = {
        "machine": machine,
        "bytes": size,
        "files": len(files),
        "verify_seconds": verify,
        "sha512sum_seconds": sums,
        "verify_to_sha512sum": ratio(sums, verify),
        "verify_aim": 0.9,
        "replicate_seconds": replicate,
        "cp_and_sha512sum_seconds": copy,
        "replicate_to_cp_and_sha512sum": ratio(copy, replicate),
        "replicate_aim": 0.8,
        "peak_mib": max(peaks),
        "peak_mib_aim": 200,
    }
    given.out.write_text(json.dumps(result, indent=1) + "\n")
    print(
        f"verify at {result['verify_to_sha512sum']} of the rate of sha512sum (aim 0.9), replicate at "
        f"{result['replicate_to_cp_and_sha512sum']} of that of cp and sha512sum (aim 0.8), {result['peak_mib']} MiB"
    )


def add(library: Path, card: Path) -> None:
    """Add one manuscript."""
    # In a process of its own: a command's most memory is counted from what the process that starts it ever held.
    photographing = Process(target=photograph, args=(card,))
    photographing.start()
    photographing.join()
    khizana("receive", card, "--shelfmark", SHELFMARK, "--library", library)
    khizana("accession", "--shelfmark", SHELFMARK, "--library", library)
    shutil.rmtree(card)
    shutil.rmtree(library / "access")


def photograph(card: Path) -> None:
    """Fill *card* with masters that are plain grey TIFF files of random bytes."""
    import pyvips  # noqa: PLC0415 - in the process that needs it

    card.mkdir()
    for page in range(PAGES):
        noise = pyvips.Image.new_from_memory(os.urandom(MASTER), 5000, MASTER // 5000, 1, "uchar")
        noise.tiffsave(str(card / f"{page:02d}.tif"))


def files_below(folder: Path) -> list[Path]:
    """Return every file below *folder*."""
    return [path for path in folder.rglob("*") if path.is_file()]


def forget(files: list[Path]) -> None:
    """Flush *files*, and have the system forget what it remembers of them."""
    for path in files:
        handle = os.open(path, os.O_RDONLY)
        os.fsync(handle)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)


def timed(files: list[Path], run: Callable[[], object]) -> float:
    """Return the seconds that *run* takes with none of *files* in memory."""
    forget(files)
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def sha512sum(folder: Path) -> None:
    """Compute the digest of every file below *folder*, on all processors."""
    command = f"find . -type f -print0 | xargs -0 -n 4 -P {PROCESSORS} sha512sum"
    subprocess.run(["sh", "-c", command], cwd=folder, check=True, stdout=subprocess.DEVNULL)


def copy_and_sum(folder: Path, copied: Path) -> None:
    """Copy *folder*, flush the copy, forget it, and compute its digests."""
    # The files of the copy are flushed, and not all disks: whatever else the machine writes meanwhile is nobody's here.
    subprocess.run(["cp", "-r", str(folder), str(copied)], check=True)
    forget(files_below(copied))
    sha512sum(copied)


def ratio(theirs: list[float], ours: list[float]) -> float:
    """Return our rate to theirs: the median over the rounds."""
    return round(statistics.median(their / our for their, our in zip(theirs, ours, strict=True)), 2)


if __name__ == "__main__":
    main()

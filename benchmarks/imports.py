"""Whether every OPenn description goes into a library and out of it again unchanged, and what that costs.

    python benchmarks/imports.py --out imports.json [--archive openn-tei-all-12433.tar.xz] [--at-most FILES]

``khizana import`` takes the whole archive into a new library, ``khizana export`` gives it back, and every file of the
archive is looked for: as it was, or in the report. The processor time of the import, all that it writes included, is
set beside that of ``lxml`` parsing the same files; its memory, with that of an import of the first tenth.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from lxml import etree
from machine import facts
from tei import ARCHIVE, files_of

TENTH = 10


@dataclass(frozen=True, slots=True)
class Run:
    """What a command cost."""

    status: int
    processor: float
    """Seconds."""
    memory: int
    """MiB, at most."""


def run(*arguments: str | Path) -> Run:
    """Run ``khizana`` with *arguments* and return what it cost."""
    command = [sys.executable, "-m", "khizana.cli.main", *map(str, arguments)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Run(process.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024)


def unpacked(archive: Path, folder: Path, at_most: int) -> tuple[dict[str, str], float]:
    """Write the files of *archive* below *folder*; return the digest of each, and the seconds to parse them."""
    digests: dict[str, str] = {}
    parsing = 0.0
    for number, (name, data) in enumerate(files_of(archive)):
        if number >= at_most:
            break
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        digests[str(path)] = hashlib.sha256(data).hexdigest()
        began = time.process_time()
        etree.fromstring(data)
        parsing += time.process_time() - began
    return digests, parsing


def imported(folder: Path, library: Path, *, report: Path) -> Run:
    """Import *folder* into *library*, which is made where it is not there; return what it cost."""
    if not library.is_dir():
        run("init", library, "--name", library.name)
    return run("import", folder, "--named-by", "file", "--report", report, "--library", library)


def accounted(digests: dict[str, str], report: Path, exported: Path) -> tuple[Counter[str], list[str]]:
    """Return how many files came to what, and those that came to nothing that is told."""
    fates: dict[str, tuple[str, str]] = {}
    with report.open(encoding="utf-8-sig", newline="") as rows:
        for row in csv.DictReader(rows):
            fates.setdefault(row["file"], (row["fate"], row["manuscript"]))
    found: Counter[str] = Counter()
    lost = []
    for file, digest in digests.items():
        fate, manuscript = fates.get(file, ("not told", ""))
        out = exported / f"{manuscript}.xml"
        if manuscript and out.is_file() and hashlib.sha256(out.read_bytes()).hexdigest() == digest:
            fate = f"{fate}, and given back byte for byte"
        elif fate != "reported":
            lost.append(file)
        found[fate] += 1
    return found, lost


def main() -> None:
    """Import, export, compare, and leave with 1 where a file was lost."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--out", type=Path, required=True)
    arguments.add_argument("--archive", type=Path, default=ARCHIVE)
    arguments.add_argument("--at-most", type=int, default=sys.maxsize)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        files, first = Path(scratch, "files"), Path(scratch, "first")
        digests, parsing = unpacked(given.archive, files, given.at_most)
        unpacked(given.archive, first, max(1, len(digests) // TENTH))
        library, report, exported = Path(scratch, "whole"), Path(scratch, "report.csv"), Path(scratch, "exported")
        small = imported(first, Path(scratch, "small"), report=Path(scratch, "small.csv"))
        whole = imported(files, library, report=report)
        again = imported(files, library, report=Path(scratch, "again.csv"))
        out = run("export", "--as", "tei", "--into", exported, "--library", library)
        fates, lost = accounted(digests, report, exported)
    result = {
        "machine": facts(),
        "files": len(digests),
        "fates": dict(fates),
        "lost": lost[:20],
        "import_over_lxml": round(whole.processor / parsing, 1),
        "import_again_over_lxml": round(again.processor / parsing, 1),
        "export_over_lxml": round(out.processor / parsing, 1),
        "import_ms_each": round(1000 * whole.processor / max(1, len(digests)), 2),
        "import_mib": whole.memory,
        "import_of_a_tenth_mib": small.memory,
    }
    given.out.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1, ensure_ascii=False))
    if lost:
        sys.exit(1)


if __name__ == "__main__":
    main()

"""How fast inventories become entries: ``python benchmarks/sheets.py [--rows N] [--out FILE.json]``.

The real inventories of Timbuktu (``KHIZANA_TEST_DATA``, default ../shared/data) and one made here of as many rows as
are asked for, in xlsx, ods and csv. Against each: reading the same workbook with the library alone (python-calamine,
or csv of the standard library), every cell, and doing nothing with it. Each is read three times in a process of its
own, and the best time counts: that of the processor, since others may use it too. Memory is the most that such a
process held, less what it held before it opened the file; the code that it loads is counted.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from machine import facts

ROOT = Path(__file__).parents[1]
DATA = (ROOT / os.environ.get("KHIZANA_TEST_DATA", "../shared/data")).resolve()
INVENTORIES = DATA / "measure" / "timbuktu-inventories"
ROUNDS = 3
WORDS = ("كتاب", "في", "أحكام", "السفر", "شرح", "منظومة", "الحساب", "رسالة", "إلى", "أهل", "القرية")
STATES = ("جيدة", "ناقصة البداية", "متآكلة الأطراف", "عليها أثر الماء")
SUBJECTS = ("فقه", "حساب", "شعر", "وثيقة", "دعاء")


def made_entries(count: int) -> Any:
    """Yield *count* entries as an inventory has them."""
    from khizana.core.catalogue.columns import made  # noqa: PLC0415 the made file is written by the parent alone

    for number in range(count):
        title = " ".join(WORDS[(number * 7 + place * place) % len(WORDS)] for place in range(5))
        yield made(
            {
                "shelfmark": (f"QLM{number:06}",),
                "title_ar": (f"{title} {number % 997}",),
                "subjects_ar": (SUBJECTS[number % 5],),
                "leaves": (str(number % 40 + 1),),
                "condition_ar": (STATES[number % 4],),
                "owner_ar": ("أسرة القلم",),
            }
        )


def alone(path: Path) -> int:
    """Read every cell with the library and nothing else; return how many rows there are."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return sum(1 for _ in csv.reader(file))
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 each measured process loads what it needs

    book = CalamineWorkbook.from_path(path)
    return sum(len(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names)


def as_rows(path: Path) -> int:
    """Read every row as text, behind the guard; return how many there are."""
    from khizana.core.sheets.workbook import read_workbook  # noqa: PLC0415 the same

    return sum(1 for sheet in read_workbook(path) for _ in sheet.rows())


def as_entries(path: Path) -> int:
    """Make entries of all rows, with every finding; return how many rows there are."""
    from khizana.core.sheets.entries import read_entries  # noqa: PLC0415 the same
    from khizana.core.sheets.known import known_profile  # noqa: PLC0415 the same

    return sum(1 for _ in read_entries(path, known_profile("inventory")))


WAYS: dict[str, Callable[[Path], int]] = {"library_alone": alone, "rows": as_rows, "entries": as_entries}


def measured_here(way: str, path: Path) -> dict[str, float]:
    """Measure one way of reading in this process: the first time to load code and to see memory, then for the time."""
    small = held("VmRSS")
    times = []
    rows = 0
    for _ in range(ROUNDS):
        began = time.process_time()
        rows = WAYS[way](path)
        times.append(time.process_time() - began)
    return {"rows": rows, "seconds": round(min(times), 4), "memory_mib": round((held("VmHWM") - small) / 1024, 1)}


def held(which: str) -> int:
    """Return the memory of this process now (``VmRSS``) or at most (``VmHWM``), in KiB."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{which}:"):
            return int(line.split()[1])
    return 0


def measured(path: Path) -> dict[str, Any]:
    """Return rate and memory of each way of reading *path*, and what became of its rows."""
    found: dict[str, Any] = {"bytes": path.stat().st_size}
    for way in WAYS:
        command = [sys.executable, __file__, "--measure", way, str(path)]
        one = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        one["rows_per_second"] = round(one["rows"] / one["seconds"])
        found[way] = one
    found["times_the_library"] = round(found["entries"]["seconds"] / found["library_alone"]["seconds"], 1)
    return found | fates(path)


def fates(path: Path) -> dict[str, Any]:
    """Return how many rows became manuscripts, and by what reason others did not."""
    from khizana.core.sheets.entries import read_entries  # noqa: PLC0415 the same
    from khizana.core.sheets.known import known_profile  # noqa: PLC0415 the same
    from khizana.core.sheets.report import Tally, counted  # noqa: PLC0415 the same

    tally = Tally()
    deque(counted(read_entries(path, known_profile("inventory")), tally), maxlen=0)
    return {
        "rows_in": tally.rows,
        "manuscripts": tally.entries,
        "reported": dict(tally.reported.most_common()),
        "said_of_manuscripts": dict(tally.findings.most_common()),
    }


def written(count: int, folder: Path) -> dict[str, Any]:
    """Write the made inventory in each form, and return how long that took, with the paths."""
    from khizana.core.sheets.writing import KINDS, used_columns, write_sheet  # noqa: PLC0415 the same

    found = {}
    for kind in KINDS:
        path = folder / f"made.{kind}"
        began = time.process_time()
        with path.open("wb") as file:
            write_sheet(made_entries(count), file, kind, columns=used_columns(made_entries(200)))
        seconds = time.process_time() - began
        found[kind] = {"seconds": round(seconds, 3), "rows_per_second": round(count / seconds)}
    return found


def main() -> None:
    """Measure, and write the results as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, help="file for the results; they are printed in any case")
    parser.add_argument("--rows", type=int, default=50_000, help="rows of the made inventory (default: %(default)s)")
    parser.add_argument("--measure", nargs=2, metavar=("WAY", "FILE"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measured_here(given.measure[0], Path(given.measure[1]))))
        return
    results: dict[str, Any] = {
        "what": "spreadsheets into entries and back",
        "machine": facts(),
        "made_rows": given.rows,
    }
    real = sorted(INVENTORIES.glob("*/*.xlsx"))
    results["inventories"] = {path.parent.name: measured(path) for path in real} or f"none at {INVENTORIES}"
    with tempfile.TemporaryDirectory(prefix="khizana-sheets-") as folder:
        results["writing"] = written(given.rows, Path(folder))
        results["made"] = {path.suffix[1:]: measured(path) for path in sorted(Path(folder).iterdir())}
    text = json.dumps(results, indent=2, ensure_ascii=False)
    print(text)
    if given.out:
        given.out.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()

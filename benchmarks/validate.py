"""How fast OCFL objects are validated, beside ocfl-py in the same run on the same files.

    python benchmarks/validate.py --out validate.json [--objects 10000] [--large 6]

Two storage roots are made in a temporary folder: many small objects, and a few with large files. The two
validators take turns, and a ratio is the median of those of the rounds. What reading alone costs, every folder listed
and every file read to its digest with nothing compared, stands beside: no validator in this language costs much less.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import resource
import statistics
import sys
import tempfile
import time
from contextlib import redirect_stderr, redirect_stdout
from importlib.metadata import version
from pathlib import Path
from typing import Any

import ocfl
from machine import facts

from khizana.core.preservation.ocfl.validate import validate_storage_root

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from data.ocfl_objects import make_root  # found by the line above

ROUNDS = 5
SMALL = ({"a.txt": b"hello", "b/c.txt": b"x" * 3000}, {"a.txt": b"hello again", "b/c.txt": b"x" * 3000})
LARGE_BYTES = 32 * 1024 * 1024
PIECE = 1 << 18  # bytes


def khizana(root: Path) -> bool:
    """Tell whether Khizana finds everything in *root* valid."""
    return all(verdict.is_valid for verdict in validate_storage_root(root))


def ocfl_py(root: Path) -> bool:
    """Tell whether ocfl-py finds everything in *root* valid."""
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        return bool(ocfl.StorageRoot(str(root)).validate(validate_objects=True, check_digests=True))


def reading(root: Path) -> bool:
    """List every folder of *root* and read every file to its digest."""
    waiting = [str(root)]
    while waiting:
        folder = waiting.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                path = f"{folder}/{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(path)
                    continue
                handle = os.open(path, os.O_RDONLY)
                calculation, size = hashlib.sha512(), os.fstat(handle).st_size
                for _ in range(0, size, PIECE):
                    calculation.update(os.read(handle, min(size, PIECE)))
                os.close(handle)
                calculation.hexdigest()
    return True


VALIDATORS = {"khizana": khizana, "ocfl-py": ocfl_py, "reading alone": reading}


def measure(root: Path, amount: float, unit: str) -> dict[str, Any]:
    """Return the rates of both validators on *root*, which holds *amount* of *unit*, and how they compare."""
    clock: dict[str, list[float]] = {name: [] for name in VALIDATORS}
    processor: dict[str, list[float]] = {name: [] for name in VALIDATORS}
    for _ in range(ROUNDS):
        for name, validator in VALIDATORS.items():
            began, cpu_began = time.perf_counter(), time.process_time()
            if not validator(root):
                raise SystemExit(f"{name} refuses {root}")
            processor[name].append(time.process_time() - cpu_began)
            clock[name].append(time.perf_counter() - began)
    rates = {
        name: {
            f"{unit}_per_second": amount / statistics.median(clock[name]),
            f"{unit}_per_cpu_second": amount / statistics.median(processor[name]),
        }
        for name in VALIDATORS
    }
    return {
        **rates,
        "ratio": compared(clock, "khizana"),
        "ratio_cpu": compared(processor, "khizana"),
        "ratio_cpu_of_reading_alone": compared(processor, "reading alone"),
    }


def compared(times: dict[str, list[float]], name: str) -> float:
    """Return how many times as fast as ocfl-py *name* was: the median over the rounds."""
    return statistics.median(theirs / ours for theirs, ours in zip(times["ocfl-py"], times[name], strict=True))


def main() -> None:
    """Make the roots, measure, and write the results as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, help="file for the results; they are printed in any case")
    parser.add_argument("--objects", type=int, default=10_000, help="number of small objects (default: %(default)s)")
    parser.add_argument("--large", type=int, default=6, help="number of files of 32 MiB (default: %(default)s)")
    given = parser.parse_args()
    machine = facts()
    with tempfile.TemporaryDirectory() as folder:
        small = [f"urn:example:small:{number}" for number in range(given.objects)]
        large = {f"{number}.bin": os.urandom(LARGE_BYTES) for number in range(given.large)}
        many = make_root(Path(folder) / "small", small, versions=SMALL)
        few = make_root(Path(folder) / "large", ["urn:example:large"], versions=[large])
        del large
        results = {
            "what": "validation of OCFL 1.1 storage roots",
            "machine": machine,
            "ocfl-py": version("ocfl-py"),
            "small_objects": {"objects": given.objects, **measure(many, given.objects, "objects")},
            "large_files": {"files": given.large, **measure(few, given.large * LARGE_BYTES / 1e6, "megabytes")},
            "peak_memory_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
    text = json.dumps(results, indent=2)
    print(text)
    if given.out:
        given.out.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""How fast OCFL objects are validated, beside ocfl-py in the same run on the same files.

    python benchmarks/validate.py --out validate.json

Two storage roots are made in a temporary folder: many small objects, and a few with large files. The two
validators take turns, and the best of the rounds counts for each: other work on the machine only slows.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import resource
import sys
import tempfile
import time
from contextlib import redirect_stderr, redirect_stdout
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ocfl

from khizana.core.preservation.ocfl.validate import validate_storage_root

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from data.ocfl_objects import make_root  # found by the line above

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 3
SMALL = ({"a.txt": b"hello", "b/c.txt": b"x" * 3000}, {"a.txt": b"hello again", "b/c.txt": b"x" * 3000})
LARGE_BYTES = 32 * 1024 * 1024


def khizana(root: Path) -> bool:
    """Tell whether Khizana finds everything in *root* valid."""
    return all(verdict.is_valid for verdict in validate_storage_root(root))


def ocfl_py(root: Path) -> bool:
    """Tell whether ocfl-py finds everything in *root* valid."""
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        return bool(ocfl.StorageRoot(str(root)).validate(validate_objects=True, check_digests=True))


def best(validator: Callable[[Path], bool], root: Path, best_so_far: dict[str, float]) -> None:
    """Run *validator* on *root* once, keeping the lowest seconds of clock and of processor."""
    clock, processor = time.perf_counter(), time.process_time()
    if not validator(root):
        raise SystemExit(f"{validator.__name__} refuses {root}")
    best_so_far["seconds"] = min(best_so_far.get("seconds", 1e9), time.perf_counter() - clock)
    best_so_far["cpu_seconds"] = min(best_so_far.get("cpu_seconds", 1e9), time.process_time() - processor)


def measure(root: Path, amount: float, unit: str) -> dict[str, Any]:
    """Return the rates of both validators on *root*, which holds *amount* of *unit*."""
    times: dict[str, dict[str, float]] = {"khizana": {}, "ocfl-py": {}}
    for _ in range(ROUNDS):
        best(khizana, root, times["khizana"])
        best(ocfl_py, root, times["ocfl-py"])
    rates = {
        name: {f"{unit}_per_second": amount / one["seconds"], f"{unit}_per_cpu_second": amount / one["cpu_seconds"]}
        for name, one in times.items()
    }
    ratio = times["ocfl-py"]["seconds"] / times["khizana"]["seconds"]
    ratio_cpu = times["ocfl-py"]["cpu_seconds"] / times["khizana"]["cpu_seconds"]
    return {**rates, "ratio": ratio, "ratio_cpu": ratio_cpu}


def main() -> None:
    """Make the roots, measure, and write the results as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, help="file for the results; they are printed in any case")
    parser.add_argument("--objects", type=int, default=400, help="number of small objects (default: %(default)s)")
    parser.add_argument("--large", type=int, default=6, help="number of files of 32 MiB (default: %(default)s)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        small = [f"urn:example:small:{number}" for number in range(given.objects)]
        large = {f"{number}.bin": os.urandom(LARGE_BYTES) for number in range(given.large)}
        many = make_root(Path(folder) / "small", small, versions=SMALL)
        few = make_root(Path(folder) / "large", ["urn:example:large"], versions=[large])
        del large
        results = {
            "what": "validation of OCFL 1.1 storage roots",
            "machine": {"cores": os.cpu_count(), "processor": platform.machine(), "system": platform.platform()},
            "python": platform.python_version(),
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

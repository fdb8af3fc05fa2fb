"""Every benchmark, one after the other, each with a JSON file of its own.

python benchmarks/run.py --out FOLDER [--only serving,accession] [--quick]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

BENCHMARKS = (
    "dates",
    "names",
    "search_quality",
    "search_speed",
    "sheets",
    "exchange",
    "tei",
    "imports",
    "harvest",
    "validate",
    "manifests",
    "accession",
    "fixity",
    "scale",
    "lists",
    "growth",
    "agreement",
    "offline",
    "pages",
    "serving",
)
QUICK = {
    "sheets": ["--rows", "2000"],
    "exchange": ["--records", "2000"],
    "tei": ["--at-most", "300"],
    "imports": ["--at-most", "300"],
    "search_quality": ["--half", "held-out", "--questions", "100"],
    "search_speed": ["--size", "5000", "--readers", "1"],
    "validate": ["--objects", "400"],
    "scale": ["--objects", "100,1000"],
    "lists": ["--manuscripts", "1000,10000"],
    "fixity": ["--gigabytes", "0.8", "--rounds", "1"],
    "accession": ["--images", "12", "--rounds", "1"],
    "serving": ["--quick"],
    "harvest": ["--sizes", "1000,10000"],
    "agreement": ["--pages", "100"],
    "offline": ["--scale", "20"],
    "growth": ["--pages", "100", "--edits", "0,100"],
}


def main() -> None:
    """Run them and leave with 1 where one of them could not be run."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--out", type=Path, required=True)
    arguments.add_argument("--only", default=",".join(BENCHMARKS))
    arguments.add_argument("--quick", action="store_true")
    given = arguments.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    failed = []
    for name in given.only.split(","):
        print(f"== {name}", flush=True)
        command = [
            sys.executable,
            str(Path(__file__).with_name(f"{name}.py")),
            "--out",
            str(given.out / f"{name}.json"),
        ]
        command += QUICK.get(name, []) if given.quick else []
        if subprocess.run(command, check=False).returncode:
            failed.append(name)
    if failed:
        sys.exit(f"not run to the end: {', '.join(failed)}")


if __name__ == "__main__":
    main()

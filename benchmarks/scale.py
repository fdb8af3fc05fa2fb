"""Whether an object costs the same in a library of ten thousand objects as in one of a thousand.

    python benchmarks/scale.py --out scale.json [--objects 1000,10000]

One manuscript with one small page is accessioned; its two objects are then written again and again, each under an
identifier of its own, with its own events and inventory. In a library of each size the verbs are run in turn, each in
a process of its own: what counts is processor time per object, with the start of the process taken off, and the most
memory that the process held.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
import statistics
import tempfile
import uuid
from pathlib import Path
from typing import Any

from command import Cost, khizana
from machine import facts

from khizana.core.preservation.ocfl.layout import object_path

SHELFMARK, SLUG = "Like 0000000", "like-0000000"
_UUID = re.compile(rb"urn:uuid:[0-9a-f-]{36}")
PART = 2  # objects of one manuscript: its description and its images
SLIGHT = 100.0  # microseconds per object
STARTS = 3  # libraries of one manuscript, which tell what a start costs


def main() -> None:
    """Measure libraries of each size, and write costs and their growth."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--out", type=Path, required=True)
    arguments.add_argument("--objects", default="1000,10000", help="sizes of libraries (default: %(default)s)")
    given = arguments.parse_args()
    sizes = sorted(int(size) for size in given.objects.split(","))
    machine = facts()
    with tempfile.TemporaryDirectory(prefix="khizana-scale-") as place:
        alone = [library_of(PART, Path(place) / f"alone-{number}") for number in range(STARTS)]
        start = {verb: statistics.median(each[verb].cpu for each in alone) for verb in alone[0]}
        libraries = {}
        for size in sizes:
            print(f"{size} objects", flush=True)
            libraries[size] = told(library_of(size, Path(place) / str(size)), size, start)
            # After each library: the last may take hours.
            growth = grown(libraries[sizes[0]], libraries[size])
            result = {"machine": machine, "start_cpu_seconds": start, "libraries": libraries, "growth": growth}
            given.out.write_text(json.dumps(result | {"growth_aim": 1.2}, indent=1) + "\n")
    for verb in start:
        costs = ", ".join(
            f"{size}: {each[verb]['cpu_microseconds']} µs, {each[verb]['peak_mib']} MiB"
            for size, each in libraries.items()
        )
        print(f"{verb:18} {costs}; growth {growth.get(verb, '-')}")


def grown(least: dict[str, dict[str, float]], most: dict[str, dict[str, float]]) -> dict[str, float]:
    """Return how many times as much an object costs with each verb in the library with the *most* objects.

    A verb that costs nothing to speak of beside its start has no growth that could be told.
    """
    costs = {verb: each["cpu_microseconds"] for verb, each in least.items() if each["cpu_microseconds"] > SLIGHT}
    return {verb: round(most[verb]["cpu_microseconds"] / cost, 2) for verb, cost in costs.items()}


def told(verbs: dict[str, Cost], size: int, start: dict[str, float]) -> dict[str, dict[str, float]]:
    """Return the costs of *verbs* per object, without what a *start* costs."""
    return {
        verb: {
            "cpu_microseconds": round((cost.cpu - start[verb]) / size * 1e6, 1),
            "seconds": round(cost.seconds, 2),
            "peak_mib": cost.peak_mib,
        }
        for verb, cost in verbs.items()
    }


def library_of(size: int, place: Path) -> dict[str, Cost]:
    """Return what each verb costs in a library of *size* objects."""
    library, site = place / "library", place / "site"
    khizana("init", library)
    template(library, place / "card")
    write_like(library / "storage", size // PART - 1)
    verbs: dict[str, tuple[Any, ...]] = {
        "validate": ("verify", library / "storage"),
        "rebuild": ("rebuild", "--no-access-copies", "--library", library),
        "rebuild again": ("rebuild", "--no-access-copies", "--library", library),
        "verify here": ("verify", "--site", "here", "--library", library),
        "replicate": ("replicate", "--site", "a", "--library", library),
        "replicate nothing": ("replicate", "--site", "a", "--library", library),
        "verify a site": ("verify", "--site", "a", "--library", library),
        "status": ("status", "--library", library),
    }
    khizana("site", "add", "a", f"disk:{site}", "--library", library)
    costs = {}
    for name, verb in verbs.items():
        costs[name] = khizana(*verb)
        print(f"{size} objects, {name}: {costs[name]}", flush=True)
    return costs


def template(library: Path, card: Path) -> None:
    """Add the manuscript that all others are like."""
    import pyvips  # noqa: PLC0415 - after the arguments were read

    card.mkdir()
    pyvips.Image.new_from_memory(bytes(4096), 64, 64, 1, "uchar").tiffsave(str(card / "01.tif"))
    khizana("receive", card, "--shelfmark", SHELFMARK, "--library", library)
    khizana("accession", "--shelfmark", SHELFMARK, "--library", library)


def write_like(storage: Path, count: int) -> None:
    """Write *count* more manuscripts like the one in *storage*, of one version each."""
    objects = []
    for path in storage.glob(f"*/*/*/*{SLUG}*"):
        # Masters are copied from where they lie: they may be of any size.
        content = {
            each.relative_to(path).as_posix(): each if each.suffix == ".tif" else each.read_bytes()
            for each in path.rglob("*")
            if each.is_file()
        }
        objects.append((json.loads(content["inventory.json"])["id"], content))
    for number in range(1, count + 1):
        for identifier, files in objects:
            write_one(storage, identifier, files, number)


def write_one(storage: Path, identifier: str, files: dict[str, bytes | Path], number: int) -> None:
    """Write the object *identifier* with its *files* again, as the one of manuscript *number*."""

    def own(content: bytes) -> bytes:
        for each in (SHELFMARK, SLUG):
            content = content.replace(each.encode(), f"{each[:-7]}{number:07}".encode())
        return content

    masters = {name: path for name, path in files.items() if isinstance(path, Path)}
    small = {name: content for name, content in files.items() if isinstance(content, bytes)}
    written, inventory = {}, own(small["inventory.json"])
    for name, content in small.items():
        if "/content/" in name:
            written[name] = own(content)
            if name.endswith("/events/0001.xml"):
                ids = {each: f"urn:uuid:{uuid.uuid4()}".encode() for each in set(_UUID.findall(content))}
                written[name] = _UUID.sub(lambda found, ids=ids: ids[found[0]], written[name])
            before, after = (hashlib.sha512(each).hexdigest().encode() for each in (content, written[name]))
            inventory = inventory.replace(before, after)
    sidecar = f"{hashlib.sha512(inventory).hexdigest()} inventory.json\n".encode()
    for name, content in small.items():
        if name not in written:
            written[name] = inventory if name.endswith(".json") else sidecar if name.endswith(".sha512") else content
    place = storage / object_path(own(identifier.encode()).decode())
    for name in (*masters, *written):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
    for name, path in masters.items():
        shutil.copyfile(path, place / name)
    for name, content in written.items():
        (place / name).write_bytes(content)


if __name__ == "__main__":
    main()

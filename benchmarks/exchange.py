"""How fast MARCXML is read and written beside plain parsing by lxml, and how much memory long files take.

    python benchmarks/exchange.py --out exchange.json [--records 100000]

The files are made: every record has 33 fields, four of them again in Arabic script. Each measurement runs in a process
of its own, so that its peak of memory is its own.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from lxml import etree
from machine import facts

from khizana.core.catalogue.entry import Entry
from khizana.core.catalogue.incoming import Incoming
from khizana.core.exchange.dublin_core import to_oai_dc
from khizana.core.exchange.marc_record import Field, Record
from khizana.core.exchange.marcxml import CLOSING, NAMESPACE, OPENING, read_marcxml, record_element, to_marcxml
from khizana.core.xml import written
from khizana.core.xml_pieces import pieces

SUBJECTS = ("Sufism", "Islamic law, Maliki", "Astronomy, Arabic", "Grammar", "Letters", "Commerce")


def record(number: int) -> Record:
    """Return a record of an ordinary manuscript."""

    def data(tag: str, *subfields: tuple[str, str], indicators: str = "  ") -> Field:
        return Field(tag, "", indicators, subfields)

    pairs = (
        ("245", f"Sharḥ al-Mukhtaṣar {number}", f"شرح المختصر {number}"),
        ("100", f"Khalīl ibn Isḥāq al-Jundī {number % 997}", f"خليل بن إسحاق الجندي {number % 997}"),
        ("700", f"Muḥammad ibn Aḥmad {number % 499}", f"محمد بن أحمد {number % 499}"),
        ("246", f"Kitāb {number}", f"كتاب {number}"),
    )
    fields = [
        Field("001", f"kz{number:08}"),
        Field("008", "181129q16001699xx p          000 0 ara d"),
        data("041", ("a", "ara"), ("a", "hau")),
        *(
            data(tag, ("6", f"880-{link:02}"), ("a", f"{latin} /"), indicators="1 ")
            for link, (tag, latin, _) in enumerate(pairs, 1)
        ),
        data("264", ("a", "[Timbuktu],"), ("c", f"{1000 + number % 300} AH."), indicators=" 0"),
        data("300", ("a", f"{20 + number % 300} leaves :"), ("b", "paper ;"), ("c", "220 x 160 (150 x 95) mm.")),
        *(
            data("500", ("a", text))
            for text in ("Layout: 23 lines.", "Script: Saharan, in brown ink.", "Colophon (f. 58r).")
        ),
        data("520", ("a", f"A commentary on the law of the school of Malik, copy {number}, with notes in the margin.")),
        data("541", ("a", "Gift of the family."), indicators="1 "),
        *(data("561", ("a", f"Owned by {name} (f. 1r).")) for name in ("Aḥmad", "Mūsá")),
        data("563", ("a", "Loose leaves in a leather wrapper.")),
        data("583", ("a", "surface cleaned"), ("c", "2019")),
        *(data("650", ("a", f"{name}."), ("v", "Early works to 1800."), indicators=" 0") for name in SUBJECTS),
        data("655", ("a", "Codices."), ("2", "aat"), indicators=" 7"),
        data("852", ("a", "Library of the family"), ("b", "Main room"), ("j", f"MS {number}")),
        data("856", ("u", f"https://example.org/m/{number}"), indicators="41"),
        *(
            data("880", ("6", f"{tag}-{link:02}/(3/r"), ("a", arabic), indicators="1 ")
            for link, (tag, _, arabic) in enumerate(pairs, 1)
        ),
    ]
    return Record("00000ctm a2200000 i 4500", tuple(fields))


def make(path: Path, count: int) -> None:
    """Write a file of *count* records."""
    with path.open("wb") as file:
        file.write(OPENING)
        for number in range(count):
            file.write(written(record_element(record(number))) + b"\n")
        file.write(CLOSING)


def lxml_alone(path: Path) -> int:
    """Parse *path* with lxml, drop each record, and return how many there were."""
    count = 0
    for _, element in etree.iterparse(str(path), tag=f"{{{NAMESPACE}}}record", resolve_entities=False, no_network=True):
        count += 1
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
    return count


def records_apart(path: Path) -> int:
    """Return how many records of *path* are found and parsed one by one."""
    with path.open("rb") as file:
        return sum(1 for _ in pieces(file, frozenset({"record"}), file=path.name))


def entries(path: Path) -> int:
    """Return how many entries are read from *path*."""
    with path.open("rb") as file:
        return sum(1 for each in read_marcxml(file, file=path.name) if isinstance(each, Incoming))


def _written(path: Path, write: Callable[[Entry], bytes]) -> float:
    with path.open("rb") as file:
        read = [each.entry for each in read_marcxml(file, file=path.name) if isinstance(each, Incoming)]
    began = time.process_time()
    for entry in read:
        write(entry)
    return len(read) / (time.process_time() - began)


def _marcxml(entry: Entry) -> bytes:
    return to_marcxml(entry)


def _oai_dc(entry: Entry) -> bytes:
    return to_oai_dc(entry, identifier="https://example.org/m/1")


def _measured(read: Callable[[Path], int], path: Path) -> dict[str, float]:
    # Time of the processor: others may be at work on the machine.
    began = time.process_time()
    count = read(path)
    seconds = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"records": count, "records_per_second": round(count / seconds), "peak_mib": round(peak, 1)}


def apart(read: Callable[[Path], int], path: Path) -> dict[str, float]:
    """Return what reading *path* takes, measured in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measured, (read, path))


def main() -> None:
    """Make files, read them, and write the results as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, help="file for the results; they are printed in any case")
    parser.add_argument("--records", type=int, default=100_000, help="in the long file (default: %(default)s)")
    given = parser.parse_args()
    machine = facts()
    with tempfile.TemporaryDirectory() as folder:
        short, long = Path(folder, "short.xml"), Path(folder, "long.xml")
        make(short, max(given.records // 20, 1))
        make(long, given.records)
        results = {
            "what": "MARCXML",
            "machine": machine,
            "bytes": long.stat().st_size,
            "lxml alone": apart(lxml_alone, long),
            "records apart": apart(records_apart, long),
            "entries": apart(entries, long),
            "entries of the short file": apart(entries, short),
            "written as MARCXML, per second": round(_written(short, _marcxml)),
            "written as oai_dc, per second": round(_written(short, _oai_dc)),
        }
    text = json.dumps(results, indent=2, ensure_ascii=False)
    print(text)
    if given.out:
        given.out.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()

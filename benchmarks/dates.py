"""What share of the real dates of the OPenn descriptions is understood, and how fast they are read.

    python benchmarks/dates.py --out dates.json [--archive openn-tei-all-12433.tar.xz]

Every ``origDate`` of the archive is read as written; the share is of those that have words, and what is not understood
is listed.
"""

from __future__ import annotations

import argparse
import json
import os
import tarfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from lxml import etree
from machine import facts

from khizana.core.dates import DateStatement, parse_date

ROOT = Path(__file__).parent.parent
DATA = (ROOT / os.environ.get("KHIZANA_TEST_DATA", "../shared/data")).resolve()
ARCHIVE = DATA / "open" / "openn-tei" / "openn-tei-all-12433.tar.xz"
ORIGIN_DATE = "{http://www.tei-c.org/ns/1.0}origDate"


def origin_dates(archive: Path) -> Iterator[str]:
    """Yield the words of every ``origDate`` in the TEI files of *archive*; many have attributes and no words."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    with tarfile.open(archive) as files:
        for member in files:
            file = files.extractfile(member) if member.name.endswith("_TEI.xml") else None
            if file is not None:
                for element in etree.parse(file, parser).iter(ORIGIN_DATE):
                    yield "".join(element.itertext())


def measured(words: list[str]) -> dict[str, object]:
    """Return the share of *words* that is understood, the codes of the findings, and what is not understood."""
    began = time.perf_counter()
    found: list[DateStatement] = [parse_date(each) for each in words]
    seconds = time.perf_counter() - began
    codes = Counter(finding.code for each in found for finding in each.findings)
    understood = sum(each.understood for each in found)
    return {
        "dates": len(words),
        "different_dates": len(set(words)),
        "understood": understood,
        "share_understood": understood / len(words) if words else None,
        "dates_per_second": len(words) / seconds if words else None,
        "findings": dict(codes.most_common()),
        "not_understood": sorted({each.words for each in found if not each.understood}),
    }


def main() -> None:
    """Read the archive, measure, and write the results as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, help="file for the results; they are printed in any case")
    parser.add_argument("--archive", type=Path, default=ARCHIVE, help="tar of TEI files (default: %(default)s)")
    given = parser.parse_args()
    if not given.archive.is_file():
        parser.error(f"no descriptions at {given.archive}: name an archive with --archive, or set KHIZANA_TEST_DATA")
    machine = facts()
    every = list(origin_dates(given.archive))
    results = {
        "what": "dates of origin in the OPenn descriptions",
        "machine": machine,
        "archive": given.archive.name,
        "elements": len(every),
        "without_words": sum(not each.strip() for each in every),
        **measured([each for each in every if each.strip()]),
    }
    text = json.dumps(results, indent=2, ensure_ascii=False)
    print(text)
    if given.out:
        given.out.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""How much a manuscript grows by being edited: ``python benchmarks/growth.py [--out FILE.json] [--pages 1000]``.

A new library takes one manuscript, whose masters are a few bytes each, and edits it: every other time a folio label,
in turn with who may see it. What the preservation objects hold beyond their masters is counted exactly, and held
against what such masters weigh: 8 MB each, as a JPEG of 24 megapixels does. *overhead* is inventories, their digests,
declarations and events; *edited* is every state of the page order, the description and the publication that was ever
kept. Prints JSON, and writes it to FILE.json where one is named.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from machine import facts

from khizana.cli.verb import Opened, open_library
from khizana.core.identifiers import ManuscriptId, manuscript_id
from khizana.core.policy import Agreement, Level
from khizana.core.preservation.card import FileOnDisk
from khizana.core.preservation.journal import Capture, Receipt
from khizana.core.preservation.staging import receive

SHELFMARK = "G 1"
MASTER = 8_000_000  # bytes
AIM = 0.05
TEI = """<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader><fileDesc><titleStmt><title>كتاب</title></titleStmt>
<publicationStmt><p>-</p></publicationStmt><sourceDesc><msDesc><msIdentifier><idno>G 1</idno></msIdentifier></msDesc>
</sourceDesc></fileDesc></teiHeader><text><body><p/></body></text></TEI>
"""
EDITED = {"structure.json", "publication.json", "description.xml"}


@dataclass(frozen=True)
class Edited:
    """A manuscript in a new library, of pages that no camera took."""

    opened: Opened
    pages: int

    @property
    def manuscript(self) -> ManuscriptId:
        """Its identifier."""
        return manuscript_id(SHELFMARK)

    def accession(self) -> None:
        """Take it in."""
        from khizana.apps.publication.actions.accession import accession  # noqa: PLC0415 - Django is set up by now
        from khizana.wiring.library import keeper  # noqa: PLC0415 - the same

        captures = tuple((self._capture(number), f"{number}r") for number in range(1, self.pages + 1))
        accession(
            receipt=Receipt(SHELFMARK, captures),
            description=TEI.encode(),
            direction="rtl",
            level=Level.OPEN,
            keeper=keeper(self.opened.folder, self.opened.configuration),
            read_back={},
        )

    def _capture(self, number: int) -> Capture:
        source = self.opened.folder.root / "photograph"
        source.write_bytes(b"%d" % number)
        received = receive(FileOnDisk(source, source.name), self.opened.folder.staging)
        source.unlink()
        when = "2026-01-01T00:00:00+00:00"
        return Capture(
            f"IMG_{number:04d}.JPG", 0, received.size, received.digest, "image/jpeg", "jpg", 4000, 6000, when
        )

    def edit(self, number: int) -> None:
        """Make the edit *number*, from 1."""
        from khizana.apps.publication.actions.publish import publish  # noqa: PLC0415 - as above
        from khizana.apps.publication.actions.set_page_order import set_page_order  # noqa: PLC0415 - the same
        from khizana.wiring.library import keeper  # noqa: PLC0415 - the same

        keep = keeper(self.opened.folder, self.opened.configuration)
        if number % 2:
            page = number % self.pages + 1
            order = [(each, f"{each}v{number}" if each == page else f"{each}r") for each in range(1, self.pages + 1)]
            done = set_page_order(manuscript=self.manuscript, order=order, direction=None, keeper=keep)
        else:
            level = (Level.OPEN, Level.STAFF)[number // 2 % 2]
            done = publish(manuscript=self.manuscript, agreement=Agreement(level, published=True), keeper=keep)
        if not done:
            raise SystemExit(f"edit {number} changed nothing")

    def weighed(self) -> dict[str, int]:
        """Return the bytes of its objects: ``masters``, ``edited``, ``events``, ``inventories`` (with declarations)."""
        found = dict.fromkeys(("masters", "edited", "events", "inventories"), 0)
        for path in self.opened.folder.storage.glob("*/**/*"):
            if path.is_file() and "extensions" not in path.parts:
                found[_kind(path)] += path.stat().st_size
        return found


def _kind(path: Path) -> str:
    if path.parent.name in ("masters", "events"):
        return path.parent.name
    return "edited" if path.name in EDITED else "inventories"


def measured(edited: Edited, edits: int, seconds: float) -> dict[str, Any]:
    """Return what *edits* have cost."""
    found = edited.weighed()
    overhead = found["inventories"] + found["events"]
    content = edited.pages * MASTER
    return {
        "edits": edits,
        "inventory_bytes": found["inventories"],
        "event_bytes": found["events"],
        "edited_bytes": found["edited"],
        "overhead": round(overhead / content, 5),
        "overhead_and_edited": round((overhead + found["edited"]) / content, 5),
        "processor_seconds": round(seconds, 1),
    }


def main() -> None:
    """Edit, measure, print, and write where asked."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--out", type=Path)
    arguments.add_argument("--pages", type=int, default=1000)
    arguments.add_argument("--edits", default="0,100,300,1000", help="after how many edits to measure")
    given = arguments.parse_args()
    measure_at = sorted(int(number) for number in given.edits.split(","))
    results = []
    with tempfile.TemporaryDirectory(prefix="khizana-bench-") as place:
        root = Path(place) / "library"
        subprocess.run([sys.executable, "-m", "khizana.cli.main", "init", str(root)], check=True, stdout=sys.stderr)
        edited = Edited(open_library(str(root)), given.pages)
        edited.accession()
        began = time.process_time()
        for number in range(measure_at[-1] + 1):
            if number:
                edited.edit(number)
            if number in measure_at:
                results.append(measured(edited, number, time.process_time() - began))
    result = {
        "benchmark": "growth",
        "machine": facts(),
        "pages": given.pages,
        "content_bytes": given.pages * MASTER,
        "measured": results,
        "aim": AIM,
    }
    text = json.dumps(result, indent=1) + "\n"
    print(text, end="")
    if given.out:
        given.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

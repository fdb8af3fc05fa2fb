"""Whether every OPenn description goes into a catalogue entry and back without loss, and how fast it is read.

    python benchmarks/tei.py --out tei.json [--archive openn-tei-all-12433.tar.xz] [--at-most FILES]

Of every file: each text of its ``msDesc`` is looked for in the entry; the summary and a subject are changed, and all
else is compared in canonical form; they are changed back, and all is compared; the entry is written as a new document
and read again. The processor time of reading is set beside that of ``lxml`` parsing the same bytes.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import tarfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path

from lxml import etree
from machine import facts

from khizana.core.catalogue.entry import Entry, Phrase
from khizana.core.tei.elements import Element, name_of, tidy
from khizana.core.tei.entries import descriptions, read_entries, read_entry
from khizana.core.tei.rewrite import changed_document, new_document

ROOT = Path(__file__).parent.parent
DATA = (ROOT / os.environ.get("KHIZANA_TEST_DATA", "../shared/data")).resolve()
ARCHIVE = DATA / "open" / "openn-tei" / "openn-tei-all-12433.tar.xz"
SUMMARY, SUBJECT = Phrase("ملخص جديد", "ar"), Phrase("A new subject", "en")
_BLANKS_MAY_MOVE = ("msContents", "textClass", "profileDesc", "teiHeader")


def files_of(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of every TEI file in *archive*."""
    with tarfile.open(archive) as files:
        for member in files:
            file = files.extractfile(member) if member.name.endswith("_TEI.xml") else None
            if file is not None:
                yield member.name, file.read()


@dataclass(slots=True)
class Count:
    """What was found, over all files."""

    files: int = 0
    without_description: int = 0
    characters: int = 0
    understood: int = 0
    left: Counter[str] = field(default_factory=Counter)
    """Characters that the model does not take, by the element they stand in."""
    wrong: dict[str, list[str]] = field(default_factory=dict)
    kept_beside: int = 0
    findings: Counter[str] = field(default_factory=Counter)
    parsing: float = 0.0
    reading: float = 0.0
    importing: float = 0.0


def checked(name: str, data: bytes, count: Count) -> None:
    """Check everything of one file, and add what is found to *count*."""
    count.files += 1
    began = time.process_time()
    root = etree.fromstring(data)
    count.parsing += time.process_time() - began
    began = time.process_time()
    reading = read_entries(data, file=name)
    count.importing += time.process_time() - began
    count.findings.update(finding.code for finding in reading.findings)
    if not reading.entries:
        count.without_description += 1
        return
    began = time.process_time()
    entry = read_entry(data, file=name)
    count.reading += time.process_time() - began
    count.findings.update(finding.code for finding in reading.entries[0].findings)
    _understood(root, entry, count)
    for what, held in laws(data, entry, reading.entries[0].document).items():
        if not held:
            count.wrong.setdefault(what, []).append(name)
    count.kept_beside += b"xenoData" in new_document(entry)


def laws(data: bytes, entry: Entry, document: bytes) -> dict[str, bool]:
    """Return which of the laws hold for the document *data* that says *entry*."""
    wanted = replace(entry, summary=(SUMMARY,), subjects=(SUBJECT, *entry.subjects[1:]))
    changed = changed_document(data, entry, wanted)
    back = changed_document(changed, wanted, entry)
    return {
        "the document is kept byte for byte": document == data and changed_document(data, entry, entry) is data,
        "what is changed is read": read_entry(changed) == wanted,
        "nothing else changes": outside(changed) == outside(data),
        "what is changed back is read": read_entry(back) == entry,
        "nothing else changes on the way back": outside(back) == outside(data),
        "a new document says the same": read_entry(new_document(entry)) == entry,
    }


def outside(data: bytes) -> bytes:
    """Return the canonical form of *data* without the summary and the subjects."""
    root = etree.fromstring(data)
    for element in list(root.iter("{*}summary", "{*}keywords")):
        holder = element.getparent()
        owned = name_of(element) == "summary" or "genre" not in element.get("n", "")
        if holder is not None and owned and name_of(holder) in ("msContents", "textClass"):
            _blank_less(holder, element)
    for holder in root.iter(*(f"{{*}}{name}" for name in _BLANKS_MAY_MOVE)):
        for each in holder:
            each.tail = (each.tail or "").strip() or None
        holder.text = (holder.text or "").strip() or None
    canonical: bytes = etree.tostring(root, method="c14n")
    return canonical


def _blank_less(holder: Element, element: Element) -> None:
    if (element.tail or "").strip():
        raise ValueError("words stand beside what is compared")
    holder.remove(element)


def _understood(root: Element, entry: Entry, count: Count) -> None:
    said = "\n".join(strings(entry))
    for element in descriptions(root)[0].iter(etree.Element):
        holder = element.getparent()
        for text, where in ((element.text, element), (element.tail, holder)):
            words = tidy(text or "")
            if not words or where is None or (text is element.tail and element is descriptions(root)[0]):
                continue
            count.characters += len(words)
            if words in said or all(part.strip() in said for part in words.split(" / ")):
                count.understood += len(words)
            else:
                count.left[name_of(where)] += len(words)


def strings(value: object) -> Iterator[str]:
    """Yield every string in *value*, an entry or a part of one."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from strings(each)
    elif is_dataclass(value):
        for one in fields(value):
            yield from strings(getattr(value, one.name))


def peak() -> int:
    """Return the most memory that this process ever held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    """Read the archive, check and measure, and write the results as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, help="file for the results; they are printed in any case")
    parser.add_argument("--archive", type=Path, default=ARCHIVE, help="tar of TEI files (default: %(default)s)")
    parser.add_argument("--at-most", type=int, default=0, help="files to read (default: all)")
    given = parser.parse_args()
    if not given.archive.is_file():
        parser.error(f"no descriptions at {given.archive}: name an archive with --archive, or set KHIZANA_TEST_DATA")
    machine = facts()
    count, peaks = Count(), []
    for name, data in files_of(given.archive):
        checked(name, data, count)
        if count.files % 1000 == 0:
            peaks.append(peak())
        if count.files == given.at_most:
            break
    described = count.files - count.without_description
    results = {
        "what": "OPenn descriptions into catalogue entries and back",
        "machine": machine,
        "archive": given.archive.name,
        "files": count.files,
        "without_description": count.without_description,
        "laws_broken": {what: len(names) for what, names in count.wrong.items()},
        "files_that_break_a_law": {what: names[:20] for what, names in count.wrong.items()},
        "new_documents_that_keep_something_beside_tei": count.kept_beside,
        "characters_in_descriptions": count.characters,
        "share_understood": round(count.understood / count.characters, 4) if count.characters else None,
        "characters_left_to_the_document": dict(count.left.most_common(25)),
        "findings": dict(count.findings.most_common()),
        "seconds_lxml_parses": round(count.parsing, 2),
        "seconds_read_entry": round(count.reading, 2),
        "seconds_read_entries": round(count.importing, 2),
        "read_entry_to_lxml": round(count.reading / count.parsing, 2) if count.parsing else None,
        "read_entries_to_lxml": round(count.importing / count.parsing, 2) if count.parsing else None,
        "entries_per_second": round(described / count.importing) if count.importing else None,
        "peak_memory_mib_after_each_thousand": peaks,
    }
    text = json.dumps(results, indent=2, ensure_ascii=False)
    print(text)
    if given.out:
        given.out.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()

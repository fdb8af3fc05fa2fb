"""What a file is, by what is in it: names of files in the field say little, and often something else."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter
from enum import StrEnum

from khizana.core.findings import Finding, Severity

HEAD = 64 * 1024
"""Bytes of the beginning of a file that are enough to tell; those of XLSX and ODS are told by less."""


class Kind(StrEnum):
    """What form a file is in."""

    TEI = "TEI"
    MARCXML = "MARCXML"
    MARC = "MARC"
    """ISO 2709."""
    DUBLIN_CORE = "Dublin Core"
    OAI = "OAI-PMH"
    """An answer of OAI-PMH, of whatever is in its records."""
    MANIFEST_2 = "IIIF 2"
    MANIFEST_3 = "IIIF 3"
    """Manifests and collections of IIIF."""
    CSV = "CSV"
    XLSX = "XLSX"
    ODS = "ODS"
    EAD = "EAD"
    METS = "METS"
    UNKNOWN = ""


SPREADSHEETS = frozenset({Kind.CSV, Kind.XLSX, Kind.ODS})
NOT_READ = frozenset({Kind.EAD, Kind.METS})
"""Forms that are known by sight, and not read."""

_BEFORE_ROOT = re.compile(r"\s*(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>|\s+)", re.DOTALL)
_ROOT = re.compile(r"<(?:([\w.-]+):)?([\w.-]+)((?:\s[^<>]*)?)/?>")
_SPACE_OF_NAMES = re.compile(r"xmlns(?::([\w.-]+))?\s*=\s*[\"']([^\"']*)")
_BY_NAMESPACE = (
    ("http://www.tei-c.org/ns/1.0", Kind.TEI),
    ("http://www.openarchives.org/OAI/2.0/oai_dc/", Kind.DUBLIN_CORE),
    ("http://www.openarchives.org/OAI/2.0/", Kind.OAI),
    ("http://www.loc.gov/MARC21/slim", Kind.MARCXML),
    ("http://www.loc.gov/METS/", Kind.METS),
    ("http://www.loc.gov/METS/v2", Kind.METS),
    ("urn:isbn:1-931666-22-9", Kind.EAD),
    ("http://ead3.archivists.org/schema/", Kind.EAD),
)
_BY_ROOT = {
    "TEI": Kind.TEI,
    "TEI.2": Kind.TEI,
    "teiCorpus": Kind.TEI,
    "msDesc": Kind.TEI,
    "OAI-PMH": Kind.OAI,
    "ead": Kind.EAD,
    "mets": Kind.METS,
    "dublin_core": Kind.DUBLIN_CORE,
}
_DUBLIN_CORE = re.compile(r"http://purl\.org/dc/(?:elements/1\.1|terms)/")
_PLAIN_ELEMENT = re.compile(r"<(?:title|creator|identifier)[\s>]")
_MARC_FIELD = re.compile(r"<(?:\w+:)?(?:leader|controlfield|datafield)[\s>]")
_MARC = re.compile(rb"[\r\n]*\d{5}[a-z ][a-z ][a-z #|\d].{4}\d{5}.{3}4500", re.DOTALL)
_MANIFEST = re.compile(
    r"iiif\.io/api/presentation/([23])|\"@?type\"\s*:\s*\"(sc:)?(Manifest|Collection)\"|shared-canvas"
)
_OLD_MANIFEST = re.compile(r"presentation/2|\"@type\"\s*:\s*\"sc:|shared-canvas|\"sequences\"\s*:")


def kind_of(head: bytes, name: str = "") -> Kind:
    """Return what the file is that begins with *head*, its first ``HEAD`` bytes or all of it; ``UNKNOWN`` for no form.

    *name* decides only where the content does not: between a table and plain text.
    """
    if head.startswith(b"PK"):
        return _packed(head)
    if _MARC.match(head):
        return Kind.MARC
    text = _text(head)
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith("<"):
        return _xml(start)
    if start.startswith(("{", "[")):
        return _json(start)
    return Kind.CSV if _table(text, name) else Kind.UNKNOWN


def carried_by(head: bytes) -> Kind:
    """Return what the records of the answer of OAI-PMH that begins with *head* are in, or ``UNKNOWN``."""
    text = _text(head)
    inside = ((text.find(namespace), kind) for namespace, kind in _BY_NAMESPACE if kind is not Kind.OAI)
    return min(((place, kind) for place, kind in inside if place >= 0), default=(0, Kind.UNKNOWN))[1]


def unread(kind: Kind, *, file: str) -> Finding | None:
    """Return what to tell of *file* when it is of a *kind* that is not read, with what is understood; else None."""
    if kind is Kind.UNKNOWN:
        return Finding("KIND_UNKNOWN", Severity.ERROR, file)
    return Finding("KIND_NOT_READ", Severity.ERROR, file, {"kind": kind.value}) if kind in NOT_READ else None


def _text(head: bytes) -> str:
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(mark):
            return head.decode(encoding, errors="ignore")
    if head[1:2] == b"\0" or head[:1] == b"\0":  # UTF-16 without a mark, or no text at all
        return head.decode("utf-16-le" if head[1:2] == b"\0" else "utf-16-be", errors="ignore")
    return head.decode("utf-8", errors="replace")


def _xml(text: str) -> Kind:
    at = 0
    while (before := _BEFORE_ROOT.match(text, at)) and before.end() > at:
        at = before.end()
    root = _ROOT.match(text, at)
    if root is None:
        return Kind.UNKNOWN
    prefix, name, attributes = root[1] or "", root[2], root[3]
    spaces = {each[1] or "": each[2] for each in _SPACE_OF_NAMES.finditer(attributes)}
    own = spaces.get(prefix, "")
    for namespace, kind in _BY_NAMESPACE:
        if own.rstrip("/") == namespace.rstrip("/"):
            return kind
    if name in _BY_ROOT:
        return _BY_ROOT[name]
    rest = text[at:]
    if "http://www.loc.gov/MARC21/slim" in rest or (name in ("collection", "record") and _MARC_FIELD.search(rest)):
        return Kind.MARCXML
    if "http://www.tei-c.org/ns/1.0" in attributes:
        return Kind.TEI
    plain = name in ("metadata", "dc", "records") and _PLAIN_ELEMENT.search(rest)
    return Kind.DUBLIN_CORE if plain or _DUBLIN_CORE.search(rest) else Kind.UNKNOWN


def _json(text: str) -> Kind:
    if not _MANIFEST.search(text):
        return Kind.UNKNOWN
    return Kind.MANIFEST_2 if _OLD_MANIFEST.search(text) else Kind.MANIFEST_3


def _packed(head: bytes) -> Kind:
    # The names of packed files stand in the clear; ODS keeps its type first, as the standard asks.
    if b"application/vnd.oasis.opendocument.spreadsheet" in head[:256]:
        return Kind.ODS
    if b"xl/" in head:
        return Kind.XLSX
    try:
        with zipfile.ZipFile(io.BytesIO(head)) as packed:
            names = packed.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return Kind.XLSX if b"[Content_Types].xml" in head else Kind.UNKNOWN
    return Kind.XLSX if any(each.startswith("xl/") for each in names) else Kind.UNKNOWN


def _table(text: str, name: str) -> bool:
    """Tell whether most of the first lines of *text* have the same number of columns, two or more."""
    lines = [line for line in text.splitlines()[:20] if line.strip()]
    if not lines or "\0" in text or "\ufffd" * 3 in text:
        return False
    if name.lower().endswith((".csv", ".tsv", ".tab")):
        return True
    return len(lines) > 1 and any(_columns(lines, sign) for sign in "\t;|,")


def _columns(lines: list[str], sign: str) -> bool:
    try:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=sign))
    except csv.Error:
        return False
    width, count = widths.most_common(1)[0]
    return width > 1 and count * 4 >= sum(widths.values()) * 3

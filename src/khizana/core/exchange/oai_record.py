"""The header of a record in an answer of OAI-PMH."""

from __future__ import annotations

from khizana.core.catalogue.incoming import Reported
from khizana.core.findings import Finding, Severity
from khizana.core.xml import Element

_OAI = "{http://www.openarchives.org/OAI/2.0/}"


def oai_identifier(record: Element) -> str:
    """Return the identifier in the header of *record*, or nothing where it has none."""
    return (record.findtext(f"{_OAI}header/{_OAI}identifier") or "").strip()


def withdrawn(record: Element, *, file: str, line: int) -> Reported | None:
    """Return what to tell of *record* where its library says that it is deleted, else None."""
    header = record.find(f"{_OAI}header")
    if header is None or header.get("status") != "deleted":
        return None
    facts: dict[str, str | int] = {"line": line, "name": oai_identifier(record)}
    return Reported(Finding("RECORD_WITHDRAWN", Severity.INFO, file, facts), file, line)

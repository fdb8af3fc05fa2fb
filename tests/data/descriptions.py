"""Descriptions of other libraries, written by code: TEI files as they come, and inventories."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape


def foreign_tei(
    shelfmark: str = "MS 7",
    *,
    title: str = "Kitāb al-nujūm",
    arabic: str = "كتاب النجوم",
    summary: str = "On the stars.",
    place: str = "",
    beside: str = "",
) -> bytes:
    """Return a description as another library's program writes it, with much that the model does not know."""
    located = f"<adminInfo><availability><p>{escape(place)}</p></availability></adminInfo>" if place else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!-- made by another program -->
<TEI xmlns="http://www.tei-c.org/ns/1.0" xmlns:own="https://library.example/ns">
  <teiHeader>
    <fileDesc>
      <titleStmt><title>Description of {escape(shelfmark)}</title></titleStmt>
      <publicationStmt><p own:internal="yes">Not published.</p></publicationStmt>
      <sourceDesc>
        <msDesc xml:id="ms-7">
          <msIdentifier>
            <settlement>Timbuktu</settlement>
            <repository>A family library</repository>
            <idno type="call-number">{escape(shelfmark)}</idno>
          </msIdentifier>
          <msContents>
            <summary>{escape(summary)}</summary>
            <textLang mainLang="ara">Arabic</textLang>
            <msItem n="1r" own:seen="twice">
              <locus>1r</locus>
              <author>
                <persName xml:lang="ar-Latn">Aḥmad Bābā</persName>
                <persName xml:lang="ar">أحمد بابا</persName>
              </author>
              <title xml:lang="ar-Latn">{escape(title)}</title>
              <title xml:lang="ar">{escape(arabic)}</title>
            </msItem>
          </msContents>
          <physDesc>
            <objectDesc><supportDesc><extent>12 leaves : 220 x 160 mm</extent></supportDesc></objectDesc>
            <musicNotation><p>None.</p></musicNotation>
          </physDesc>
          <history><origin><origDate calendar="Hijri-qamari">1107 H</origDate></origin></history>
          {located}
        </msDesc>
      </sourceDesc>
    </fileDesc>
    {beside}
  </teiHeader>
  <text><body><p/></body></text>
</TEI>
""".encode()


def inventory(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    """Write *rows* as a csv inventory and return its path."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return path

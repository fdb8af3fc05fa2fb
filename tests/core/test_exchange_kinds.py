"""What a file is, is told by what is in it."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khizana.core.exchange.kinds import HEAD, Kind, carried_by, kind_of, unread

OPEN = Path(os.environ.get("KHIZANA_TEST_DATA", "../shared/data")) / "open"


def _zip(*names: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as packed:
        for name in names:
            packed.writestr(name, "application/vnd.oasis.opendocument.spreadsheet" if name == "mimetype" else "x")
    return data.getvalue()


FILES: list[tuple[bytes, Kind]] = [
    (b'<TEI xmlns="http://www.tei-c.org/ns/1.0">', Kind.TEI),
    (b'<?xml version="1.0"?>\n<?x y?><!-- c -->\n<t:TEI xmlns:t="http://www.tei-c.org/ns/1.0"/>', Kind.TEI),
    (b"<!DOCTYPE TEI.2 SYSTEM 'tei2.dtd' [<!ENTITY a 'b'>]><TEI.2><teiHeader/>", Kind.TEI),
    (b'<collection xmlns="http://www.loc.gov/MARC21/slim"><record>', Kind.MARCXML),
    (b'<marc:record xmlns:marc="http://www.loc.gov/MARC21/slim"/>', Kind.MARCXML),
    (b"<record><leader>00000</leader>", Kind.MARCXML),
    (b"00714cam a2200205 a 4500001001300000", Kind.MARC),
    (b'<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/">', Kind.DUBLIN_CORE),
    (b'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>', Kind.DUBLIN_CORE),
    (
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/">',
        Kind.DUBLIN_CORE,
    ),
    (b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>', Kind.OAI),
    (b'{"@context": "http://iiif.io/api/presentation/2/context.json", "@type": "sc:Manifest"}', Kind.MANIFEST_2),
    (b'{"@context": "http://iiif.io/api/presentation/3/context.json", "type": "Manifest"}', Kind.MANIFEST_3),
    (b'\xef\xbb\xbf {"type": "Manifest"}', Kind.MANIFEST_3),
    (b'{"name": "package", "version": 2}', Kind.UNKNOWN),
    (b'<ead xmlns="urn:isbn:1-931666-22-9">', Kind.EAD),
    (b'<mets:mets xmlns:mets="http://www.loc.gov/METS/">', Kind.METS),
    (b"<html><head><title>A</title>", Kind.UNKNOWN),
    (b"<metadata><title>A</title>", Kind.DUBLIN_CORE),
    (b"shelfmark,title\nMS 1,A\nMS 2,B\n", Kind.CSV),
    ("رقم;عنوان\n1;أ\n".encode("utf-16"), Kind.CSV),
    ('<TEI xmlns="http://www.tei-c.org/ns/1.0">'.encode("utf-16"), Kind.TEI),
    (b"One sentence and no more.", Kind.UNKNOWN),
    (b"Words, and more.\nHere, there, and\neverywhere; no table.\nAt all.\n", Kind.UNKNOWN),
    (b'shelfmark,title\nMS 1,"A, or B"\nMS 2,C\n', Kind.CSV),
    (_zip("[Content_Types].xml", "xl/workbook.xml"), Kind.XLSX),
    (_zip("mimetype", "content.xml"), Kind.ODS),
    (_zip("a.txt"), Kind.UNKNOWN),
    (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Kind.UNKNOWN),
    (b"", Kind.UNKNOWN),
]


@pytest.mark.parametrize(("head", "kind"), FILES)
def test_a_file_is_known_by_what_is_in_it(head: bytes, kind: Kind) -> None:
    assert kind_of(head, "misleading.xml") is kind


def test_what_an_answer_of_oai_pmh_carries_is_known() -> None:
    answer = '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords><record><metadata><x xmlns="{}"/>'
    carried = {
        "http://www.loc.gov/MARC21/slim": Kind.MARCXML,
        "http://www.openarchives.org/OAI/2.0/oai_dc/": Kind.DUBLIN_CORE,
        "http://www.tei-c.org/ns/1.0": Kind.TEI,
        "urn:other": Kind.UNKNOWN,
    }
    assert {name: carried_by(answer.format(name).encode()) for name in carried} == carried


def test_a_name_decides_only_for_tables() -> None:
    assert kind_of(b"title\nA\n", "list.csv") is Kind.CSV
    assert kind_of(b"title\nA\n", "list.txt") is Kind.UNKNOWN
    assert kind_of(b"<TEI/>", "list.csv") is Kind.TEI


def test_what_is_not_read_is_told_with_what_is() -> None:
    for kind in Kind:
        finding = unread(kind, file="f")
        assert (finding is not None) == (kind in (Kind.UNKNOWN, Kind.EAD, Kind.METS))
        if finding is not None:
            assert "TEI" in finding.sentence("en")


@given(st.binary(max_size=200), st.text(max_size=10))
def test_any_bytes_are_of_some_kind(head: bytes, name: str) -> None:
    for data in (head, b"<" + head, b"{" + head, b"PK" + head):
        assert kind_of(data, name) in Kind


@pytest.mark.skipif(not OPEN.exists(), reason="the open data is not here")
def test_real_files_are_known() -> None:
    columbia = OPEN / "columbia-ms-or-150"
    assert kind_of((columbia / "marc.xml").read_bytes()[:HEAD]) is Kind.MARCXML
    assert kind_of((columbia / "ms_or_150_TEI.xml").read_bytes()[:HEAD]) is Kind.TEI
    assert kind_of((columbia / "description.csv").read_bytes()[:HEAD]) is Kind.CSV
    wrong = {
        path.name: kind
        for path in (OPEN / "iiif-manifests" / "presentation-3").glob("*.json")
        if (kind := kind_of(path.read_bytes()[:HEAD])) is not Kind.MANIFEST_3
    }
    assert wrong == {}
    for path in (OPEN / "iiif-manifests" / "presentation-2").glob("*manifest*.json"):
        assert kind_of(path.read_bytes()[:HEAD]) is Kind.MANIFEST_2, path.name

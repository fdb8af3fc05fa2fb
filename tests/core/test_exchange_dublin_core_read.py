"""Dublin Core in, in the forms that libraries give it."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from khizana.core.catalogue.entry import Entry, Origin, Person, Phrase, Physical, Place, Text
from khizana.core.catalogue.incoming import Incoming, Reported
from khizana.core.dates import parse_date
from khizana.core.exchange.dublin_core import to_oai_dc
from khizana.core.exchange.dublin_core_read import read_dublin_core

DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
OAI = 'xmlns="http://www.openarchives.org/OAI/2.0/"'
BODY = '<dc:title>A</dc:title><dc:title xml:lang="ar">ا</dc:title><dc:identifier>MS 1</dc:identifier>'


def _read(text: str | bytes) -> list[Incoming | Reported]:
    data = text if isinstance(text, bytes) else text.encode()
    return list(read_dublin_core(io.BytesIO(data), file="f.xml"))


FORMS = {
    "oai_dc": f'<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" {DC}>{BODY}</oai_dc:dc>',
    "wrapper": f"<metadata {DC}>{BODY}</metadata>",
    "wrappers": f"<records><metadata {DC}>{BODY}</metadata></records>",
    "plain": '<metadata><title>A</title><title xml:lang="ar">ا</title><identifier>MS 1</identifier></metadata>',
    "oai": f"<OAI-PMH {OAI}><ListRecords><record><header><identifier>oai:x:1</identifier></header><metadata>"
    f'<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" {DC}>{BODY}</oai_dc:dc>'
    "</metadata></record></ListRecords></OAI-PMH>",
    "rdf": f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" {DC}><rdf:Description '
    f'rdf:about="https://x.org/1">{BODY}</rdf:Description></rdf:RDF>',
    "dspace": '<dublin_core><dcvalue element="title">A</dcvalue><dcvalue element="title" language="ar">ا</dcvalue>'
    '<dcvalue element="identifier">MS 1</dcvalue></dublin_core>',
    "terms": '<metadata xmlns:t="http://purl.org/dc/terms/"><t:title>A</t:title><t:alternative xml:lang="ar">ا'
    "</t:alternative><t:identifier>MS 1</t:identifier></metadata>",
}


@pytest.mark.parametrize("form", FORMS)
def test_a_record_is_read_in_every_form(form: str) -> None:
    (found,) = _read(FORMS[form])
    assert isinstance(found, Incoming)
    assert found.entry.titles == (Phrase("A"), Phrase("ا", "ar"))
    assert found.entry.shelfmark == "MS 1"
    assert found.findings == ()
    assert (("oai", "oai:x:1") in found.entry.identifiers) == (form == "oai")
    assert (("", "https://x.org/1") in found.entry.identifiers) == (form == "rdf")


def test_what_was_written_is_read_as_it_was() -> None:
    title = (Phrase("تاريخ", "ar"), Phrase("Tārīkh", "ar-Latn"))
    author = Person((Phrase("السعدي", "ar"), Phrase("al-Saʿdī", "ar-Latn")), "author")
    entry = Entry(
        shelfmark="MS 42",
        identifiers=(("", "https://x.org/1"), ("oclc", "12")),
        titles=title,
        languages=("ar", "ha-Arab"),
        custodian=(Phrase("Mamma Haidara", "en"),),
        texts=(Text(titles=title, persons=(author,)),),
        persons=(Person((Phrase("Aḥmad"),), "scribe"),),
        origin=Origin((parse_date("1106 AH"),), (Place((Phrase("تمبكتو", "ar"), Phrase("Timbuktu", "en"))),)),
        physical=Physical(extent=(Phrase("120 ff."), Phrase("220 × 160 mm")), leaves=120, height=220, width=160),
        summary=(Phrase("A history.", "en"),),
        subjects=(Phrase("History", "en"),),
        genres=(Phrase("Chronicles", "en"),),
        extra=(("dc:source", "Mamma Haidara, MS 42"), ("dc:rights", "CC0")),
    )
    (found,) = _read(to_oai_dc(entry, identifier="https://x.org/1", rights="CC0"))
    assert isinstance(found, Incoming)
    assert found.entry == entry


def test_what_has_no_place_is_kept() -> None:
    (found,) = _read(
        f'<metadata {DC} xmlns:x="urn:x"><dc:title>A</dc:title><dc:rights>CC0</dc:rights><x:ink>brown</x:ink>'
        "</metadata>"
    )
    assert isinstance(found, Incoming)
    assert found.entry.extra == (("dc:rights", "CC0"), ("dc:ink", "brown"))
    assert [each.code for each in found.findings] == ["DUBLIN_CORE_NO_SHELFMARK"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (
            f"<OAI-PMH {OAI}><record><header status='deleted'><identifier>x</identifier></header></record></OAI-PMH>",
            "RECORD_WITHDRAWN",
        ),
        ("<metadata/>", "DUBLIN_CORE_EMPTY"),
        ("<html><body/></html>", "DUBLIN_CORE_NONE"),
        ("<metadata><a></metadata>", "XML_NOT_WELL_FORMED"),
        ("no XML", "XML_NOT_WELL_FORMED"),
    ],
)
def test_what_is_no_description_is_told(text: str, code: str) -> None:
    (found,) = _read(text)
    assert isinstance(found, Reported)
    assert found.finding.code == code
    assert "f.xml" in found.finding.sentence("fr")


@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise(noise: bytes) -> None:
    for data in (noise, b"<metadata>" + noise + b"</metadata>", b"<metadata><title a='" + noise + b"'/></metadata>"):
        assert _read(data)

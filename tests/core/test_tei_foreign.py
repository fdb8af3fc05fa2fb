"""Descriptions that others wrote: public ones by the thousand, and made ones with one oddity each."""

from __future__ import annotations

import tarfile
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from khizana.core.errors import BadInput
from khizana.core.findings import Severity
from khizana.core.languages import language_tag
from khizana.core.manuscript import Words
from khizana.core.tei import fields
from khizana.core.tei.read import LARGEST, read, read_description
from khizana.core.tei.write import description_tei

BASE = """<?xml version="1.0"?>
<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader><fileDesc>
<titleStmt><title>Description of a manuscript</title></titleStmt>
<sourceDesc><msDesc>
<msIdentifier>{identifier}</msIdentifier>
<msContents>{contents}</msContents>
{more}
</msDesc></sourceDesc></fileDesc></teiHeader></TEI>"""
MARK = "<idno>T 1</idno>"


def tei(contents: str = "", *, identifier: str = MARK, more: str = "") -> bytes:
    return BASE.format(identifier=identifier, contents=contents, more=more).encode()


def detail(data: bytes, field: fields.Field) -> Words:
    return {label["en"]: value for label, value in read_description(data).details}.get(field.label["en"], {})


@pytest.mark.parametrize(
    ("language", "title", "tagged"),
    [
        ('mainLang="ara"', "<title>كتاب</title>", {"ar": ("كتاب",)}),
        ('mainLang="ota"', "<title>كتاب</title>", {"und-Arab": ("كتاب",)}),
        ("", "<title>كتاب</title>", {"und-Arab": ("كتاب",)}),
        ('mainLang="ota"', '<title xml:lang="ara">كتاب</title>', {"ar": ("كتاب",)}),
        ('mainLang="ara"', "<title>Kitāb</title>", {"ar-Latn": ("Kitāb",)}),
        ('mainLang="per"', "<title>Kita\u0304b</title>", {"fa-Latn": ("Kita\u0304b",)}),
        ('mainLang="ara"', "<title>Prayer book</title>", {"none": ("Prayer book",)}),
        (
            'mainLang="ara"',
            '<title>Qasidah</title><title type="vernacular">قصيدة</title>',
            {"ar-Latn": ("Qasidah",), "ar": ("قصيدة",)},
        ),
        ('mainLang="ara"', "<title>Dalāʾil / دلائل</title>", {"ar-Latn": ("Dalāʾil",), "ar": ("دلائل",)}),
        (
            'mainLang="per"',
            "<title>Five poems / خمسه</title>",
            {"none": ("Five poems",), "und-Arab": ("خمسه",)},
        ),
        ('mainLang="ita"', "<title>Giornale, ā</title>", {"none": ("Giornale, ā",)}),
        ("", "<title>Kitāb</title>", {"none": ("Kitāb",)}),
    ],
)
def test_a_title_has_the_tag_that_is_given_or_known(language: str, title: str, tagged: Words) -> None:
    assert read_description(tei(f"<textLang {language}/><msItem>{title}</msItem>")).titles == tagged


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("ara", "ar"),
        ("ARA", "ar"),
        ("per", "fa"),
        ("fas", "fa"),
        ("ota", "ota"),
        ("ar-latn-x-LC", "ar-Latn-x-lc"),
        ("ar_latn_ml", "ar-Latn-ML"),
        ("und", ""),
        ("und-Arab", "und-Arab"),
        ("Arabic, mostly", ""),
        ("", ""),
    ],
)
def test_language_codes_become_the_shortest_tag(written: str, tag: str) -> None:
    assert language_tag(written) == tag


def test_languages_stand_in_their_order_without_doubles() -> None:
    data = tei('<textLang mainLang="ara" otherLangs="per ara und hau">Arabic and others</textLang>')
    assert read_description(data).languages == ("ar", "fa", "ha")
    assert detail(data, fields.LANGUAGES) == {"none": ("Arabic and others",)}


@pytest.mark.parametrize(
    ("identifier", "shelfmark"),
    [
        ('<idno type="oclc">99</idno><idno type="shelfmark">MS  Or\n 1</idno>', "MS Or 1"),
        ("<idno>A</idno><idno>B</idno>", "A"),
        ('<altIdentifier type="shelfmark"><idno>Old 7</idno></altIdentifier>', "Old 7"),
        ('<altIdentifier type="bibid"><idno>123</idno></altIdentifier>', ""),
        ("<idno> </idno>", ""),
    ],
)
def test_the_shelfmark_is_found_among_other_numbers(identifier: str, shelfmark: str) -> None:
    reading = read(tei("<msItem><title>T</title></msItem>", identifier=identifier))
    assert reading.description.shelfmark == shelfmark
    codes = [(finding.code, finding.severity) for finding in reading.findings]
    assert codes == ([] if shelfmark else [("TEI_NO_SHELFMARK", Severity.ERROR)])


def test_scribes_and_other_persons_are_told_apart() -> None:
    data = tei(
        "<msItem><author><persName>Jazūlī</persName><persName>جزولي</persName></author><title>T</title>"
        "<respStmt><resp>scribe</resp><persName>ʻUmar</persName></respStmt>"
        "<respStmt><resp>former owner</resp><persName>Smith</persName></respStmt>"
        "<respStmt><resp>binder</resp></respStmt></msItem>"
    )
    assert detail(data, fields.AUTHOR) == {"none": ("Jazūlī",), "und-Arab": ("جزولي",)}
    assert detail(data, fields.SCRIBE) == {"none": ("ʻUmar",)}
    assert detail(data, fields.PERSONS) == {"none": ("Smith (former owner)",)}


def test_physical_details_and_history_are_read() -> None:
    data = tei(
        more="""<physDesc><objectDesc><supportDesc material="paper"><extent>3 leaves</extent></supportDesc>
        <layoutDesc><layout>12 lines</layout></layoutDesc></objectDesc>
        <handDesc><handNote>Maghribi</handNote></handDesc>
        <decoDesc><decoNote n="2v">a rosette</decoNote><decoNote>Rubricated</decoNote></decoDesc></physDesc>
        <history><origin><p><origDate>1135 AH</origDate>, <origPlace>Timbuktu</origPlace></p></origin>
        <provenance>One owner</provenance><provenance>Another</provenance></history>"""
    )
    read_back = read_description(data)
    assert read_back.date_as_written == "1135 AH"
    assert detail(data, fields.PLACE) == {"none": ("Timbuktu",)}
    assert detail(data, fields.SUPPORT) == {"none": ("paper",)}
    assert detail(data, fields.EXTENT) == {"none": ("3 leaves",)}
    assert detail(data, fields.LAYOUT) == {"none": ("12 lines",)}
    assert detail(data, fields.SCRIPT) == {"none": ("Maghribi",)}
    assert detail(data, fields.DECORATION) == {"none": ("Rubricated",)}
    assert detail(data, fields.PROVENANCE) == {"none": ("One owner", "Another")}


@pytest.mark.parametrize(
    ("date", "as_written"),
    [
        ('<origDate when="1720">ca. 1720</origDate>', "ca. 1720"),
        ('<origDate when="1720"/>', "1720"),
        ('<origDate notBefore="1700" notAfter="1750"/>', "1700–1750"),
        ("<origDate>1135 AH</origDate><origDate>1722</origDate>", "1135 AH; 1722"),
        ("", ""),
    ],
)
def test_the_date_is_kept_as_written(date: str, as_written: str) -> None:
    more = f"<history><origin>{date}</origin></history>"
    assert read_description(tei(more=more)).date_as_written == as_written


def test_several_texts_are_listed_with_their_places() -> None:
    data = tei('<msItem><title>Whole</title></msItem><msItem n="2v"><locus>2v</locus><title>First</title></msItem>')
    assert read_description(data).titles == {"none": ("Whole",)}
    assert detail(data, fields.TEXTS) == {"none": ("2v: First",)}


def test_prose_has_the_language_of_the_description_around_it() -> None:
    data = tei('<summary>Traité</summary><msItem xml:lang="ara"><title>Kitāb</title></msItem>').replace(
        b"<msDesc>", b'<msDesc xml:lang="fr">'
    )
    assert read_description(data).summary == {"fr": ("Traité",)}


def test_a_composite_manuscript_has_the_title_of_its_first_text() -> None:
    part = "<msContents><msItem><title>{}</title></msItem></msContents>"
    data = tei(more=f"<msPart>{part.format('First')}</msPart><msPart>{part.format('Second')}</msPart>")
    assert read_description(data).titles == {"none": ("First",)}
    assert detail(data, fields.TEXTS) == {"none": ("Second",)}


def test_free_prose_is_kept_where_there_is_nothing_more_exact() -> None:
    data = tei("<p>A treatise.</p>", more="<physDesc><p>Bound in goatskin.</p></physDesc>")
    assert read_description(data).summary == {"none": ("A treatise.",)}
    assert detail(data, fields.NOTES) == {"none": ("Bound in goatskin.",)}


def test_a_description_without_a_namespace_is_read() -> None:
    data = tei("<msItem><title>T</title></msItem>").replace(b' xmlns="http://www.tei-c.org/ns/1.0"', b"")
    assert read_description(data).titles == {"none": ("T",)}


def test_only_the_first_of_several_descriptions_is_read_and_that_is_said() -> None:
    data = tei("<msItem><title>T</title></msItem>")
    twice = data.replace(b"</sourceDesc>", b"<msDesc><msIdentifier/></msDesc></sourceDesc>")
    reading = read(twice)
    assert reading.description.shelfmark == "T 1"
    assert [finding.code for finding in reading.findings] == ["TEI_SEVERAL_DESCRIPTIONS"]
    assert "2 msDesc" in reading.findings[0].sentence("en")


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        (b"", "TEI_NOT_XML", 1),
        (b"not xml", "TEI_NOT_XML", 1),
        (b"<TEI>\n<a>\n</TEI>", "TEI_NOT_XML", 3),
        (b'<?xml version="1.0" encoding="no-such"?><TEI/>', "TEI_NOT_XML", 1),
        (b"<TEI>&unknown;</TEI>", "TEI_NOT_XML", 1),
        (b"<TEI>" + b"<a>" * 9999 + b"</a>" * 9999 + b"</TEI>", "TEI_NOT_XML", 1),
        (b"\n<TEI/>", "TEI_NO_DESCRIPTION", 2),
        (b"\xff\xfe<\x00T\x00", "TEI_NOT_XML", 1),
        (b"\x89PNG\r\n\x1a\n", "TEI_NOT_XML", 1),
    ],
)
def test_what_is_no_description_is_refused_with_file_and_line(data: bytes, code: str, line: int) -> None:
    with pytest.raises(BadInput) as refused:
        read_description(data, file="given.xml")
    assert (refused.value.code, refused.value.facts["file"], refused.value.facts["line"]) == (code, "given.xml", line)
    assert refused.value.sentence("fr").startswith("given.xml, ligne")


def test_entities_are_neither_expanded_nor_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    body = tei("<msItem><title>&x;</title></msItem>").split(b"\n", 1)[1]
    for entity in (f'<!ENTITY x SYSTEM "{secret.as_uri()}">', '<!ENTITY y "ha"><!ENTITY x "&y;&y;">'):
        with pytest.raises(BadInput) as refused:
            read_description(f"<!DOCTYPE TEI [{entity}]>".encode() + body)
        assert refused.value.code == "TEI_ENTITIES"
    outside = f'<!DOCTYPE TEI SYSTEM "{(tmp_path / "none.dtd").as_uri()}">'.encode() + body
    assert "secret" not in str(read_description(outside))


def test_a_file_beyond_the_bound_is_not_parsed() -> None:
    with pytest.raises(BadInput) as refused:
        read_description(b" " * (LARGEST + 1))
    assert refused.value.code == "TEI_TOO_LARGE"


def test_a_real_description_reads_in_both_scripts(shared_data: Path) -> None:
    data = (shared_data / "open/columbia-ms-or-150/ms_or_150_TEI.xml").read_bytes()
    description = read_description(data)
    assert description.shelfmark == "MS Or 150"
    # The file writes its macrons as marks of their own, and words are kept as written.
    romanised = unicodedata.normalize("NFD", "Hādhā kitāb sih zabān.")
    assert description.titles == {"ota-Latn": (romanised,), "und-Arab": ("هذا کتاب سه زبان",)}
    assert description.languages == ("ota", "ar", "fa")
    assert description.date_as_written == "1723"
    assert description.summary["none"][0].startswith("Versified treatise")
    assert detail(data, fields.EXTENT)["none"][0].startswith("58 leaves")
    assert read_description(description_tei(description)) == description


def public_descriptions(folder: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(folder / "openn-tei-arabic-script-1036.tar.xz") as archive:
        for member in archive:
            if member.name.endswith(".xml") and (content := archive.extractfile(member)):
                yield member.name, content.read()


def test_every_public_description_in_arabic_script_reads_whole(shared_data: Path) -> None:
    seen: Counter[str] = Counter()
    for name, data in public_descriptions(shared_data / "open/openn-tei"):
        reading = read(data, file=name)
        description = reading.description
        seen["read"] += 1
        seen["with findings"] += bool(reading.findings)
        seen["without title or shelfmark"] += not (description.titles and description.shelfmark)
        seen["without language"] += not description.languages
        seen["tag"] += all(language_tag(tag) == tag for tag in description.titles if tag != "none")
        if seen["read"] % 10 == 0:
            assert read_description(description_tei(description)) == description
    assert seen["read"] == seen["tag"] == 1036
    assert not seen["with findings"] + seen["without title or shelfmark"] + seen["without language"]

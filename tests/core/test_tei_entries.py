"""Catalogue entries from TEI: what each place in a description means, and what is wrong with a file."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lxml import etree

from data.described import DESCRIPTION
from data.foreign_tei import FOREIGN, tei
from data.full_entry import FULL
from khizana.core.catalogue.entry import HistoryNote, NoteKind, Person, PersonKind, Phrase
from khizana.core.dates import Calendar
from khizana.core.errors import BadInput
from khizana.core.findings import Severity
from khizana.core.tei.elements import tidy
from khizana.core.tei.entries import read_entries, read_entry
from khizana.core.tei.read import read_description
from khizana.core.tei.rewrite import changed_document, new_document, public_document
from khizana.core.tei.write import description_tei

ITEM = tei("<msItem><title>T</title></msItem>")


def codes(data: bytes) -> list[str]:
    reading = read_entries(data, file="given.xml")
    return [each.code for each in reading.findings] + [each.code for one in reading.entries for each in one.findings]


def test_a_description_that_this_program_wrote_before_is_read_whole() -> None:
    entry = read_entry(description_tei(DESCRIPTION))
    assert entry.shelfmark == DESCRIPTION.shelfmark
    assert {title.language for title in entry.titles} == set(DESCRIPTION.titles)
    said = str(entry)
    for label, value in DESCRIPTION.details:
        assert all(tidy(each) in said for each in value.get("ar", value.get("en", ()))), label
    changed = changed_document(description_tei(DESCRIPTION), entry, replace(entry, country="Mali"))
    assert read_entry(changed).country == "Mali"
    assert read_description(changed) == DESCRIPTION


def test_ajami_is_named_by_its_language_and_its_script() -> None:
    entry = read_entry(tei('<textLang mainLang="ara" otherLangs="hau-Arab ful-Arab"/>'))
    assert entry.languages == ("ar", "ha-Arab", "ff-Arab")


def test_persons_point_to_their_records_and_have_roles_in_three_languages() -> None:
    data = tei(
        '<msItem><author><persName ref="#p1">Aḥmad Bābā</persName>'
        '<persName type="vernacular">أحمد بابا</persName></author>'
        '<title>T</title><respStmt><resp>الناسخ</resp><persName key="viaf:77777">محمد</persName></respStmt>'
        "<respStmt><resp>traducteur</resp><orgName>Z</orgName></respStmt></msItem>",
        profile='<profileDesc><particDesc><listPerson><person xml:id="p1"><idno type="VIAF">95802241</idno></person>'
        "</listPerson></particDesc></profileDesc>",
    )
    entry = read_entry(data)
    author, translator = entry.texts[0].persons
    assert (author.role, author.key) == ("author", "https://viaf.org/viaf/95802241")
    assert [name.text for name in author.names] == ["Aḥmad Bābā", "أحمد بابا"]
    assert translator == Person((Phrase("Z"),), "translator", "", PersonKind.ORGANISATION)
    assert entry.persons == (Person((Phrase("محمد", "und-Arab"),), "scribe", "https://viaf.org/viaf/77777"),)


@pytest.mark.parametrize(
    ("element", "kind"),
    [
        ('<provenance type="waqf">x</provenance>', NoteKind.ENDOWMENT),
        ('<provenance type="ijaza">x</provenance>', NoteKind.TEACHING),
        ("<provenance>وقف على طلبة العلم</provenance>", NoteKind.ENDOWMENT),
        ("<provenance>أجاز به تلميذه</provenance>", NoteKind.TEACHING),
        ("<provenance>طالع فيه فلان</provenance>", NoteKind.READING),
        ("<provenance>A appartenu à X</provenance>", NoteKind.OWNERSHIP),
        ("<provenance>في ملك محمد</provenance>", NoteKind.OWNERSHIP),
        ("<provenance>Sold in London.</provenance>", NoteKind.PROVENANCE),
        ("<acquisition>Sold in London.</acquisition>", NoteKind.ACQUISITION),
    ],
)
def test_what_a_history_note_tells_of_is_known_by_its_type_or_its_words(element: str, kind: NoteKind) -> None:
    (note,) = read_entry(tei(more=f"<history>{element}</history>")).history
    assert note.kind is kind


def test_a_history_note_has_its_place_its_persons_and_its_date() -> None:
    more = (
        '<history><provenance type="ownership">On <locus>1r</locus>: owned by '
        '<persName role="owner">Umar</persName> in '
        "<date>1210 AH</date>.</provenance></history>"
    )
    (note,) = read_entry(tei(more=more)).history
    assert (note.words[0].text, note.locus) == ("On 1r: owned by Umar in 1210 AH.", "1r")
    assert note.persons == (Person((Phrase("Umar"),), "owner"),)
    assert note.date is not None
    assert note.date.calendar is Calendar.HIJRI


@pytest.mark.parametrize(
    ("date", "finding"),
    [
        ('<origDate when="1723">1135 AH</origDate>', ""),
        ('<origDate when="1823">1135 AH</origDate>', "TEI_DATE_DISAGREES"),
        ('<origDate notBefore="1700" notAfter="9999">18th century</origDate>', "TEI_DATE_PLACEHOLDER"),
        ('<origDate calendar="#Hijrri">1135</origDate>', "TEI_CALENDAR_SPELLING"),
        ('<origDate calendar="#zzzz">1135</origDate>', "TEI_CALENDAR_UNKNOWN"),
    ],
)
def test_words_and_attributes_of_a_date_are_held_against_each_other(date: str, finding: str) -> None:
    data = tei("<msItem><title>T</title></msItem>", more=f"<history><origin>{date}</origin></history>")
    assert codes(data) == ([finding] if finding else [])
    assert read_entry(data).origin.dates[0].dated


def test_a_calendar_that_is_misspelt_still_counts() -> None:
    data = tei(more='<history><origin><origDate calendar="#Hijrri">1135</origDate></origin></history>')
    (date,) = read_entry(data).origin.dates
    assert date.calendar is Calendar.HIJRI


def test_attributes_date_what_words_do_not() -> None:
    dates = '<origDate notBefore="1700" notAfter="1750"/><origDate when="1723">in the year of the flood</origDate>'
    found = read_entry(tei(more=f"<history><origin>{dates}</origin></history>")).origin.dates
    assert [date.words for date in found] == ["1700\u20131750", "in the year of the flood"]
    assert all(date.dated for date in found)


def test_units_and_fragments_are_told_apart_and_have_what_a_manuscript_has() -> None:
    part = (
        "<msIdentifier><idno>B</idno></msIdentifier><msContents><msItem><title>T</title></msItem></msContents>"
        "<history><origin><origDate>1200 AH</origDate></origin></history>"
    )
    entry = read_entry(tei(more=f"<msPart>{part}</msPart><msFrag>{part.replace('B', 'C')}</msFrag>"))
    assert [(unit.label, unit.fragment, len(unit.texts)) for unit in entry.units] == [("B", False, 1), ("C", True, 1)]
    assert len(entry.all_dates()) == 2
    assert entry.titles == (Phrase("T"),)


def test_nested_texts_stand_in_their_order() -> None:
    entry = read_entry(
        tei("<msItem><title>A</title><msItem><title>B</title></msItem></msItem><msItem><title>C</title></msItem>")
    )
    assert [text.titles[0].text for text in entry.texts] == ["A", "B", "C"]


def several() -> bytes:
    one = tei("<msItem><title>T</title></msItem>", after="<!-- end -->").decode()
    more = "<msDesc xml:id='x'><msIdentifier><idno>T 2</idno></msIdentifier></msDesc> <!-- between --> "
    return one.replace("</sourceDesc>", f"{more}</sourceDesc>").encode()


def test_several_descriptions_in_a_file_are_several_manuscripts_and_nothing_is_lost() -> None:
    reading = read_entries(several(), file="several.xml")
    assert [one.entry.shelfmark for one in reading.entries] == ["T 1", "T 2"]
    assert [read_entry(one.document).shelfmark for one in reading.entries] == ["T 1", "T 2"]
    for one in reading.entries:
        assert b"between" in one.document
        assert b"end" in one.document
        assert one.document.count(b"<msDesc") == 1


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        (b"", "TEI_NOT_XML", 1),
        (b"<TEI>\n<a>\n</TEI>", "TEI_NOT_XML", 3),
        (b"\n<TEI/>", "TEI_NO_DESCRIPTION", 2),
        (b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><a>&c;</a>', "TEI_ENTITIES", 1),
        (tei("<summary>école</summary>").decode().encode("latin-1"), "TEI_ENCODING", 6),
        (tei("<summary>كتاب</summary>").decode().encode("windows-1256"), "TEI_ENCODING", 6),
    ],
)
def test_a_file_that_cannot_be_read_is_a_finding_with_its_line(data: bytes, code: str, line: int) -> None:
    reading = read_entries(data, file="given.xml")
    assert reading.entries == ()
    (finding,) = reading.findings
    assert (finding.code, finding.severity, finding.facts["line"]) == (code, Severity.ERROR, line)
    for language in ("ar", "fr", "en"):
        assert "given.xml" in finding.sentence(language)
    with pytest.raises(BadInput):
        read_entry(data, file="given.xml")


def test_a_wrong_encoding_is_told_and_not_guessed_away() -> None:
    (finding,) = read_entries(tei("<summary>كتاب</summary>").decode().encode("windows-1256"), file="f").findings
    assert (finding.facts["declared"], finding.facts["likely"]) == ("UTF-8", "windows-1256")
    (finding,) = read_entries(tei("<summary>école</summary>").decode().encode("latin-1"), file="f").findings
    assert finding.facts["likely"] == "ISO-8859-1"


def test_other_encodings_that_are_declared_are_read() -> None:
    text = tei("<msItem><title>كتاب</title></msItem>").decode()
    for encoding in ("windows-1256", "utf-16"):
        data = text.replace('version="1.0"', f'version="1.0" encoding="{encoding}"').encode(encoding)
        assert read_entry(data).titles[0].text == "كتاب"
        changed = changed_document(data, read_entry(data), replace(read_entry(data), country="Mali"))
        assert read_entry(changed).country == "Mali"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (
            tei("<msItem><title>T</title></msItem>").replace(b' xmlns="http://www.tei-c.org/ns/1.0"', b""),
            "TEI_NO_NAMESPACE",
        ),
        (tei("<msItem xml:id='a'><title xml:id='a'>T</title></msItem>"), "TEI_SAME_IDENTIFIER"),
        (
            b'<!DOCTYPE TEI SYSTEM "x.dtd">' + tei("<msItem><title>T&eacute;</title></msItem>")[22:],
            "TEI_UNKNOWN_ENTITY",
        ),
    ],
)
def test_an_odd_file_is_read_and_what_is_odd_is_told(data: bytes, code: str) -> None:
    reading = read_entries(data, file="given.xml")
    assert [one.entry.shelfmark for one in reading.entries] == ["T 1"]
    assert [finding.code for finding in reading.findings] == [code]


def test_images_are_taken_by_whole_addresses_and_not_from_a_template() -> None:
    facsimile = (
        '<facsimile><surface n="1r">'
        '<graphic url="https://iiif.bib.ml/a/full/90,/0/default.jpg" width="90px" height="9px"/>'
        '<graphic url="https://iiif.bib.ml/a/full/full/0/default.jpg" width="900px" height="90px"/></surface>'
        '<surface n="1v"><graphic url="folio1v.png"/></surface><surface n="2r">'
        '<graphic url="http://example.org/2.png"/>'
        '</surface><surface n="2v"><graphic url="master/2v.tif"/></surface>'
        '<surface><graphic url="folio1r.png"/></surface>'
        "</facsimile>"
    )
    (one,) = read_entries(tei("<msItem><title>T</title></msItem>", after=facsimile), file="f").entries
    assert [(image.label, image.service, image.width) for image in one.images] == [("1r", "https://iiif.bib.ml/a", 900)]
    (finding,) = one.findings
    assert (finding.code, finding.facts["count"]) == ("TEI_TEMPLATE_IMAGES", 3)


def test_a_full_entry_needs_nothing_beside_tei_and_shows_well() -> None:
    document = new_document(FULL)
    assert read_entry(document) == FULL
    assert b"xenoData" not in document
    description = read_description(document)
    assert description.titles == {"ar": ("مجموع",), "en": ("A collection",)}
    details = {label["en"][0]: value for label, value in description.details}
    assert details["Scribe"]["ar"] == ("محمد بن أحمد",)
    assert details["Place of copying"] == {"ar": ("تمبكتو",), "fr": ("Tombouctou",)}
    assert details["Subjects"]["ar"] == ("فلك",)
    assert "Room 3" not in str(description)
    assert "green" not in str(description)


def test_where_a_manuscript_lies_is_not_in_its_public_document() -> None:
    document = new_document(FULL)
    public = public_document(document)
    assert "Room 3" in document.decode()
    assert "Room 3" not in public.decode()
    assert read_entry(public) == replace(FULL, present_location=())
    assert public_document(public) is public


UNTOUCHED = ("<!-- kept -->", "<?keep this?>", "unknown", 'form="codex"', "modern", 'a="1"', 'xml:id="i1"', "urn:x")


@pytest.mark.parametrize(
    ("field", "value", "gone"),
    [
        ("shelfmark", "T 2", "T 1"),
        ("titles", (Phrase("الكتاب", "ar"),), ""),
        ("languages", ("ar", "ha-Arab"), ""),
        ("owner", (Phrase("آل القاضي", "ar"),), ""),
        ("custodian", (Phrase("A library", "en"), Phrase("مكتبة", "ar")), ""),
        ("holding", (Phrase("A holding", "en"),), ""),
        ("present_location", (Phrase("A room", "en"),), ""),
        ("summary", (Phrase("New words", "en"), Phrase("كلمات", "ar")), "Old"),
        ("subjects", (Phrase("Moon"), Phrase("Sun", "en")), "Stars"),
        ("genres", (Phrase("Letters"),), ""),
        ("notes", (Phrase("A note", "en"),), ""),
        ("country", "Mali", ""),
        ("former_shelfmarks", ("Old 1",), ""),
        ("persons", FULL.persons, ""),
        ("history", (HistoryNote(NoteKind.OWNERSHIP, (Phrase("Two"),)),), ">One<"),
    ],
)
def test_a_field_is_changed_where_it_stands_and_all_else_stays(field: str, value: object, gone: str) -> None:
    before = read_entry(FOREIGN)
    after = replace(before, **{field: value})  # type: ignore[arg-type] # the table pairs fields with values of theirs
    changed = changed_document(FOREIGN, before, after)
    assert read_entry(changed) == after
    text = changed.decode()
    assert "xenoData" not in text
    assert not gone or gone not in text
    assert [kept for kept in UNTOUCHED if kept not in text] == []
    back = changed_document(changed, after, before)
    assert read_entry(back) == before


def test_texts_the_object_and_the_origin_are_changed_where_they_stand() -> None:
    before = read_entry(FOREIGN)
    (text,) = before.texts
    after = replace(
        before,
        texts=(
            replace(
                text, incipit=(Phrase("بسم الله"),), explicit=FULL.texts[0].explicit, persons=FULL.texts[0].persons
            ),
        ),
        physical=replace(
            before.physical, condition=(Phrase("Bad"),), material="paper", height=200, width=150, lines="23"
        ),
        origin=FULL.origin,
    )
    changed = changed_document(FOREIGN, before, after)
    assert read_entry(changed) == after
    assert "xenoData" not in changed.decode()
    assert [kept for kept in UNTOUCHED if kept not in changed.decode()] == []
    assert b'cert="low"' in changed


def test_texts_are_added_and_taken_away() -> None:
    before = read_entry(FOREIGN)
    more = replace(before, texts=(FULL.texts[0], *before.texts, FULL.texts[1]), titles=FULL.texts[0].titles)
    changed = changed_document(FOREIGN, before, more)
    assert read_entry(changed) == more
    assert "unknown" in changed.decode()
    less = replace(before, texts=())
    assert read_entry(changed_document(changed, more, less)) == less


def test_what_tei_has_no_place_for_is_kept_beside_it_and_goes_when_it_is_not_needed() -> None:
    before = read_entry(FOREIGN)
    odd = replace(before, physical=replace(before.physical, lines="about nine"))
    changed = changed_document(FOREIGN, before, odd)
    assert read_entry(changed) == odd
    assert b"xenoData" in changed
    back = changed_document(changed, odd, before)
    assert b"xenoData" not in back
    assert etree.tostring(etree.fromstring(back), method="c14n") == etree.tostring(
        etree.fromstring(FOREIGN), method="c14n"
    )


def test_what_is_kept_and_was_edited_by_hand_is_told_and_passed_over() -> None:
    data = tei("<msItem><title>T</title></msItem>").replace(
        b"</teiHeader>", b'<xenoData type="khizana-entry">{"titles":7}</xenoData></teiHeader>'
    )
    assert codes(data) == ["TEI_KEPT_UNREADABLE"]
    assert read_entry(data).titles == (Phrase("T"),)


def test_text_that_xml_cannot_hold_is_refused_with_a_sentence() -> None:
    with pytest.raises(BadInput) as refused:
        new_document(replace(FULL, country="\x00"))
    assert refused.value.code == "TEI_UNWRITABLE"


def test_nothing_outside_the_file_is_read(tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("away") / "secret.dtd"
    secret.write_text('<!ENTITY x "secret">')
    data = f'<!DOCTYPE TEI SYSTEM "{secret.as_uri()}">'.encode() + tei("<msItem><title>T&x;</title></msItem>")[22:]
    (one,) = read_entries(data, file="f").entries
    assert one.entry.titles == (Phrase("T&x;"),)

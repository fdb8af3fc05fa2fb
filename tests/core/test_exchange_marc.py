"""MARC records in and out of the catalogue: nothing is lost, both scripts of a name are one name, bad ones are told."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unicodedata import normalize

import pymarc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from khizana.core.catalogue.entry import Entry, Origin, Person, Phrase, Physical, Place, Text
from khizana.core.catalogue.incoming import Incoming, Reported
from khizana.core.dates import parse_date
from khizana.core.exchange.marc_entry import entry_of, said_of
from khizana.core.exchange.marc_record import Field, Record, kept, restored
from khizana.core.exchange.marc_write import record_of
from khizana.core.exchange.marcxml import NAMESPACE, read_marc, read_marcxml, to_marcxml, write_marcxml

DATA = Path(os.environ.get("KHIZANA_TEST_DATA", "../shared/data"))
SAMPLES = sorted((DATA / "open" / "openn-tei" / "west-african-and-astronomy-samples").glob("*/marc.xml"))
COLUMBIA = DATA / "open" / "columbia-ms-or-150" / "marc.xml"


def _data(tag: str, *subfields: tuple[str, str], indicators: str = "  ") -> Field:
    return Field(tag, "", indicators, subfields)


def _record(*fields: Field, leader: str = "00000ctm a2200000 i 4500") -> Record:
    return Record(leader, fields)


def _document(*records: str) -> io.BytesIO:
    return io.BytesIO(f'<collection xmlns="{NAMESPACE}">\n{"".join(records)}</collection>'.encode())


def _read(*records: str) -> list[Incoming | Reported]:
    return list(read_marcxml(_document(*records), file="f.xml"))


def _entry(record: Record) -> Entry:
    """Return *record* as read from its own document."""
    (found,) = read_marcxml(io.BytesIO(to_marcxml(entry_of(record))), file="f.xml")
    assert isinstance(found, Incoming)
    return found.entry


TEXT = st.text(
    st.characters(min_codepoint=0x20, exclude_categories=("Cs", "Cc", "Co", "Cn")), max_size=12
) | st.sampled_from(
    [
        "‡",
        "‡‡a",
        "##",
        " a ",
        "880-01",
        "245-01/(3/r",
        "22 cm",
        "1106 H",
        "قسطنطين",
        "ff. 1-2: A / B -- C",
        "Script: x",
        "Dimensions: 22 x 10 cm",
        "(OCoLC)on12",
    ]
)
KNOWN = "035 041 100 240 245 246 264 300 340 500 505 520 541 546 561 563 600 650 655 700 710 752 852"
TAGS = st.sampled_from([*KNOWN.split(" "), "024", "090", "583", "880", "999"])
CODES = st.sampled_from("abcdefhjtvz0146")
DATA_FIELDS = st.builds(
    lambda tag, indicators, subfields: Field(tag, "", indicators, tuple(subfields)),
    TAGS,
    st.sampled_from(["  ", "10", "1 ", " 4", "00"]),
    st.lists(st.tuples(CODES, TEXT), max_size=4),
)
CONTROL_FIELDS = st.builds(Field, st.sampled_from(["001", "003", "005", "007", "008"]), TEXT)
RECORDS = st.builds(
    lambda leader, fields: Record(leader, tuple(fields)),
    st.sampled_from(["00000ctm a2200000 i 4500", "", "  # t"]),
    st.lists(CONTROL_FIELDS | DATA_FIELDS, min_size=1, max_size=8),
)


@given(RECORDS)
def test_what_an_entry_keeps_of_a_record_is_the_record(record: Record) -> None:
    assert restored(kept(record)) == record


@given(RECORDS)
def test_a_record_that_becomes_an_entry_and_a_record_again_loses_nothing(record: Record) -> None:
    assert record_of(entry_of(record)) == record


@given(RECORDS)
def test_a_record_survives_its_document(record: Record) -> None:
    entry = entry_of(record)
    found = list(read_marcxml(io.BytesIO(to_marcxml(entry)), file="f.xml"))
    assert [each.entry if isinstance(each, Incoming) else each.finding.code for each in found] in (
        [entry],
        ["MARC_NO_DESCRIPTION"],
    )


def _changed(entry: Entry, words: str) -> Iterator[Entry]:
    phrase = (Phrase(words),)
    first = entry.texts[0] if entry.texts else None
    whole = (replace(first, titles=phrase),) if first is not None and first.titles == entry.titles else entry.texts[:1]
    yield replace(entry, subjects=phrase)
    yield replace(entry, summary=phrase)
    yield replace(entry, notes=entry.notes[1:])
    yield replace(entry, persons=(*entry.persons, Person(phrase, "scribe")))
    yield replace(entry, titles=phrase, texts=(*whole, *entry.texts[1:]))
    yield replace(entry, languages=("ar",))
    yield replace(entry, shelfmark=words)
    yield replace(entry, holding=phrase, custodian=phrase)


def _names_a_text_once(record: Record) -> bool:
    """Return whether no text of the contents has the title of the whole: it stands for the whole until that changes."""
    values = {
        tag: {value for each in record.fields if each.tag in tags for _, value in each.subfields}
        for tag, tags in (("whole", ("240", "245")), ("part", ("505", "700", "710", "740")))
    }
    return not values["whole"] & values["part"]


@given(RECORDS.filter(_names_a_text_once), st.text(st.characters(categories=["L"]), min_size=1, max_size=6))
@settings(max_examples=50)
def test_what_is_changed_in_the_entry_is_changed_in_the_record_and_nothing_else(record: Record, words: str) -> None:
    for entry in _changed(entry_of(record), words):
        again = entry_of(record_of(entry))
        assert {each.words for each in said_of(again)} == {each.words for each in said_of(entry)}


def test_a_content_with_the_title_of_the_whole_stays_when_the_whole_is_renamed() -> None:
    record = _record(_data("240", ("a", "0")), _data("505", ("a", "0")))
    entry = entry_of(record)
    (_, *others), phrase = entry.texts, (Phrase("A"),)
    renamed = replace(entry, titles=phrase, texts=(replace(entry.texts[0], titles=phrase), *others))
    written = record_of(renamed)
    assert [each for each in written.fields if each.tag == "505"] == [
        each for each in record.fields if each.tag == "505"
    ]
    extra = {each.words for each in said_of(entry_of(written))} - {each.words for each in said_of(renamed)}
    assert [words[1:] for words in extra] == [("0", "")]


def _packed(title: str) -> bytes:
    record = pymarc.Record(leader="00000ntm a2200000 i 4500")
    record.add_field(  # type: ignore[no-untyped-call]
        pymarc.Field("245", indicators=pymarc.Indicators("0", "0"), subfields=[pymarc.Subfield("a", title)])
    )
    return bytes(record.as_marc())


PACKED = _packed("تاريخ")


@given(st.integers(0, len(PACKED) - 1), st.binary(min_size=1, max_size=4))
def test_no_damage_to_a_packed_record_makes_the_reader_raise(place: int, damage: bytes) -> None:
    list(read_marc(io.BytesIO(PACKED[:place] + damage + PACKED[place + len(damage) :]), file="f.mrc"))


@given(st.binary(max_size=300))
def test_no_bytes_make_the_readers_raise(noise: bytes) -> None:
    for data in (noise, b"<collection><record>" + noise + b"</record></collection>", noise + b"\x1d" + noise):
        list(read_marcxml(io.BytesIO(data), file="f"))
        list(read_marc(io.BytesIO(data), file="f"))


@pytest.mark.skipif(not COLUMBIA.exists(), reason="the open data is not here")
def test_the_record_of_a_real_manuscript_is_understood_and_given_back() -> None:
    (found,) = read_marcxml(io.BytesIO(COLUMBIA.read_bytes()), file="marc.xml")
    assert isinstance(found, Incoming)
    entry = found.entry
    assert found.findings == ()
    assert entry.shelfmark == "MS Or 150"
    assert entry.languages == ("ota", "ar", "fa")
    assert [normalize("NFC", phrase.text) for phrase in entry.titles[:2]] == [
        "Hādhā kitāb sih zabān",
        "هذا کتاب سه زبان",
    ]
    owner = entry.persons[0]
    assert ([normalize("NFC", name.text) for name in owner.names], owner.role) == (
        ["Qusṭanṭīn ibn Lūdūlf", "قسطنطين بن لودولف"],
        "former owner",
    )
    physical = entry.physical
    assert (physical.leaves, physical.height, physical.width) == (58, 197, 155)
    assert (physical.written_height, physical.written_width, physical.material) == (134, 92, "paper")
    assert physical.script[0].text.startswith("Naskh")
    assert len(entry.history) == 3
    assert entry.subjects[2].text == "Turkish language -- Early works to 1800"
    (again,) = read_marcxml(io.BytesIO(to_marcxml(entry)), file="marc.xml")
    assert isinstance(again, Incoming)
    assert again.entry == entry
    assert ("marc:530", "##‡aAlso available as a digital facsimile.") in entry.extra


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.parent.name)
def test_the_records_of_west_african_manuscripts_lose_nothing(path: Path) -> None:
    (found,) = read_marcxml(io.BytesIO(path.read_bytes()), file="marc.xml")
    assert isinstance(found, Incoming)
    (again,) = read_marcxml(io.BytesIO(to_marcxml(found.entry)), file="marc.xml")
    assert isinstance(again, Incoming)
    assert again.entry == found.entry
    root = etree.fromstring(path.read_bytes())
    fields = list(root.iter("{*}controlfield", "{*}datafield"))
    kept_fields = [key for key, _ in found.entry.extra if key.startswith("marc:")]
    assert len(kept_fields) == len(fields) + 1  # and the leader
    assert found.entry.titles
    assert found.entry.languages


def test_a_name_in_two_scripts_is_one_person_with_a_role_and_a_key() -> None:
    entry = _entry(
        _record(
            Field("008", "181129s1723    xx p          000 0 ara d"),
            _data("245", ("6", "880-01"), ("a", "Tārīkh al-Sūdān /"), indicators="10"),
            _data(
                "700",
                ("6", "880-02"),
                ("a", "Aḥmad,"),
                ("e", "copyist."),
                ("1", "https://viaf.org/viaf/1"),
                indicators="0 ",
            ),
            _data("880", ("6", "700-02/(3/r"), ("a", "أحمد،"), indicators="0 "),
            _data("880", ("6", "245-01/(3/r"), ("a", "تاريخ السودان"), indicators="10"),
            _data("880", ("6", "500-00/(3/r"), ("a", "كتبه أحمد")),
        )
    )
    assert entry.persons == (Person((Phrase("Aḥmad"), Phrase("أحمد،", "ar")), "scribe", "https://viaf.org/viaf/1"),)
    assert entry.titles == (Phrase("Tārīkh al-Sūdān", "ar-Latn"), Phrase("تاريخ السودان", "ar"))
    assert entry.notes == (Phrase("كتبه أحمد", "ar"),)
    assert [date.words for date in entry.origin.dates] == ["1723"]


def test_contents_become_texts_with_places_and_authors() -> None:
    entry = _entry(
        _record(
            _data("505", ("a", "1. ff. 1v-12r: Mukhtaṣar / Khalīl -- 2. (ff. 13r-20v) Risālah.")),
            _data("100", ("a", "X")),
        )
    )
    assert entry.texts == (
        Text((Phrase("Mukhtaṣar"),), locus="1v-12r", persons=(Person((Phrase("Khalīl"),), "author"),)),
        Text((Phrase("Risālah"),), locus="13r-20v"),
    )
    assert [person.role for person in entry.persons] == ["author"]


def test_a_manuscript_of_an_african_language_in_arabic_script_is_ajami() -> None:
    entry = _entry(_record(_data("041", ("a", "hau")), _data("546", ("a", "Hausa in Arabic script (Ajami)."))))
    assert entry.languages == ("ha-Arab",)
    assert _entry(_record(_data("041", ("a", "hau")))).languages == ("ha",)


WRITTEN = Entry(
    shelfmark="MS 42",
    former_shelfmarks=("A 7",),
    identifiers=(("001", "kz-42"), ("oclc", "12")),
    titles=(Phrase("Tārīkh", "ar-Latn"), Phrase("تاريخ", "ar")),
    languages=("ar", "ha-Arab"),
    custodian=(Phrase("Mamma Haidara"),),
    holding=(Phrase("Mamma Haidara"), Phrase("Main collection")),
    summary=(Phrase("A history."),),
    texts=(
        Text(
            (Phrase("Tārīkh", "ar-Latn"), Phrase("تاريخ", "ar")),
            persons=(Person((Phrase("al-Saʿdī"), Phrase("السعدي", "ar")), "author"),),
        ),
        Text((Phrase("Risālah"),), locus="13r-20v", persons=(Person((Phrase("Khalīl"),), "author"),)),
    ),
    persons=(Person((Phrase("Aḥmad"),), "scribe"), Person((Phrase("Library of X"),), "my own role")),
    origin=Origin((parse_date("1106 AH"),), (Place((Phrase("Timbuktu"), Phrase("تمبكتو", "ar"))),)),
    physical=Physical(extent=(Phrase("120 leaves"),), leaves=120, height=220, width=160, script=(Phrase("Suqi"),)),
    subjects=(Phrase("History"),),
    genres=(Phrase("Chronicles"),),
    notes=(Phrase("A note."),),
)


def test_an_entry_that_never_was_a_record_is_written_as_one_that_says_the_same() -> None:
    (found,) = read_marcxml(io.BytesIO(to_marcxml(WRITTEN, identifier="kz-42")), file="f.xml")
    assert isinstance(found, Incoming)
    again = found.entry
    for name in ("shelfmark", "former_shelfmarks", "languages", "custodian", "holding", "summary", "origin"):
        assert getattr(again, name) == getattr(WRITTEN, name), name
    for name in ("subjects", "genres", "notes"):
        assert getattr(again, name) == getattr(WRITTEN, name), name
    assert [phrase.text for phrase in again.titles] == ["Tārīkh", "تاريخ"]
    assert {person.role for person in again.all_persons()} == {"author", "scribe", "my own role"}
    assert [(text.titles[0].text, text.locus) for text in again.texts if text.locus] == [("Risālah", "13r-20v")]
    assert (again.physical.leaves, again.physical.height, again.physical.width) == (120, 220, 160)


def test_where_it_lies_today_is_told_nowhere() -> None:
    entry = replace(WRITTEN, present_location=(Phrase("a room that nobody is told of"),))
    assert b"nobody is told" not in to_marcxml(entry)


def test_a_changed_name_replaces_its_field_and_its_partner_and_no_other() -> None:
    record = _record(
        _data("100", ("6", "880-01"), ("a", "Aḥmad,"), ("d", "-1500"), indicators="0 "),
        _data("583", ("a", "conserved")),
        _data("700", ("a", "Mūsá,"), ("d", "1400-"), ("e", "copyist."), indicators="0 "),
        _data("880", ("6", "100-01/(3/r"), ("a", "أحمد"), indicators="0 "),
    )
    entry = entry_of(record)
    text = replace(entry.texts[0], persons=(Person((Phrase("Maḥmūd"),), "author"),))
    written = record_of(replace(entry, texts=(text,)))
    assert [field.tag for field in written.fields] == ["100", "583", "700"]
    assert written.fields[0].first("a") == "Maḥmūd"
    assert written.fields[1:] == (record.fields[1], record.fields[2])


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ("<record><leader>00000nz  a</leader><controlfield tag='001'>1</controlfield></record>", "MARC_NO_DESCRIPTION"),
        ("<record/>", "MARC_EMPTY"),
        ("<record><leader>", "XML_CUT_OFF"),
        ("<record><a></b></record>", "XML_NOT_WELL_FORMED"),
    ],
)
def test_a_record_that_is_no_description_is_reported_and_the_next_is_read(record: str, code: str) -> None:
    good = "<record><controlfield tag='001'>1</controlfield></record>"
    found = _read(record, good)
    assert [each.finding.code for each in found if isinstance(each, Reported)] == [code]
    assert [each.finding.facts["line"] for each in found if isinstance(each, Reported)] == [2]
    assert sum(isinstance(each, Incoming) for each in found) == 1


def test_a_damaged_field_is_told_with_its_line_and_the_rest_of_the_record_is_kept() -> None:
    (found,) = _read(
        "<record>\n<datafield tag='24'/>\n<datafield tag='245'><subfield code='a'>T</subfield></datafield></record>"
    )
    assert isinstance(found, Incoming)
    assert [(each.code, each.facts.get("line")) for each in found.findings] == [
        ("MARC_FIELD_DAMAGED", 3),
        ("MARC_NO_SHELFMARK", 2),
    ]
    assert found.entry.titles[0].text == "T"
    assert b"24" in to_marcxml(found.entry)


def test_what_a_library_system_adds_beside_the_fields_is_given_back() -> None:
    own = "<holdings><holding><id>7</id></holding></holdings>"
    (found,) = _read(f"<record><controlfield tag='001'>1</controlfield>{own}</record>")
    assert isinstance(found, Incoming)
    assert "MARC_FIELD_DAMAGED" not in [each.code for each in found.findings]
    root = etree.fromstring(to_marcxml(found.entry))
    assert root.findtext(".//{*}holdings/{*}holding/{*}id") == "7"


def test_a_record_within_an_answer_of_oai_pmh_is_read() -> None:
    inner = f'<marc:record xmlns:marc="{NAMESPACE}"><marc:controlfield tag="001">7</marc:controlfield></marc:record>'
    (found,) = _read(f"<record><metadata>{inner}</metadata></record>")
    assert isinstance(found, Incoming)
    assert found.entry.identifiers == (("001", "7"),)


def test_a_record_that_its_library_withdrew_is_told() -> None:
    data = (
        b"<OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'><record><header status='deleted'/></record></OAI-PMH>"
    )
    (found,) = read_marcxml(io.BytesIO(data), file="f.xml")
    assert isinstance(found, Reported)
    assert found.finding.code == "RECORD_WITHDRAWN"


def test_a_collection_is_written_piece_by_piece_and_read_again() -> None:
    data = b"".join(write_marcxml([("1", WRITTEN), ("2", WRITTEN)]))
    found = list(read_marcxml(io.BytesIO(data), file="f.xml"))
    assert [each.entry.identifiers[0] for each in found if isinstance(each, Incoming)] == [("001", "1"), ("001", "2")]


def test_iso_2709_is_read_and_a_broken_record_spoils_no_other() -> None:
    stream = io.BytesIO(_packed("تاريخ") + b"rubbish\x1d" + _packed("Risālah"))
    found = list(read_marc(stream, file="f.mrc"))
    assert [each.line for each in found] == [1, 2, 3]
    assert [each.entry.titles[0].text for each in found if isinstance(each, Incoming)] == ["تاريخ", "Risālah"]
    assert isinstance(found[1], Reported)
    assert found[1].finding.code == "MARC_UNREADABLE"

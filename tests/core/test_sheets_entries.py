"""The table in a sheet is found, its columns are known, and every row becomes a manuscript or is reported."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.made_entries import clean
from data.made_sheets import HEADER, OWNER, STATES, SUBJECTS, delimited, inventory_rows, xlsx
from khizana.core.catalogue.entry import Entry, Person, Phrase
from khizana.core.catalogue.incoming import Incoming, Reported
from khizana.core.dates import Calendar
from khizana.core.errors import BadInput, NotFound
from khizana.core.findings import LANGUAGES
from khizana.core.sheets.entries import Known, entries_of, read_entries
from khizana.core.sheets.known import known_profile, known_profiles
from khizana.core.sheets.layout import guess_profile, layout_of
from khizana.core.sheets.names import field_named
from khizana.core.sheets.profile import FIELDS, ColumnRule, Profile, profile_from, profile_toml, read_profile
from khizana.core.sheets.repair import repaired
from khizana.core.sheets.report import Tally, counted, reporting
from khizana.core.sheets.values import joined, parted
from khizana.core.sheets.workbook import Row, Sheet, read_workbook

INVENTORY = known_profile("inventory")
TITLE_ROW = ["Manuscripts of one leaf, sorted by title"]


def sheet_of(rows: list[list[Any]], name: str = "") -> Sheet:
    made = [Row(line, tuple(map(str, row))) for line, row in enumerate(rows, 1)]
    return Sheet("made.csv", name, lambda: iter(made))


def read(rows: list[list[Any]], profile: Profile = INVENTORY) -> list[Incoming | Reported]:
    return list(entries_of(sheet_of(rows), profile))


def entries(rows: list[list[Any]], profile: Profile = INVENTORY) -> list[Entry]:
    return [item.entry for item in read(rows, profile) if isinstance(item, Incoming)]


def reasons(rows: list[list[Any]], profile: Profile = INVENTORY) -> dict[int, str]:
    return {item.line: item.finding.code for item in read(rows, profile) if isinstance(item, Reported)}


def fields(rows: list[list[Any]], profile: Profile = INVENTORY) -> list[str]:
    return [each.rule.field for each in layout_of(sheet_of(rows), profile).columns]


WANTED = ["shelfmark", "title", "subjects", "leaves", "condition", "owner"]


@pytest.mark.parametrize(
    "header",
    [
        HEADER,
        ("Cote", "Titre de l'ouvrage", "Sujet", "Nombre de feuillets", "État de conservation", "Propriétaire"),
        ("Call number", "TITLE given by the cataloguer", "SUBJECT", "# folios", " Condition ", "Owner"),
        ("Inventory #", "العناوين", "الموضوعات", "عددالأوراق", "حالة المخطوطات", "المالك"),
        ("N° d'inventaire", "Intitulé", "thème", "FOLIOS", "etat", "possesseur"),
    ],
)
def test_columns_are_known_by_their_names_in_three_languages_below_rows_of_titles(header: tuple[str, ...]) -> None:
    rows = [TITLE_ROW, [], list(header), *inventory_rows(3)]
    assert fields(rows) == WANTED
    assert reasons(rows) == {1: "SHEET_ROW_ABOVE", 2: "SHEET_ROW_BLANK", 3: "SHEET_ROW_HEADER"}
    assert [entry.shelfmark for entry in entries(rows)] == ["QLM000001", "QLM000002", "QLM000003"]


def test_thirty_five_thousand_rows_without_a_header_are_known_by_what_is_in_them(tmp_path: Path) -> None:
    rows = inventory_rows(35_000)
    path = xlsx(tmp_path / "big.xlsx", rows)
    tally = Tally()
    last: Incoming | Reported | None = None
    for item in counted(read_entries(path, INVENTORY), tally):
        last = item
    assert (tally.rows, tally.entries, dict(tally.reported)) == (35_000, 35_000, {})
    assert isinstance(last, Incoming)
    *_, title, subject, leaves, state, _ = rows[-1]
    assert last.line == 35_000
    assert last.entry.titles == (Phrase(title, "ar"),)
    assert last.entry.subjects == (Phrase(subject, "ar"),)
    assert last.entry.physical.leaves == leaves
    assert last.entry.physical.condition == (Phrase(state, "ar"),)
    assert last.entry.owner == (Phrase(OWNER, "ar"),)


def test_columns_without_names_may_stand_in_any_order_beside_others() -> None:
    rows = [
        [owner, "x", leaves, title, mark, state, subject]
        for mark, title, subject, leaves, state, owner in inventory_rows(60)
    ]
    assert fields(rows) == ["owner", "extra-column", "leaves", "title", "shelfmark", "condition", "subjects"]
    assert entries(rows)[7].extra == (("B", "x"),)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_running_number_is_no_shelfmark_where_there_is_one_and_is_where_there_is_none(order: tuple[int, int]) -> None:
    rows = [["N°", "Cote"], [7, "A 1"], [8, "A 2"]]
    swapped = [[row[place] for place in order] + [title] for row, title in zip(rows, ["Titre", "a", "b"], strict=True)]
    assert [(entry.shelfmark, entry.extra) for entry in entries(swapped)] == [
        ("A 1", (("N°", "7"),)),
        ("A 2", (("N°", "8"),)),
    ]
    assert [entry.shelfmark for entry in entries([["N°", "Titre"], [7, "a"], [8, "b"]])] == ["7", "8"]


def test_names_in_two_languages_blank_rows_names_again_and_totals_make_no_manuscript() -> None:
    one, two, three = inventory_rows(3)
    french = ["Cote", "Titre", "Sujet", "Feuillets", "État", "Propriétaire"]
    rows = [french, list(HEADER), one, [], ["", " "], french, two, list(HEADER), three, ["المجموع", "", "", 99]]
    assert reasons(rows) == {
        1: "SHEET_ROW_HEADER",
        2: "SHEET_ROW_HEADER",
        4: "SHEET_ROW_BLANK",
        5: "SHEET_ROW_BLANK",
        6: "SHEET_ROW_HEADER_AGAIN",
        8: "SHEET_ROW_HEADER_AGAIN",
        10: "SHEET_ROW_TOTAL",
    }


def test_a_row_whose_words_are_names_of_columns_is_a_manuscript_all_the_same() -> None:
    rows = [
        list(HEADER),
        ["A 1", "تاريخ", "تاريخ", 2, "حالة", "المكتبة"],
        ["A 2", "العنوان", "الموضوع", 3, "الحالة", "المالك"],
    ]
    assert [entry.shelfmark for entry in entries(rows)] == ["A 1", "A 2"]


def test_a_row_without_a_shelfmark_and_a_shelfmark_met_again_are_reported_with_where_it_stood_first() -> None:
    one, two = inventory_rows(2)
    rows = [list(HEADER), one, ["", *two[1:]], two, [one[0].lower().replace("0", "٠"), *two[1:]]]
    assert reasons(rows) == {1: "SHEET_ROW_HEADER", 3: "SHEET_ROW_NO_SHELFMARK", 5: "SHEET_ROW_DUPLICATE"}
    assert [item.finding.facts.get("first") for item in read(rows) if isinstance(item, Reported)][-1] == "2"


def test_a_shelfmark_of_one_sheet_is_met_again_in_another() -> None:
    known = Known()
    rows = [list(HEADER), *inventory_rows(2)]
    assert (
        len([each for each in entries_of(sheet_of(rows, "one"), INVENTORY, known) if isinstance(each, Incoming)]) == 2
    )
    again = [each for each in entries_of(sheet_of(rows, "two"), INVENTORY, known) if isinstance(each, Reported)]
    assert [each.finding.facts.get("first") for each in again] == [None, "one:2", "one:3"]


def test_rows_that_are_texts_of_one_manuscript_join_it_and_what_they_add_is_kept() -> None:
    rows = [
        ["Cote", "Titre", "Auteur", "Feuillets", "Notes", "Boîte n"],
        ["A 1", "شرح", "أحمد", 12, "n1", "7"],
        ["A 1", "متن", "عمر", 14, "n2", "7"],
        ["", "قصيدة", "", "", "", "8"],
        ["A 2", "حاشية", "", 3, "", ""],
        ["A 1", "باب", "", 1, "", ""],
    ]
    profile = Profile(rows="texts")
    assert reasons(rows, profile) == {
        1: "SHEET_ROW_HEADER",
        3: "SHEET_ROW_JOINED",
        4: "SHEET_ROW_JOINED",
        6: "SHEET_ROW_DUPLICATE",
    }
    first, second = entries(rows, profile)
    assert [text.titles[0].text for text in first.texts] == ["شرح", "متن", "قصيدة"]
    assert first.texts[1].persons == (Person((Phrase("عمر", "ar"),), "author"),)
    assert first.physical.leaves == 12
    assert ("leaves", "14") in first.extra
    assert [note.text for note in first.notes] == ["n1", "n2"]
    assert second.shelfmark == "A 2"
    assert len(read(rows, profile)) == len(rows)


def test_every_repair_is_a_finding_with_its_row_and_column() -> None:
    rows = [["Cote", "Titre", "Feuillets", "État"], ["A١2", " كــتاب  في\nالنحو ", "١٢", "e\u0301tat"]]
    (item,) = [each for each in read(rows) if isinstance(each, Incoming)]
    assert item.entry.shelfmark == "A12"
    assert item.entry.titles == (Phrase("كتاب في النحو", "ar"),)
    assert item.entry.physical.leaves == 12
    assert item.entry.physical.condition == (Phrase("état"),)
    assert [(each.code, each.facts["column"]) for each in item.findings] == [
        ("SHEET_REPAIRED_DIGITS", "Cote"),
        ("SHEET_REPAIRED_SPACES", "Titre"),
        ("SHEET_REPAIRED_LINE_ENDS", "Titre"),
        ("SHEET_REPAIRED_TATWEEL", "Titre"),
        ("SHEET_REPAIRED_DIGITS", "Feuillets"),
        ("SHEET_REPAIRED_COMPOSED", "État"),
    ]
    assert {each.facts["line"] for each in item.findings} == {2}


@given(st.text())
def test_repairing_again_changes_nothing(text: str) -> None:
    once, _ = repaired(text)
    assert repaired(once) == (once, ())


def test_what_no_field_holds_is_kept_under_its_own_name() -> None:
    rows = [
        ["Cote", "Titre", "Couleur", "Feuillets", "Langue", "Dimensions", ""],
        ["A 1", "×", "rouge", "12 + 3", "arabe; klingon", "22 x 17,5 cm", "là"],
    ]
    (entry,) = entries(rows)
    assert entry.titles == ()
    assert entry.physical.leaves is None
    assert entry.languages == ("ar",)
    assert (entry.physical.height, entry.physical.width) == (220, 175)
    assert entry.extra == (
        ("Titre", "×"),
        ("Couleur", "rouge"),
        ("Feuillets", "12 + 3"),
        ("Langue", "klingon"),
        ("Dimensions", "22 x 17,5 cm"),
        ("G", "là"),
    )


def test_the_language_of_a_cell_is_told_by_its_script_or_said_by_its_column() -> None:
    rows = [
        ["Cote", "Titre", "Titre en français", "Résumé", "Auteur", "Auteur 2"],
        ["A 1", "Sharḥ al-ṣughrā", "Commentaire", "الملخص", "Aḥmad", "أحمد"],
    ]
    (entry,) = entries(rows)
    assert entry.titles == (Phrase("Commentaire", "fr"), Phrase("Sharḥ al-ṣughrā", "ar-Latn")) or entry.titles == (
        Phrase("Sharḥ al-ṣughrā", "ar-Latn"),
        Phrase("Commentaire", "fr"),
    )
    assert entry.summary == (Phrase("الملخص", "ar"),)
    assert entry.texts[0].persons == (Person((Phrase("أحمد", "ar"), Phrase("Aḥmad", "ar-Latn")), "author"),)
    hausa = Profile(columns=(ColumnRule("Titre", "title", "ha-Arab"),))
    assert entries([["Cote", "Titre"], ["A 1", "تاريخ"]], hausa)[0].titles == (Phrase("تاريخ", "ha-Arab"),)


def test_a_profile_says_what_no_sheet_tells() -> None:
    profile = Profile(
        header="none",
        columns=(ColumnRule("A", "shelfmark"), ColumnRule("B", "date"), ColumnRule("C", "subjects", "", "/")),
        shelfmark_prefix="{file}-{sheet}-",
        shelfmark_digits=4,
        calendar="hijri",
        constants=(("custodian", "خزانة"), ("languages", "ar")),
    )
    found = [each for each in entries_of(sheet_of([["12", "1107", "a/b"]], "S"), profile) if isinstance(each, Incoming)]
    (entry,) = [each.entry for each in found]
    assert entry.shelfmark == "made-S-0012"
    assert entry.origin.dates[0].calendar is Calendar.HIJRI
    assert [subject.text for subject in entry.subjects] == ["a", "b"]
    assert entry.custodian == (Phrase("خزانة", "ar"),)
    assert entry.languages == ("ar",)


def test_a_profile_may_say_the_encoding_that_letters_do_not_tell(tmp_path: Path) -> None:
    path = delimited(tmp_path / "a.csv", [["Cote", "Titre"], ["A 1", "Šejk Ž"]], encoding="cp1250")
    (_, item) = read_entries(path, Profile(encoding="windows-1250"))
    assert isinstance(item, Incoming)
    assert item.entry.titles[0].text == "Šejk Ž"


def test_a_guessed_profile_reads_the_sheet_as_it_was_guessed() -> None:
    for rows in ([TITLE_ROW, list(HEADER), *inventory_rows(30)], inventory_rows(30)):
        guessed = guess_profile(sheet_of(rows))
        assert [rule.field for rule in guessed.columns] == WANTED
        assert read(rows, guessed) == read(rows, INVENTORY)
        assert profile_from(profile_toml(guessed).encode(), "p") == guessed


tags = st.sampled_from(["", "ar", "ha-Arab"])
profiles = st.builds(
    Profile,
    name=clean,
    sheets=st.lists(clean, max_size=2).map(tuple),
    header=st.sampled_from(["find", "none", "7"]),
    columns=st.lists(
        st.builds(ColumnRule, clean, st.sampled_from(sorted(FIELDS)), tags, st.just("") | clean), max_size=3
    ).map(tuple),
    recognise=st.booleans(),
    guess=st.booleans(),
    latin=tags,
    calendar=st.sampled_from(["", "hijri", "common"]),
    shelfmark_prefix=st.just("") | clean,
    shelfmark_digits=st.integers(0, 20),
    rows=st.sampled_from(["manuscripts", "texts"]),
    constants=st.lists(
        st.tuples(st.sampled_from(["custodian", "notes"]), clean), max_size=2, unique_by=lambda x: x[0]
    ).map(tuple),
)


@given(profiles)
def test_a_profile_that_is_written_is_read_as_the_same(profile: Profile) -> None:
    assert profile_from(profile_toml(profile).encode(), "p") == profile


@pytest.mark.parametrize(
    ("raw", "part"),
    [
        ("header = ", "TOML"),
        ("heading = 'find'", "heading"),
        ("header = 'below'", "header"),
        ("header = 0", "header"),
        ("rows = 'leaves'", "rows"),
        ("shelfmark_digits = '4'", "shelfmark_digits"),
        ("sheets = [1]", "sheets"),
        ("[[column]]\nat = 'A'\nfield = 'colour'", "columns"),
        ("[[column]]\nat = 'A'\nfield = 'notes'\nlanguage = 'in French'", "columns"),
        ("[[column]]\nat = 3\nfield = 'notes'", "at"),
        ("column = 3", ""),
        ("encoding = 'rot13'", "encoding"),
        ("encoding = 'windows-0'", "encoding"),
        ("[constants]\nsize = 'x'", "constants"),
    ],
)
def test_a_profile_with_a_mistake_is_refused_by_its_name(raw: str, part: str) -> None:
    with pytest.raises(BadInput, match=r"p\.toml") as refused:
        profile_from(raw.encode(), "p.toml")
    assert part in str(refused.value.facts["part"])


def test_a_profile_for_another_file_is_refused_with_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="Couleur"):
        read([list(HEADER)], Profile(columns=(ColumnRule("Couleur", "notes"),)))
    with pytest.raises(BadInput, match="ID"):
        read([list(HEADER)], Profile(columns=(ColumnRule("ID", "notes"),)))
    with pytest.raises(BadInput, match="row 9"):
        read([list(HEADER)], Profile(header="9"))
    with pytest.raises(BadInput, match=r"none\.toml"):
        read_profile(tmp_path / "none.toml")
    with pytest.raises(NotFound, match="inventory"):
        known_profile("nothing")


def test_the_profiles_that_come_with_the_system_can_be_read() -> None:
    assert "inventory" in known_profiles()
    for name in known_profiles():
        assert known_profile(name).name == name


NASTY = st.sampled_from(
    [
        "",
        " ",
        "A 1",
        "12",
        "١٢",
        "المجموع",
        "Total",
        "Titre",
        "Cote",
        *HEADER,
        *SUBJECTS,
        *STATES,
        "×",
        "a;b",
        "[fr] x",
        "=1",
        "1447",
    ]
)


@given(
    st.lists(st.lists(NASTY | clean | st.text(max_size=5), max_size=7), max_size=25),
    st.sampled_from(["find", "none"]),
    st.sampled_from(["manuscripts", "texts"]),
)
def test_rows_in_are_rows_out_and_rows_reported(rows: list[list[str]], header: str, meaning: str) -> None:
    sheet, profile = sheet_of(rows), Profile(header=header, rows=meaning)
    tally = Tally()
    items = list(counted(entries_of(sheet, profile), tally))
    lines = [row.line for row in sheet.rows()]
    assert sorted(item.line for item in items) == lines
    assert tally.rows == len(lines) == tally.entries + sum(tally.reported.values())
    for item in items:
        if isinstance(item, Incoming):
            assert item.entry.shelfmark


@given(st.lists(st.tuples(clean, clean, clean, clean), min_size=1, max_size=6))
def test_no_word_of_a_row_that_became_a_manuscript_is_lost(rows: list[tuple[str, ...]]) -> None:
    made: list[list[Any]] = [
        ["Cote", "Titre", "Feuillets", "Divers"],
        *([f"A {n}", *row] for n, row in enumerate(rows)),
    ]
    for item in read(made):
        if isinstance(item, Incoming):
            shown = repr(item.entry)
            for cell in made[item.line - 1]:
                assert repr(repaired(cell)[0]).strip("'\"") in shown or repaired(cell)[0].isdecimal()


@given(st.lists(clean, max_size=4).map(tuple), st.sampled_from(["; ", "\n"]))
def test_values_joined_in_a_cell_part_again_as_they_were(values: tuple[str, ...], joint: str) -> None:
    assert parted(joined(values, joint), joint) == values


def test_each_row_can_be_found_in_the_report_by_its_line() -> None:
    rows = [list(HEADER), *inventory_rows(2), ["", "=cmd"], [" QLM000009", " =x "]]
    for language in LANGUAGES:
        stream = io.StringIO(newline="")
        items = list(reporting(read(rows), stream, language))
        assert items == read(rows)
        lines = list(csv.DictReader(io.StringIO(stream.getvalue(), newline="")))
        assert [(line["line"], line["code"]) for line in lines] == [
            ("1", "SHEET_ROW_HEADER"),
            ("4", "SHEET_ROW_NO_SHELFMARK"),
            ("5", "SHEET_REPAIRED_SPACES"),
            ("5", "SHEET_REPAIRED_SPACES"),
        ]
        assert all(line["sentence"] for line in lines)


def test_a_workbook_is_read_under_the_sheets_that_its_profile_names(tmp_path: Path) -> None:
    path = delimited(tmp_path / "a.csv", [list(HEADER), *inventory_rows(2)])
    assert len(list(read_entries(path, INVENTORY))) == 3
    assert list(read_entries(path, Profile(sheets=("other",)))) == []
    told: list[str] = []
    list(read_entries(path, INVENTORY, tell=lambda finding: told.append(finding.code)))
    assert told == ["SHEET_ENCODING"]
    assert next(read_workbook(path, "as given.csv")).file == "as given.csv"


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Date de copie", ("date", "")),
        ("Ancienne cote", ("former_shelfmark", "")),
        ("Title (romanised)", ("title_ar_latn", "")),
        ("Owner in English", ("owner", "en")),
        ("تاريخ النسخ", ("date", "")),
        ("اسم الناسخ", ("scribe", "")),
        ("Color", ("", "")),
        ("A long sentence that happens to say title but is nothing like the name of a column", ("", "")),
    ],
)
def test_a_name_of_a_column_gives_its_field(header: str, field: tuple[str, str]) -> None:
    assert field_named(header) == field

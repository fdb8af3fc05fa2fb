"""Catalogue entries that Hypothesis makes: of every field, in every language, with words that XML has to escape."""

from __future__ import annotations

from hypothesis import strategies as st

from khizana.core.catalogue.entry import (
    Entry,
    HistoryNote,
    Located,
    NoteKind,
    Origin,
    Person,
    PersonKind,
    Phrase,
    Physical,
    Place,
    Text,
    Unit,
)
from khizana.core.dates import Calendar, DateStatement, Days, Sureness, parse_date, read_edtf

WORDS = ["كتاب في الفلك", "Kitāb fī al-falak", "A letter / رسالة", "58 leaves : 197 x 155 (134 x 92) mm"]
WORDS += [
    "23 lines",
    "خط سوداني",
    "Waqf 1135 AH",
    "paper",
    "  two  blanks ",
    "a\nb",
    "<&>",
    "ʻUmar",
    "n.d.",
    "ff. 1v-12r",
]
DATES = ["1135 AH", "سنة ١١٣٥", "n.d.", "between 1830 and 1920?", "17--", "A.H. 1087 (1676)", "9999", ""]
writable = st.characters(
    exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff", include_characters="\n\t\r "
)
strings = st.sampled_from(WORDS) | st.text(writable, max_size=8)
tags = st.sampled_from(["none", "none", "ar", "fr", "en", "ar-Latn", "ha-Arab", "und-Arab", "ara", "x y"])
addresses = st.sampled_from(
    ["", "", "https://viaf.org/viaf/95802241", "http://www.wikidata.org/entity/Q1", "no address"]
)
phrase = st.builds(Phrase, strings, tags)
phrases = st.lists(phrase, max_size=2).map(tuple)
dates = (
    st.sampled_from(DATES).map(parse_date)
    | strings.map(parse_date)
    | st.sampled_from(["1135", "1200"]).map(lambda words: parse_date(words, assume=Calendar.HIJRI))
    | st.sampled_from(["1750", "1750-02/..", "../1780"]).map(read_edtf)
    | st.builds(
        DateStatement,
        strings,
        st.none() | st.sampled_from(Calendar),
        st.none() | st.builds(Days, st.none() | st.integers(2_000_000, 2_400_000), st.none() | st.just(2_400_001)),
        st.sampled_from(Sureness),
        st.integers(0, 3),
    )
)  # fmt: skip
roles = (
    st.sampled_from(["author", "scribe", "owner", "former owner", "translator", "", "copiste", "maker of (x)"])
    | strings
)
persons = st.builds(
    Person, st.lists(phrase, min_size=1, max_size=2).map(tuple), roles, addresses, st.sampled_from(PersonKind)
)
several_persons = st.lists(persons, max_size=2).map(tuple)
places = st.builds(Place, phrases, addresses)
origins = st.builds(Origin, st.lists(dates, max_size=2).map(tuple), st.lists(places, max_size=2).map(tuple))
located = st.builds(Located, phrases, strings, st.sampled_from(["", "diagram", "table of stars"]))
notes = st.builds(
    HistoryNote, st.sampled_from(NoteKind), phrases, st.sampled_from(["", "1r"]), several_persons, st.none() | dates
)
languages = st.lists(st.sampled_from(["ar", "fr", "ha-Arab", "ota", "ara"]), max_size=3).map(tuple)
texts = st.builds(
    Text,
    titles=phrases,
    work=addresses,
    locus=st.sampled_from(["", "1v-12r", "ff. 3-4 "]),
    persons=several_persons,
    languages=languages,
    rubric=phrases,
    incipit=phrases,
    explicit=phrases,
    colophon=phrases,
    notes=phrases,
)
sizes = st.none() | st.integers(1, 900)
physicals = st.builds(
    Physical,
    extent=phrases,
    leaves=sizes,
    height=sizes,
    width=sizes,
    written_height=sizes,
    written_width=sizes,
    lines=st.sampled_from(["", "23", "21-25", "about 9"]),
    material=st.sampled_from(["", "paper", "mixed", "goat skin"]),
    support=phrases,
    collation=phrases,
    ruling=phrases,
    layout=phrases,
    script=phrases,
    script_styles=st.sampled_from([(), ("sudani",), ("naskh", "suqi")]),
    decoration=st.lists(located, max_size=2).map(tuple),
    binding=phrases,
    condition=phrases,
)
histories = st.lists(notes, max_size=2).map(tuple)
units = st.builds(Unit, strings, st.booleans(), st.lists(texts, max_size=1).map(tuple), origins, physicals, histories)
pairs = st.lists(st.tuples(st.sampled_from(["oclc", "bib id", "", "former"]) | strings, strings), max_size=2).map(tuple)
entries = st.builds(
    Entry,
    shelfmark=strings,
    former_shelfmarks=st.lists(strings, max_size=2).map(tuple),
    identifiers=pairs,
    titles=phrases,
    languages=languages,
    owner=phrases,
    custodian=phrases,
    holding=phrases,
    present_location=phrases,
    country=strings,
    settlement=strings,
    summary=phrases,
    texts=st.lists(texts, max_size=2).map(tuple),
    units=st.lists(units, max_size=1).map(tuple),
    persons=several_persons,
    origin=origins,
    physical=physicals,
    history=histories,
    subjects=phrases,
    genres=phrases,
    notes=phrases,
    extra=pairs,
)

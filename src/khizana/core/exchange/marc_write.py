"""A MARC record out of a catalogue entry: what the entry keeps of one stands as it came, what is new is added.

A field that the entry kept stays, to the last stop, as long as the entry still says all that the field says. What the
entry no longer says goes, and what no field says is written in a new one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from khizana.core.catalogue.entry import Entry, HistoryNote, NoteKind, Person, PersonKind, Phrase, Phrases, Text
from khizana.core.dates import DateStatement, Days, write_edtf
from khizana.core.exchange.dimensions import size_words
from khizana.core.exchange.marc_entry import entry_of, said_of, told
from khizana.core.exchange.marc_languages import languages_of, marc_code
from khizana.core.exchange.marc_record import Field, Record, restored
from khizana.core.exchange.marc_said import LABELS, Said, Slot
from khizana.core.exchange.relators import AUTHORS, relator_code, relator_term
from khizana.core.languages import in_arabic_script

LEADER = "00000ntm a2200000 i 4500"
"""A new record of text in manuscript, described by ISBD, in Unicode."""

_LABELS = {slot: label.capitalize() for label, slot in reversed(LABELS.items())}
_TAGS = {
    Slot.SUPPORT: ("340", "  "),
    Slot.SUMMARY: ("520", "  "),
    Slot.NOTE: ("500", "  "),
    Slot.BINDING: ("563", "  "),
    Slot.SUBJECT: ("653", "  "),
    Slot.GENRE: ("655", " 4"),
}
_FIRST = frozenset({"300", "852"})
Pair = tuple[Field, Field | None]
"""A field, and the same in Arabic script."""


def record_of(entry: Entry, *, identifier: str = "") -> Record:
    """Return *entry* as a MARC record; *identifier* is its control number (001) unless the entry kept another."""
    old = restored(entry.extra)
    said = said_of(entry)
    if old is None:
        fields = [Field("001", identifier)] if identifier else []
        fields += [Field("008", _fixed(entry)), *_languages(entry)]
        return _with(Record(LEADER, tuple(fields)), said)
    before, now = ({each.words for each in several} for several in (said_of(entry_of(old)), said))
    lost = before - now
    gone: set[int] = set()
    staying: set[tuple[object, ...]] = set()
    going: set[tuple[object, ...]] = set()
    for linked, several in told(old).fields:
        words = {each.words for each in several}
        if words & lost:
            gone.update(linked.places)
            going |= words
        else:
            staying |= words
    stays = tuple(field for place, field in enumerate(old.fields) if place not in gone)
    # What shared a field with something that went is told again.
    new = [each for each in said if each.words not in before or each.words in going - staying]
    return _with(_relanguaged(Record(old.leader, stays), entry), new)


def _relanguaged(record: Record, entry: Entry) -> Record:
    if languages_of(record) == entry.languages:
        return record
    code = marc_code(entry.languages[0]) if entry.languages else "und"
    fields = [field for field in record.fields if field.tag != "041"]
    fields = [
        Field("008", f"{field.value[:35]:35}{code}{field.value[38:]}") if field.tag == "008" else field
        for field in fields
    ]
    return Record(record.leader, _placed(fields, _languages(entry)))


def _with(record: Record, said: list[Said]) -> Record:
    links = sum(1 for field in record.fields if field.tag == "880")
    new: list[Field] = []
    partners: list[Field] = []
    taken = {field.tag for field in record.fields}
    for field, partner in _pairs(said, taken):
        if partner is None:
            new.append(field)
            continue
        links += 1
        new.append(Field(field.tag, "", field.indicators, (("6", f"880-{links:02}"), *field.subfields)))
        script = (("6", f"{field.tag}-{links:02}/(3/r"), *partner.subfields)
        partners.append(Field("880", "", partner.indicators, script))
    return Record(record.leader, _placed(list(record.fields), [*new, *partners]))


def _placed(fields: list[Field], new: Iterable[Field]) -> tuple[Field, ...]:
    """Return *fields* in their order, with each of *new* before the first that has a higher tag.

    Of some fields the first alone is read: there what the entry says comes before what stands beside it.
    """
    for field in new:
        later = (
            place
            for place, each in enumerate(fields)
            if each.tag > field.tag or (each.tag == field.tag and field.tag in _FIRST)
        )
        fields.insert(next(later, len(fields)), field)
    return tuple(fields)


def _pairs(said: list[Said], taken: set[str]) -> Iterator[Pair]:
    titles = [each.value for each in said if each.slot is Slot.TITLE and isinstance(each.value, Phrase)]
    for number, names in enumerate(_scripts(titles)):
        first = number == 0 and "245" not in taken
        yield _pair("245" if first else "246", "10" if first else "3 ", names)
    main = {"100", "110"} & taken
    for each in said:
        if isinstance(each.value, Person):
            first = not main and each.value.role in AUTHORS
            main = main or ({"100"} if first else set())
            yield _person(each.value, "1" if first else "7")
    yield from _physical(said)
    yield from _holding(said)
    for each in said:
        yield from _one(each)


def _one(each: Said) -> Iterator[Pair]:
    match each.slot, each.value:
        case Slot.DATE, str(words):
            yield _field("264", " 0", c=words), None
        case Slot.PLACE, names if isinstance(names, tuple):
            yield from (_pair("264", " 0", group) for group in _scripts(_phrases(names)))
        case Slot.TEXT, Text() as text:
            yield _contents(text)
        case Slot.HISTORY, HistoryNote(kind=kind, words=words):
            for group in _scripts(words):
                yield _pair("541" if kind is NoteKind.ACQUISITION else "561", "  ", group)
        case Slot.IDENTIFIER, (str(kind), str(value)):
            source = "OCoLC" if kind == "oclc" else kind
            yield _field("035", "  ", a=value if source in ("", "035") else f"({source}){value}"), None
        case Slot.FORMER_SHELFMARK, str(mark):
            yield _field("500", "  ", a=f"Former shelfmark: {mark}"), None
        case slot, Phrase(text=text) if slot in _TAGS:
            yield _field(*_TAGS[slot], a=text), None
        case slot, Phrase(text=text) if slot in _LABELS:
            yield _field("500", "  ", a=f"{_LABELS[slot]}: {text}"), None
        case _:
            pass  # written above, with what belongs to it


def _person(person: Person, begins: str) -> Pair:
    organisation = person.kind is PersonKind.ORGANISATION
    tag = f"{begins}{'1' if organisation else '0'}0"
    family = "3" if person.kind is PersonKind.FAMILY else "0"
    main, other = _pair(tag, "2 " if organisation else f"{family} ", person.names)
    code = relator_code(person.role)
    roles = [("e", relator_term(person.role))] if person.role and not code else []
    roles += [("e", relator_term(person.role)), ("4", code)] if code else []
    keys = [("1", person.key)] if person.key else []
    # Who has more than two names has the same number of link on each.
    return Field(main.tag, "", main.indicators, (*main.subfields, *roles, *keys)), other


def _contents(text: Text) -> Pair:
    def told(titles: Iterable[Phrase], *, arabic: bool) -> str:
        title = " = ".join(phrase.text for phrase in titles)
        names = [name.text for person in text.persons for name in person.names]
        names = [name for name in names if in_arabic_script(name) is arabic] or names
        place = f"ff. {text.locus}: " if text.locus else ""
        return f"{place}{title}" + (f" / {', '.join(names)}" if names else "")

    arabic = [title for title in text.titles if in_arabic_script(title.text)]
    others = [title for title in text.titles if title not in arabic]
    main = _field("505", "0 ", a=told(others or arabic, arabic=not others))
    return main, _field("505", "0 ", a=told(arabic, arabic=True)) if others and arabic else None


def _physical(said: list[Said]) -> Iterator[Pair]:
    extents = [each.value.text for each in said if each.slot is Slot.EXTENT and isinstance(each.value, Phrase)]
    sizes = [each.value for each in said if each.slot is Slot.SIZE and isinstance(each.value, tuple)]
    for number in range(max(len(extents), len(sizes))):
        extent = extents[number] if number < len(extents) else ""
        size = size_words(_size(sizes[number])) if number < len(sizes) else ""
        yield _field("300", "  ", a=extent, c=size), None


def _size(value: tuple[object, ...]) -> tuple[int, int, int, int]:
    height, width, inner_height, inner_width = (each if isinstance(each, int) else 0 for each in value)
    return height, width, inner_height, inner_width


def _holding(said: list[Said]) -> Iterator[Pair]:
    holdings = [_phrases(each.value) for each in said if each.slot is Slot.HOLDING and isinstance(each.value, tuple)]
    custodians = [(each.value,) for each in said if each.slot is Slot.CUSTODIAN and isinstance(each.value, Phrase)]
    marks = [str(each.value) for each in said if each.slot is Slot.SHELFMARK]
    where = next(iter(holdings or custodians), ())
    subfields = [(code, phrase.text) for code, phrase in zip("abccccccc", where, strict=False)]
    if marks and subfields:
        subfields.append(("j", marks.pop(0)))
    if subfields:
        yield Field("852", "", "8 ", tuple(subfields)), None
    yield from ((_field("099", "  ", a=mark), None) for mark in marks)


def _pair(tag: str, indicators: str, names: Phrases) -> Pair:
    """Return the first of *names* in a field, and the first of another script in its partner."""
    main = next((name for name in names if not in_arabic_script(name.text)), names[0])
    other = next((name for name in names if in_arabic_script(name.text)), main)
    partner = None if other is main else _field(tag, indicators, a=other.text)
    return _field(tag, indicators, a=main.text), partner


def _scripts(phrases: Iterable[Phrase]) -> list[Phrases]:
    """Return *phrases* in groups: two that follow each other in different scripts say the same."""
    groups: list[Phrases] = []
    for phrase in phrases:
        last = groups[-1] if groups else ()
        if len(last) == 1 and in_arabic_script(last[0].text) is not in_arabic_script(phrase.text):
            groups[-1] = (*last, phrase)
        else:
            groups.append((phrase,))
    return groups


def _phrases(values: tuple[object, ...]) -> Phrases:
    return tuple(value for value in values if isinstance(value, Phrase))


def _field(tag: str, indicators: str, **subfields: str) -> Field:
    return Field(tag, "", indicators, tuple((code, value) for code, value in subfields.items() if value))


def _languages(entry: Entry) -> list[Field]:
    codes = tuple(dict.fromkeys(marc_code(tag) for tag in entry.languages))
    fields = [Field("041", "", "0 ", tuple(("a", code) for code in codes))] if codes else []
    if any(tag.endswith("-Arab") for tag in entry.languages):
        fields.append(_field("546", "  ", b="Arabic script (Ajami)"))
    return fields


def _fixed(entry: Entry) -> str:
    """Return field 008 of a manuscript: the years of its first date, its language, and fill characters elsewhere."""
    kind, first, second = _years(next(iter(entry.all_dates()), None))
    language = marc_code(entry.languages[0]) if entry.languages else "und"
    return f"||||||{kind}{first:4}{second:4}xx {'|' * 17}{language} d"


def _years(date: DateStatement | None) -> tuple[str, str, str]:
    days = date.days if date else None
    if date is None or days is None or days == Days() or days.earliest is None or days.latest is None:
        return "n", "uuuu", "uuuu"
    first, last = _year(days.earliest), _year(days.latest)
    if not ("0000" <= first <= "9999" and first.isdigit() and last.isdigit()):
        return "n", "uuuu", "uuuu"
    return ("s", first, "    ") if first == last else ("q", first, last)


def _year(day: int) -> str:
    return write_edtf(DateStatement("", days=Days(day, day)))[:4]

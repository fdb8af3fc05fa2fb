"""New elements for what an entry says: persons, places, dates, notes."""

from __future__ import annotations

from khizana.core.catalogue.entry import HistoryNote, Located, Person, PersonKind, Phrase, Phrases, Place
from khizana.core.dates import DateStatement
from khizana.core.languages import in_arabic_script, is_romanised
from khizana.core.tei.datings import attributes_of
from khizana.core.tei.elements import Element
from khizana.core.tei.places import made, say, tag

_NAMED = {PersonKind.PERSON: "persName", PersonKind.FAMILY: "name", PersonKind.ORGANISATION: "orgName"}
_LISTED = {PersonKind.PERSON: "person", PersonKind.FAMILY: "personGrp", PersonKind.ORGANISATION: "org"}


def phrase(holder: Element, name: str, words: Phrase, **attributes: str) -> Element:
    """Return a new element *name* that says *words*."""
    element = made(holder, name, **attributes)
    say(element, words.text)
    if words.language != "none" or in_arabic_script(words.text) or is_romanised(words.text) or " / " in words.text:
        tag(element, words.language)  # without a tag the language of such words would be told from their script
    return element


def names(holder: Element, person: Person) -> list[Element]:
    """Return the names of *person*, the first with the address of the authority record."""
    name = _NAMED[person.kind]
    kind = {"type": "family"} if person.kind is PersonKind.FAMILY else {}
    found = [phrase(holder, name, words, **kind) for words in person.names]
    if found and person.key:
        found[0].set("ref", person.key)
    return found


def author(holder: Element, person: Person) -> Element:
    """Return a new ``author``."""
    element = made(holder, "author")
    element.extend(names(holder, person))
    return element


def responsible(holder: Element, person: Person) -> Element:
    """Return a new ``respStmt`` that says what *person* did."""
    element = made(holder, "respStmt")
    role = made(holder, "resp")
    say(role, person.role)
    element.append(role)
    element.extend(names(holder, person))
    return element


def listed(holder: Element, person: Person) -> Element:
    """Return *person* as one of a list of persons."""
    element = made(holder, _LISTED[person.kind], **({"role": person.role} if person.role else {}))
    element.extend(names(holder, person))
    return element


def place(holder: Element, where: Place) -> Element:
    """Return a new ``origPlace``."""
    if len(where.names) == 1:
        element = phrase(holder, "origPlace", where.names[0])
    else:
        element = made(holder, "origPlace")
        element.extend(phrase(holder, "placeName", name) for name in where.names)
    if where.key:
        element.set("ref", where.key)
    return element


def date(holder: Element, name: str, statement: DateStatement) -> Element:
    """Return a new element *name* with the words of *statement*, and its days for other programs."""
    element = made(holder, name, **attributes_of(statement))
    say(element, statement.words)
    return element


def history(holder: Element, note: HistoryNote) -> Element:
    """Return a new ``provenance`` of the kind of *note*."""
    plain = len(note.words) == 1 and not (note.locus or note.persons or note.date)
    if plain:
        return phrase(holder, "provenance", note.words[0], type=note.kind.value)
    element = made(holder, "provenance", type=note.kind.value)
    _with_locus(element, note.locus, note.words)
    if note.date:
        element.append(date(holder, "date", note.date))
    if note.persons:
        persons = made(holder, "listPerson")
        persons.extend(listed(holder, each) for each in note.persons)
        element.append(persons)
    return element


def located(holder: Element, one: Located) -> Element:
    """Return a new ``decoNote``."""
    kind = {"type": one.kind} if one.kind else {}
    if len(one.words) == 1 and not one.locus:
        return phrase(holder, "decoNote", one.words[0], **kind)
    element = made(holder, "decoNote", **kind)
    _with_locus(element, one.locus, one.words)
    return element


def _with_locus(element: Element, locus: str, words: Phrases) -> None:
    if locus:
        where = made(element, "locus")
        say(where, locus)
        element.append(where)
    element.extend(phrase(element, "seg", each) for each in words)


def column(holder: Element, name: str, value: str) -> Element:
    """Return a new note that keeps a column for which there is no element."""
    element = made(holder, "note", type="khizana-extra")
    for part_name, words in (("label", name), ("seg", value)):
        part = made(holder, part_name)
        say(part, words)
        element.append(part)
    return element

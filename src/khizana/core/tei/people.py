"""Persons in TEI: names in several scripts, roles in three languages, and the authority records that they point to."""

from __future__ import annotations

import re

from khizana.core.catalogue.entry import Person, PersonKind, Phrase, Place
from khizana.core.tei.elements import Element, children, name_of, words_of
from khizana.core.tei.part import Header
from khizana.core.tei.vocabulary import role_of

NAMES = ("persName", "name", "orgName")
_VIAF = re.compile(r"(?:viaf:?\s*)?(\d{5,22})")


def person(header: Header, element: Element, role: str, elements: list[Element] | None = None) -> Person | None:
    """Return the person whom *element* names, or None where it names nobody.

    *elements* are the names; without them, the names in *element*, or its words where there are none.
    """
    named = [element] if elements is None and not len(element) else elements
    if named is None:
        named = children(element, *NAMES) or [element]
    names: dict[Phrase, None] = {}
    key = address(header, element)
    kind = PersonKind.PERSON
    for each in named:
        names |= dict.fromkeys(header.tongue.name(each))
        if each is not element:
            key = key or address(header, each)
        if name_of(each) == "orgName" or each.get("type") in ("org", "organisation", "organization", "corporate"):
            kind = PersonKind.ORGANISATION
        elif each.get("type") == "family":
            kind = PersonKind.FAMILY
    return Person(tuple(names), role, key, kind) if names else None


def responsible(header: Header, element: Element) -> Person | None:
    """Return the person of a ``respStmt`` in the role that it states."""
    role = " ".join(filter(None, (words_of(each) for each in children(element, "resp"))))
    names = children(element, *NAMES)
    return person(header, element, role_of(role), names) if names else None


def listed(header: Header) -> list[tuple[Element, Person]]:
    """Return the persons of the lists of the file."""
    found = []
    for element in header.listed.values():
        one = person(header, element, role_of(element.get("role", "")), children(element, *NAMES))
        if one:
            kind = {"personGrp": PersonKind.FAMILY, "org": PersonKind.ORGANISATION}.get(name_of(element), one.kind)
            found.append((element, Person(one.names, one.role, one.key, kind)))
    return found


def address(header: Header, element: Element) -> str:
    """Return the address of the authority record that *element* points to, or nothing."""
    if not len(element.attrib) and not len(element):
        return ""
    for attribute in ("ref", "sameAs", "key"):
        for pointer in (element.get(attribute) or "").split():
            if "://" in pointer:
                return pointer
            if pointer.startswith("#") and pointer[1:] in header.listed:
                target = header.listed[pointer[1:]]
                if target is not element and (found := _record(target)):
                    return found
            if (
                attribute == "key"
                and pointer.lower().startswith("viaf")
                and (number := _VIAF.fullmatch(pointer.lower()))
            ):
                return f"https://viaf.org/viaf/{number[1]}"
    return _record(element) if name_of(element) in ("person", "personGrp", "org") else ""


def _record(listed_person: Element) -> str:
    for each in (listed_person, *children(listed_person, *NAMES)):
        for attribute in ("ref", "sameAs", "key"):
            if "://" in (pointer := (each.get(attribute) or "").strip()):
                return pointer.split()[0]
    for number in children(listed_person, "idno"):
        words = words_of(number)
        if "://" in words:
            return words
        if number.get("type", "").lower() == "viaf" and (found := _VIAF.fullmatch(words.lower())):
            return f"https://viaf.org/viaf/{found[1]}"
    return ""


def place(header: Header, element: Element) -> Place | None:
    """Return the place that *element* names, or None where it names none."""
    named = children(element, "placeName", "name") if len(element) and not (element.text or "").strip() else []
    if not named:
        # A place written as settlement, region and country is one place, whose name is all its words.
        names = header.tongue.name(element)
    else:
        names = tuple(dict.fromkeys(name for each in named for name in header.tongue.name(each)))
    key = address(header, element) or next((found for each in named if (found := address(header, each))), "")
    return Place(names, key) if names else None

"""Dublin Core in: ``oai_dc``, plain wrappers, answers of OAI-PMH, and RDF/XML, one record at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from khizana.core.catalogue.entry import Entry, Origin, Person, Phrase, Phrases, Physical, Place, Text
from khizana.core.catalogue.incoming import Incoming, Reported
from khizana.core.dates import DateStatement, parse_date, read_edtf
from khizana.core.exchange.dimensions import leaves_of, material_of, size_of
from khizana.core.exchange.dublin_core import DC, TERMS, XML_LANG, Statement
from khizana.core.exchange.language_names import languages_named
from khizana.core.exchange.oai_record import oai_identifier, withdrawn
from khizana.core.exchange.relators import role_of
from khizana.core.findings import Finding, Severity
from khizana.core.languages import in_arabic_script, language_tag
from khizana.core.xml import Element, local_name
from khizana.core.xml_pieces import Broken, pieces

KEPT = "dc:"
"""Begins the name of what ``Entry.extra`` keeps of a record: ``dc:rights``, or another element of its vocabulary."""
NAMES = frozenset({"record", "dc", "qualifieddc", "metadata", "dublin_core", "Description", "Work"})
"""What the elements that hold one description are called; other roots are tried for themselves."""

_TERMS_OF_DCMI = "http://purl.org/dc/terms/"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
# Refinements of DCMI Terms, and the element of the fifteen that each refines.
_REFINED = {
    "alternative": "title",
    "abstract": "description",
    "tableOfContents": "description",
    "created": "date",
    "issued": "date",
    "extent": "format",
    "medium": "format",
    "spatial": "coverage",
    "hasPart": "relation",
    "isPartOf": "relation",
    "bibliographicCitation": "identifier",
    "license": "rights",
    "accessRights": "rights",
}
_ROLE = re.compile(r"^(.*\S)\s*[(\[]([^()\[\]]{3,40})[)\]]$")
_ADDRESS = re.compile(r"https?://\S+|info:\S+|urn:\S+|doi:\S+|ark:\S+", re.IGNORECASE)
_KIND = re.compile(r"([a-z][a-z0-9 ]{1,20}):(\S.*)", re.IGNORECASE)
_LABELLED = re.compile(r"(?:shelf ?mark|call number|cote|رقم الحفظ)\s*:\s*(\S.*)", re.IGNORECASE)
_VAGUE = frozenset({"text", "manuscript", "manuscripts", "image", "stillimage", "still image", "physicalobject"})


def read_dublin_core(stream: BinaryIO, *, file: str) -> Iterator[Incoming | Reported]:
    """Yield the manuscript of every record in *stream*, XML that *file* names, in their order.

    A record that says nothing in Dublin Core, is deleted, or cannot be read is yielded as ``Reported`` with its line,
    and the rest is read. What the model has no place for stays in ``Entry.extra``. Nothing is raised for any bytes at
    all; memory is that of one record.
    """
    nothing = True
    for piece in pieces(stream, NAMES, file=file):
        nothing = False
        if isinstance(piece, Broken):
            yield Reported(piece.finding, file, piece.line)
        else:
            yield _received(piece.element, file, piece.line)
    if nothing:
        yield Reported(Finding("DUBLIN_CORE_NONE", Severity.ERROR, file, {"line": 1}), file, 1)


def _received(element: Element, file: str, line: int) -> Incoming | Reported:
    if gone := withdrawn(element, file=file, line=line):
        return gone
    said, extra = _said(element)
    if not said:
        return Reported(Finding("DUBLIN_CORE_EMPTY", Severity.ERROR, file, {"line": line}), file, line)
    entry = entry_of(tuple(said), tuple(extra), oai=oai_identifier(element))
    findings = []
    if not entry.titles:
        findings.append(Finding("DUBLIN_CORE_NO_TITLE", Severity.WARNING, file, {"line": line}))
    if not entry.shelfmark:
        findings.append(Finding("DUBLIN_CORE_NO_SHELFMARK", Severity.WARNING, file, {"line": line}))
    return Incoming(entry, file, line, findings=tuple(findings))


def _said(element: Element) -> tuple[list[Statement], list[tuple[str, str]]]:
    """Return the statements in *element*, and what stands beside them in other vocabularies."""
    said: list[Statement] = []
    extra: list[tuple[str, str]] = []
    if about := element.get(f"{_RDF}about", ""):
        said.append(Statement("identifier", about))
    _walk(element, element, said, extra)
    return list(dict.fromkeys(said)), list(dict.fromkeys(extra))


def _walk(whole: Element, element: Element, said: list[Statement], extra: list[tuple[str, str]]) -> None:
    for each in element:
        name, text = local_name(each), _text(each)
        if not name or (_of_oai(each) and name == "header"):
            continue
        # DSpace writes <dcvalue element="title" qualifier="alternative">.
        name = each.get("element", name) if name == "dcvalue" else name
        namespace = str(each.tag).rpartition("}")[0].strip("{")
        term = name if namespace == DC else _REFINED.get(name, name)
        known = namespace in (DC, _TERMS_OF_DCMI, "") or namespace.startswith("http://dublincore.org/")
        if term in TERMS and text and (known or _only_wraps(whole, each)):
            language = language_tag(_language(each)) or ("und-Arab" if in_arabic_script(text) else "none")
            said.append(Statement(term, text, language))
        elif len(each) == 0 and text and not _of_oai(each):
            extra.append((KEPT + name, text))
        else:
            _walk(whole, each, said, extra)


def _only_wraps(element: Element, each: Element) -> bool:
    """Tell whether *each* stands right within a wrapper in the same namespace of its own."""
    return each.getparent() is element and str(each.tag).rpartition("}")[0] == str(element.tag).rpartition("}")[0]


def _of_oai(each: Element) -> bool:
    return str(each.tag).startswith("{http://www.openarchives.org/OAI/2.0/}")


def _text(element: Element) -> str:
    """Return what *element* says: its words, or the address of the resource that it names in RDF."""
    if len(element) and not any(local_name(each) in ("value", "label") for each in element.iter()):
        return ""
    words = " ".join("".join(map(str, element.itertext())).split())
    return words or element.get(f"{_RDF}resource", "")


def _language(element: Element) -> str:
    for holder in (element, *element.iterancestors()):
        if language := holder.get(XML_LANG) or holder.get("lang") or holder.get("language"):
            return str(language)
    return ""


def entry_of(said: tuple[Statement, ...], extra: tuple[tuple[str, str], ...] = (), *, oai: str = "") -> Entry:
    """Return the entry that *said* describes; *oai* is the identifier of its record at a harvested library."""

    def all_of(term: str) -> Phrases:
        return tuple(Phrase(each.text, each.language) for each in said if each.term == term)

    titles = all_of("title")
    authors = tuple(_persons(all_of("creator"), "author"))
    formats = all_of("format")
    size = next((found for phrase in formats if (found := size_of(phrase.text))), (0, 0, 0, 0))
    mark, identifiers = _identified(all_of("identifier"))
    source = all_of("source")
    return Entry(
        shelfmark=mark,
        identifiers=((("oai", oai),) if oai else ()) + identifiers,
        titles=titles,
        languages=languages_named(tuple(phrase.text for phrase in all_of("language"))),
        custodian=all_of("publisher"),
        summary=all_of("description"),
        texts=(Text(titles=titles, persons=authors),) if titles or authors else (),
        persons=tuple(_persons(all_of("contributor"), "")),
        origin=Origin(_dates(all_of("date")), tuple(Place(names) for names in _across_scripts(all_of("coverage")))),
        physical=Physical(
            extent=tuple(phrase for phrase in formats if not material_of([phrase.text])),
            leaves=next((count for phrase in formats if (count := leaves_of(phrase.text)) is not None), None),
            height=size[0] or None,
            width=size[1] or None,
            written_height=size[2] or None,
            written_width=size[3] or None,
            material=material_of([phrase.text for phrase in formats]),
            support=tuple(phrase for phrase in formats if material_of([phrase.text])),
        ),
        subjects=all_of("subject"),
        genres=tuple(phrase for phrase in all_of("type") if phrase.text.casefold() not in _VAGUE),
        extra=(
            *(
                (KEPT + term, phrase.text)
                for term, phrases in (
                    ("source", source),
                    ("relation", all_of("relation")),
                    ("rights", all_of("rights")),
                )
                for phrase in phrases
            ),
            *extra,
        ),
    )


def _persons(names: Phrases, role: str) -> Iterator[Person]:
    for group in _across_scripts(names):
        stated = _ROLE.match(group[0].text)
        if stated and (known := role_of(stated[2])) and not any(char.isdigit() for char in stated[2]):
            plain = (_ROLE.match(name.text) for name in group)
            named = tuple(
                Phrase(found[1] if found else name.text, name.language)
                for name, found in zip(group, plain, strict=True)
            )
            yield Person(named, known)
        else:
            yield Person(group, role)


def _across_scripts(phrases: Phrases) -> list[Phrases]:
    """Return *phrases* in groups: a name in Arabic script and the next in Latin, or the other way, if both say so."""
    groups: list[Phrases] = []
    for phrase in phrases:
        last = groups[-1] if groups else ()
        both = len(last) == 1 and "none" not in (last[0].language, phrase.language)
        if both and in_arabic_script(last[0].text) is not in_arabic_script(phrase.text):
            groups[-1] = (*last, phrase)
        else:
            groups.append((phrase,))
    return groups


def _dates(written: Phrases) -> tuple[DateStatement, ...]:
    """Return the dates, without those that say in EDTF what the one before says in words."""
    found: list[DateStatement] = []
    for phrase in written:
        coded = read_edtf(phrase.text)
        if found and coded.dated and coded.days == found[-1].days:
            continue
        found.append(parse_date(phrase.text))
    return tuple(found)


def _identified(written: Phrases) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return the shelfmark, and the other identifiers: addresses and numbers with their kinds."""
    mark, others = "", []
    for phrase in written:
        text = phrase.text
        if labelled := _LABELLED.fullmatch(text):
            mark = mark or labelled[1]
        elif _ADDRESS.fullmatch(text):
            others.append(("", text))
        elif (kind := _KIND.fullmatch(text)) and not kind[2].startswith("//"):
            others.append((kind[1], kind[2]))
        elif mark:
            others.append(("shelfmark", text))
        else:
            mark = text
    return mark, tuple(others)

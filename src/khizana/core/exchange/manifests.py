"""IIIF manifests in: Presentation 2 and 3, and what calls itself so. Nothing is ever fetched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from khizana.core.catalogue.entry import (
    Entry,
    HistoryNote,
    Located,
    NoteKind,
    Origin,
    Person,
    Phrase,
    Phrases,
    Physical,
    Place,
    Text,
)
from khizana.core.catalogue.incoming import Incoming, RemoteImage, Reported
from khizana.core.dates import parse_date
from khizana.core.exchange.dimensions import leaves_of, material_of, size_of
from khizana.core.exchange.iiif_canvases import canvases_of
from khizana.core.exchange.iiif_pairs import Pair, pair_of
from khizana.core.exchange.iiif_ranges import texts_of
from khizana.core.exchange.iiif_words import address_of, kind_of_thing, phrases, several, text_of, things
from khizana.core.exchange.language_names import languages_named
from khizana.core.findings import Finding, Severity

KEPT = "iiif:"
"""Begins the name of what ``Entry.extra`` keeps of a manifest: ``iiif:rights``, or the label of an unknown pair."""
LARGEST = 64 * 1024 * 1024
"""Bytes; the largest of the published ones that were looked at has 4 MB."""

_PERSONS = frozenset(
    {Pair.AUTHOR, Pair.CONTRIBUTOR, Pair.SCRIBE, Pair.OWNER, Pair.FORMER_OWNER, Pair.TRANSLATOR, Pair.PATRON}
)
_LINKS = ("seeAlso", "homepage", "related", "rendering", "within", "partOf", "logo")


def read_manifest(data: bytes, *, file: str) -> Incoming | Reported:
    """Return the manuscript that the manifest *data* describes, with the images that it names.

    What is no manifest (a collection, an annotation, no JSON) is ``Reported`` with its kind. Nothing is raised for any
    bytes at all. Pairs with labels that are not known stay in ``Entry.extra``, as rights, credit and links do.
    """
    if len(data) > LARGEST:
        return _reported("MANIFEST_TOO_LARGE", file, size=len(data), largest=LARGEST)
    try:
        manifest = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        return _reported("MANIFEST_NOT_JSON", file, line=error.lineno, problem=error.msg)
    if not isinstance(manifest, dict):
        return _reported("MANIFEST_OTHER_KIND", file, kind=type(manifest).__name__)
    kind = kind_of_thing(manifest)
    if kind == "Collection":
        parts = ("manifests", "collections", "members", "items")
        count = sum(len(several(manifest.get(part))) for part in parts)
        if not count and isinstance(manifest.get("total"), int):
            count = manifest["total"]
        return _reported("MANIFEST_COLLECTION", file, name=_first(manifest.get("label")), count=count)
    if kind != "Manifest" and not (kind == "" and ("sequences" in manifest or "canvases" in manifest)):
        return _reported("MANIFEST_OTHER_KIND", file, kind=kind or "JSON")
    return _Manifest(manifest, file).incoming()


def _reported(code: str, file: str, *, line: int = 1, **facts: str | int) -> Reported:
    return Reported(Finding(code, Severity.ERROR, file, {"line": line, **facts}), file, line)


def _first(value: Any) -> str:
    return next((phrase.text for phrase in phrases(value)), "")


class _Manifest:
    def __init__(self, manifest: dict[str, Any], file: str) -> None:
        self.manifest = manifest
        self.file = file
        self.canvases = canvases_of(manifest)
        self.known: dict[Pair, list[Phrases]] = {}
        self.extra: list[tuple[str, str]] = []
        for pair in things(manifest.get("metadata")):
            self._take(pair)

    def _take(self, pair: dict[str, Any]) -> None:
        labels, values = phrases(pair.get("label")), phrases(pair.get("value"))
        known = pair_of([label.text for label in labels])
        if known is not None and values:
            self.known.setdefault(known, []).append(values)
        else:
            name = labels[0].text if labels else ""
            self.extra += [(KEPT + name, value.text) for value in values]

    def incoming(self) -> Incoming:
        images = tuple(image for canvas in self.canvases for image in canvas.images)
        return Incoming(self._entry(), self.file, 1, images=images, findings=tuple(self._findings(images)))

    def _findings(self, images: tuple[RemoteImage, ...]) -> Iterator[Finding]:
        empty = sum(1 for canvas in self.canvases if not canvas.images)
        others = sum(canvas.others for canvas in self.canvases)
        if not images:
            yield Finding("MANIFEST_NO_IMAGES", Severity.WARNING, self.file, {"count": len(self.canvases)})
        elif empty:
            yield Finding("MANIFEST_EMPTY_CANVASES", Severity.INFO, self.file, {"count": empty})
        if others:
            yield Finding("MANIFEST_NOT_IMAGES", Severity.INFO, self.file, {"count": others})
        if Pair.SHELFMARK not in self.known:
            yield Finding("MANIFEST_NO_SHELFMARK", Severity.WARNING, self.file)
        if Pair.TITLE not in self.known and not phrases(self.manifest.get("label")):
            yield Finding("MANIFEST_NO_TITLE", Severity.WARNING, self.file)

    def _all(self, pair: Pair) -> Phrases:
        return tuple(dict.fromkeys(phrase for values in self.known.get(pair, ()) for phrase in values))

    def _words(self, pair: Pair) -> tuple[str, ...]:
        """Return the values of *pair*, each in the first of the languages that it is given in."""
        return tuple(dict.fromkeys(phrase.text for values in self.known.get(pair, ()) for phrase in _one(values)))

    def _entry(self) -> Entry:
        label = phrases(self.manifest.get("label"))
        titles = self._all(Pair.TITLE) or label
        marks = self._words(Pair.SHELFMARK)
        texts = texts_of(self.manifest, self.canvases)
        persons = tuple(self._persons())
        authors = () if texts else tuple(person for person in persons if person.role == "author")
        whole = (Text(titles=titles, persons=authors, **self._opening()),) if titles and not texts else ()
        dates = [parse_date(words) for words in self._words(Pair.DATE)]
        places = [Place(names) for values in self.known.get(Pair.PLACE, ()) for names in _separate(values)]
        return Entry(
            shelfmark=marks[0] if marks else "",
            former_shelfmarks=self._words(Pair.FORMER_SHELFMARK),
            identifiers=tuple(self._identifiers(marks[1:])),
            titles=titles,
            languages=languages_named(self._words(Pair.LANGUAGE)),
            holding=self._all(Pair.HOLDING) or self._provider(),
            country=next(iter(self._words(Pair.COUNTRY)), ""),
            settlement=next(iter(self._words(Pair.SETTLEMENT)), ""),
            summary=self._summary(),
            texts=whole + texts,
            persons=tuple(person for person in persons if person not in authors),
            origin=Origin(tuple(dates), tuple(places)),
            physical=self._physical(),
            history=tuple(self._history()),
            subjects=self._all(Pair.SUBJECT),
            genres=self._all(Pair.GENRE),
            notes=(*self._all(Pair.NOTE), *(self._words_of_texts() if texts else ())),
            extra=(*self.extra, *self._kept(label if titles != label else ())),
        )

    def _opening(self) -> dict[str, Any]:
        return {name: self._all(Pair(name)) for name in ("incipit", "explicit", "colophon")}

    def _words_of_texts(self) -> Iterator[Phrase]:
        """Yield opening and closing words that may be of any of several texts."""
        for pair in (Pair.INCIPIT, Pair.EXPLICIT, Pair.COLOPHON):
            yield from (Phrase(f"{pair.capitalize()}: {each.text}", each.language) for each in self._all(pair))

    def _persons(self) -> Iterator[Person]:
        for pair, values in self.known.items():
            if pair in _PERSONS:
                for several_names in values:
                    yield from (Person(names, pair.value) for names in _separate(several_names))

    def _identifiers(self, marks: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        if address := address_of(self.manifest):
            yield "iiif", address
        yield from (("", value) for value in self._words(Pair.IDENTIFIER))
        yield from (("shelfmark", mark) for mark in marks)

    def _provider(self) -> Phrases:
        found = (
            phrase for provider in things(self.manifest.get("provider")) for phrase in phrases(provider.get("label"))
        )
        return tuple(found)

    def _summary(self) -> Phrases:
        stated = (*phrases(self.manifest.get("summary")), *phrases(self.manifest.get("description")))
        return tuple(dict.fromkeys((*stated, *self._all(Pair.SUMMARY))))

    def _history(self) -> Iterator[HistoryNote]:
        for pair, kind in ((Pair.PROVENANCE, NoteKind.PROVENANCE), (Pair.ACQUISITION, NoteKind.ACQUISITION)):
            for values in self.known.get(pair, ()):
                yield from (HistoryNote(kind, words) for words in _separate(values))

    def _physical(self) -> Physical:
        extent, support, size_words = self._all(Pair.EXTENT), self._all(Pair.SUPPORT), self._all(Pair.SIZE)
        sizes = (size_of(phrase.text) for phrase in (*size_words, *extent))
        size = next((each for each in sizes if each), None)
        height, width, inner_height, inner_width = (each or None for each in size or (0, 0, 0, 0))
        return Physical(
            # What a catalogue says of the size in more words than were understood is kept with the extent.
            extent=(*extent, *size_words),
            leaves=next((count for phrase in extent if (count := leaves_of(phrase.text)) is not None), None),
            height=height,
            width=width,
            written_height=inner_height,
            written_width=inner_width,
            material=material_of([phrase.text for phrase in support]),
            support=support,
            collation=self._all(Pair.COLLATION),
            layout=self._all(Pair.LAYOUT),
            script=self._all(Pair.SCRIPT),
            decoration=tuple(Located((phrase,)) for phrase in self._all(Pair.DECORATION)),
            binding=self._all(Pair.BINDING),
            condition=self._all(Pair.CONDITION),
        )

    def _kept(self, label: Phrases) -> Iterator[tuple[str, str]]:
        manifest = self.manifest
        yield from ((f"{KEPT}label", phrase.text) for phrase in label)
        for name in ("rights", "license"):
            yield from ((f"{KEPT}rights", text) for each in several(manifest.get(name)) if (text := address_of(each)))
        yield from ((f"{KEPT}attribution", phrase.text) for phrase in phrases(manifest.get("attribution")))
        for statement in things(manifest.get("requiredStatement")):
            yield from ((f"{KEPT}attribution", phrase.text) for phrase in phrases(statement.get("value")))
        if self.known.get(Pair.HOLDING):
            yield from ((f"{KEPT}provider", phrase.text) for phrase in self._provider())
        sequences = things(manifest.get("sequences"))
        for holder in (manifest, *sequences[:1]):
            for name in ("viewingDirection", "navDate"):
                if text := text_of(holder.get(name)):
                    yield KEPT + name, text
        for name in _LINKS:
            yield from ((KEPT + name, text) for each in several(manifest.get(name)) if (text := address_of(each)))


def _one(values: Phrases) -> Phrases:
    """Return those of *values* that are in the language of the first."""
    return tuple(value for value in values if value.language == values[0].language)


def _separate(values: Phrases) -> list[Phrases]:
    """Return several things apart, each in all its languages: a value for each language is one thing."""
    by_language: dict[str, list[Phrase]] = {}
    for value in values:
        by_language.setdefault(value.language, []).append(value)
    columns = list(by_language.values())
    if len({len(column) for column in columns}) == 1:
        return list(zip(*columns, strict=True))
    return [(value,) for value in values]

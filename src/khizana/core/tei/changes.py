"""Writing a changed entry into its document: what changed where it stands, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

from khizana.core.catalogue.entry import Entry, Person, Phrase, Phrases, Unit
from khizana.core.tei import making
from khizana.core.tei.described import former
from khizana.core.tei.elements import Element, child, children, name_of, take_out
from khizana.core.tei.phrasing import put, put_after, replaced, take_with_empty
from khizana.core.tei.places import arrange, held, made, put_in, say
from khizana.core.tei.units import UnitWriting, tag_languages
from khizana.core.tei.vocabulary import OF_THE_MANUSCRIPT


class Writing(UnitWriting):
    """The changes to one document."""

    def apply(self, before: Entry, after: Entry) -> None:
        """Write every field of *after* that is not so in *before*, where it can stand in the description."""
        for name, write in self._writers().items():
            if getattr(before, name) != getattr(after, name):
                write(after)
        self.part(self.source, _whole(before), _whole(after))
        if before.titles != after.titles or before.texts != after.texts or before.units != after.units:
            self._titles(after)
        if before.persons != after.persons:
            self._persons(after.persons)

    def _writers(self) -> dict[str, Callable[[Entry], None]]:
        return {
            "shelfmark": lambda after: self._shelfmark(after.shelfmark),
            "former_shelfmarks": lambda after: self._numbers(
                [("former", each) for each in after.former_shelfmarks], True
            ),
            "identifiers": lambda after: self._numbers(list(after.identifiers), False),
            "languages": lambda after: self._languages(after.languages),
            "country": lambda after: self._named("country", after.country),
            "settlement": lambda after: self._named("settlement", after.settlement),
            "custodian": lambda after: self.prose(self.source, "custodian", after.custodian),
            "holding": lambda after: self.prose(self.source, "holding", after.holding),
            "summary": lambda after: self.prose(self.source, "summary", after.summary),
            "owner": lambda after: self._kept_by("owner", after.owner),
            "present_location": lambda after: self._kept_by("present-location", after.present_location),
            "subjects": lambda after: self._terms(after.subjects, genres=False),
            "genres": lambda after: self._terms(after.genres, genres=True),
            "notes": lambda after: self._notes(after.notes),
            "extra": lambda after: self._columns(after.extra),
        }

    def _header(self, *path: str) -> Element:
        header = self.described().header.header
        if header is None:
            header = made(self.root, "teiHeader")
            self.root.insert(0, header)
        return held(header, *path)

    # What names the whole.

    def _shelfmark(self, shelfmark: str) -> None:
        mark = self.described().mark()
        if mark is not None and shelfmark:
            say(mark, shelfmark)
        elif mark is not None:
            take_out(mark)
        else:
            element = made(self.source, "idno", type="shelfmark")
            say(element, shelfmark)
            put_in(held(self.source, "msIdentifier"), element)

    def _numbers(self, wanted: list[tuple[str, str]], earlier: bool) -> None:  # noqa: FBT001 - named by the caller's table
        carried = [
            (element, ("former" if earlier else kind, words))
            for element, kind, words in self.described().numbers()
            if former(kind) is earlier
        ]

        def change(element: Element, old: tuple[str, str], new: tuple[str, str]) -> Element:
            number = element if name_of(element) == "idno" else child(element, "idno")
            if number is not None:
                say(number, new[1])
            if new[0] != old[0]:
                element.set("type", new[0])
            return element

        def make(after: Element | None, new: tuple[str, str]) -> Element:
            plain = bool(new[0]) and " ".join(new[0].split()) == new[0] and " " not in new[0]
            element = made(self.source, "altIdentifier", **{("type" if plain else "n"): new[0]} if new[0] else {})
            number = made(self.source, "idno")
            say(number, new[1])
            element.append(number)
            put_in(held(self.source, "msIdentifier"), element, after)
            return element

        arrange(carried, wanted, change=change, make=make, remove=take_out)

    def _named(self, name: str, words: str) -> None:
        holder = held(self.source, "msIdentifier")
        element = child(holder, name)
        if element is None:
            element = made(holder, name)
            put_in(holder, element)
        say(element, words)
        if not words:
            take_out(element)

    def _languages(self, languages: tuple[str, ...]) -> None:
        language = next(self.source.iter("{*}textLang"), None)
        if language is None or name_of(language.getparent()) != "msContents":  # type: ignore[arg-type] # it is in the description
            language = made(self.source, "textLang")
            put_in(held(self.source, "msContents"), language)
        tag_languages(language, languages)

    def _titles(self, after: Entry) -> None:
        described = self.described()
        carried = described.part.names()
        if not carried and described.titles(after.texts, after.units) == after.titles:
            return
        holder = held(self.source, "msIdentifier")
        self.phrases(
            carried,
            after.titles,
            lambda last, words: put(holder, making.phrase(holder, "msName", words), last),
            title=True,
        )

    def _persons(self, wanted: tuple[Person, ...]) -> None:
        def change(element: Element, _: Person, new: Person) -> Element:
            build = making.responsible if name_of(element) == "respStmt" else making.listed
            return replaced(element, build(element, new))

        def make(after: Element | None, new: Person) -> Element:
            if after is not None and name_of(after) == "respStmt" and new.role in OF_THE_MANUSCRIPT:
                return put_after(after, making.responsible(after, new))
            if after is not None and name_of(after) != "respStmt":
                return put_after(after, making.listed(after, new))
            return put(
                holder := self._header("profileDesc", "particDesc", "listPerson"), making.listed(holder, new), None
            )

        arrange(self.described().persons(), wanted, change=change, make=make, remove=take_with_empty)

    # Where it is kept, what it is about, what else there is to say.

    def _kept_by(self, kind: str, wanted: Phrases) -> None:
        def make(after: Element | None, words: Phrase) -> Element:
            if after is not None:
                return put_after(after, making.phrase(after, "note", words, type=kind))
            info = held(self.source, "additional", "adminInfo")
            holder = next((note for note in children(info, "note") if note.get("type") == "keeping"), None)
            if holder is None:
                holder = made(info, "note", type="keeping")
                put_in(info, holder)
            return put(holder, making.phrase(holder, "note", words, type=kind), None)

        self.phrases(self.described().part.typed_notes(kind), wanted, make, remove=take_with_empty)

    def _terms(self, wanted: Phrases, *, genres: bool) -> None:
        def make(after: Element | None, words: Phrase) -> Element:
            if after is not None:
                return put_after(after, making.phrase(after, name_of(after), words))
            holder = self._header("profileDesc", "textClass")
            keywords = made(holder, "keywords", n="form/genre" if genres else "subjects")
            put_in(holder, keywords)
            return put(keywords, making.phrase(keywords, "term", words), None)

        self.phrases(self.described().terms(genres=genres), wanted, make, remove=take_with_empty)

    def _notes(self, wanted: Phrases) -> None:
        def make(after: Element | None, words: Phrase) -> Element:
            if after is not None and name_of(after) == "note":
                return put_after(after, making.phrase(after, "note", words))
            holder = self._header("fileDesc", "notesStmt")
            return put(holder, making.phrase(holder, "note", words), None)

        self.phrases(self.described().notes(), wanted, make, remove=take_with_empty)

    def _columns(self, wanted: tuple[tuple[str, str], ...]) -> None:
        def make(after: Element | None, new: tuple[str, str]) -> Element:
            holder = self._header("fileDesc", "notesStmt")
            return put(holder, making.column(holder, *new), after)

        carried = [(element, (column, value)) for element, column, value in self.described().columns()]
        arrange(
            carried,
            wanted,
            change=lambda element, _, new: replaced(element, making.column(element, *new)),
            make=make,
            remove=take_with_empty,
        )


def _whole(entry: Entry) -> Unit:
    return Unit("", False, entry.texts, entry.origin, entry.physical, entry.history)

"""Writing a changed entry into its document: what changed where it stands, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from khizana.core.catalogue.entry import Entry, HistoryNote, Located, Origin, Person, Phrase, Phrases, Physical, Text, Unit
from khizana.core.tei import making
from khizana.core.tei.described import OF_THE_TEXT, Described, decoration, former, locus, physical
from khizana.core.tei.elements import Element, child, children, name_of, take_out
from khizana.core.tei.fields import XML_LANG
from khizana.core.tei.languages import language_tag
from khizana.core.tei.part import Carried, Header, Part
from khizana.core.tei.places import arrange, held, made, put_in, say, tag
from khizana.core.tei.vocabulary import OF_THE_MANUSCRIPT

_SUPPORT = ("physDesc", "objectDesc", "supportDesc")
_NEW: dict[str, tuple[tuple[str, ...], str]] = {
    "custodian": (("msIdentifier", "institution"), "name"),
    "holding": (("msIdentifier",), "collection"),
    "summary": (("msContents", "summary"), "p"),
    "extent": ((*_SUPPORT, "extent"), "seg"),
    "support": ((*_SUPPORT, "support"), "p"),
    "collation": ((*_SUPPORT, "collation"), "p"),
    "condition": ((*_SUPPORT, "condition"), "p"),
    "layout": (("physDesc", "objectDesc", "layoutDesc"), "layout"),
    "ruling": (("physDesc", "objectDesc", "layoutDesc"), "layout"),
    "script": (("physDesc", "scriptDesc"), "scriptNote"),
    "binding": (("physDesc", "bindingDesc", "binding"), "p"),
}
"""For each kind of prose: where a new one goes, and the element that it becomes."""
_MEASURES = ("measure", "dimensions", "locus")
_LAYER = ("ruling", "layout", "extent", "support", "collation", "condition", "script", "binding")


class Writing:
    """The changes to one document."""

    def __init__(self, root: Element, source: Element, file: str) -> None:
        self.root, self.source, self.file = root, source, file

    def apply(self, before: Entry, after: Entry) -> None:
        """Write every field of *after* that is not so in *before*, where it can stand in the description."""
        for name, write in self._writers().items():
            if getattr(before, name) != getattr(after, name):
                write(after)
        self._part(self.source, _whole(before), _whole(after))
        if before.titles != after.titles or before.texts != after.texts or before.units != after.units:
            self._titles(after)
        if before.persons != after.persons:
            self._persons(after.persons)

    def _writers(self) -> dict[str, Callable[[Entry], None]]:
        return {
            "shelfmark": lambda after: self._shelfmark(after.shelfmark),
            "former_shelfmarks": lambda after: self._numbers([("former", each) for each in after.former_shelfmarks], True),
            "identifiers": lambda after: self._numbers(list(after.identifiers), False),
            "languages": lambda after: self._languages(after.languages),
            "country": lambda after: self._named("country", after.country),
            "settlement": lambda after: self._named("settlement", after.settlement),
            "custodian": lambda after: self._prose(self.source, "custodian", after.custodian),
            "holding": lambda after: self._prose(self.source, "holding", after.holding),
            "summary": lambda after: self._prose(self.source, "summary", after.summary),
            "owner": lambda after: self._kept_by("owner", after.owner),
            "present_location": lambda after: self._kept_by("present-location", after.present_location),
            "subjects": lambda after: self._terms(after.subjects, genres=False),
            "genres": lambda after: self._terms(after.genres, genres=True),
            "notes": lambda after: self._notes(after.notes),
            "extra": lambda after: self._extra(after.extra),
        }

    def described(self) -> Described:
        """Return the description as it stands now."""
        header = Header(self.root, self.source, tagged=True)
        return Described(header, Part(header, self.source), self.file)

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
        self._phrases(
            carried, after.titles, lambda last, words: _put(holder, making.phrase(holder, "msName", words), last), title=True
        )

    def _persons(self, wanted: tuple[Person, ...]) -> None:
        def change(element: Element, _: Person, new: Person) -> Element:
            build = making.responsible if name_of(element) == "respStmt" else making.listed
            return _replaced(element, build(element, new))

        def make(after: Element | None, new: Person) -> Element:
            if after is not None and name_of(after) == "respStmt" and new.role in OF_THE_MANUSCRIPT:
                return _put_after(after, making.responsible(after, new))
            if after is not None and name_of(after) != "respStmt":
                return _put_after(after, making.listed(after, new))
            return _put(holder := self._header("profileDesc", "particDesc", "listPerson"), making.listed(holder, new), None)

        arrange(self.described().persons(), wanted, change=change, make=make, remove=_take_with_empty)

    # Where it is kept, what it is about, what else there is to say.

    def _kept_by(self, kind: str, wanted: Phrases) -> None:
        def make(after: Element | None, words: Phrase) -> Element:
            if after is not None:
                return _put_after(after, making.phrase(after, "note", words, type=kind))
            info = held(self.source, "additional", "adminInfo")
            holder = next((note for note in children(info, "note") if note.get("type") == "keeping"), None)
            if holder is None:
                holder = made(info, "note", type="keeping")
                put_in(info, holder)
            return _put(holder, making.phrase(holder, "note", words, type=kind), None)

        self._phrases(self.described().part.typed_notes(kind), wanted, make, remove=_take_with_empty)

    def _terms(self, wanted: Phrases, *, genres: bool) -> None:
        def make(after: Element | None, words: Phrase) -> Element:
            if after is not None:
                return _put_after(after, making.phrase(after, name_of(after), words))
            holder = self._header("profileDesc", "textClass")
            keywords = made(holder, "keywords", n="form/genre" if genres else "subjects")
            put_in(holder, keywords)
            return _put(keywords, making.phrase(keywords, "term", words), None)

        self._phrases(self.described().terms(genres=genres), wanted, make, remove=_take_with_empty)

    def _notes(self, wanted: Phrases) -> None:
        def make(after: Element | None, words: Phrase) -> Element:
            if after is not None and name_of(after) == "note":
                return _put_after(after, making.phrase(after, "note", words))
            holder = self._header("fileDesc", "notesStmt")
            return _put(holder, making.phrase(holder, "note", words), None)

        self._phrases(self.described().notes(), wanted, make, remove=_take_with_empty)

    def _extra(self, wanted: tuple[tuple[str, str], ...]) -> None:
        def make(after: Element | None, new: tuple[str, str]) -> Element:
            holder = self._header("fileDesc", "notesStmt")
            return _put(holder, making.extra(holder, *new), after)

        carried = [(element, (column, value)) for element, column, value in self.described().extra()]
        arrange(
            carried,
            wanted,
            change=lambda element, _, new: _replaced(element, making.extra(element, *new)),
            make=make,
            remove=_take_with_empty,
        )

    # What a manuscript and a unit have alike: texts, origin, the object, history.

    def _part(self, element: Element, before: Unit, after: Unit) -> None:
        if before.texts != after.texts:
            self._texts(element, after.texts)
        if before.physical != after.physical:
            self._physical(element, before.physical, after.physical)
        if before.origin != after.origin:
            self._origin(element, before.origin, after.origin)
        if before.history != after.history:
            self._history(element, after.history)

    def units(self, wanted: tuple[Unit, ...]) -> None:
        """Write the units *wanted* into the parts of the manuscript."""
        described = self.described()

        def change(element: Element, old: Unit, new: Unit) -> Element:
            if old.label != new.label:
                self._label(element, new.label)
            self._part(element, old, new)
            return element

        def make(after: Element | None, new: Unit) -> Element:
            element = made(self.source, "msFrag" if new.fragment else "msPart")
            put_in(self.source, element, after if after is not None and after.getparent() is self.source else None)
            self._label(element, new.label)
            self._part(element, Unit(), new)
            return element

        carried = [(element, described.unit(element)) for element in described.part.parts]
        arrange(carried, wanted, change=change, make=make, remove=take_out)

    def _label(self, element: Element, label: str) -> None:
        part = Part(self.described().header, element)
        for path in ("msIdentifier/idno", f"{name_of(element)}/altIdentifier", "msIdentifier/altIdentifier"):
            found = part.first(path)
            if found is not None:
                say(child(found, "idno") if child(found, "idno") is not None else found, label)  # type: ignore[arg-type] # one of the two
                return
        say(held(element, "msIdentifier", "idno"), label)

    def _texts(self, element: Element, wanted: tuple[Text, ...]) -> None:
        described = self.described()

        def change(item: Element, old: Text, new: Text) -> Element:
            self._text(item, old, new)
            return item

        def make(after: Element | None, new: Text) -> Element:
            holder = held(element, "msContents")
            beside = after is not None and after.getparent() is not None
            item = made(element, "msItem")
            put_in(after.getparent() if beside else holder, item, after if beside else None)  # type: ignore[union-attr, arg-type] # beside says so
            self._text(item, Text(), new)
            if not len(item):
                item.append(made(item, "note"))  # an empty item is not valid
            return item

        part = Part(described.header, element)
        carried = [(item, described.text(item)) for item in part.items]
        arrange(carried, wanted, change=change, make=make, remove=take_out)

    def _text(self, item: Element, old: Text, new: Text) -> None:
        part = self.described().part
        if old.locus != new.locus:
            self._locus(item, new.locus)
        if old.persons != new.persons:
            self._text_persons(item, new.persons)
        if old.titles != new.titles:
            carried = part.titles(children(item, "title"))
            self._phrases(
                carried, new.titles, lambda last, words: _put(item, making.phrase(item, "title", words), last), title=True
            )
        titles = children(item, "title")
        if old.work != new.work and titles and new.work:
            titles[0].set("ref", new.work)
        for name, element in (
            ("rubric", "rubric"), ("incipit", "incipit"), ("explicit", "explicit"), ("colophon", "colophon"), ("notes", "note")
        ):  # fmt: skip
            if getattr(old, name) != getattr(new, name):
                self._phrases(
                    part.told(children(item, element)),
                    getattr(new, name),
                    lambda last, words, element=element: _put(item, making.phrase(item, element, words), last),  # type: ignore[misc] # a default binds the name of this round
                )
        if old.languages != new.languages:
            tag_languages(held(item, "textLang"), new.languages)

    def _locus(self, item: Element, where: str) -> None:
        found = children(item, "locus")
        if found and where:
            say(found[0], where)
        elif where:
            element = made(item, "locus")
            say(element, where)
            put_in(item, element)
        for each in found[1:] if where else found:
            take_out(each)

    def _text_persons(self, item: Element, wanted: tuple[Person, ...]) -> None:
        described = self.described()

        def build(new: Person) -> Element:
            if new.role == "author":
                return making.author(item, new)
            element = making.responsible(item, new)
            if new.role in OF_THE_MANUSCRIPT:
                element.set("n", OF_THE_TEXT)
            return element

        def make(after: Element | None, new: Person) -> Element:
            element = build(new)
            put_in(item, element, after)
            return element

        arrange(
            described.text_persons(item),
            wanted,
            change=lambda element, _, new: _replaced(element, build(new)),
            make=make,
            remove=take_out,
        )

    def _origin(self, element: Element, before: Origin, after: Origin) -> None:
        described = self.described()
        part = Part(described.header, element)
        if before.dates != after.dates:
            arrange(
                [(each, date) for each, date in described.dates(part) if name_of(each) == "origDate"],
                after.dates,
                change=lambda old, _, new: _replaced(old, making.date(old, "origDate", new), ("notBefore", "notAfter", "when", "from", "to", "calendar")),
                make=lambda last, new: _put(held(element, "history", "origin"), making.date(element, "origDate", new), last),
                remove=take_out,
            )
        if before.places != after.places:
            arrange(
                described.places(part),
                after.places,
                change=lambda old, _, new: _replaced(old, making.place(old, new), ("ref", "key")),
                make=lambda last, new: _put(held(element, "history", "origin"), making.place(element, new), last),
                remove=take_out,
            )

    def _history(self, element: Element, wanted: tuple[HistoryNote, ...]) -> None:
        described = self.described()

        def change(old: Element, was: HistoryNote, new: HistoryNote) -> Element:
            if replace(was, words=new.words) == new and len(new.words) == 1 and not len(old):
                said_by(old, new.words[0], described)
                return old
            if name_of(old) != "provenance":  # a paragraph of the origin, an acquisition
                self._history_anchor(old)
                return _put(held(element, "history"), making.history(element, new), None)
            return _replaced(old, making.history(old, new), ("type",))

        def make(after: Element | None, new: HistoryNote) -> Element:
            beside = after is not None and name_of(after) == "provenance"
            return _put(held(element, "history"), making.history(element, new), after if beside else None)

        carried = described.history(Part(described.header, element))
        arrange(carried, wanted, change=change, make=make, remove=self._history_anchor)

    def _history_anchor(self, element: Element) -> None:
        """Take away the words of a history note, and the element where nothing else stands in it."""
        if name_of(element) == "origin" or next(element.iter("{*}origDate", "{*}origPlace"), None) is not None:
            element.text = None
            for each in element:
                each.tail = None
        else:
            take_out(element)

    def _physical(self, element: Element, before: Physical, after: Physical) -> None:
        for name in _LAYER:
            if getattr(before, name) != getattr(after, name):
                self._prose(element, name, getattr(after, name))
        if before.decoration != after.decoration:
            self._decoration(element, after.decoration)
        now = physical(Part(self.described().header, element))
        if now.material != after.material and after.material and not set(after.material) & set(" \t\r\n"):
            held(element, *_SUPPORT).set("material", after.material)
        if _sizes(now) != _sizes(after) and (after.leaves is not None or after.height or after.written_height):
            state_sizes(held(element, *_SUPPORT, "extent"), now, after)
        if now.lines != after.lines and all(each.isdecimal() for each in after.lines.split("-")) and after.lines.count("-") < 2:
            held(element, "physDesc", "objectDesc", "layoutDesc", "layout").set("writtenLines", after.lines.replace("-", " "))

    def _decoration(self, element: Element, wanted: tuple[Located, ...]) -> None:
        described = self.described()

        def change(old: Element, was: Located, new: Located) -> Element:
            if replace(was, words=new.words) == new and len(new.words) == 1 and not len(old):
                said_by(old, new.words[0], described)
                return old
            return _replaced(old, making.located(old, new), ("type",))

        arrange(
            decoration(Part(described.header, element)),
            wanted,
            change=change,
            make=lambda last, new: _put(held(element, "physDesc", "decoDesc"), making.located(element, new), last),
            remove=_take_with_empty,
        )

    # Phrases.

    def _prose(self, element: Element, field: str, wanted: Phrases) -> None:
        part = Part(self.described().header, element)
        path, name = _NEW[field]

        def make(after: Element | None, words: Phrase) -> Element:
            more = {"n": "ruling"} if field == "ruling" else {}
            if after is None:
                if field == "holding" and child(element, "msIdentifier", "repository") is None:
                    return _put(holder := held(element, *path), making.phrase(holder, "repository", words), None)
                holder = held(element, *path)
                if name == "p" and not len(holder) and not (holder.text or "").strip() and field == "summary":
                    said_by(holder, words, self.described())
                    return holder
                return _put(holder, making.phrase(holder, name, words, **more), None)
            if field in ("holding", "layout", "ruling", "script") and name_of(after) != "p":
                name_now = "collection" if field == "holding" else name_of(after)
                return _put_after(after, making.phrase(after, name_now, words, **more))
            if name_of(after) == path[-1]:
                after = wrapped(after, name)
            return _put_after(after, making.phrase(after, name_of(after), words))

        self._phrases(part.prose(field), wanted, make, remove=_take_with_empty)

    def _phrases(
        self,
        carried: Carried,
        wanted: Phrases,
        make: Callable[[Element | None, Phrase], Element],
        *,
        title: bool = False,
        remove: Callable[[Element], None] = take_out,
    ) -> None:
        described = self.described()
        flat: list[tuple[Element, Phrase]] = []
        for element, said in carried:
            for phrase in said:
                if phrase is not said[0]:  # a title in two scripts on either side of a slash becomes two titles
                    element = _put_after(element, making.phrase(element, name_of(element), phrase))
                elif len(said) > 1:
                    said_by(element, phrase, described, title=title)
                flat.append((element, phrase))

        def change(element: Element, _: Phrase, new: Phrase) -> Element:
            said_by(element, new, described, title=title)
            return element

        arrange(flat, wanted, change=change, make=make, remove=remove)


def said_by(element: Element, new: Phrase, described: Described, *, title: bool = False) -> None:
    """Let *element* say *new*, with its language where that is not what would be read without."""
    say(element, new.text, but=_MEASURES)
    written = element.get(XML_LANG)
    if written is not None and (language_tag(written) or "none") != new.language:
        del element.attrib[XML_LANG]
    tongue = described.header.tongue
    if title:
        readings = {tongue.title(element, romanised=romanised) for romanised in (False, True)}
    elif name_of(element) in ("persName", "name", "orgName", "origPlace", "placeName"):
        readings = {tongue.name(element)}
    else:
        readings = {(tongue.phrase(element, new.text),)}
    if readings != {(new,)}:
        tag(element, new.language)


def wrapped(element: Element, name: str) -> Element:
    """Move all that *element* holds into a new child *name*, and return that."""
    inner = made(element, name)
    inner.text, element.text = element.text, None
    for each in list(element):
        inner.append(each)
    element.append(inner)
    return inner


def tag_languages(language: Element, languages: Sequence[str]) -> None:
    """Let the ``textLang`` name *languages*, with the codes that it has for them already."""
    old = f"{language.get('mainLang', '')} {language.get('otherLangs', '')}".split()
    written = {language_tag(code): code for code in reversed(old)}
    codes = [written.get(each, each) for each in languages]
    for name, value in (("mainLang", " ".join(codes[:1])), ("otherLangs", " ".join(codes[1:]))):
        if value:
            language.set(name, value)
        elif name in language.attrib:
            del language.attrib[name]


def state_sizes(extent: Element, now: Physical, after: Physical) -> None:
    """Write leaves and millimetres into *extent*, beside its words."""
    if now.leaves != after.leaves and after.leaves is not None:
        found = [each for each in children(extent, "measure") if each.get("type") == "leaves"]
        element = found[0] if found else made(extent, "measure", type="leaves", unit="leaf")
        element.set("quantity", str(after.leaves))
        if not found:
            put_in(extent, element)
    for kind, names in (("leaf", ("height", "width")), ("written", ("written_height", "written_width"))):
        if any(getattr(now, name) != getattr(after, name) for name in names):
            for old in [each for each in children(extent, "dimensions") if each.get("type") == kind]:
                take_out(old)
            element = made(extent, "dimensions", type=kind, unit="mm")
            for name, inner in zip(names, ("height", "width"), strict=True):
                if (size := getattr(after, name)) is not None:
                    part = made(extent, inner, quantity=str(size))
                    part.text = str(size)
                    element.append(part)
            put_in(extent, element)


def _sizes(of: Physical) -> tuple[int | None, ...]:
    return (of.leaves, of.height, of.width, of.written_height, of.written_width)


def _whole(entry: Entry) -> Unit:
    return Unit("", False, entry.texts, entry.origin, entry.physical, entry.history)  # noqa: FBT003 - no fragment


def _put(holder: Element, element: Element, after: Element | None) -> Element:
    if after is not None and after.getparent() is not None:
        return _put_after(after, element)
    put_in(holder, element)
    return element


def _put_after(after: Element, element: Element) -> Element:
    holder = after.getparent()
    if holder is not None:
        put_in(holder, element, after)
    return element


def _replaced(old: Element, new: Element, owned: Sequence[str] = ()) -> Element:
    """Put *new* in the place of *old*, with those of its attributes that say something else."""
    holder = old.getparent()
    for name, value in old.attrib.items():
        if str(name) not in owned and str(name).rpartition("}")[2] not in ("lang", "space", "role", "ref", "key"):
            new.set(name, value)
    new.tail = old.tail
    if holder is not None:
        holder.replace(old, new)
    return new


def _take_with_empty(element: Element) -> None:
    """Take *element* out, and what held nothing else; a summary stays as an empty one, as catalogues have it."""
    holder = element.getparent()
    if name_of(element) == "summary":
        say(element, "")
        element.text = None
        element.attrib.pop(XML_LANG, None)
        return
    take_out(element)
    while (
        holder is not None
        and not len(holder)
        and not (holder.text or "").strip()
        and name_of(holder) in ("keywords", "notesStmt", "listPerson", "particDesc", "support",
                                "condition", "collation", "binding", "bindingDesc", "scriptDesc", "decoDesc", "institution", "note")
    ):  # fmt: skip
        above = holder.getparent()
        take_out(holder)
        holder = above

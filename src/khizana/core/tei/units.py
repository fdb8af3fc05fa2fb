"""Writing what a manuscript and a codicological unit have alike: texts, origin, the object, history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from khizana.core.catalogue.entry import HistoryNote, Located, Origin, Person, Physical, Text, Unit
from khizana.core.languages import language_tag
from khizana.core.tei import making
from khizana.core.tei.described import OF_THE_TEXT
from khizana.core.tei.elements import Element, child, children, name_of, take_out
from khizana.core.tei.part import Part
from khizana.core.tei.phrasing import Phrasing, put, replaced, said_by, take_with_empty
from khizana.core.tei.physical import decoration, physical
from khizana.core.tei.places import arrange, held, made, put_in, say
from khizana.core.tei.vocabulary import OF_THE_MANUSCRIPT

_SUPPORT = ("physDesc", "objectDesc", "supportDesc")
_LAYER = ("layout", "ruling", "extent", "support", "collation", "condition", "script", "binding")
_WORDS = {"rubric": "rubric", "incipit": "incipit", "explicit": "explicit", "colophon": "colophon", "notes": "note"}
_WHEN = ("notBefore", "notAfter", "when", "from", "to", "calendar")


class UnitWriting(Phrasing):
    """The changes to what a manuscript and its units have alike."""

    def part(self, element: Element, before: Unit, after: Unit) -> None:
        """Write what *after* has other than *before* into *element*, an ``msDesc`` or a part of one."""
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
            self.part(element, old, new)
            return element

        def make(after: Element | None, new: Unit) -> Element:
            element = made(self.source, "msFrag" if new.fragment else "msPart")
            put_in(self.source, element, after if after is not None and after.getparent() is self.source else None)
            self._label(element, new.label)
            self.part(element, Unit(), new)
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
            self.phrases(
                carried,
                new.titles,
                lambda last, words: put(item, making.phrase(item, "title", words), last),
                title=True,
            )
        titles = children(item, "title")
        if old.work != new.work and titles and new.work:
            titles[0].set("ref", new.work)
        for name, element in _WORDS.items():
            if getattr(old, name) != getattr(new, name):
                self.phrases(
                    part.told(children(item, element)),
                    getattr(new, name),
                    lambda last, words, element=element: put(item, making.phrase(item, element, words), last),  # type: ignore[misc] # a default binds the name of this round
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
            change=lambda element, _, new: replaced(element, build(new)),
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
                change=lambda old, _, new: replaced(old, making.date(old, "origDate", new), _WHEN),
                make=lambda last, new: put(
                    held(element, "history", "origin"), making.date(element, "origDate", new), last
                ),
                remove=take_out,
            )
        if before.places != after.places:
            arrange(
                described.places(part),
                after.places,
                change=lambda old, _, new: replaced(old, making.place(old, new), ("ref", "key")),
                make=lambda last, new: put(held(element, "history", "origin"), making.place(element, new), last),
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
                return put(held(element, "history"), making.history(element, new), None)
            return replaced(old, making.history(old, new), ("type",))

        def make(after: Element | None, new: HistoryNote) -> Element:
            beside = after is not None and name_of(after) == "provenance"
            return put(held(element, "history"), making.history(element, new), after if beside else None)

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
                self.prose(element, name, getattr(after, name))
        if before.decoration != after.decoration:
            self._decoration(element, after.decoration)
        now = physical(Part(self.described().header, element))
        if now.material != after.material and after.material and not set(after.material) & set(" \t\r\n"):
            held(element, *_SUPPORT).set("material", after.material)
        if _sizes(now) != _sizes(after) and (after.leaves is not None or after.height or after.written_height):
            state_sizes(held(element, *_SUPPORT, "extent"), now, after)
        if (
            now.lines != after.lines
            and all(each.isdecimal() for each in after.lines.split("-"))
            and after.lines.count("-") < 2
        ):
            self._lines(element, after.lines.replace("-", " "))

    def _lines(self, element: Element, lines: str) -> None:
        holder = held(element, "physDesc", "objectDesc", "layoutDesc")
        layouts = [each for each in children(holder, "layout") if each.get("n") != "ruling"]
        if not layouts:
            layouts = [made(holder, "layout")]
            put_in(holder, layouts[0])
        layouts[0].set("writtenLines", lines)

    def _decoration(self, element: Element, wanted: tuple[Located, ...]) -> None:
        described = self.described()

        def change(old: Element, was: Located, new: Located) -> Element:
            if replace(was, words=new.words) == new and len(new.words) == 1 and not len(old):
                said_by(old, new.words[0], described)
                return old
            return replaced(old, making.located(old, new), ("type",))

        arrange(
            decoration(Part(described.header, element)),
            wanted,
            change=change,
            make=lambda last, new: put(held(element, "physDesc", "decoDesc"), making.located(element, new), last),
            remove=take_with_empty,
        )


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

"""Writing phrases into a description: each where one stood, or where the schema has it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from khizana.core.catalogue.entry import Phrase, Phrases
from khizana.core.languages import language_tag
from khizana.core.tei import making
from khizana.core.tei.described import Described
from khizana.core.tei.elements import Element, child, name_of, take_out
from khizana.core.tei.fields import XML_LANG
from khizana.core.tei.part import Carried, Header, Part
from khizana.core.tei.places import arrange, held, made, put_in, say, tag

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
_NOT_EMPTY = frozenset(("keywords", "notesStmt", "note", "listPerson", "particDesc", "institution")) | frozenset(
    ("support", "condition", "collation", "binding", "bindingDesc", "scriptDesc", "decoDesc")
)
"""Elements that go with the last of what they hold."""
_MEASURES = ("measure", "dimensions", "locus")


class Phrasing:
    """A document that is written into."""

    def __init__(self, root: Element, source: Element, file: str) -> None:
        self.root, self.source, self.file = root, source, file

    def described(self) -> Described:
        """Return the description as it stands now."""
        header = Header(self.root, self.source, tagged=True)
        return Described(header, Part(header, self.source), self.file)

    def phrases(
        self,
        carried: Carried,
        wanted: Phrases,
        make: Callable[[Element | None, Phrase], Element],
        *,
        title: bool = False,
        remove: Callable[[Element], None] = take_out,
    ) -> None:
        """Make the elements *carried* say the phrases *wanted*, as ``arrange`` does."""
        described = self.described()
        flat: list[tuple[Element, Phrase]] = []
        for carrier, said in carried:
            element = carrier
            for phrase in said:
                if phrase is not said[0]:  # a title in two scripts on either side of a slash becomes two titles
                    element = put_after(element, making.phrase(element, name_of(element), phrase))
                elif len(said) > 1:
                    said_by(element, phrase, described, title=title)
                flat.append((element, phrase))

        def change(element: Element, _: Phrase, new: Phrase) -> Element:
            said_by(element, new, described, title=title)
            return element

        arrange(flat, wanted, change=change, make=make, remove=remove)

    def prose(self, element: Element, field: str, wanted: Phrases) -> None:
        """Write *wanted* as the prose called *field* of *element*."""
        part = Part(self.described().header, element)
        path, name = _NEW[field]

        def make(after: Element | None, words: Phrase) -> Element:
            more = {"n": "ruling"} if field == "ruling" else {}
            if after is None:
                if field == "holding" and child(element, "msIdentifier", "repository") is None:
                    return put(holder := held(element, *path), making.phrase(holder, "repository", words), None)
                empty = child(element, *path) is not None
                holder = held(element, *path)
                if empty and name == "p" and not len(holder) and not (holder.text or "").strip() and field == "summary":
                    said_by(holder, words, self.described())
                    return holder
                return put(holder, making.phrase(holder, name, words, **more), None)
            if field in ("holding", "layout", "ruling", "script") and name_of(after) != "p":
                name_now = "collection" if field == "holding" else name_of(after)
                return put_after(after, making.phrase(after, name_now, words, **more))
            if name_of(after) == path[-1]:
                after = wrapped(after, name)
            return put_after(after, making.phrase(after, name_of(after), words))

        self.phrases(part.prose(field), wanted, make, remove=take_with_empty)


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


def put(holder: Element, element: Element, after: Element | None) -> Element:
    """Put *element* into *holder*, after a child where one is given, and return it."""
    if after is not None and after.getparent() is not None:
        return put_after(after, element)
    put_in(holder, element)
    return element


def put_after(after: Element, element: Element) -> Element:
    """Put *element* after another, and return it."""
    holder = after.getparent()
    if holder is not None:
        put_in(holder, element, after)
    return element


def replaced(old: Element, new: Element, owned: Sequence[str] = ()) -> Element:
    """Put *new* in the place of *old*, with those of its attributes that say something else."""
    holder = old.getparent()
    for name, value in old.attrib.items():
        if str(name) not in owned and str(name).rpartition("}")[2] not in ("lang", "space", "role", "ref", "key"):
            new.set(name, value)
    new.tail = old.tail
    if holder is not None:
        holder.replace(old, new)
    return new


def take_with_empty(element: Element) -> None:
    """Take *element* out, and what held nothing else; a summary stays as an empty one, as catalogues have it."""
    holder = element.getparent()
    if name_of(element) == "summary":
        say(element, "")
        element.text = None
        element.attrib.pop(XML_LANG, "")
        return
    take_out(element)
    while holder is not None and not len(holder) and not (holder.text or "").strip() and name_of(holder) in _NOT_EMPTY:
        above = holder.getparent()
        take_out(holder)
        holder = above

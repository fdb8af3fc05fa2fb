"""Elements of TEI documents of any namespace or none: their names, their words, their language."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from khizana.core.catalogue.entry import Phrase
from khizana.core.languages import in_arabic_script, language_tag, tag_by_script
from khizana.core.tei.fields import XML_LANG

Element = etree._Element  # noqa: SLF001 - the only name lxml has for the type of its elements

XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_SPACES = re.compile(r"[ \t\r\n]+")
_UNTIDY = re.compile(r"^[ ]|[\t\r\n]|  |[ ]$")
_PARAGRAPHS = ("p", "ab", "seg")

_names: dict[object, str] = {}


def name_of(element: Element) -> str:
    """Return the local name of *element*, or nothing for a comment or a processing instruction."""
    tag: object = element.tag
    try:
        return _names[tag]
    except KeyError:
        if len(_names) > 10_000:  # a hostile file may have a name of its own for every element
            _names.clear()
        found = _names[tag] = tag.rpartition("}")[2] if isinstance(tag, str) else ""
        return found


def children(element: Element, *names: str) -> list[Element]:
    """Return the children of *element* that have one of *names*, in any namespace."""
    return [child for child in element if name_of(child) in names]


def child(element: Element, *path: str) -> Element | None:
    """Return the first element at *path* below *element*, in any namespace, or None."""
    found: Element | None = element
    for name in path:
        found = next((each for each in found if name_of(each) == name), None) if found is not None else None
    return found


def tidy(text: str) -> str:
    """Return *text* with runs of blanks and line ends made one space, and none at its ends."""
    return _SPACES.sub(" ", text).strip(" ") if _UNTIDY.search(text) else text


def words_of(element: Element) -> str:
    """Return the words of *element* and all in it; as they stand where it says ``xml:space="preserve"``."""
    text = "".join(map(str, element.itertext())) if len(element) else element.text or ""
    return text if element.get(XML_SPACE) == "preserve" else tidy(text)


def words_without(element: Element, *names: str) -> str:
    """Return the words of *element* without those of its children that have one of *names*."""
    parts = [element.text or ""]
    for each in element:
        if name_of(each) not in names:
            parts.extend(map(str, each.itertext()))
        parts.append(each.tail or "")
    text = "".join(parts)
    return text if element.get(XML_SPACE) == "preserve" else tidy(text)


def paragraphs(element: Element) -> list[Element]:
    """Return the paragraphs or segments that hold the words of *element*, or itself where it has words of its own."""
    if not len(element) or (element.text and not element.text.isspace()):
        return [element]
    held = children(element, *_PARAGRAPHS)
    if not held or any(each.tail and not each.tail.isspace() for each in element):
        return [element]
    return held


def line_of(element: Element) -> int:
    """Return the line of the file on which *element* begins, from 1."""
    line: object = element.sourceline  # the stubs know no line numbers
    return line if isinstance(line, int) and line > 0 else 1


class Tongue:
    """Which language the words of a description are in: as it says, or as their script tells."""

    def __init__(self, main: str, *, tagged: bool) -> None:
        self.main = main
        self._tagged = tagged  # whether the file says of any element which language it is in

    def stated(self, element: Element) -> str | None:
        """Return the tag that *element* or what is around it bears; None where nothing does."""
        if not self._tagged:
            return None
        holder: Element | None = element
        while holder is not None:
            written = holder.get(XML_LANG)
            if written is not None and (not written or (tag := language_tag(written))):
                return tag if written else "none"  # an empty tag ends what is said further out (XML 1.0, 2.12)
            holder = holder.getparent()
        return None

    def own(self, element: Element) -> str | None:
        """Return the tag that *element* itself bears, ``none`` for an empty one; None where it bears none."""
        written = element.get(XML_LANG) if self._tagged else None
        if written is None:
            return None
        return (language_tag(written) or None) if written else "none"

    def phrase(self, element: Element, text: str) -> Phrase:
        """Return *text* in the language that is stated of *element*, else in none."""
        return Phrase(text, self.stated(element) or "none")

    def title(self, element: Element, *, romanised: bool) -> tuple[Phrase, ...]:
        """Return the title in *element*: one phrase, or one for each script that a slash divides."""
        stated = self.own(element)
        parts = by_script(words_of(element)) if stated is None else [words_of(element)]
        return tuple(
            Phrase(part, stated or tag_by_script(part, self.main, romanised=romanised)) for part in parts if part
        )

    def name(self, element: Element) -> tuple[Phrase, ...]:
        """Return the name in *element*; letters other than Arabic ones tell nothing of its language."""
        stated = self.own(element)
        parts = by_script(words_of(element)) if stated is None else [words_of(element)]
        return tuple(Phrase(part, stated or self._of_name(part)) for part in parts if part)

    def _of_name(self, part: str) -> str:
        return tag_by_script(part, self.main, romanised=False) if in_arabic_script(part) else "none"


def by_script(text: str) -> list[str]:
    """Return *text*, or its parts where a slash stands between one in Arabic script and one in another."""
    if " / " not in text:
        return [text] if text else []
    parts = [part.strip() for part in text.split(" / ") if part.strip()]
    return parts if len({in_arabic_script(part) for part in parts}) == 2 else [text]


def descend(element: Element, names: frozenset[str]) -> Iterator[tuple[str, Element]]:
    """Yield every element below *element* with its path of two names; what stands in one of *names* too."""
    above = name_of(element)
    for each in element:
        name = name_of(each)
        if name:
            yield f"{above}/{name}", each
            if name in names:
                yield from descend(each, names)


def take_out(element: Element) -> None:
    """Remove *element* from what it stands in; words that follow it stay, and blanks that follow it go with it."""
    holder = element.getparent()
    if holder is None:
        return
    tail, before = element.tail or "", element.getprevious()
    element.tail = None
    if tail.strip():
        _add_after(holder, before, tail)
    elif element.getnext() is None:
        _end_after(holder, before, tail)
    holder.remove(element)


def _add_after(holder: Element, before: Element | None, words: str) -> None:
    if before is None:
        holder.text = (holder.text or "") + words
    else:
        before.tail = (before.tail or "") + words


def _end_after(holder: Element, before: Element | None, blanks: str) -> None:
    """Let the closing tag of *holder* stand where it stood, now that its last child goes."""
    if before is not None:
        before.tail = blanks if not (before.tail or "").strip() else before.tail
    elif blanks and not (holder.text or "").strip():
        holder.text = blanks

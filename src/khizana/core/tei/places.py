"""Where elements stand: the order that the schema asks for, and the blanks around what is put in or taken out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import TypeVar

from lxml import etree

from khizana.core.tei.elements import XML_SPACE, Element, children, name_of, take_out, tidy
from khizana.core.tei.fields import XML_LANG

Thing = TypeVar("Thing")

_ORDER: dict[str, tuple[str, ...]] = {
    name: tuple(order.split())
    for name, order in {
        "teiHeader": "fileDesc encodingDesc profileDesc xenoData revisionDesc",
        "fileDesc": "titleStmt editionStmt extent publicationStmt seriesStmt notesStmt sourceDesc",
        "profileDesc": "abstract creation langUsage particDesc textClass calendarDesc",
        "msDesc": "msIdentifier head msHeading p ab msContents physDesc history additional msPart msFrag",
        "msPart": "altIdentifier msIdentifier head p ab msContents physDesc history additional msPart msFrag",
        "msFrag": "altIdentifier msIdentifier head p ab msContents physDesc history additional",
        "msIdentifier": "country region settlement institution repository collection idno altIdentifier msName",
        "msContents": "summary textLang titlePage msItem msItemStruct",
        "msItem": "locus locusGrp author title respStmt rubric incipit explicit colophon textLang note msItem",
        "physDesc": "p ab objectDesc handDesc scriptDesc decoDesc additions bindingDesc sealDesc accMat",
        "objectDesc": "supportDesc layoutDesc",
        "supportDesc": "support extent foliation collation condition",
        "layoutDesc": "summary layout",
        "history": "summary origin provenance acquisition",
        "additional": "adminInfo surrogates listBibl",
        "adminInfo": "recordHist availability custodialHist note",
    }.items()
}


def put_in(holder: Element, element: Element, after: Element | None = None) -> None:
    """Put *element* into *holder*: *after* a child, else where the schema has it, with the blanks of its neighbours."""
    index = _place(holder, element) if after is None else holder.index(after) + 1
    before = holder[index - 1] if index else None
    blanks = holder.text if before is None else before.tail
    if index < len(holder):
        element.tail = blanks if blanks and not blanks.strip() else None
    elif before is not None and not (before.tail or "").strip():
        # The last child: what stood before the closing tag stands there again.
        element.tail, lead = before.tail, holder.text
        before.tail = lead if lead and not lead.strip() else before.tail
    holder.insert(index, element)


def _place(holder: Element, element: Element) -> int:
    order = _ORDER.get(name_of(holder), ())
    name = name_of(element)
    if name not in order:
        return len(holder)
    later = order[order.index(name) + 1 :]
    return next((place for place, each in enumerate(holder) if name_of(each) in later), len(holder))


def made(holder: Element, name: str, **attributes: str) -> Element:
    """Return a new element of the namespace of *holder*, not yet in it."""
    space, brace, _ = str(holder.tag).rpartition("}")
    return etree.Element(f"{space}{brace}{name}", attributes)


def held(holder: Element, *path: str) -> Element:
    """Return the element at *path* below *holder*, made where there is none."""
    for name in path:
        found = children(holder, name)
        if not found:
            found = [made(holder, name)]
            put_in(holder, found[0])
        holder = found[0]
    return holder


def say(element: Element, text: str, *, but: Sequence[str] = ()) -> None:
    """Let *text* be the words of *element*, in the place of all it holds *but* the children of these names."""
    for each in list(element):
        if name_of(each) in but:
            each.tail = None
        else:
            element.remove(each)
    element.text = text
    if tidy(text) != text:
        element.set(XML_SPACE, "preserve")
    elif XML_SPACE in element.attrib:
        del element.attrib[XML_SPACE]


def tag(element: Element, language: str) -> None:
    """Let *element* say that it is in *language*; ``none`` ends what is said around it."""
    element.set(XML_LANG, "" if language == "none" else language)


def aligned(current: Sequence[object], wanted: Sequence[object]) -> Iterator[tuple[int | None, int | None]]:
    """Yield which of *current* stays or becomes which of *wanted*, in order; None for what goes and for what is new."""
    old, new = [repr(each) for each in current], [repr(each) for each in wanted]
    if len(old) == len(new):  # nothing came or went: each became what stands in its place
        yield from ((place, place) for place in range(len(old)))
        return
    for _, start, end, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for step in range(max(end - start, last - first)):
            yield (
                start + step if start + step < end else None,
                first + step if first + step < last else None,
            )


def arrange(
    carried: Sequence[tuple[Element, Thing]],
    wanted: Sequence[Thing],
    *,
    change: Callable[[Element, Thing, Thing], Element],
    make: Callable[[Element | None, Thing], Element | None],
    remove: Callable[[Element], None],
) -> None:
    """Make the elements *carried* say what is *wanted*, and touch none that says it already.

    *change* gives the element that says the new thing; *make* puts a new one after a given one, or where there is none
    before any; *remove* takes one away.
    """
    last: Element | None = None
    for old, new in aligned([each for _, each in carried], wanted):
        if old is None and new is not None:
            last = (
                make(last, wanted[new]) if last is not None or not carried else _first(carried[0][0], make, wanted[new])
            )
        elif old is not None and new is None:
            remove(carried[old][0])
        elif old is not None and new is not None:
            element, thing = carried[old]
            last = element if thing == wanted[new] else change(element, thing, wanted[new])


def _first(before: Element, make: Callable[[Element | None, Thing], Element | None], thing: Thing) -> Element | None:
    """Make *thing* and let it stand *before* the one that was first."""
    element = make(before if before.getparent() is not None else None, thing)
    holder = before.getparent()
    if element is not None and holder is not None and element.getparent() is holder:
        take_out(element)
        index = holder.index(before)
        blanks = holder.text if not index else holder[index - 1].tail
        holder.insert(index, element)
        element.tail = blanks if blanks and not blanks.strip() else None
    return element

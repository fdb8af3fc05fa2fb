"""What a manuscript or a unit is made of and how it is written, and where on it something stands."""

from __future__ import annotations

from khizana.core.catalogue.entry import Located, Phrase, Phrases, Physical
from khizana.core.tei.elements import Element, child, children, name_of, words_of, words_without
from khizana.core.tei.measures import Measures, lines_in, measured, millimetres
from khizana.core.tei.part import Part, phrases
from khizana.core.tei.vocabulary import material_in, styles_in

_LEAF = ("leaf", "folio", "page", "")
_WRITTEN = ("written", "text", "textblock", "text-block", "writtenarea")


def physical(part: Part) -> Physical:
    """Return what *part* is made of and how it is written."""
    extent = phrases(part.prose("extent"))
    sizes = _sizes(part, extent)
    support, layout, script = (phrases(part.prose(name)) for name in ("support", "layout", "script"))
    return Physical(
        extent=extent,
        leaves=sizes.leaves,
        height=sizes.height,
        width=sizes.width,
        written_height=sizes.written_height,
        written_width=sizes.written_width,
        lines=_lines(part, layout),
        material=_material(part, support),
        support=support,
        collation=phrases(part.prose("collation")),
        ruling=phrases(part.prose("ruling")),
        layout=layout,
        script=script,
        script_styles=tuple(dict.fromkeys(style for each in script for style in styles_in(each.text))),
        decoration=tuple(one for _, one in decoration(part)),
        binding=phrases(part.prose("binding")),
        condition=phrases(part.prose("condition")),
    )


def decoration(part: Part) -> list[tuple[Element, Located]]:
    """Return what is drawn, painted or gilt in *part*, and where."""
    found = []
    for path in ("decoDesc/summary", "decoDesc/decoNote", "decoDesc/p"):
        for element in part.at.get(path, ()):
            kind = element.get("type", "")
            if not len(element):
                if text := words_of(element):
                    found.append((element, Located((part.tongue.phrase(element, text),), "", kind)))
                continue
            where = child(element, "locus")
            held = children(element, "seg", "p")
            words: tuple[Phrase, ...]
            if held and not (element.text or "").strip():
                words = phrases(part.told(held))
            else:
                text = words_without(element, "locus") if where is not None else words_of(element)
                words = (part.tongue.phrase(element, text),) if text else ()
            if words or where is not None:
                found.append((element, Located(words, "" if where is None else written_place(where), kind)))
    return found


def locus(item: Element) -> str:
    """Return where on the manuscript the text of *item* stands."""
    found = [written_place(each) for each in children(item, "locus")]
    for group in children(item, "locusGrp"):
        found += [written_place(each) for each in children(group, "locus")]
    return ", ".join(filter(None, found))


def written_place(where: Element) -> str:
    """Return the place that a ``locus`` names, by its words or its ends."""
    if words := words_of(where):
        return words
    return "-".join(dict.fromkeys(bound for name in ("from", "to") if (bound := where.get(name, ""))))


def _sizes(part: Part, extent: Phrases) -> Measures:
    found = Measures()
    for phrase in extent:
        more = measured(phrase.text)
        found = Measures(
            found.leaves if found.leaves is not None else more.leaves,
            *((found.height, found.width, found.written_height, found.written_width) if found.height
              else (more.height, more.width, more.written_height, more.written_width)),
        )  # fmt: skip
    for element in part.at.get("supportDesc/extent", []) + part.at.get("physDesc/extent", []):
        if len(element):
            found = _stated_sizes(element, found)
    return found


def _stated_sizes(extent: Element, found: Measures) -> Measures:
    leaves, height, width = found.leaves, found.height, found.width
    written_height, written_width = found.written_height, found.written_width
    for each in extent.iter("{*}measure", "{*}dimensions"):
        kind = each.get("type", "").lower()
        if name_of(each) == "measure":
            quantity = each.get("quantity", "")
            if quantity.isdecimal() and "leaf leaves folio folios composition".find(each.get("unit") or kind) >= 0:
                leaves = int(quantity) if len(quantity) < 7 else leaves
            continue
        size = {name: _dimension(each, name) for name in ("height", "width")}
        if kind in _LEAF:
            height, width = size["height"] or height, size["width"] or width
        elif kind in _WRITTEN:
            written_height, written_width = size["height"] or written_height, size["width"] or written_width
    return Measures(leaves, height, width, written_height, written_width)


def _dimension(dimensions: Element, name: str) -> int | None:
    size = child(dimensions, name)
    if size is None:
        return None
    return millimetres(size.get("quantity") or words_of(size), size.get("unit") or dimensions.get("unit") or "")


def _lines(part: Part, layout: Phrases) -> str:
    for element in part.at.get("layoutDesc/layout", ()):
        if written := element.get("writtenLines") or "":
            return "-".join(dict.fromkeys(written.split()))
    return next((found for phrase in layout if (found := lines_in(phrase.text))), "")


def _material(part: Part, support: Phrases) -> str:
    for path in ("objectDesc/supportDesc", "physDesc/support"):
        for element in part.at.get(path, ()):
            if written := element.get("material", "").strip(" ."):
                return written
    found = [material for phrase in support if (material := material_in(phrase.text))]
    return found[0] if found and len(set(found)) == 1 else "mixed" if found else ""

"""Typed links between what is known of a manuscript: as HTTP headers, and as a link set.

The relations are those of Signposting (signposting.org, FAIR Signposting Profile); headers have the form of RFC 8288,
the set that of RFC 9264.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from khizana.core.citation import MEDIA_TYPES, Form
from khizana.core.iiif.addresses import Addresses
from khizana.core.iiif.presented import is_web_address
from khizana.core.oai.described import Described
from khizana.core.policy import ANYONE, Action, Degrade, Refuse, decide

LANGUAGES = ("ar", "fr", "en")
LINKSET = "application/linkset+json"
MANIFEST = 'application/ld+json;profile="http://iiif.io/api/presentation/3/context.json"'
TEI = "application/tei+xml"
DUBLIN_CORE = "text/xml"
TYPES = ("https://schema.org/AboutPage", "https://schema.org/Manuscript")
MOST_ITEMS = 2_000
"""Images named in a link set; the manifest has all."""


@dataclass(frozen=True, slots=True)
class Link:
    """One typed link."""

    relation: str
    target: str
    type: str = ""
    """Media type of the target, or nothing."""
    profile: str = ""


def page_links(described: Described) -> tuple[Link, ...]:
    """Return the links of the manuscript's own page, as any reader may follow them; its images are in the set only.

    Nothing for a manuscript that may not be handed on.
    """
    manuscript, card = described.manuscript, described.card
    if isinstance(decide(manuscript.agreement, Action.HARVEST, ANYONE), Refuse):
        return ()
    to = Addresses(card.base_url)
    return (
        Link("cite-as", described.address),
        Link("describedby", to.description(manuscript.id), TEI, "http://www.tei-c.org/ns/1.0"),
        Link("describedby", dublin_core_address(to, described), DUBLIN_CORE, "http://purl.org/dc/elements/1.1/"),
        *(Link("describedby", to.citation(manuscript.id, form), MEDIA_TYPES[form]) for form in Form),
        *([Link("item", to.manifest(manuscript.id), MANIFEST)] if manuscript.shown else []),
        *(Link("type", address) for address in TYPES),
        *(Link("author", address) for address in _authors(described)),
        *([Link("license", card.rights)] if is_web_address(card.rights) else []),
        Link("collection", to.collection(), "application/ld+json"),
        Link("linkset", to.linkset(manuscript.id), LINKSET),
    )


def content_links(described: Described) -> tuple[Link, ...]:
    """Return the links of what describes or shows the manuscript: back to its page, its set and its address."""
    manuscript = described.manuscript
    if isinstance(decide(manuscript.agreement, Action.HARVEST, ANYONE), Refuse):
        return ()
    to = described.addresses
    return (
        Link("cite-as", described.address),
        Link("describes", described.address),
        Link("collection", to.reading_room("en", manuscript.id), "text/html"),
        Link("linkset", to.linkset(manuscript.id), LINKSET),
    )


def header(links: Iterable[Link]) -> str:
    """Return *links* as the value of an HTTP ``Link`` header."""
    return ", ".join(_field(link) for link in links)


def linkset(described: Described) -> dict[str, Any]:
    """Return all links of the manuscript, from its page in each language and from what describes it."""
    manuscript, to = described.manuscript, described.addresses
    of_page = [link for link in page_links(described) if link.relation != "linkset"]
    items = [Link("item", address, "image/jpeg") for address in _images(described)]
    sets = [_context(to.reading_room(tag, manuscript.id), [*of_page, *items]) for tag in LANGUAGES]
    back = [link for link in content_links(described) if link.relation != "linkset"]
    sets += [_context(to.description(manuscript.id), back)]
    if manuscript.shown:
        sets += [_context(to.manifest(manuscript.id), back)]
    return {"linkset": sets}


def dublin_core_address(to: Addresses, described: Described) -> str:
    """Return where the manuscript's description in Dublin Core is: the answer to one request of a harvest."""
    return f"{to.oai()}?verb=GetRecord&metadataPrefix=oai_dc&identifier={described.identifier}"


def _authors(described: Described) -> Sequence[str]:
    keys = [person.key for person in described.entry.all_persons() if person.role == "author"]
    return [key for key in dict.fromkeys(keys) if is_web_address(key)]


def _images(described: Described) -> list[str]:
    view = decide(described.manuscript.agreement, Action.VIEW, ANYONE)
    if isinstance(view, Refuse):
        return []
    size = f"!{view.longest_side},{view.longest_side}" if isinstance(view, Degrade) else "max"
    service = described.addresses.image_service
    return [f"{service(page.image, 3)}/full/{size}/0/default.jpg" for page in described.manuscript.pages[:MOST_ITEMS]]


def _context(anchor: str, links: Iterable[Link]) -> dict[str, Any]:
    context: dict[str, Any] = {"anchor": anchor}
    for link in links:
        target = {"href": link.target}
        target |= {"type": link.type} if link.type else {}
        target |= {"profile": link.profile} if link.profile else {}
        context.setdefault(link.relation, []).append(target)
    return context


def _field(link: Link) -> str:
    # Addresses are percent-encoded where they are made, or checked; what could end one is encoded all the same.
    target = link.target.replace("<", "%3C").replace(">", "%3E").replace(" ", "%20")
    parts = [f"<{target.encode('ascii', 'ignore').decode()}>", f'rel="{link.relation}"']
    for name, value in (("type", link.type), ("profile", link.profile)):
        if value:
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            parts.append(f'{name}="{escaped}"')
    return "; ".join(parts)

"""Pages whose images another library holds: who that is, and what a page must be allowed to ask for."""

from __future__ import annotations

from dataclasses import dataclass

from khizana.core.iiif import elsewhere
from khizana.core.iiif.presented import is_web_address
from khizana.core.manuscript import Manuscript, Page, PageElsewhere
from khizana.core.policy import Decision, Refuse
from khizana.web.reading_room import addresses
from khizana.web.reading_room.words import Shown, comma, shown


@dataclass(frozen=True, slots=True)
class Held:
    """What a page says of images that are held elsewhere."""

    holder: Shown | None
    """Who holds them, where that is known."""
    hosts: str
    """The servers that a reader's browser asks."""
    origins: tuple[str, ...]
    """The same, as the page's policy names them."""
    manifest: str
    """Address of the holder's manifest, or nothing."""
    statement: Shown | None
    """What must be shown with every image."""
    rights: str
    """Address of a rights statement, or nothing."""


def held_elsewhere(found: Manuscript, language: str, decision: Decision) -> Held | None:
    """Return what is to be said of the images of *found*; None where they are here, or none is shown."""
    said = found.elsewhere
    if said is None or found.pages or isinstance(decision, Refuse):
        return None
    return Held(
        holder=shown(said.holder, language, between=" · "),
        hosts=comma(language).join(origin.partition("//")[2] for origin in said.origins),
        origins=said.origins,
        manifest=said.manifest if is_web_address(said.manifest) else "",
        statement=shown(said.statement, language, between=" · "),
        rights=said.rights if is_web_address(said.rights) else "",
    )


def information(page: Page | PageElsewhere) -> str:
    """Return the address from which a deep-zoom viewer learns sizes and tiles, or nothing where there is no service."""
    return elsewhere.information(page) if isinstance(page, PageElsewhere) else addresses.image_information(page.image)

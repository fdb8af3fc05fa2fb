"""What a reader is told of the owner's agreement: a sentence, and the way in where there is one."""

from __future__ import annotations

from django.utils.translation import gettext as _

from khizana.core.findings import sentence
from khizana.core.iiif import labels
from khizana.core.manuscript import Manuscript
from khizana.core.policy import Allow, Decision, Level, Reader, Refuse, way_in
from khizana.web.reading_room import addresses
from khizana.web.reading_room.words import shown

_SAID = {
    Level.TERMS: labels.AFTER_AGREEING,
    Level.SMALLER: labels.SMALLER_IMAGES,
    Level.READERS: labels.FOR_KNOWN_READERS,
}


def notice(found: Manuscript, reader: Reader, decision: Decision, language: str) -> str:
    """Return what a reader is told of the agreement, in one sentence, or nothing where all is open."""
    agreement = found.agreement
    if not agreement.published:
        return sentence("NOT_PUBLISHED", {}, language)
    if isinstance(decision, Refuse):
        return sentence(decision.reason, {}, language)
    if isinstance(decision, Allow) and not reader.staff:
        return ""
    if agreement.level is Level.STAFF:
        return _("Only staff see the images of this manuscript.")
    said = shown(_SAID.get(agreement.level, {}), language)
    return said.text if said else ""


def way_in_of(found: Manuscript, decision: Decision, language: str, back: str) -> dict[str, str]:
    """Return what opens more of the images to this reader, and its address; nothing where all is open, or closed."""
    way = None if isinstance(decision, Allow) else way_in(found.agreement)
    return {"way_in": way.value, "way_in_address": addresses.way_in(language, way, back)} if way else {}

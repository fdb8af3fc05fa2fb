"""Whose list it is: for this place or another, from a place that is known or from somebody else."""

from __future__ import annotations

from collections.abc import Iterable

from khizana.core.errors import BadInput
from khizana.core.preservation.courier.keys import OwnKeys, follows, key_of, key_text
from khizana.core.preservation.courier.signed import Header
from khizana.core.preservation.replicas.sites import Site


def sender_of(header: Header, *, library: str, own: OwnKeys, sites: Iterable[Site]) -> Site | None:
    """Return the site that sent the list with this *header*, or None where it is for another place.

    The header may lie: only its signature makes it true, by a key that is among those that people exchanged. Raises
    ``BadInput`` for a list of another library, and for one to this place from a key that is not known.
    """
    if header.receiver not in own.keys or header.sender in own.keys:
        return None
    if header.library != library:
        raise BadInput("COURIER_OF_ANOTHER_LIBRARY", name=header.pack, library=header.library)
    for site in sites:
        if site.is_peer and follows(
            header.sender, key_of(site.address), library=library, handed_over=header.handed_over
        ):
            return site
    raise BadInput("COURIER_KEY_UNKNOWN", name=header.pack, key=key_text(header.sender))

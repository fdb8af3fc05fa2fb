"""Dublin Core, as OAI-PMH asks every repository for it."""

from __future__ import annotations

from khizana.core.exchange.dublin_core import oai_dc_element
from khizana.core.oai.described import Described
from khizana.core.xml import Element


def dublin_core(described: Described) -> Element:
    """Return the ``oai_dc:dc`` element."""
    return oai_dc_element(described.entry, identifier=described.address, rights=described.card.rights)

"""The forms in which descriptions are handed on, each under its metadataPrefix."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from khizana.core.oai.dc import dublin_core
from khizana.core.oai.described import Described
from khizana.core.oai.edm import EDM, edm
from khizana.core.oai.tei import NAMESPACE, tei
from khizana.core.xml import Element


@dataclass(frozen=True, slots=True)
class Format:
    """One form: where its schema is, its namespace, and what makes it."""

    schema: str
    namespace: str
    make: Callable[[Described], Element]
    """Raises ``BadInput`` where the document cannot be read."""


FORMATS: Mapping[str, Format] = {
    "oai_dc": Format(
        "http://www.openarchives.org/OAI/2.0/oai_dc.xsd", "http://www.openarchives.org/OAI/2.0/oai_dc/", dublin_core
    ),
    "tei": Format("http://www.tei-c.org/release/xml/tei/custom/schema/xsd/tei_all.xsd", NAMESPACE, tei),
    "edm": Format("https://www.europeana.eu/schemas/edm/EDM.xsd", EDM, edm),
}

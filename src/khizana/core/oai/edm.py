"""The Europeana Data Model (EDM 5.2.8) in RDF/XML: the object, its web resources, and their aggregation."""

from __future__ import annotations

from lxml import etree

from khizana.core.exchange.dublin_core import Statement, statements
from khizana.core.iiif.presented import library_title
from khizana.core.oai.described import Described
from khizana.core.policy import ANYONE, Action, Allow, Refuse, decide
from khizana.core.xml import Element, writable

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
EDM = "http://www.europeana.eu/schemas/edm/"
ORE = "http://www.openarchives.org/ore/terms/"
DC = "http://purl.org/dc/elements/1.1/"
DCTERMS = "http://purl.org/dc/terms/"
SVCS = "http://rdfs.org/sioc/services#"
DOAP = "http://usefulinc.com/ns/doap#"
NOT_EVALUATED = "http://rightsstatements.org/vocab/CNE/1.0/"
"""Rights statement of a library that states none: every aggregation needs one."""
IMAGE_WIDTH = 2000
THUMBNAIL_WIDTH = 480

_SPACES = {"rdf": RDF, "edm": EDM, "ore": ORE, "dc": DC, "dcterms": DCTERMS, "svcs": SVCS, "doap": DOAP}
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_ELSEWHERE = {"coverage": f"{{{DCTERMS}}}spatial", "rights": ""}
"""Elements of Dublin Core that EDM has under another name, or elsewhere."""


def edm(described: Described) -> Element:
    """Return ``rdf:RDF`` with one ProvidedCHO, its WebResources and its Aggregation.

    Images are named as the owner's agreement lets any reader see them.
    """
    root = etree.Element(f"{{{RDF}}}RDF", nsmap=_SPACES)
    object_ = _about(root, EDM, "ProvidedCHO", described.address)
    for each in statements(described.entry):
        _say(object_, each)
    _text(object_, EDM, "type", "TEXT")
    page = described.addresses.reading_room("en", described.manuscript.id)
    image = _image(described)
    _about(root, EDM, "WebResource", page)
    if image:
        _image_resource(root, described, image)
    _aggregation(root, described, page, image)
    return root


def _image(described: Described) -> str:
    """Return the address of the image that stands for it, or nothing where none may be seen."""
    view = decide(described.manuscript.agreement, Action.VIEW, ANYONE)
    if isinstance(view, Refuse) or not described.manuscript.pages:
        return ""
    width = IMAGE_WIDTH if isinstance(view, Allow) else THUMBNAIL_WIDTH
    return described.addresses.reading_size(described.manuscript.pages[0].image, width)


def _image_resource(root: Element, described: Described, image: str) -> None:
    service = described.addresses.image_service(described.manuscript.pages[0].image, 3)
    resource = _about(root, EDM, "WebResource", image)
    _refer(resource, DCTERMS, "isReferencedBy", described.addresses.manifest(described.manuscript.id))
    _refer(resource, SVCS, "has_service", service)
    served = _about(root, SVCS, "Service", service)
    _refer(served, DCTERMS, "conformsTo", "http://iiif.io/api/image")
    _refer(served, DOAP, "implements", "http://iiif.io/api/image/3/level2.json")


def _aggregation(root: Element, described: Described, page: str, image: str) -> None:
    whole = _about(root, ORE, "Aggregation", f"{described.address}#aggregation")
    _refer(whole, EDM, "aggregatedCHO", described.address)
    name = next(iter(library_title(described.card).values()))[0]
    _text(whole, EDM, "dataProvider", name)
    _refer(whole, EDM, "isShownAt", page)
    if image:
        _refer(whole, EDM, "isShownBy", image)
        thumbnail = described.addresses.reading_size(described.manuscript.pages[0].image, THUMBNAIL_WIDTH)
        _refer(whole, EDM, "object", thumbnail)
    _text(whole, EDM, "provider", name)
    _refer(whole, EDM, "rights", described.card.rights or NOT_EVALUATED)


def _say(parent: Element, statement: Statement) -> None:
    tag = _ELSEWHERE.get(statement.term, f"{{{DC}}}{statement.term}")
    if tag:
        element = etree.SubElement(parent, tag)
        element.text = writable(statement.text)
        if statement.language != "none":
            element.set(_XML_LANG, statement.language)


def _about(root: Element, space: str, name: str, address: str) -> Element:
    return etree.SubElement(root, f"{{{space}}}{name}", {f"{{{RDF}}}about": address})


def _refer(parent: Element, space: str, name: str, address: str) -> None:
    etree.SubElement(parent, f"{{{space}}}{name}", {f"{{{RDF}}}resource": address})


def _text(parent: Element, space: str, name: str, text: str) -> None:
    etree.SubElement(parent, f"{{{space}}}{name}").text = writable(text)

"""Addresses within this server, percent-encoded, made in one place: pages, and the images that stand in them."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote, urlencode

from khizana.core.citation import Form
from khizana.core.identifiers import ImageId, ManuscriptId
from khizana.core.policy import WayIn


def home(language: str) -> str:
    """Return the address of the home page in *language*."""
    return f"/{language}/"


def manuscripts(language: str, number: int = 1) -> str:
    """Return the address of page *number* (from 1) of the list of manuscripts."""
    return f"/{language}/m/" + (f"?page={number}" if number > 1 else "")


def manuscript(language: str, id: ManuscriptId) -> str:  # noqa: A002 - the glossary's word for what it is
    """Return the address of the manuscript's own page."""
    return f"/{language}/m/{quote(id, safe='')}/"


def folio(language: str, id: ManuscriptId, name: str) -> str:  # noqa: A002 - the glossary's word for what it is
    """Return the address of the page image called *name*."""
    return f"/{language}/m/{quote(id, safe='')}/{quote(name, safe='')}"


def citation(id: ManuscriptId, form: Form, language: str, page: str = "") -> str:  # noqa: A002 - the glossary's word
    """Return the address of the citation, for readers of *language*, of the manuscript or of the page called *page*."""
    asked = urlencode({"language": language, **({"folio": page} if page else {})})
    return f"/m/{quote(id, safe='')}/cite.{form}?{asked}"


def search(language: str, asked: Iterable[tuple[str, str]] = (), ending: str = "") -> str:
    """Return the address of the search page, with what is *asked* of it; *ending* is json, csv, rss or nothing."""
    path = f"/search.{ending}" if ending else f"/{language}/search"
    asked = [*asked, *([("language", language)] if ending else [])]
    return path + (f"?{urlencode(asked)}" if asked else "")


def sign_in(language: str) -> str:
    """Return the address of the sign-in page."""
    return f"/{language}/sign-in"


def terms(language: str, **asked: str) -> str:
    """Return the address of the library's terms; *asked* is ``next`` or ``origin`` (see ``entering``)."""
    return f"/{language}/terms" + (f"?{urlencode(asked)}" if asked else "")


def access(language: str, **asked: str) -> str:
    """Return the address that gives the account that is signed in access on other sites."""
    return f"/{language}/access" + (f"?{urlencode(asked)}" if asked else "")


def access_given(language: str) -> str:
    """Return the address of the page that says that access was given."""
    return f"/{language}/access/given"


def access_ended(language: str) -> str:
    """Return the address of the page that says that access has ended."""
    return f"/{language}/access/ended"


def way_in(language: str, way: WayIn, back: str) -> str:
    """Return the address of the *way* in to closed images, which leads *back* to where the reader was."""
    return f"{terms(language) if way is WayIn.TERMS else sign_in(language)}?{urlencode({'next': back})}"


def desk(language: str) -> str:
    """Return the address of the staff's own pages."""
    return f"/{language}/desk/"


def reading_size(image: ImageId, width: int, ending: str) -> str:
    """Return the address of a ready-made size; *ending* is avif or jpg."""
    return f"/images/{quote(image, safe='')}/{width}.{ending}"


def sized(image: ImageId, width: int) -> str:
    """Return the address of the whole image at *width* pixels, made when asked for."""
    return f"/iiif/3/{quote(image, safe='')}/full/{width},/0/default.jpg"


def image_information(image: ImageId) -> str:
    """Return the address from which a deep-zoom viewer learns sizes and tiles."""
    return f"/iiif/3/{quote(image, safe='')}/info.json"

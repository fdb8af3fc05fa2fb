"""What the walk through every door needs: one manuscript of each agreement, and one reader of each kind."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyvips

from data.cards import photograph
from data.commands import Library, Served, new_library, served
from data.descriptions import foreign_tei
from data.staff import Browser, make_account
from khizana.core.policy import ANYONE, STAFF, Action, Agreement, Decision, Level, Reader, decide

WIDTH, HEIGHT = 1_300, 1_690
PAGES = ("1r", "1v")


@dataclass(frozen=True)
class Kept:
    """A manuscript of the walk."""

    slug: str
    agreement: Agreement
    secret: str
    """A word of its title, which stands nowhere else."""
    told: str
    """A word of its summary, which stands nowhere else."""

    def decision(self, action: Action, reader: Reader) -> Decision:
        return decide(self.agreement, action, reader)


@dataclass(frozen=True)
class Walker:
    """A reader of the walk."""

    name: str
    reader: Reader
    """At the pages of the reading room."""
    elsewhere: Reader
    """At the images, which viewers on other sites show as well."""
    browser: Browser


def kept() -> Iterator[Kept]:
    """Yield one manuscript of each level, published and not."""
    for number, level in enumerate(Level):
        for published in (True, False):
            slug = f"walk-{level.value}-{'out' if published else 'in'}"
            sign = f"{'abcdefgh'[number]}{'pq'[published]}"
            yield Kept(slug, Agreement(level, published=published), f"zwixo{sign}", f"zwapu{sign}")


def walked_library(root: Path) -> Library:
    """Make a library with one manuscript of each level, published and not, and two accounts."""
    library = new_library(root / "library", name="walk")
    for number, each in enumerate(kept()):
        card = root / each.slug
        card.mkdir()
        for index, page in enumerate(PAGES):
            photograph(card / f"{index:04d}_{page}.jpg", 10 * number + index, width=WIDTH, height=HEIGHT)
        description = root / f"{each.slug}.xml"
        title, summary = f"Kitab {each.secret}", f"On {each.told}."
        description.write_bytes(foreign_tei(each.slug, title=title, arabic=f"كتاب {each.secret}", summary=summary))
        about = ("--shelfmark", each.slug, "--description", description, "--level", each.agreement.level.value)
        if each.agreement.published:
            library.run("add", card, *about)
        else:
            library.run("receive", card, "--shelfmark", each.slug)
            library.run("accession", *about)
    make_account(library)
    make_account(library, "visitor", "--reader")
    return library


@contextmanager
def walkers(library: Library) -> Iterator[tuple[Served, list[Walker]]]:
    """Serve *library*, and give one reader of each kind, each in a browser of their own."""
    with served(library) as here:
        known, agreed, both = Reader(known=True), Reader(agreed=True), Reader(known=True, agreed=True)
        anyone, agreeing, visitor, from_afar, regular, staff = (Browser(here) for _ in range(6))
        for browser in (agreeing, regular):
            assert browser.post("/en/terms", {"next": "/en/m/"}, token=True).address == "/en/m/"
        assert visitor.sign_in("visitor").status == regular.sign_in("visitor").status == 200
        assert (
            "You may go on" in from_afar.sign_in("visitor", path="/en/access?origin=https%3A%2F%2Fviewer.example").text
        )
        from_afar.forget("sessionid")
        staff.sign_in()
        yield (
            here,
            [
                Walker("anyone", ANYONE, ANYONE, anyone),
                Walker("agreed", agreed, agreed, agreeing),
                Walker("with an account", known, known, visitor),
                Walker("with an account, elsewhere", ANYONE, known, from_afar),
                Walker("with an account, agreed", both, both, regular),
                Walker("staff", STAFF, STAFF, staff),
            ],
        )


def size_of(body: bytes) -> tuple[int, int]:
    """Return width and height in pixels of an image that came."""
    image = pyvips.Image.new_from_buffer(body, "")
    return image.width, image.height


def images_named(text: str) -> set[str]:
    """Return the addresses within the library of all images that a page or document names."""
    plain = text.replace("\\/", "/").replace("&amp;", "&")
    found = re.findall(r"(?:http://127\.0\.0\.1:\d+)?(/(?:images|iiif/[23])/[^\s\"'<>,]+(?:,[^\s\"'<>]*)?)", plain)
    return {urllib.parse.unquote(each) for each in found}


def mentions(text: str, manuscripts: Mapping[str, Kept] | list[Kept]) -> set[str]:
    """Return the manuscripts of which *text* tells: their secret words stand in it."""
    each_one = manuscripts.values() if isinstance(manuscripts, Mapping) else manuscripts
    return {each.slug for each in each_one if each.secret in text or each.told in text}

"""How a manuscript, or one page of it, is cited: as the data that citation programs read.

CSL-JSON is an item of the Citation Style Language (schema 1.0.2), of type ``manuscript``; BibTeX an entry ``@misc``
with the fields of classic BibTeX and ``language`` of biblatex; RIS a reference of type ``MANSCPT`` (the description of
the format by Research Information Systems, 2011).
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote

from khizana.core.ark import ark_of
from khizana.core.catalogue.entry import Phrase, Phrases
from khizana.core.dates import Calendar, DateStatement
from khizana.core.dates.calendars import date_of
from khizana.core.iiif.addresses import Addresses
from khizana.core.iiif.presented import library_title
from khizana.core.manuscript import LibraryCard, Manuscript, Page, PageElsewhere
from khizana.core.oai.described import Described

WIDEST: Final = 200
"""Years: what may have been made in more of them is given in the words of its description alone."""
_ALPHABETS = {"en": "Latn", "fr": "Latn", "ar": "Arab"}
_FOLIO = re.compile(r"[0-9٠-٩]{1,4}\s?(?:r|v|a|b|ro|vo|recto|verso|و|ظ)")


class Form(StrEnum):
    """A form of a citation; its value is the ending of the file."""

    BIBTEX = "bib"
    RIS = "ris"
    CSL = "json"


MEDIA_TYPES: Final = {
    Form.BIBTEX: "application/x-bibtex",
    Form.RIS: "application/x-research-info-systems",
    Form.CSL: "application/vnd.citationstyles.csl+json",
}


@dataclass(frozen=True, slots=True)
class Citation:
    """What is cited, in the words for readers of one language."""

    readers: str
    """Language of those who read it (ar, fr, en)."""
    key: str
    """ASCII letters, digits and hyphens: by this a text names it, and no other manuscript or page."""
    title: str
    authors: tuple[str, ...]
    library: str
    settlement: str
    shelfmark: str
    date: str
    """As written, or nothing."""
    years: tuple[int, int] | None
    """Gregorian, first and last; None where they are not known or far apart."""
    is_sure: bool
    language: str
    """BCP 47 tag of the main text, or nothing."""
    folio: str
    """Label of the page that is cited, or nothing."""
    address: str

    @classmethod
    def of(cls, described: Described, language: str, *, page: Page | PageElsewhere | None = None) -> Citation:
        """Return the citation of the manuscript, or of its *page*, for readers of *language* (ar, fr, en)."""
        entry, manuscript = described.entry, described.manuscript
        dates = entry.all_dates()
        authors = [person for person in entry.all_persons() if person.role == "author"]
        library = (Phrase(text, tag) for tag, texts in library_title(described.card).items() for text in texts)
        return cls(
            readers=language,
            key="-".join(map(_plain, (described.card.name, manuscript.id, *([page.name] if page else ())))),
            title=for_readers(entry.titles, language) or entry.shelfmark,
            authors=tuple(dict.fromkeys(filter(None, (for_readers(each.names, language) for each in authors)))),
            library=for_readers(tuple(library), language),
            settlement=entry.settlement,
            shelfmark=entry.shelfmark,
            date="; ".join(dict.fromkeys(each.words for each in dates if each.words)),
            years=_years(dates),
            is_sure=all(not each.sureness for each in dates),
            language=entry.languages[0] if entry.languages else "",
            folio=page.label if page else "",
            address=cited_at(manuscript, described.card, language, page),
        )

    def written(self, form: Form) -> str:
        """Return it in *form*, as a whole file."""
        write: dict[Form, Callable[[], str]] = {Form.BIBTEX: self._bibtex, Form.RIS: self._ris, Form.CSL: self._csl}
        # Half a character, which JSON from elsewhere may hold, is none that a file could.
        return write[form]().encode("utf-8", "replace").decode()

    def _csl(self) -> str:
        item: dict[str, Any] = {
            "id": self.key,
            "type": "manuscript",
            "title": self.title,
            "author": [{"literal": name} for name in self.authors],
            "archive": self.library,
            "archive-place": self.settlement,
            "archive_location": self.shelfmark,
            "call-number": self.shelfmark,
            "language": self.language,
            "note": self.date,
            "locator": self.folio,
            "URL": self.address,
        }
        if self.years:
            first, last = self.years
            item["issued"] = {"date-parts": [[first]] if first == last else [[first], [last]]}
            item["issued"] |= {} if self.is_sure else {"circa": True}
        elif self.date:
            item["issued"] = {"literal": self.date}
        said = {name: value for name, value in item.items() if value not in ("", [])}
        return json.dumps([said], ensure_ascii=False, indent=1) + "\n"

    def _bibtex(self) -> str:
        fields = {
            "author": " and ".join(f"{{{_tex(name)}}}" for name in self.authors),
            "title": f"{{{_tex(self.title)}}}",
            "howpublished": _tex(self._listed(self.library, self.settlement, self.shelfmark, self._leaf)),
            "year": _span(self.years, "--"),
            "note": _tex(self.date),
            "language": _tex(self.language),
            "url": _address(self.address),
        }
        lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
        return f"@misc{{{self.key},\n" + ",\n".join(lines) + "\n}\n"

    def _ris(self) -> str:
        tags: list[tuple[str, str]] = [
            ("TY", "MANSCPT"),
            *(("AU", name) for name in self.authors),
            ("TI", self.title),
            ("PY", f"{self.years[0]:04}" if self.years and self.years[0] > 0 else ""),
            ("N1", self.date),
            ("AV", self._listed(self.library, self.settlement, self.shelfmark)),
            ("CN", self.shelfmark),
            ("SP", self.folio),
            ("LA", self.language),
            ("UR", self.address),
        ]
        return "".join(f"{tag}  - {_line(value)}\r\n" for tag, value in tags if value) + "ER  - \r\n"

    @property
    def _leaf(self) -> str:
        return f"f. {self.folio}" if _FOLIO.fullmatch(self.folio) and self.readers != "ar" else self.folio

    def _listed(self, *parts: str) -> str:
        return ("، " if self.readers == "ar" else ", ").join(filter(None, parts))


def cited_at(manuscript: Manuscript, card: LibraryCard, language: str, page: Page | PageElsewhere | None = None) -> str:
    """Return where *manuscript*, or its *page*, is for ever; where it has no such address yet, in *language*."""
    name, to = quote(page.name, safe="") if page else "", Addresses(card.base_url)
    if manuscript.blade:
        return to.permanent(ark_of(card.naan, manuscript.blade, name))
    return to.reading_room(language, manuscript.id) + name


def for_readers(phrases: Phrases, language: str) -> str:
    """Return that of *phrases* which readers of *language* read best: in it, else in their alphabet, else the first."""

    def strangeness(phrase: Phrase) -> tuple[bool, bool, bool]:
        tag, is_read = phrase.language.lower(), _alphabet(phrase.text) == _ALPHABETS.get(language, "Latn")
        return tag != language, not (is_read and tag.startswith(f"{language}-")), not is_read

    best = min((each for each in phrases if each.text.strip()), key=strangeness, default=Phrase(""))
    return " ".join(best.text.split())


def _alphabet(text: str) -> str:
    """Return the alphabet of the first letter of *text* that has one of the two."""
    for char in text:
        name = unicodedata.name(char, "") if char.isalpha() else ""
        if name.startswith(("ARABIC", "LATIN")):
            return "Arab" if name.startswith("ARABIC") else "Latn"
    return ""


def _years(dates: Iterable[DateStatement]) -> tuple[int, int] | None:
    days = [each.days for each in dates]
    ends = [end for each in days if each for end in (each.earliest, each.latest)]
    if not ends or not all(days) or any(end is None for end in ends):
        return None
    years = [date_of(Calendar.GREGORIAN, end)[0] for end in ends if end is not None]
    return (min(years), max(years)) if max(years) - min(years) <= WIDEST else None


def _span(years: tuple[int, int] | None, between: str) -> str:
    return between.join(str(year) for year in dict.fromkeys(years)) if years else ""


def _plain(name: str) -> str:
    """Return *name* as a part of a key; of one in other letters what tells it from others."""
    is_plain = re.fullmatch(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*", name)
    return name if is_plain else hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:8]


_TURNING = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
"""Bidirectional classes of signs that hold for the rest of a line (UAX 9, 2)."""
_TEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_TEX |= {"{": r"\textbraceleft{}", "}": r"\textbraceright{}"}  # BibTeX counts braces, escaped or not
_TEX |= {char: f"\\{char}" for char in "%&$#_"}


def _tex(text: str) -> str:
    """Return *text* with every sign that TeX would take for its own written as a letter."""
    return "".join(_TEX.get(char, char) for char in _line(text))


def _address(address: str) -> str:
    # In braces TeX must find as many that close as open, and % begins no remark in an address.
    return _line(address).replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")


def _line(text: str) -> str:
    """Return *text* on one line, without signs that steer a terminal or turn what comes after it round."""
    kept = (char for char in text if unicodedata.bidirectional(char) not in _TURNING)
    return " ".join("".join(" " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char for char in kept).split())

"""The language of queries: words, "phrases", field:word, -word, prefix*, a OR b, date:1100..1200.

Whatever is typed is a query: what cannot be read as an operator is read as words, and a finding says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from khizana.core.dates import Calendar, Days, parse_date
from khizana.core.dates.calendars import LAST_HIJRI_YEAR
from khizana.core.findings import Finding, Severity
from khizana.core.search.analysis import common_terms
from khizana.core.search.document import Part

LONGEST: Final = 1_000
"""Characters of a query that are read."""
MOST_CLAUSES: Final = 32
MOST_WORDS: Final = 16
"""Words of one phrase."""
LEAST_PREFIX: Final = 2

FIELDS: dict[str, Part] = {
    **{part.value: part for part in Part},
    "author": Part.PERSON, "name": Part.PERSON, "subjects": Part.SUBJECT, "notes": Part.NOTE,
    "titre": Part.TITLE, "personne": Part.PERSON, "auteur": Part.PERSON, "nom": Part.PERSON, "lieu": Part.PLACE,
    "sujet": Part.SUBJECT, "texte": Part.TEXT, "cote": Part.SHELFMARK,
    "عنوان": Part.TITLE, "العنوان": Part.TITLE, "شخص": Part.PERSON, "علم": Part.PERSON, "مؤلف": Part.PERSON,
    "المؤلف": Part.PERSON, "مكان": Part.PLACE, "المكان": Part.PLACE, "موضوع": Part.SUBJECT, "الموضوع": Part.SUBJECT,
    "نص": Part.TEXT, "النص": Part.TEXT, "ملاحظة": Part.NOTE, "رقم": Part.SHELFMARK, "رقم_الحفظ": Part.SHELFMARK,
}  # fmt: skip
"""What a reader may write before the colon, in three languages."""
_DATES = frozenset({"date", "تاريخ", "التاريخ", "dates"})
_OR = frozenset({"OR", "OU", "أو", "|"})

_ARTICLES = frozenset({"al", "el", "ul", "l"})

_DOUBTFUL = '"“”„«»'
_QUOTES = f"[{_DOUBTFUL}]"
_PIECE = re.compile(
    rf"(?P<minus>[-−](?=[^\s-]))?(?:(?P<field>[^\W\d][\w]{{0,30}}):\s?)?"
    rf"(?:{_QUOTES}(?P<phrase>[^{_DOUBTFUL}]*)(?P<close>{_QUOTES}|$)|(?P<words>[^\s{_DOUBTFUL}]+))"
)
_DATE = re.compile(r"(?P<minus>[-−])?(?P<field>[^\W\d]\w*):\s*(?P<value>[\w./~?%٠-٩-]+)")
_ERA = re.compile(r"\s+(?P<era>(?:[AaHhCcBb]\.?[HhDdEe]\.?|هـ?|م)(?![\w]))")
_HIJRI = frozenset({"ah", "he", "ه", "هـ"})


@dataclass(frozen=True, slots=True)
class Words:
    """One or several words of a query: several are a phrase, whose words stand side by side."""

    text: str
    """As typed."""
    terms: tuple[str, ...]
    part: Part | None = None
    prefix: bool = False
    """The last term may go on."""
    negated: bool = False
    quoted: bool = False
    """Typed between quotation marks: as it stands, or not at all."""


@dataclass(frozen=True, slots=True)
class Dated:
    """Made within these days, or possibly."""

    text: str
    days: Days
    negated: bool = False


Clause = Words | Dated


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked: every group must be met, by any one of its clauses."""

    typed: str
    groups: tuple[tuple[Clause, ...], ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def wanted(self) -> tuple[Words, ...]:
        """The words to be found."""
        return tuple(each for group in self.groups for each in group if isinstance(each, Words) and not each.negated)

    @property
    def plain(self) -> str:
        """The words to be found as one text, as a name would be written."""
        return " ".join(each.text for each in self.wanted)

    @property
    def is_simple(self) -> bool:
        """Whether it may be a name: words alone, all of one part, without alternatives and beginnings."""
        words = self.wanted
        return (
            bool(words)
            and len({each.part for each in words}) == 1
            and not any(each.prefix for each in words)
            and all(len(group) == 1 for group in self.groups)
        )


def parse_query(typed: str) -> Query:
    """Return what *typed* asks for; nothing is raised, and what is read of it is bounded."""
    return _Parser(typed).parsed()


class _Parser:
    def __init__(self, typed: str) -> None:
        self.typed = typed
        self.findings: list[Finding] = []
        self.groups: list[list[Clause]] = []
        self.alternative = False
        self.count = 0

    def say(self, code: str, severity: Severity = Severity.INFO, **facts: str | int) -> None:
        finding = Finding(code, severity, self.typed[:80], facts)
        if finding not in self.findings:
            self.findings.append(finding)

    def parsed(self) -> Query:
        text = self.typed
        if len(text) > LONGEST:
            self.say("QUERY_TOO_LONG", Severity.WARNING, longest=LONGEST)
            text = text[:LONGEST]
        place = 0
        while place < len(text) and self.count < MOST_CLAUSES:
            place = self.step(text, place)
        if self.count >= MOST_CLAUSES and text[place:].strip():
            self.say("QUERY_TOO_MANY", Severity.WARNING, most=MOST_CLAUSES)
        if not self.groups:
            self.say("QUERY_EMPTY")
        elif all(each.negated for group in self.groups for each in group):
            self.say("QUERY_ONLY_NOT")
        groups = tuple(tuple(group) for group in self.groups)
        return Query(self.typed[:LONGEST], groups, tuple(self.findings))

    def step(self, text: str, place: int) -> int:
        if text[place].isspace():
            return place + 1
        dated = _DATE.match(text, place)
        if dated and dated["field"].lower() in _DATES:
            return self.date(text, dated)
        found = _PIECE.match(text, place)
        if found is None:
            return place + 1
        words = found["words"]
        if words in _OR and not found["field"] and not found["minus"]:
            self.alternative = bool(self.groups)
            return found.end()
        if found["phrase"] is not None and not found["close"]:
            self.say("QUERY_QUOTE_OPEN")
        part = None
        said = found["phrase"] if words is None else words
        if found["field"]:
            part = FIELDS.get(found["field"].lower())
            if part is None:
                self.say("QUERY_FIELD_UNKNOWN", field=found["field"])
                said = f"{found['field']} {said}"
        self.add(said, part, negated=bool(found["minus"]), quoted=words is None)
        return found.end()

    def add(self, said: str, part: Part | None, *, negated: bool, quoted: bool) -> None:
        prefix = said.rstrip().endswith("*")
        terms = tuple(each for each, _ in common_terms(said.replace("*", " ")))[:MOST_WORDS]
        if not terms:
            return
        if prefix and len(terms[-1]) < LEAST_PREFIX:
            self.say("QUERY_PREFIX_SHORT", least=LEAST_PREFIX)
            prefix = False
        if prefix and not quoted and len(terms) > 1 and terms[0] in _ARTICLES:
            # The article stands before so many words that what follows it is looked for alone, as in Arabic.
            terms = terms[1:]
        self.put(Words(said.replace("*", " ").strip(), terms, part, prefix, negated, quoted))

    def date(self, text: str, found: re.Match[str]) -> int:
        value, end = found["value"], found.end()
        era = _ERA.match(text, end)
        if era:
            end = era.end()
        days = days_asked(value, era["era"] if era else "")
        if days is None:
            self.say("QUERY_DATE_UNREADABLE", Severity.WARNING, value=value)
        else:
            self.put(Dated(text[found.start("value") : end], days, bool(found["minus"])))
        return end

    def put(self, clause: Clause) -> None:
        self.count += 1
        if self.alternative and not clause.negated:
            self.groups[-1].append(clause)
        else:
            self.groups.append([clause])
        self.alternative = False


def days_asked(value: str, era: str = "") -> Days | None:
    """Return the days of "1100..1200" (either bound may be left out) or of one date; None where it cannot be read.

    Without *era*, years up to 1500 are Hijri, as those of most manuscripts are.
    """
    plain = era.replace(".", "").lower()
    calendar = Calendar.HIJRI if plain in _HIJRI else Calendar.COMMON if plain else None
    first, dots, last = value.partition("..")
    years = [int(each) for each in (first, last) if each.isdecimal()]
    if calendar is None and years and max(years) > LAST_HIJRI_YEAR:
        calendar = Calendar.COMMON
    calendar = calendar or Calendar.HIJRI
    if not dots:
        return _read(first, calendar)
    ends = [_read(each, calendar) if each else Days() for each in (first, last)]
    if ends[0] is None or ends[1] is None or ends == [Days(), Days()]:
        return None
    earliest, latest = ends[0].earliest, ends[1].latest
    if earliest is not None and latest is not None and earliest > latest:
        earliest, latest = ends[1].earliest, ends[0].latest
    return Days(earliest, latest)


def _read(text: str, calendar: Calendar) -> Days | None:
    days = parse_date(text, assume=calendar).days
    return days if days != Days() else None

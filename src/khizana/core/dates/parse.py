"""Reading a written date."""

from __future__ import annotations

import re

from khizana.core.dates.abjad import Reckoning
from khizana.core.dates.calendars import Calendar
from khizana.core.dates.chronogram import chronogram
from khizana.core.dates.days import Days
from khizana.core.dates.grammar import NotUnderstood, Reader
from khizana.core.dates.interpret import Interpreter
from khizana.core.dates.letters import fold_date, has_arabic
from khizana.core.dates.reckon import Impossible
from khizana.core.dates.statement import DateStatement, Sureness, sureness
from khizana.core.dates.tokens import Token, tokens_of
from khizana.core.dates.vocabulary import Kind
from khizana.core.findings import Finding, Severity

LONGEST = 300
"""Characters of a date statement: what is longer is prose, which is kept and not read."""

_SEVERITIES = {
    "DATE_EMPTY": Severity.INFO,
    "DATE_UNDATED": Severity.INFO,
    "DATE_NOT_UNDERSTOOD": Severity.WARNING,
    "DATE_TOO_LONG": Severity.WARNING,
    "DATE_NO_YEAR": Severity.INFO,
    "DATE_AMBIGUOUS": Severity.WARNING,
    "DATE_CALENDAR_ASSUMED": Severity.INFO,
    "DATE_CALENDAR_NOT_CONVERTED": Severity.INFO,
    "DATE_CALENDARS_DISAGREE": Severity.WARNING,
    "DATE_UMM_AL_QURA_UNKNOWN": Severity.INFO,
    "DATE_SPELLING": Severity.INFO,
    "DATE_WEEKDAY_DISAGREES": Severity.WARNING,
    "DATE_WEEKDAY_CHOSE": Severity.INFO,
    "DATE_DAY_IMPOSSIBLE": Severity.WARNING,
    "DATE_YEAR_BEYOND": Severity.WARNING,
    "DATE_PLACEHOLDER": Severity.WARNING,
    "DATE_RANGE_REVERSED": Severity.WARNING,
    "DATE_SEVERAL": Severity.INFO,
    "DATE_CHRONOGRAM": Severity.INFO,
    "DATE_CHRONOGRAM_AMBIGUOUS": Severity.WARNING,
    "DATE_CHRONOGRAM_DISAGREES": Severity.WARNING,
    "DATE_EDTF_UNUSABLE": Severity.WARNING,
}
_NOTHING = re.compile(r"[\W_]*")


class Findings:
    """Collects what is to be said of one written date, each thing once."""

    def __init__(self, words: str) -> None:
        self.words = words.strip()
        self.found: list[Finding] = []

    def say(self, code: str, **facts: str | int) -> None:
        """Add the finding *code* about the date."""
        finding = Finding(code, _SEVERITIES[code], self.words, facts)
        if finding not in self.found:
            self.found.append(finding)


def parse_date(words: str, *, assume: Calendar | None = None, reckoning: Reckoning | None = None) -> DateStatement:
    """Return what *words* say of a time, for any words at all; nothing is raised.

    *assume* is the calendar of years that name none and could be of either era (up to 1500): without it, the Hijri one
    where anything is in Arabic script, else the Christian era. *reckoning* is how chronograms count: without it, both
    ways are tried. Whatever was assumed, chosen or not understood is among the findings.
    """
    findings = Findings(words)
    if len(words) > LONGEST:
        findings.say("DATE_TOO_LONG", longest=LONGEST)
        return DateStatement(words, findings=tuple(findings.found))
    folded = fold_date(words)
    tokens = tokens_of(folded)
    if _NOTHING.fullmatch(folded) or _undated(tokens):
        findings.say("DATE_UNDATED" if folded.strip() else "DATE_EMPTY")
        return DateStatement(words, None, Days() if folded.strip() else None, findings=tuple(findings.found))
    if tokens and tokens[0].kind is Kind.UNDATED:  # "n.d. [19th century]": the cataloguer's estimate follows
        findings.say("DATE_UNDATED")
        tokens = tokens[1:]
    calendar = assume or (Calendar.HIJRI if has_arabic(words) else Calendar.COMMON)
    found = chronogram(words, tokens, reckoning, findings.say, lambda: tuple(findings.found))
    return found or _read(words, tokens, calendar, findings)


def _read(words: str, tokens: list[Token], calendar: Calendar, findings: Findings) -> DateStatement:
    sure = _sureness(tokens)
    for token in tokens:
        if token.guessed:
            findings.say("DATE_SPELLING", written=token.written, read=token.guessed)
    try:
        found = Interpreter(calendar, findings.say).listed(Reader(tokens).whole())
    except NotUnderstood as stopped:
        findings.say("DATE_NOT_UNDERSTOOD", part=stopped.at)
        return DateStatement(words, findings=tuple(findings.found))
    except Impossible as impossible:
        findings.say(impossible.code, **impossible.facts)
        return DateStatement(words, findings=tuple(findings.found))
    return DateStatement(words, found.calendar, found.days, sure, found.slack, tuple(findings.found))


def _undated(tokens: list[Token]) -> bool:
    kinds = {token.kind for token in tokens} - {Kind.MARK, Kind.DOUBT}
    return kinds == {Kind.UNDATED} or (not kinds and any(token.kind is Kind.DOUBT for token in tokens))


def _sureness(tokens: list[Token]) -> Sureness:
    circa = [
        token
        for place, token in enumerate(tokens)
        if token.kind is Kind.CIRCA and not (token.written == "c" and place and tokens[place - 1].kind is Kind.ORDINAL)
    ]
    return sureness(approximate=bool(circa), uncertain=any(token.kind is Kind.DOUBT for token in tokens))

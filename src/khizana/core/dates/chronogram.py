"""A chronogram: words whose letters add up to a year."""

from __future__ import annotations

import re
from collections.abc import Callable

from khizana.core.dates.abjad import Reckoning, abjad_value
from khizana.core.dates.calendars import LAST_HIJRI_YEAR, MOON, Calendar, year_days
from khizana.core.dates.days import hull
from khizana.core.dates.letters import fold_date, has_arabic
from khizana.core.dates.reckon import Say
from khizana.core.dates.statement import DateStatement
from khizana.core.dates.tokens import Token
from khizana.core.dates.vocabulary import Kind
from khizana.core.findings import Finding

_QUOTED = re.compile(r"[«\"“”„(]([^«»\"“”„()]*)[»\"“”)]|[:=]([^=:0-9٠-٩۰-۹]*)")
_STATED = re.compile(r"(?<!\d)\d{3,4}(?!\d)")


def chronogram(
    words: str, tokens: list[Token], reckoning: Reckoning | None, say: Say, collected: Callable[[], tuple[Finding, ...]]
) -> DateStatement | None:
    """Return the year that a chronogram gives, or None where *words* do not say that they hold one.

    Only what is marked as a chronogram is counted ("chronogram: ...", "بحساب الجمل", "تاريخه «...»"): any Arabic word
    adds up to something. A year that stands beside it chooses the way of counting, or disagrees.
    """
    if not any(token.kind is Kind.CHRONOGRAM for token in tokens):
        return None
    phrase = next((text for found in _QUOTED.finditer(words) if has_arabic(text := found[1] or found[2] or "")), None)
    if phrase is None or not abjad_value(phrase, Reckoning.MASHRIQI):
        return None
    stated = [int(year) for year in _STATED.findall(fold_date(words))]
    values = {each: abjad_value(phrase, each) for each in ([reckoning] if reckoning else list(Reckoning))}
    kept = {each: value for each, value in values.items() if value in stated} or values
    if stated and not set(values.values()) & set(stated):
        say("DATE_CHRONOGRAM_DISAGREES", sum=min(values.values()), year=stated[0])
    for each, value in kept.items():
        say("DATE_CHRONOGRAM", reckoning=str(each), year=value)
    years = sorted({value for value in kept.values() if 1 <= value <= LAST_HIJRI_YEAR})
    if not years:
        say("DATE_YEAR_BEYOND", year=max(kept.values()), calendar=str(Calendar.HIJRI))
        return DateStatement(words, findings=collected())
    if len(years) > 1:
        say("DATE_CHRONOGRAM_AMBIGUOUS", first=years[0], second=years[-1])
    days = hull(year_days(Calendar.HIJRI, year) for year in years)
    return DateStatement(words, Calendar.HIJRI, days, slack=MOON, findings=collected())

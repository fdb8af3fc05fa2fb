"""Written forms in three languages mean the days that their writers meant."""

from __future__ import annotations

import pytest

from data.date_forms import Form, forms
from khizana.core.dates import Calendar, parse_date
from khizana.core.dates.calendars import day_number, month_days, year_days

CALENDARS = {
    "h": Calendar.HIJRI,
    "u": Calendar.UMM_AL_QURA,
    "c": Calendar.COMMON,
    "j": Calendar.JULIAN,
    "g": Calendar.GREGORIAN,
    "k": Calendar.COPTIC,
}
FIVE = 5  # years


def _day(moment: str, *, last: bool) -> int | None:
    if moment == "..":
        return None
    wide = moment.startswith("~")
    moment = moment.removeprefix("~")
    calendar = CALENDARS[moment[0]]
    negative = moment[1] == "-"
    year, *rest = (int(part) for part in moment[2 if negative else 1 :].split("-"))
    year = (-year if negative else year) + wide * (FIVE if last else -FIVE)
    if len(rest) == 2:
        return day_number(calendar, year, *rest)
    days = month_days(calendar, year, rest[0]) if rest else year_days(calendar, year)
    number = days.latest if last else days.earliest
    assert number is not None
    return number


@pytest.mark.parametrize("form", forms(), ids=lambda form: form.words)
def test_a_written_form_means_these_days(form: Form) -> None:
    found = parse_date(form.words)
    assert found.words == form.words
    codes = {finding.code for finding in found.findings}
    assert set(form.codes) <= codes
    if form.first == "-":
        assert found.days is None
        assert codes
    else:
        assert found.days is not None, codes
        assert (found.days.earliest, found.days.latest) == (
            _day(form.first, last=False),
            _day(form.last, last=True),
        )


def test_the_table_has_three_hundred_forms_and_no_form_twice() -> None:
    words = [form.words for form in forms()]
    assert len(words) >= 300
    assert len(words) == len(set(words))

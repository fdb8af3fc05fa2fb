"""Laws of calendars, intervals, EDTF and the reading of dates, on made-up values."""

from __future__ import annotations

import pytest
from convertdate import islamic
from hypothesis import given
from hypothesis import strategies as st

from data.date_forms import forms
from khizana.core.dates import (
    Calendar,
    DateStatement,
    Days,
    Reckoning,
    Sureness,
    abjad_value,
    parse_date,
    read_edtf,
    write_edtf,
)
from khizana.core.dates.calendars import date_of, day_number, month_days, month_length, months_of, weekday, year_days
from khizana.core.dates.days import hull

FIRST_DAY = day_number(Calendar.HIJRI, 1, 1, 1)
LAST_DAY = day_number(Calendar.HIJRI, 1500, 12, 29)
REACH = dict.fromkeys(Calendar, (FIRST_DAY, LAST_DAY))
REACH[Calendar.UMM_AL_QURA] = (day_number(Calendar.UMM_AL_QURA, 1343, 1, 1), LAST_DAY - 40)
LEAP_YEARS = {2, 5, 7, 10, 13, 16, 18, 21, 24, 26, 29}
WORDS = sorted({word for form in forms() for word in form.words.split()})
bounds = st.one_of(st.none(), st.integers(1_000_000, 3_000_000))
intervals = st.tuples(bounds, bounds).map(
    lambda ends: Days(*sorted(ends)) if None not in ends else Days(*ends)  # type: ignore[type-var]  # both are numbers
)


@pytest.mark.parametrize("calendar", list(Calendar))
@given(data=st.data())
def test_a_day_goes_into_any_calendar_and_back(calendar: Calendar, data: st.DataObject) -> None:
    number = data.draw(st.integers(*REACH[calendar]))
    assert day_number(calendar, *date_of(calendar, number)) == number


@pytest.mark.parametrize("calendar", list(Calendar))
@given(data=st.data())
def test_a_day_lies_in_its_month_and_a_month_in_its_year(calendar: Calendar, data: st.DataObject) -> None:
    number = data.draw(st.integers(*REACH[calendar]))
    year, month, _ = date_of(calendar, number)
    assert number in month_days(calendar, year, month)
    assert month_days(calendar, year, month).within(year_days(calendar, year))
    assert 1 <= month <= months_of(calendar)


@given(st.integers(1, 1500))
def test_the_tabular_calendar_is_the_arithmetic_of_thirty_years(year: int) -> None:
    """Odd months have 30 days, even ones 29, and the last 30 in leap years; 30 years have 10,631 days."""
    leap = (year - 1) % 30 + 1 in LEAP_YEARS
    lengths = [month_length(Calendar.HIJRI, year, month) for month in range(1, 13)]
    assert lengths == [30, 29] * 5 + [30, 29 + leap]
    before = sum((each - 1) % 30 + 1 in LEAP_YEARS for each in range(1, year))
    assert day_number(Calendar.HIJRI, year, 1, 1) == 1_948_440 + 354 * (year - 1) + before
    assert islamic.to_jd(year, 1, 1) == day_number(Calendar.HIJRI, year, 1, 1) - 0.5


def test_days_that_histories_know_have_these_numbers() -> None:
    assert day_number(Calendar.GREGORIAN, 2000, 1, 1) == 2_451_545
    assert day_number(Calendar.JULIAN, 622, 7, 16) == day_number(Calendar.HIJRI, 1, 1, 1)
    assert day_number(Calendar.COPTIC, 1, 1, 1) == day_number(Calendar.JULIAN, 284, 8, 29)
    assert day_number(Calendar.COMMON, 1582, 10, 15) == day_number(Calendar.COMMON, 1582, 10, 4) + 1
    assert day_number(Calendar.UMM_AL_QURA, 1400, 1, 1) == day_number(Calendar.GREGORIAN, 1979, 11, 20)
    assert weekday(day_number(Calendar.HIJRI, 1, 1, 1)) == 4  # a Friday


@given(st.text(max_size=120))
def test_no_text_makes_the_reading_of_dates_raise(words: str) -> None:
    found = parse_date(words)
    assert found.words == words
    assert found.understood or found.findings
    read_edtf(words)


@given(st.lists(st.sampled_from([*WORDS, "(", ")", "/", "-", "1107", "٣", "99999999", "or"]), max_size=9))
def test_no_order_of_the_words_of_dates_makes_the_reading_raise(words: list[str]) -> None:
    found = parse_date(" ".join(words))
    assert found.understood or found.findings
    if found.days is not None and None not in (found.days.earliest, found.days.latest):
        assert found.days.earliest <= found.days.latest  # type: ignore[operator]  # neither is None


@given(st.text("0123456789XEYS-/?~%.[]{},T:Z", max_size=30))
def test_no_text_makes_the_reading_of_edtf_raise(text: str) -> None:
    found = read_edtf(text)
    assert (found.days is None) == bool(found.findings)


@given(intervals, st.sampled_from(Sureness))
def test_what_is_written_as_edtf_is_read_as_the_same_days(days: Days, sure: Sureness) -> None:
    if days == Days():
        return
    found = read_edtf(write_edtf(DateStatement("", Calendar.GREGORIAN, days, sure)))
    assert found.days == days
    assert found.sureness is sure


@given(intervals, intervals)
def test_common_days_are_in_both_intervals_and_both_are_in_their_hull(one: Days, other: Days) -> None:
    both = one.common(other)
    if both is not None:
        assert both.within(one)
        assert both.within(other)
    assert one.within(hull([one, other]))
    assert other.within(hull([one, other]))


@given(st.integers(FIRST_DAY, LAST_DAY))
def test_a_hijri_day_is_read_as_it_is_written(number: int) -> None:
    year, month, day = date_of(Calendar.HIJRI, number)
    names = "محرم|صفر|ربيع الأول|ربيع الآخر|جمادى الأولى|جمادى الآخرة|رجب|شعبان|رمضان|شوال|ذو القعدة|ذو الحجة"
    found = parse_date(f"{day} {names.split('|')[month - 1]} {year} هـ")
    assert found.days == (Days(number, number) if year > 31 else found.days)


@pytest.mark.parametrize(
    ("text", "first", "last", "written"),
    [
        ("1695", (1695, 1, 1), (1695, 12, 31), "1695"),
        ("169X", (1690, 1, 1), (1699, 12, 31), "169X"),
        ("16XX?", (1600, 1, 1), (1699, 12, 31), "16XX?"),
        ("1695-08", (1695, 8, 1), (1695, 8, 31), "1695-08"),
        ("1695-08-12~", (1695, 8, 12), (1695, 8, 12), "1695-08-12~"),
        ("1695-08-XX", (1695, 8, 1), (1695, 8, 31), "1695-08"),
        ("1695-21", (1695, 3, 1), (1695, 5, 31), "1695-03/1695-05"),
        ("1695-24", (1695, 12, 1), (1696, 2, 29), "1695-12/1696-02"),
        ("[1667,1668..1672]", (1667, 1, 1), (1672, 12, 31), "1667/1672"),
        ("1695-08-12T09:30:00Z", (1695, 8, 12), (1695, 8, 12), "1695-08-12"),
        ("1950S2", (1900, 1, 1), (1999, 12, 31), "19XX"),
        ("-0043", (-43, 1, 1), (-43, 12, 31), "-0043"),
        ("Y17E2", (1700, 1, 1), (1700, 12, 31), "1700"),
        ("2004-06~-11?", (2004, 6, 11), (2004, 6, 11), "2004-06-11%"),
    ],
)
def test_edtf_means_these_days(
    text: str, first: tuple[int, int, int], last: tuple[int, int, int], written: str
) -> None:
    found = read_edtf(text)
    assert found.days == Days(day_number(Calendar.GREGORIAN, *first), day_number(Calendar.GREGORIAN, *last))
    assert write_edtf(found) == written


@pytest.mark.parametrize(("text", "open_end"), [("../1200", "earliest"), ("/1200", "earliest"), ("1200/..", "latest")])
def test_an_end_that_is_open_or_unknown_has_no_bound(text: str, open_end: str) -> None:
    found = read_edtf(text)
    assert found.days is not None
    assert getattr(found.days, open_end) is None


@pytest.mark.parametrize(
    "text", ["", "1695-13", "1695-02-30", "95", "1696/1695", "[1695", "16950812", "Y9E9", "autumn"]
)
def test_what_is_no_edtf_gets_a_finding(text: str) -> None:
    found = read_edtf(text)
    assert [finding.code for finding in found.findings] == ["DATE_EDTF_UNUSABLE"]
    assert found.days is None


def test_a_hijri_day_is_written_as_an_approximate_day() -> None:
    assert write_edtf(parse_date("3 Rajab 1107 AH")) == "1696-02-07~"
    assert write_edtf(parse_date("Tuesday 3 Rajab 1107 AH")) == "1696-02-07"
    assert write_edtf(parse_date("n.d.")) == ""


def test_the_six_letters_count_differently_in_the_east_and_in_the_maghrib() -> None:
    assert [abjad_value(letter, Reckoning.MASHRIQI) for letter in "سصشضظغ"] == [60, 90, 300, 800, 900, 1000]
    assert [abjad_value(letter, Reckoning.MAGHRIBI) for letter in "سصشضظغ"] == [300, 60, 1000, 90, 800, 900]
    for reckoning in Reckoning:  # every order has each value once
        letters = "ابجدهوزحطيكلمنسعفصقرشتثخذضظغ"
        values = sorted(abjad_value(letter, reckoning) for letter in letters)
        assert values == [*range(1, 10), *range(10, 100, 10), *range(100, 1001, 100)]


def test_the_caller_says_which_calendar_and_which_order_of_letters() -> None:
    assert parse_date("1107", assume=Calendar.HIJRI).days == year_days(Calendar.HIJRI, 1107)
    assert parse_date("١١٠٧", assume=Calendar.COMMON).days == year_days(Calendar.COMMON, 1107)
    found = parse_date("تاريخه «غقز»", reckoning=Reckoning.MAGHRIBI)
    assert found.days == year_days(Calendar.HIJRI, 1007)


def test_a_text_that_is_too_long_is_kept_and_not_read() -> None:
    found = parse_date("1107 " * 10_000)
    assert [finding.code for finding in found.findings] == ["DATE_TOO_LONG"]
    assert len(found.words) == 50_000


def test_every_finding_speaks_three_languages() -> None:
    for form in forms():
        for finding in parse_date(form.words).findings:
            for language in ("ar", "fr", "en"):
                assert finding.sentence(language)

"""Date statements: what was written of a time, and the days that it may mean."""

from khizana.core.dates.abjad import Reckoning, abjad_value
from khizana.core.dates.calendars import Calendar
from khizana.core.dates.days import Days
from khizana.core.dates.edtf_read import read_edtf
from khizana.core.dates.edtf_write import write_edtf
from khizana.core.dates.parse import parse_date
from khizana.core.dates.statement import DateStatement, Sureness

__all__ = [
    "Calendar",
    "DateStatement",
    "Days",
    "Reckoning",
    "Sureness",
    "abjad_value",
    "parse_date",
    "read_edtf",
    "write_edtf",
]

"""A cell as the text that a person would write: no number with a needless ".0", dates as written dates."""

from __future__ import annotations

import datetime as dt

Value = str | int | float | bool | dt.time | dt.date | dt.datetime | dt.timedelta


def cell_text(value: Value) -> str:
    """Return *value* as text; what is text already is not touched.

    Truth values are TRUE and FALSE, as spreadsheet programs show them; dates are ISO 8601; a midnight is a date alone.
    """
    match value:
        case str():
            return value
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            # 2**53 is the largest whole number that a spreadsheet program keeps exactly.
            return str(int(value)) if value.is_integer() and abs(value) <= 2**53 else repr(value)
        case dt.datetime():
            return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
        case dt.timedelta():
            hours, seconds = divmod(int(value.total_seconds()), 3600)
            return f"{hours}:{seconds // 60:02}:{seconds % 60:02}"
        case _:
            return str(value)

"""Single values of an inventory: moments and URIs."""

from __future__ import annotations

import re
from typing import Any

_CREATED = re.compile(
    r"([0-9]{4})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?"
    r"([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
)
# Nearly every moment, told at once: no month is shorter.
_USUAL_MOMENT = re.compile(
    r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?Z"
)
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
# RFC 3986: a scheme, a colon, and only characters that a URI may hold.
_IN_URI = r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]*"
_URI = re.compile(rf"[A-Za-z][A-Za-z0-9+.-]*:(?!\Z){_IN_URI}(?:%[0-9A-Fa-f]{{2}}{_IN_URI})*")


def is_uri(text: str) -> bool:
    """Tell whether *text* is a URI (RFC 3986) by its characters."""
    return _URI.fullmatch(text) is not None


def is_moment(given: Any) -> bool:
    """Tell whether *given* is a date and time of RFC 3339, to the second, with its offset."""
    if not isinstance(given, str):
        return False
    if _USUAL_MOMENT.fullmatch(given):
        return True
    match = _CREATED.fullmatch(given)
    if match is None:
        return False
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return day <= _DAYS[month - 1] and (month != 2 or day < 29 or leap)

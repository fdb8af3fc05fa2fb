"""Stretches of days: what may have been made within some days is found by a few terms, and few days are compared.

Of a million manuscripts, comparing the days of each with those that are asked for took half of the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LENGTH: Final = 4_096
"""Days of a stretch, about eleven years."""
MANY: Final = "many"
"""Stands for the stretches of what may have been made in more than ``MOST`` of them: its days have to be compared."""
MOST: Final = 32
MOST_ASKED: Final = 256
"""With more stretches between the days that are asked for, comparing all days takes no longer."""


def touched(earliest: int, latest: int) -> list[str]:
    """Return the stretches that the days from *earliest* to *latest* touch."""
    first, last = earliest // LENGTH, latest // LENGTH
    return [MANY] if last - first >= MOST else [str(each) for each in range(first, last + 1)]


@dataclass(frozen=True, slots=True)
class Stretches:
    """Of the days that are asked for: whoever touches one ``within`` is met, whoever touches ``at_ends`` may be."""

    within: list[str]
    at_ends: list[str]


def between(earliest: int | None, latest: int | None) -> Stretches | None:
    """Return the stretches from *earliest* to *latest*, or None where there are too many, as without a bound."""
    if earliest is None or latest is None or not 0 <= latest - earliest <= MOST_ASKED * LENGTH:
        return None
    first, last = -(-earliest // LENGTH), (latest + 1) // LENGTH  # the whole ones are from the first to before the last
    ends = {earliest // LENGTH, latest // LENGTH} - set(range(first, last))
    return Stretches([str(each) for each in range(first, last)], [*map(str, sorted(ends)), MANY])

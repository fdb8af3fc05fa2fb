"""The time, as the verbs that work at sites need it."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def stamp() -> str:
    """Return a name for a folder made now, in UTC, that every file system can hold."""
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")


def clock() -> float:
    """Return the time, as Unix counts it."""
    return time.time()

"""What tells the doors of a library that something changed behind them, and closes them."""

from __future__ import annotations

import time

from django.db import transaction
from django.db.models import F

from khizana.apps.jobs import queue
from khizana.apps.publication.changes import note_gone
from khizana.apps.publication.models import Generation, Publication
from khizana.apps.publication.shelf import moved, standing
from khizana.core.identifiers import ManuscriptId

SEARCH = "search"
"""The kind of job that brings what is searched of a manuscript up to date."""


def conceal(manuscript: ManuscriptId, *, is_withdrawn: bool = False) -> None:
    """Close every door of a manuscript whose objects cannot be read: nothing is shown on a guess.

    It is as its objects say again when they are indexed again. To other libraries it counts as withdrawn only where
    that was asked for (*is_withdrawn*).
    """
    with transaction.atomic():
        stood = standing(manuscript)
        if Publication.objects.filter(manuscript__slug=manuscript, published=True).update(published=False):
            moved(stood, standing(manuscript))
            call_for_search(manuscript)
            count_change()
            if is_withdrawn:
                note_gone([manuscript])


def call_for_search(*manuscripts: ManuscriptId) -> None:
    """Ask that what is searched of *manuscripts* be brought up to date; call it in the transaction of the change."""
    # Each change is a job of its own: one that comes while an earlier one is being done must not be lost with it.
    queue.put(SEARCH, [f"{manuscript} {time.time_ns()}" for manuscript in manuscripts])


def count_change() -> None:
    """Tell every door that something it may remember has changed; call it in the transaction of the change."""
    # Counted from the time at which the database was made: doors that knew another one see that it is not theirs.
    Generation.objects.get_or_create(pk=1, defaults={"number": time.time_ns()})
    Generation.objects.filter(pk=1).update(number=F("number") + 1)

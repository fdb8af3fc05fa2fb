"""The queue: put, take with a lease, finish. Safe with several workers and with any of them killed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from khizana.apps.jobs.models import Job

AT_ONCE = 500  # names in one query: SQLite takes no more than some thousands
FIRST = -1.0  # when what a person waits for is due
LEASE = 600.0  # seconds after which the job of a worker that fell silent is taken by another
ATTEMPTS = 5
WAIT = 60.0  # seconds before the second try; doubled for each one after
LONGEST_WAIT = WAIT * 2 ** (ATTEMPTS - 1)


@dataclass(frozen=True, slots=True)
class Taken:
    """A job that this worker holds."""

    id: int
    kind: str
    subject: str
    attempts: int


def put(kind: str, subjects: Sequence[str], *, first: bool = False) -> None:
    """Ask for *kind* of work on each of *subjects*; asking twice asks once, and work that failed is tried anew.

    *first*: before all that waits already. Call it in the transaction of the rows that call for the work.
    """
    due = FIRST if first else 0.0
    Job.objects.bulk_create([Job(kind=kind, subject=subject, due=due) for subject in subjects], ignore_conflicts=True)
    for start in range(0, len(subjects), AT_ONCE):
        failed = Job.objects.filter(kind=kind, subject__in=subjects[start : start + AT_ONCE], state=Job.State.FAILED)
        failed.update(state=Job.State.WAITING, attempts=0, due=0.0, problem="")


def put_again(kind: str, subjects: Sequence[str]) -> None:
    """Ask for work that a worker who is gone may still hold, or that the queue has lost; it is done before all else.

    A worker that holds it and is about to finish does not end what is asked for now: it is done once more.
    """
    with transaction.atomic():
        for start in range(0, len(subjects), AT_ONCE):
            held = Job.objects.filter(kind=kind, subject__in=subjects[start : start + AT_ONCE])
            held.update(state=Job.State.WAITING, attempts=0, due=FIRST, leased_until=0.0, problem="")
        put(kind, subjects, first=True)


def waiting(kind: str) -> int:
    """Return how many jobs of *kind* wait."""
    return Job.objects.filter(kind=kind, state=Job.State.WAITING).count()


def is_due(*, now: float) -> bool:
    """Return whether there is a job to take."""
    return Job.objects.filter(_due(now)).exists()


def take(*, now: float) -> Taken | None:
    """Return the next job that is due, held for ten minutes, or None. *now* is Unix time."""
    with transaction.atomic():
        # SQLite has one writer anyway and asks for no lock on a row; elsewhere a row that another holds is passed over.
        rows = Job.objects.filter(_due(now)).select_for_update(skip_locked=True)
        job = rows.order_by("due", "pk").first()
        if job is None:
            return None
        job.state, job.attempts, job.leased_until = Job.State.RUNNING, job.attempts + 1, now + LEASE
        job.save()
    return Taken(job.pk, job.kind, job.subject, job.attempts)


def take_all(kind: str, *, most: int, now: float) -> list[Taken]:
    """Return up to *most* jobs of *kind* that are due, held for ten minutes: for work that is cheaper together."""
    due = Job.objects.filter(_due(now), kind=kind).order_by("due", "pk")
    if not due.exists():
        return []  # most often: nobody else is kept from writing for that
    with transaction.atomic():
        jobs = list(due.all()[:most])
        for job in jobs:
            job.state, job.attempts, job.leased_until = Job.State.RUNNING, job.attempts + 1, now + LEASE
        Job.objects.bulk_update(jobs, ["state", "attempts", "leased_until"], batch_size=AT_ONCE)
    return [Taken(job.pk, job.kind, job.subject, job.attempts) for job in jobs]


def finish_waiting(kind: str, *, before: float) -> None:
    """Delete the jobs of *kind* that waited when everything they ask for was done: those whose subject ends so early.

    *before* is Unix time in nanoseconds, with which the subjects of such jobs end.
    """
    for job in Job.objects.filter(kind=kind).iterator():
        stamp = job.subject.rpartition(" ")[2]
        if stamp.isdecimal() and int(stamp) < before:
            job.delete()


def finish(job: Taken) -> None:
    """Delete a job that is done, unless it was asked for again meanwhile (``put_again``)."""
    Job.objects.filter(pk=job.id, state=Job.State.RUNNING).delete()


def give_up(job: Taken, problem: str, *, now: float) -> None:
    """Put a job back for a later try, or mark it failed after the fifth."""
    again = job.attempts < ATTEMPTS
    Job.objects.filter(pk=job.id).update(
        state=Job.State.WAITING if again else Job.State.FAILED,
        due=now + WAIT * 2 ** (job.attempts - 1),
        problem=problem[:2000],
    )


def counts() -> dict[str, int]:
    """Return how many jobs wait, run and have failed."""
    return {state: Job.objects.filter(state=state).count() for state in ("waiting", "running", "failed")}


def _due(now: float) -> Q:
    # What is due later than anything is put off was put off by a clock that has been set right since.
    waited = Q(due__lte=now) | Q(due__gt=now + LONGEST_WAIT)
    fell_silent = Q(leased_until__lt=now) | Q(leased_until__gt=now + LEASE)
    return Q(waited, state=Job.State.WAITING) | Q(fell_silent, state=Job.State.RUNNING)

"""The queue: put, take with a lease, finish. Safe with several workers and with any of them killed."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from khizana.apps.jobs.models import Job

LEASE = 600.0  # seconds after which the job of a worker that fell silent is taken by another
ATTEMPTS = 5
WAIT = 60.0  # seconds before the second try; doubled for each one after


@dataclass(frozen=True, slots=True)
class Taken:
    """A job that this worker holds."""

    id: int
    kind: str
    subject: str
    attempts: int


def put(kind: str, subject: str) -> None:
    """Ask for *kind* of work on *subject*; asking twice asks once, and work that failed is tried anew.

    Call it in the transaction of the row that calls for the work.
    """
    Job.objects.get_or_create(kind=kind, subject=subject)
    Job.objects.filter(kind=kind, subject=subject, state=Job.State.FAILED).update(
        state=Job.State.WAITING, attempts=0, due=0.0, problem=""
    )


def take(*, now: float) -> Taken | None:
    """Return the next job that is due, held for ten minutes, or None. *now* is Unix time."""
    with transaction.atomic():
        due = Q(state=Job.State.WAITING, due__lte=now) | Q(state=Job.State.RUNNING, leased_until__lt=now)
        job = Job.objects.filter(due).order_by("due", "pk").first()
        if job is None:
            return None
        job.state, job.attempts, job.leased_until = Job.State.RUNNING, job.attempts + 1, now + LEASE
        job.save()
    return Taken(job.pk, job.kind, job.subject, job.attempts)


def finish(job: Taken) -> None:
    """Delete a job that is done."""
    Job.objects.filter(pk=job.id).delete()


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

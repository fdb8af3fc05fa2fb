"""The jobs table."""

from __future__ import annotations

from django.db import models


class Job(models.Model):
    """One piece of slow work on one subject; written in the same transaction as the row that calls for it."""

    class State(models.TextChoices):
        """Where a job stands."""

        WAITING = "waiting"
        RUNNING = "running"
        FAILED = "failed"

    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    due = models.FloatField(default=0.0, help_text="Unix time before which it is not tried")
    leased_until = models.FloatField(default=0.0, help_text="Unix time after which another worker may take it")
    problem = models.TextField(default="", blank=True)

    class Meta:
        """A kind of work waits once for one subject; done jobs are deleted."""

        constraints = (models.UniqueConstraint(fields=("kind", "subject"), name="one_job_of_a_kind_per_subject"),)
        indexes = (models.Index(fields=("state", "due"), name="jobs_by_state_and_due"),)

    def __str__(self) -> str:
        """Return kind and subject."""
        return f"{self.kind} {self.subject}"

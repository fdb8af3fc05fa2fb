"""What is public, and for whom."""

from __future__ import annotations

from django.db import models

from khizana.apps.catalogue.models import Manuscript
from khizana.core.policy import Level


class Publication(models.Model):
    """The owner's agreement for one manuscript, and whether it is published."""

    manuscript = models.OneToOneField(Manuscript, on_delete=models.CASCADE, related_name="publication")
    level = models.CharField(max_length=10, choices=[(level.value, level.value) for level in Level])
    published = models.BooleanField(default=False, db_index=True)
    revision = models.CharField(max_length=64, help_text="Changes with anything a reader can see")
    modified = models.CharField(max_length=40, help_text="RFC 3339 time of the newest object version")

    def __str__(self) -> str:
        """Return the level."""
        return f"{self.manuscript} {self.level}"


class Generation(models.Model):
    """One row, counted up by every change that a door must know of; doors look at it once a second."""

    number = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        """Return the number."""
        return str(self.number)
